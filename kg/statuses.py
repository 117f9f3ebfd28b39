"""Status of a claim at the end of its text: what later sentences do to what earlier ones said.

A phrase or the model gives each claim a first status, from its own sentence. Then cue sentences
(seeds/cues/statuses.csv) revise it: a deal that was planned and falls apart later was attempted; a deal agreed and
closed is actual. A cue counts for a claim when its sentence names a party of the claim, or follows it within REACH
sentences and names no other claim's party: "the deal" is then that deal.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from kg.lexicon import read_rows
from kg.patterns import ATOM, Skeleton
from kg.records import ClusterId, Predicate, Status

DEALS = frozenset({Predicate.ACQUIRED, Predicate.INVESTED_IN, Predicate.PARTNER_OF})
DEAL_WORDS = {
    Predicate.ACQUIRED: re.compile(
        r"deal|acqui|takeover|purchase|buy|merger|bid|offer|transaction|sale|talks|approach|plan|negot|propos"
    ),
    Predicate.INVESTED_IN: re.compile(r"investment|round|stake|funding"),
    Predicate.PARTNER_OF: re.compile(r"partnership|alliance|venture|tie-?up|collaboration"),
}
"""Nouns by which a cue can mean a deal of each kind."""
REACH, MEMORY = 4, 12
"""Sentences over which "the deal" is the deal last spoken of: where nobody is named, and where the buyer is."""

Deal = tuple[ClusterId, ClusterId]
Change = tuple[Status, int]


class Effect(StrEnum):
    """What a cue does to the claims that it reaches."""

    FAILS = "fails"
    DENIES = "denies"
    COMPLETES = "completes"
    AWAITS = "awaits"
    RUMOURS = "rumours"
    SUPPOSES = "supposes"


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue in one sentence; words: as matched in that sentence's skeleton, in which they begin at start."""

    effect: Effect
    sentence: int
    start: int
    words: str = ""


OUTCOME: Mapping[tuple[Effect, Status], Status] = {
    (Effect.FAILS, Status.ACTUAL): Status.ATTEMPTED,
    (Effect.FAILS, Status.PLANNED): Status.ATTEMPTED,
    (Effect.FAILS, Status.RUMOURED): Status.ATTEMPTED,
    (Effect.COMPLETES, Status.PLANNED): Status.ACTUAL,
    (Effect.COMPLETES, Status.RUMOURED): Status.ACTUAL,
    (Effect.DENIES, Status.RUMOURED): Status.DENIED,
    (Effect.AWAITS, Status.ACTUAL): Status.PLANNED,
    (Effect.RUMOURS, Status.PLANNED): Status.RUMOURED,
    (Effect.FAILS, Status.ATTEMPTED): Status.ATTEMPTED,
}
"""Status after a cue; what is not listed stays as it is."""


@lru_cache(maxsize=1)
def _cues() -> tuple[tuple[Effect, re.Pattern[str]], ...]:
    return tuple((Effect(row["effect"]), re.compile(row["pattern"])) for row in read_rows("cues/statuses.csv"))


def find_cues(skeletons: Sequence[Skeleton]) -> list[Cue]:
    """All cues of a document, in reading order."""
    return [
        Cue(effect, number, match.start(), match[0])
        for number, skeleton in enumerate(skeletons)
        for effect, pattern in _cues()
        if (match := pattern.search(skeleton.text))
    ]


@lru_cache(maxsize=1)
def _hints() -> tuple[tuple[Status, re.Pattern[str]], ...]:
    return tuple((Status(row["status"]), re.compile(row["pattern"])) for row in read_rows("cues/status_hints.csv"))


def hinted_statuses(words: str) -> set[Status]:
    """The statuses at which the words of an evidence hint (seeds/cues/status_hints.csv)."""
    return {status for status, pattern in _hints() if pattern.search(words)}


def weigh_status(scores: Mapping[Status, float], hinted: Collection[Status], boost: float) -> tuple[Status, float]:
    """The likeliest status and its share, when hints weigh with the reader.

    scores: the reader's distribution. boost: factor in favour of a hinted status; 1 leaves the reader alone.
    """
    weighed = {status: score * (boost if status in hinted else 1) for status, score in scores.items()}
    best = max(weighed, key=lambda status: (weighed[status], status))
    return best, weighed[best] / sum(weighed.values())


