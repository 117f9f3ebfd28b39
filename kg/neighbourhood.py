"""Stage 12, first half: snapshot -> the entities and claims that one picture shows.

In: an open snapshot, a name or IRI, a number of hops and a cap. Out: a `Neighbourhood` of plain records, sorted, with
the sentence behind every claim. Refuses a name that no entity or more than one entity has.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import pyoxigraph as ox

from kg.errors import QueryError
from kg.iris import expand
from kg.sparql import select

_SUBJECT, _PREDICATE, _OBJECT = (expand(f"rdf:{name}") for name in ("subject", "predicate", "object"))
_ENDS = (_SUBJECT, _OBJECT, _PREDICATE)
_CONFLICTS = expand("kg:conflictsWith")
_ATTRIBUTED_TO, _EVIDENCE, _LABEL = expand("kg:attributedTo"), expand("kg:evidence"), expand("rdfs:label")

MAX_CHOICES = 20
"""Entities that a message lists when a name fits several."""


class EntityNameError(QueryError):
    """No entity, or more than one, has the name asked for; `choices` are those it may mean, as (IRI, label) pairs."""

    def __init__(self, message: str, choices: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.choices = [tuple(choice) for choice in choices]


@dataclass(frozen=True, slots=True)
class Named:
    """An entity as a reader sees it. type: the local name of its class. aliases: sorted, without the label."""

    iri: str
    label: str
    type: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """A claim and one sentence behind it. status, predicate: local names. Dates and numbers as in the graph.

    retracted_by: who has taken it back, if anyone. before, after: the rest of the quote's paragraph. sources: texts
    that say the same, its own among them. conflicts_with: IRIs of claims that contradict it, sorted. is_asserted: the
    graph has the plain link, as it has not for an Actual claim that is less sure than it takes to assert.
    """

    iri: str
    subject: str
    predicate: str
    object: str
    status: str
    confidence: float | None
    role: str | None
    started_on: str | None
    ended_on: str | None
    occurred_on: str | None
    said_by: str | None
    quote: str | None
    document: str | None
    title: str | None
    published: str | None
    url: str | None
    retracted_by: str | None = None
    document_iri: str | None = None
    before: str | None = None
    after: str | None = None
    sources: int = 1
    conflicts_with: tuple[str, ...] = ()
    is_asserted: bool = True


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """An observation and the sentence behind it. metric: a local name. value: in whole units."""

    about: str
    metric: str
    value: str
    unit: str | None
    qualifier: str | None
    observed_on: str | None
    quote: str | None
    document: str | None
    title: str | None
    published: str | None = None
    document_iri: str | None = None
    before: str | None = None
    after: str | None = None
    said_by: str | None = None


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What one picture shows. centre: None for the overview. n_reachable: entities before the cap."""

    centre: str | None
    entities: tuple[Named, ...]
    claims: tuple[ShownClaim, ...]
    figures: tuple[ShownFigure, ...]
    n_reachable: int


class Names:
    """All names of the entities of one snapshot, held in memory; made once a snapshot."""

    def __init__(self, store: ox.Store) -> None:
        found: dict[str, list[Any]] = {}
        for iri, class_iri, name, is_label in _values(select(store, "_names.rq")):
            entry = found.setdefault(iri, [_local(class_iri), None, []])
            if is_label == "true" and entry[1] is None:
                entry[1] = name
            elif name not in entry[2]:
                entry[2].append(name)
        self.entities = {
            iri: Named(iri, label or _local(iri), kind, tuple(a for a in aliases if a != label))
            for iri, (kind, label, aliases) in found.items()
        }
        self._folded = [(name.casefold(), e) for e in self.entities.values() for name in (e.label, *e.aliases)]

    def get(self, iri: str) -> Named:
        """The entity of that IRI; one that the graph only mentions is named by the end of its IRI."""
        return self.entities.get(iri) or Named(iri, _local(iri), "Entity", ())

    def resolve(self, name: str) -> Named:
        """The one entity with this IRI, label or alias, in any case; a label wins over an alias.

        Raises EntityNameError, with what it may mean, when none or several fit.
        """
        if name in self.entities:
            return self.entities[name]
        folded = name.strip().casefold()
        by_alias = {e.iri: e for text, e in self._folded if text == folded}
        by_label = {iri: e for iri, e in by_alias.items() if e.label.casefold() == folded}
        fitting = list((by_label or by_alias).values())
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise _not_found(f"{name!r} names {len(fitting)} entities: give the IRI of one", fitting)
        similar = self.search(name, limit=MAX_CHOICES)
        raise _not_found(
            f"no entity is named {name!r}: {'take one of these' if similar else 'search another'}", similar
        )

    def search(self, text: str, *, limit: int) -> list[Named]:
        """Entities with a name that contains `text`, in any case: equal names first, then starts, then the rest."""
        folded = " ".join(text.split()).casefold()
        best: dict[str, tuple[int, int, str, str]] = {}
        for name, entity in self._folded:
            if folded and (at := name.find(folded)) >= 0:
                kind = 0 if name == folded else 1 if at == 0 else 2 if not name[at - 1].isalnum() else 3
                rank = (kind, len(name), entity.label, entity.iri)
                best[entity.iri] = min(rank, best.get(entity.iri, rank))
        return [self.entities[rank[3]] for rank in sorted(best.values())[:limit]]


