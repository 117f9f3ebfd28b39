"""Stage 12: entities and claims -> a part of the graph in columns, as the explorer reads it.

In: numbers of entities and claims of a snapshot. Out: a dict that becomes JSON; entry i of each column of `entities`
speaks of one entity, and so for `claims`. Its shape is `Piece` of api/web/src/explorer/records.ts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from kg.claim_search import UNSURE, ClaimSearch, Link

STATUS_ORDER = ("Actual", "Former", "Planned", "Attempted", "Rumoured", "Denied", UNSURE)
"""From the firmest to none at all."""

IS_RETRACTED, IS_CONTRADICTED = 1, 2
"""Bits of the column `marks`."""

CONFIDENCE_DIGITS = 3


class Graph(NamedTuple):
    """A snapshot to answer from. base: what IRIs in an answer are relative to."""

    snapshot: str
    base: str
    search: ClaimSearch


def find_piece(graph: Graph, entities: Iterable[str]) -> dict[str, Any]:
    """The entities of these IRIs, in their order, and every claim among them; what the graph lacks is left out."""
    numbers = list(graph.search.numbers(entities).values())
    return make_piece(graph, numbers, graph.search.claims_between(numbers, numbers))


def make_piece(graph: Graph, entities: Sequence[int], claims: Sequence[Link]) -> dict[str, Any]:
    """The piece with these entities, and these claims among them."""
    rows = graph.search.entities(entities)
    types = sorted({row.type for row in rows})
    predicates = sorted({claim.predicate for claim in claims})
    n_entities, n_claims = graph.search.size
    details = graph.search.details(claims)
    documents = graph.search.documents(row.document for row in details if row.document is not None)
    return {
        "snapshot": graph.snapshot,
        "base": graph.base,
        "types": types,
        "predicates": predicates,
        "statuses": STATUS_ORDER,
        "documents": [document._asdict() for document in documents.values()],
        "entities": {
            "iri": [relative(row.iri, graph.base) for row in rows],
            "label": [row.label for row in rows],
            "type": _positions((row.type for row in rows), types),
            "degree": [row.degree for row in rows],
        },
        "claims": {
            "id": [claim.number for claim in claims],
            "subject": _positions((claim.subject for claim in claims), entities),
            "object": _positions((claim.object for claim in claims), entities),
            "predicate": _positions((claim.predicate for claim in claims), predicates),
            "status": _positions((claim.status for claim in claims), STATUS_ORDER),
            "document": _positions((row.document for row in details), documents),
            "confidence": [1 if r.confidence is None else round(r.confidence, CONFIDENCE_DIGITS) for r in details],
            **_comparisons(graph.search, claims),
            "from": [row.first for row in details],
            "to": [row.last for row in details],
        },
        "n_entities": n_entities,
        "n_claims": n_claims,
    }


def relative(iri: str, base: str) -> str:
    """The IRI without the base where it begins with it, and what is left does not look like an IRI of its own.

    >>> relative("https://e.org/id/company/openai", "https://e.org/id/"), relative("e:a", "https://e.org/id/")
    ('company/openai', 'e:a')
    """
    rest = iri.removeprefix(base)
    return iri if ":" in rest else rest


def _comparisons(search: ClaimSearch, claims: Sequence[Link]) -> dict[str, list[int]]:
    """What follows from several documents and from corrections."""
    sources, contradicted, retracted = search.sources(claims), search.contradicted, search.retracted
    return {
        "sources": [max(1, sources.get(claim.iri, 1)) for claim in claims],
        "marks": [
            IS_RETRACTED * (claim.iri in retracted) + IS_CONTRADICTED * (claim.iri in contradicted) for claim in claims
        ],
    }


def _positions(values: Iterable[Any], among: Collection[Any]) -> list[int]:
    """Where each value stands; -1 for one that is not there."""
    places = {value: at for at, value in enumerate(among)}
    return [places.get(value, -1) for value in values]
