"""Stage 12: two entities of a snapshot -> the shortest ways from one to the other over claims.

In: two IRIs, and which claims count. Out: the k shortest paths without a loop; a claim may be travelled either way, and
of paths of one length those over pairs that most claims support come first. What a user has taken back never counts.

How: the distance of each entity to the far end is found outwards from it, a step at a time; from the near end only
steps are tried that can still arrive within the length looked for, first the least one, then one more each time. So the
effort follows what is within `max_length - 1` of the far end, not the number of ways. Refuses to look at more than
MAX_CLAIMS claims.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from kg.claim_search import ACTUAL, Link
from kg.columns import Graph, make_piece
from kg.errors import QueryError
from kg.expansion import get_number

MAX_PATHS = 50
MAX_LENGTH = 8
"""Of one path; in a graph of news nearly everything is within five claims of everything."""

MAX_CLAIMS = 1_000_000
"""Looked at for one answer, about 4 s; more is an error that says what to ask instead."""

MAX_TRIED = 1_000_000
"""Steps tried for one answer: where many ways lead into loops, they can be more than the claims."""


@dataclass(frozen=True, slots=True)
class PathQuestion:
    """start, end: IRIs. k: paths at most. max_length: claims on one at most. predicates: empty for any."""

    start: str
    end: str
    k: int
    max_length: int
    predicates: Collection[str] = ()
    statuses: Collection[str] = (ACTUAL,)


def find_paths(graph: Graph, question: PathQuestion) -> tuple[list[list[str]], dict[str, Any]]:
    """The paths as IRIs from start to end, the shortest first, and a piece with every claim among what is on them.

    Raises EntityNameError for an end that the graph does not hold; QueryError for two ends that are one, and where too
    many claims would have to be looked at.
    """
    start, end = (get_number(graph.search, iri) for iri in (question.start, question.end))
    if start == end:
        raise QueryError("a path leads from one entity to another: give two")
    found = _Paths(graph, question, start, end).find()
    numbers = list(dict.fromkeys([start, end, *(number for path in found for number in path)]))
    iri_of = {number: iri for number, (_, iri) in graph.search.mentioned(numbers).items()}
    piece = make_piece(graph, numbers, graph.search.claims_between(numbers, numbers))
    return [[iri_of[number] for number in path] for path in found], piece


class _Paths:
    """One search: what is known of the graph so far grows outwards from the far end."""

    def __init__(self, graph: Graph, question: PathQuestion, start: int, end: int) -> None:
        self._graph, self._question = graph, question
        degrees = graph.search.degrees([start, end])
        self._is_turned = degrees[start] < degrees[end]
        self._start, self._end = (end, start) if self._is_turned else (start, end)
        self._ties: dict[int, Counter[int]] = {self._start: Counter(), self._end: Counter()}
        self._loaded: set[int] = set()
        self._steps, self._frontier, self._depth = {self._end: 0}, [self._end], 0
        self._orders: dict[int, list[int]] = {}
        self._n_claims = self._n_tried = 0

    def find(self) -> list[list[int]]:
        """At most k paths, as numbers from the start of the question to its end."""
        found: list[list[int]] = []
        self._load([self._start])
        for length in range(1, self._question.max_length + 1):
            self._reach(length - 1)
            for path in self._walk([self._start], length):
                found.append(path[::-1] if self._is_turned else path)
                if len(found) == self._question.k:
                    return found
        return found

    def _reach(self, depth: int) -> None:
        """Know what is within so many steps of the far end."""
        while self._depth < depth and self._frontier:
            self._load(self._frontier)
            self._depth += 1
            near = {other for one in self._frontier for other in self._ties.get(one, ())}
            self._frontier = sorted(near - self._steps.keys())
            self._steps |= dict.fromkeys(self._frontier, self._depth)
            self._orders.clear()

    def _load(self, entities: Collection[int]) -> None:
        """Read the claims of entities; one that is read from either end is known at both."""
        new = [one for one in entities if one not in self._loaded]
        claims = self._graph.search.claims_at(new, MAX_CLAIMS - self._n_claims + 1) if new else []
        self._n_claims += len(claims)
        if self._n_claims > MAX_CLAIMS:
            raise _too_much("claims lie between the two")
        for claim in claims:
            if self._counts(claim):
                self._ties.setdefault(claim.subject, Counter())[claim.object] += 1
                self._ties.setdefault(claim.object, Counter())[claim.subject] += 1
        self._loaded.update(new)

    def _counts(self, claim: Link) -> bool:
        question = self._question
        return (
            claim.status in question.statuses
            and (not question.predicates or claim.predicate in question.predicates)
            and claim.subject != claim.object
            and claim.subject not in self._loaded
            and claim.object not in self._loaded
            and claim.iri not in self._graph.search.retracted
        )

    def _walk(self, path: list[int], left: int) -> Iterator[list[int]]:
        """All paths that begin so and arrive in exactly so many steps more, over the best supported pairs first."""
        if left == 0:
            yield [*path]
            return
        for other in self._order(path[-1]):
            if self._steps[other] < left and other not in path and (left == 1 or other != self._end):
                self._n_tried += 1
                if self._n_tried > MAX_TRIED:
                    raise _too_much("ways lead nowhere")
                yield from self._walk([*path, other], left - 1)

    def _order(self, entity: int) -> list[int]:
        """Entities one step away that are known to lead on, the best supported first, ties by IRI."""
        if entity not in self._orders:
            ties = self._ties.get(entity, Counter())
            near = self._graph.search.mentioned([other for other in ties if other in self._steps])
            self._orders[entity] = sorted(near, key=lambda other: (-ties[other], near[other][1]))
        return self._orders[entity]


def _too_much(what: str) -> QueryError:
    return QueryError(f"too many {what}: ask for shorter or fewer paths, or for some predicates only")