def find_neighbourhood(
    store: ox.Store, names: Names, *, entity: str | None, hops: int, max_entities: int
) -> Neighbourhood:
    """The entities within `hops` claims of `entity`, the best supported first, and every claim among them.

    entity: an IRI, label or alias; None takes the most named entities of the whole graph. A hop that would go over
    `max_entities` takes the ends with most claims, ties by IRI, and `n_reachable` counts them all.
    Raises EntityNameError.
    """
    centre = None if entity is None else names.resolve(entity).iri
    chosen, n_reachable = (
        _most_named(store, names, max_entities) if centre is None else _within(store, centre, hops, max_entities)
    )
    return Neighbourhood(
        centre,
        tuple(sorted((names.get(iri) for iri in chosen), key=lambda e: e.iri)),
        tuple(claim for claim in find_claims(store, subject=chosen) if claim.object in set(chosen)),
        tuple(find_figures(store, chosen)),
        n_reachable,
    )


def find_claims(
    store: ox.Store,
    *,
    subject: Iterable[str] | None = None,
    object: Iterable[str] | None = None,  # noqa: A002  (the word of RDF)
    predicate: Iterable[str] | None = None,
) -> list[ShownClaim]:
    """Claims whose subject, object and predicate are among the IRIs given; None may be anything, but not all three.

    Sorted by subject, predicate, object and IRI. Raises QueryError for what is no IRI.

    Reads the store's indexes, not SPARQL: a SELECT with one OPTIONAL per detail took 0.7 s at 11,000 claims, whatever
    it was asked for (pyoxigraph 0.5.13 answers OPTIONAL by reading all that may match), and this takes 0.09 s.
    """
    wanted = {
        name: _nodes(iris) for name, iris in zip(_ENDS, (subject, object, predicate), strict=True) if iris is not None
    }
    first = next(iter(wanted), None)
    if first is None:
        raise QueryError("claims are found by subject, object or predicate: give one")
    claims = {quad.subject for node in wanted[first] for quad in store.quads_for_pattern(None, first, node)}
    shown = [_shown_claim(store, claim) for claim in claims if _fits(store, claim, wanted)]
    return sorted(shown, key=lambda claim: (claim.subject, claim.predicate, claim.object, claim.iri))


def _fits(store: ox.Store, claim: Any, wanted: Mapping[ox.NamedNode, Sequence[ox.NamedNode]]) -> bool:
    return all(
        any(quad.object in nodes for quad in store.quads_for_pattern(claim, end, None)) for end, nodes in wanted.items()
    )


def _shown_claim(store: ox.Store, claim: Any) -> ShownClaim:
    found = _properties(store, claim)
    return ShownClaim(
        iri=claim.value,
        subject=_text(found.get(_SUBJECT)) or "",
        predicate=_local(_text(found.get(_PREDICATE)) or ""),
        object=_text(found.get(_OBJECT)) or "",
        status=_local(_text(found.get(expand("kg:status"))) or ""),
        confidence=_number(found.get(expand("kg:confidence"))),
        role=_text(found.get(expand("kg:role"))),
        started_on=_text(found.get(expand("kg:startedOn"))),
        ended_on=_text(found.get(expand("kg:endedOn"))),
        occurred_on=_text(found.get(expand("kg:occurredOn"))),
        said_by=_said_by(store, found),
        **_source(store, found.get(_EVIDENCE)),
        retracted_by=_text(found.get(expand("kg:retractedBy"))),
        sources=_count(found.get(expand("kg:sourceCount"))),
        conflicts_with=_conflicts(store, claim) if _CONFLICTS in found else (),
        is_asserted=_is_asserted(store, *(found.get(end) for end in (_SUBJECT, _PREDICATE, _OBJECT))),
    )


def _is_asserted(store: ox.Store, subject: Any, predicate: Any, object_: Any) -> bool:
    is_link = all(isinstance(term, ox.NamedNode) for term in (subject, predicate, object_))
    return is_link and ox.Quad(subject, predicate, object_) in store


