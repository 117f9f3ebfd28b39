"""Stage 12: an entity of a snapshot -> all that a panel says of it: names, links, kinds of claims, figures, sources.

In: an IRI. Out: plain records. Refuses what the graph does not hold.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pyoxigraph as ox

from kg.claim_search import DocumentInfo
from kg.columns import Graph
from kg.expansion import Remaining, count_remaining, get_number
from kg.iris import expand
from kg.neighbourhood import ShownFigure, find_figures


@dataclass(frozen=True, slots=True)
class EntitySource:
    """A document, and the number of its claims and figures that speak of the entity."""

    document: DocumentInfo
    n: int


@dataclass(frozen=True, slots=True)
class EntityDetails:
    """What a panel shows. aliases: sorted, without the label. sources: those of the most claims first."""

    iri: str
    label: str
    type: str
    aliases: tuple[str, ...]
    same_as: tuple[str, ...]
    joined_because: tuple[str, ...]
    relations: tuple[Remaining, ...]
    figures: tuple[ShownFigure, ...]
    sources: tuple[EntitySource, ...]


def describe_entity(graph: Graph, store: ox.Store, iri: str) -> EntityDetails:
    """All about an entity. Raises EntityNameError for what the graph does not hold."""
    search = graph.search
    number = get_number(search, iri)
    (row,) = search.entities([number])
    claims = search.claims_of(number)
    figures = find_figures(store, [iri])
    documents = [row.document for row in search.details(claims) if row.document is not None]
    iri_of = {number: document.iri for number, document in search.documents(documents).items()}
    n_of = Counter([*(iri_of[n] for n in documents), *(f.document_iri for f in figures if f.document_iri)])
    sources = [EntitySource(document, n_of[document.iri]) for document in search.documents_named(n_of)]
    return EntityDetails(
        iri,
        row.label,
        row.type,
        tuple(alias for alias in search.aliases(number) if alias != row.label),
        _values(store, iri, "owl:sameAs"),
        _values(store, iri, "kg:joinedBecause"),
        tuple(count_remaining(search, claims, number, ())),
        tuple(figures),
        tuple(sorted(sources, key=lambda source: -source.n)),
    )


def _values(store: ox.Store, iri: str, curie: str) -> tuple[str, ...]:
    quads = store.quads_for_pattern(ox.NamedNode(iri), expand(curie), None)
    return tuple(sorted({quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode | ox.Literal)}))