def is_supposed(skeleton: Skeleton, start: int) -> bool:
    """Whether a condition or a mere possibility stands in the clause before the skeleton's character `start`."""
    clause = re.split(r"[;:\"]|, (?:and|but) ", skeleton.text[:start])[-1]
    return any(pattern.search(clause) for effect, pattern in _cues() if effect is Effect.SUPPOSES)


def bind_cues(cues: Sequence[Cue], skeletons: Sequence[Skeleton], deals: Collection[Deal]) -> dict[Cue, Deal]:
    """Which deal each cue of a failure or a completion speaks of; a cue that may mean none of them is left out.

    deals: (buyer, target) of the document. A cue whose sentence names a target means that deal. `Acme dropped the deal`
    means the one of its buyer, and `the deal fell apart` any, whose target was spoken of last, at most REACH sentences
    before (MEMORY where the buyer is named), unless another company stands behind the cue (`blocked its bid for ...`).
    """
    of_target: dict[ClusterId, list[Deal]] = defaultdict(list)
    for deal in deals:
        of_target[deal[1]].append(deal)
    buyers = {buyer for buyer, _ in deals}
    bound = {}
    for cue in cues:
        if cue.effect not in (Effect.FAILS, Effect.COMPLETES):
            continue
        last = _last_spoken(skeletons, cue.sentence)
        named = {cluster for cluster, sentence in last.items() if sentence == cue.sentence}
        fits = [d for target in named for d in of_target.get(target, ())]
        fits = [d for d in fits if d[0] in named] or fits
        if not fits and not _companies_behind(skeletons[cue.sentence], cue.start):
            by_buyer = not named.isdisjoint(buyers)
            earliest = cue.sentence - (MEMORY if by_buyer else REACH)
            near = (target for target, sentence in last.items() if sentence >= earliest)
            fits = [d for target in near for d in of_target.get(target, ()) if d[0] in named or not by_buyer]
        if fits:
            bound[cue] = max(fits, key=lambda d: (last[d[1]], d))
    return bound


@dataclass(frozen=True, slots=True)
class CueIndex:
    """Cues with their number in reading order: by deal those bound to one, by sentence the others."""

    of_deal: Mapping[Deal, Sequence[tuple[int, Cue]]]
    unbound: Mapping[int, Sequence[tuple[int, Cue]]]

    @classmethod
    def of(cls, cues: Sequence[Cue], bound: Mapping[Cue, Deal]) -> CueIndex:
        """The index of cues in reading order; bound: as bind_cues gives it."""
        of_deal, unbound = defaultdict(list), defaultdict(list)
        for number, cue in enumerate(cues):
            if cue in bound:
                of_deal[bound[cue]].append((number, cue))
            else:
                unbound[cue.sentence].append((number, cue))
        return cls(dict(of_deal), dict(unbound))

    def reaching(self, deal: Deal, sentence: int) -> list[Cue]:
        """The cues that count for a claim of a deal in a sentence, in reading order."""
        beside = self.unbound.get(sentence, ())
        behind = (found for found in self.unbound.get(sentence + 1, ()) if found[1].effect is Effect.DENIES)
        return [cue for _, cue in sorted((*beside, *behind, *self.of_deal.get(deal, ())))]


def revise_status(deal: Deal, status: Status, sentence: int, cues: CueIndex) -> Change:
    """Status of a deal after all cues that speak of it, and the number of the sentence that settled it.

    A cue bound to the deal counts wherever it stands, since headlines tell the end first; others (denials, rumours,
    approvals awaited) in the sentence of the claim alone, denials in the one behind it too.
    """
    settled = sentence
    for cue in cues.reaching(deal, sentence):
        after = OUTCOME.get((cue.effect, status))
        if after is not None:
            status, settled = after, cue.sentence
    return status, settled


def _last_spoken(skeletons: Sequence[Skeleton], sentence: int) -> dict[ClusterId, int]:
    """The last of a sentence and the MEMORY before it that speaks of each cluster."""
    reach = range(max(0, sentence - MEMORY), sentence + 1)
    return {atom.cluster: number for number in reach for atom in skeletons[number].atoms}


def _companies_behind(skeleton: Skeleton, start: int) -> bool:
    return any(match[1] == "C" for match in ATOM.finditer(skeleton.text, start + 1))