def find_figures(store: ox.Store, iris: Iterable[str]) -> list[ShownFigure]:
    """Observations about the entities of these IRIs, sorted. Raises QueryError for what is no IRI."""
    figures = []
    for entity in _nodes(iris):
        for quad in store.quads_for_pattern(None, expand("kg:about"), entity):
            found = _properties(store, quad.subject)
            source = _source(store, found.get(_EVIDENCE))
            del source["url"]
            figures.append(
                ShownFigure(
                    about=entity.value,
                    metric=_local(_text(found.get(expand("kg:metric"))) or ""),
                    value=_text(found.get(expand("kg:value"))) or "",
                    unit=_text(found.get(expand("kg:unit"))),
                    qualifier=_text(found.get(expand("kg:qualifier"))),
                    observed_on=_text(found.get(expand("kg:observedOn"))),
                    said_by=_said_by(store, found),
                    **source,
                )
            )
    return sorted(figures, key=lambda figure: [value or "" for value in astuple(figure)])


def _source(store: ox.Store, evidence: Any) -> dict[str, str | None]:
    """The sentence, and the document it is from."""
    if evidence is None:
        return dict.fromkeys(("quote", "before", "after", "document", "document_iri", "title", "published", "url"))
    document = _value(store, evidence, expand("prov:wasDerivedFrom"))
    name = None if document is None else _value(store, document, expand("dcterms:identifier"))
    return {
        **{field: _text(_value(store, evidence, expand(f"kg:{field}"))) for field in ("quote", "before", "after")},
        "document": _text(name or document),
        "document_iri": _text(document),
        **{
            field: None if document is None else _text(_value(store, document, expand(curie)))
            for field, curie in (("title", "dcterms:title"), ("published", "dcterms:date"), ("url", "schema:url"))
        },
    }


def _said_by(store: ox.Store, found: Mapping[Any, Any]) -> str | None:
    """The words by which a finding is attributed, or else the name of who said so."""
    speaker = found.get(_ATTRIBUTED_TO)
    return _text(found.get(expand("kg:attributionText"))) or (speaker and _text(_value(store, speaker, _LABEL)))


def _conflicts(store: ox.Store, claim: Any) -> tuple[str, ...]:
    quads = store.quads_for_pattern(claim, _CONFLICTS, None)
    return tuple(sorted({quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)}))


def _count(term: Any) -> int:
    text = _text(term) or ""
    return max(1, int(text)) if text.isdecimal() else 1


def _number(term: Any) -> float | None:
    """None for what is no number: a user may write any text."""
    try:
        found = float(_text(term) or "nan")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _properties(store: ox.Store, node: Any) -> dict[Any, Any]:
    """One value of each property; the first in order where there are several."""
    quads = sorted(store.quads_for_pattern(node, None, None), key=lambda quad: str(quad.object), reverse=True)
    return {quad.predicate: quad.object for quad in quads}


def _value(store: ox.Store, node: Any, predicate: ox.NamedNode) -> Any:
    """The first value in order; None where a user wrote a text in the place of a thing."""
    if not isinstance(node, ox.NamedNode | ox.BlankNode):
        return None
    return min((quad.object for quad in store.quads_for_pattern(node, predicate, None)), key=str, default=None)


def _text(term: Any) -> str | None:
    return None if term is None else str(term.value)


def _most_named(store: ox.Store, names: Names, max_entities: int) -> tuple[list[str], int]:
    named = [iri for iri, _ in _values(select(store, "_claim_counts.rq"))]
    lonely = sorted(names.entities.keys() - set(named))
    return [*named, *lonely][:max_entities], len(named) + len(lonely)


def _within(store: ox.Store, centre: str, hops: int, max_entities: int) -> tuple[list[str], int]:
    chosen, seen, frontier = [centre], {centre}, [centre]
    for _ in range(hops):
        weights = Counter(other for iri in frontier for other in _linked(store, iri) if other not in seen)
        found = sorted(weights, key=lambda iri: (-weights[iri], iri))
        seen.update(found)
        frontier = found[: max_entities - len(chosen)]
        chosen += frontier
    return chosen, len(seen)


def _linked(store: ox.Store, iri: str) -> Iterator[str]:
    """The other end of every claim that names the entity."""
    for one, other in ((_SUBJECT, _OBJECT), (_OBJECT, _SUBJECT)):
        for quad in store.quads_for_pattern(None, one, ox.NamedNode(iri)):
            if (end := _text(_value(store, quad.subject, other))) is not None:
                yield end


def _not_found(message: str, entities: Sequence[Named]) -> EntityNameError:
    listed = entities[:MAX_CHOICES]
    lines = "".join(f"\n  {e.label} ({e.type}) {e.iri}" for e in listed)
    return EntityNameError(message + lines, [(e.iri, f"{e.label} ({e.type})") for e in listed])


def _nodes(iris: Iterable[str]) -> list[ox.NamedNode]:
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as err:
        raise QueryError(f"not an IRI: {err}") from err


def _values(rows: Iterable[ox.QuerySolution]) -> list[list[Any]]:
    return [[None if term is None else term.value for term in row] for row in rows]


def _local(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]
