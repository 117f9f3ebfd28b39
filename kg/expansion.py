"""Stage 12: an entity of a snapshot and what is shown already -> the entities it leads to, and what is left out.

In: an IRI, a kind of claim, a cap. Out: records for `kg.columns`, and counts. Refuses what the graph does not hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kg.claim_search import ACTUAL, ClaimSearch, Link
from kg.columns import Graph, make_piece
from kg.neighbourhood import EntityNameError

Direction = Literal["out", "in"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An expansion. predicate, direction: None for any. shown: IRIs of entities that are there already.

    statuses: of the claims that may lead to a new entity, unless a user has taken them back; any claim where empty.
    """

    entity: str
    limit: int
    predicate: str | None = None
    direction: Direction | None = None
    shown: Sequence[str] = ()
    statuses: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Remaining:
    """How many claims an entity has by one predicate in one direction.

    n_hidden: those whose other end is not shown. n_facts: those that are Actual and not taken back.
    """

    predicate: str
    direction: Direction
    n: int
    n_hidden: int
    n_facts: int


def expand(graph: Graph, wanted: Wanted) -> tuple[dict[str, Any], list[Remaining]]:
    """The entity, at most `limit` new ones and the shown ones that claims tie to them, as a piece; and what remains.

    New entities are taken by support: those of the most facts, then claims, come first, then those that most claims
    of the whole graph speak of, ties by IRI. The piece holds every claim between the entity or a new one and any that
    is shown. Raises EntityNameError for an entity that the graph does not hold.
    """
    search = graph.search
    entity = get_number(search, wanted.entity)
    shown = {entity, *search.numbers(wanted.shown).values()}
    claims = search.claims_of(entity)
    new = _best(search, entity, [c for c in claims if _is_wanted(c, entity, wanted, search.retracted)], shown)[
        : wanted.limit
    ]
    found = search.claims_between({entity, *new}, shown | set(new))
    tied = {end for claim in found for end in (claim.subject, claim.object)} - {entity, *new}
    piece = make_piece(graph, [entity, *new, *sorted(tied)], found)
    return piece, count_remaining(search, claims, entity, shown | set(new))


def count_remaining(
    search: ClaimSearch, claims: Iterable[Link], entity: int, shown: Collection[int]
) -> list[Remaining]:
    """Claims of an entity by predicate and direction, sorted; claims: all of it."""
    counts: Mapping[tuple[str, Direction], Counter[str]] = defaultdict(Counter)
    for claim in claims:
        for direction, end, other in _sides(claim):
            if end == entity:
                told = {"all": True, "hidden": other not in shown, "facts": _is_fact(search, claim)}
                counts[claim.predicate, direction].update(name for name, holds in told.items() if holds)
    return [
        Remaining(predicate, direction, n["all"], n["hidden"], n["facts"])
        for (predicate, direction), n in sorted(counts.items())
    ]


def get_number(search: ClaimSearch, iri: str) -> int:
    """The number of an entity. Raises EntityNameError when the graph does not hold it."""
    numbers = search.numbers([iri])
    if not numbers:
        raise EntityNameError(f"the graph holds no entity {iri[:200]}: search for it by name")
    return numbers[iri]


def _sides(claim: Link) -> tuple[tuple[Direction, int, int], tuple[Direction, int, int]]:
    return ("out", claim.subject, claim.object), ("in", claim.object, claim.subject)


def _is_wanted(claim: Link, entity: int, wanted: Wanted, retracted: Collection[str]) -> bool:
    if wanted.predicate is not None and claim.predicate != wanted.predicate:
        return False
    if wanted.statuses and (claim.status not in wanted.statuses or claim.iri in retracted):
        return False
    return any(end == entity and wanted.direction in (None, direction) for direction, end, _ in _sides(claim))


def _best(search: ClaimSearch, entity: int, claims: Sequence[Link], shown: Collection[int]) -> list[int]:
    """Other ends that are not shown, the best supported first."""
    n_facts: Counter[int] = Counter()
    n_claims: Counter[int] = Counter()
    for claim in claims:
        other = claim.object if claim.subject == entity else claim.subject
        if other not in shown:
            n_claims[other] += 1
            n_facts[other] += _is_fact(search, claim)
    mentioned = search.mentioned(n_claims)
    return sorted(n_claims, key=lambda n: (-n_facts[n], -n_claims[n], -mentioned[n][0], mentioned[n][1]))


def _is_fact(search: ClaimSearch, claim: Link) -> bool:
    return claim.status == ACTUAL and claim.iri not in search.retracted
