"""What is proposed as a claim, by phrases and by the reader, and how sure it is, before it has status and evidence.

In: skeletons, clusters and scored pairs of one document. Out: proposals, one a triple, each with a confidence.
Refuses what is only supposed (if, could, would), and what a surer proposal of the same document contradicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from kg.lexicon import read_rows
from kg.pairs import ScoredPair
from kg.patterns import ATOM, Skeleton
from kg.records import SYMMETRIC, Cluster, ClusterId, Predicate, Status
from kg.relations import Find, find_relations, rule_confidence
from kg.statuses import is_supposed

Triple = tuple[ClusterId, Predicate, ClusterId]

NO_TRIGGER = 0.6
"""Factor on the reader's probability where no word of seeds/cues/triggers.csv stands in the evidence."""
APART = 0.75
"""Factor on the reader's probability where the two never stand in one sentence."""
SUPPOSED = 0.5
"""Factor on the reader's probability where `if` or `could` stands before what it reads, and no phrase says it."""
OUTSHONE = 0.3
"""Where one value is the rule (a product has one maker), a reading this much less sure than another gives way to it."""
CERTAIN, OUTSHONE_MAKER = 0.97, 0.1
"""A maker that is read so surely leaves a product no other that is less sure by so much; the held-out documents hold no
such case, the margin is judged."""
ONE_VALUED = {Predicate.WORKS_FOR: 0, Predicate.DEVELOPS: 2, Predicate.HEADQUARTERED_IN: 0, Predicate.SUBSIDIARY_OF: 0}
"""Predicates of which one side (0 subject, 2 object) mostly has one value in a document."""


@dataclass(slots=True)
class Proposal:
    """All that speaks for one triple in one document."""

    triple: Triple
    finds: list[Find] = field(default_factory=list)
    scored: ScoredPair | None = None


def propose(
    skeletons: Sequence[Skeleton], clusters: Mapping[ClusterId, Cluster], scored: Iterable[ScoredPair]
) -> list[tuple[Proposal, float]]:
    """Proposals with their confidence, sorted by triple."""
    proposals: dict[Triple, Proposal] = {}
    for find in find_relations(skeletons, clusters):
        if find.status is Status.ACTUAL and is_supposed(skeletons[find.sentence], find.position):
            continue
        triple = canonical_triple(find.subject, find.predicate, find.object)
        proposals.setdefault(triple, Proposal(triple)).finds.append(find)
    for pair in scored:
        triple = canonical_triple(pair.subject, pair.predicate, pair.object)
        proposal = proposals.setdefault(triple, Proposal(triple))
        if proposal.scored is None or pair.probability > proposal.scored.probability:
            proposal.scored = pair
    rated = [(proposals[triple], _confidence(proposals[triple], skeletons)) for triple in sorted(proposals)]
    return _without_outshone(_without_reversed(rated))


def canonical_triple(subject: ClusterId, predicate: Predicate, object_: ClusterId) -> Triple:
    """The triple; of a symmetric predicate the one whose subject is mentioned first."""
    if predicate in SYMMETRIC and int(object_[1:]) < int(subject[1:]):
        return object_, predicate, subject
    return subject, predicate, object_


def _confidence(proposal: Proposal, skeletons: Sequence[Skeleton]) -> float:
    """Probability that at least one of reader and best phrase is right, taken as independent (noisy or)."""
    said = max((rule_confidence(f) for f in proposal.finds), default=0.0)
    return 1 - (1 - _read(proposal, skeletons)) * (1 - said)


def _read(proposal: Proposal, skeletons: Sequence[Skeleton]) -> float:
    pair = proposal.scored
    if pair is None:
        return 0.0
    trigger = _triggers().get(proposal.triple[1])
    words = " ".join(s.text for s in skeletons[pair.first : pair.last + 1])
    probability = pair.probability if pair.first == pair.last else pair.probability * APART
    if not proposal.finds and pair.first == pair.last and _is_supposed(proposal.triple, skeletons[pair.first]):
        probability *= SUPPOSED
    return probability if trigger is None or trigger.search(words) else probability * NO_TRIGGER


def _is_supposed(triple: Triple, skeleton: Skeleton) -> bool:
    """Whether a supposition stands in the clause before the later of the two marks."""
    marks = [m for m in ATOM.finditer(skeleton.text) if skeleton.atoms[int(m[2])].cluster in (triple[0], triple[2])]
    return bool(marks) and is_supposed(skeleton, marks[-1].start())


@lru_cache(maxsize=1)
def _triggers() -> dict[Predicate, re.Pattern[str]]:
    return {Predicate(row["predicate"]): re.compile(row["pattern"]) for row in read_rows("cues/triggers.csv")}


def _without_reversed(rated: Sequence[tuple[Proposal, float]]) -> list[tuple[Proposal, float]]:
    """Of two proposals that say one thing in both directions (bought, owned by, sued) only the surer one."""
    best: dict[tuple[frozenset[ClusterId], Predicate], tuple[float, Triple]] = {}
    for proposal, confidence in rated:
        subject, predicate, object_ = proposal.triple
        key = (frozenset((subject, object_)), predicate)
        best[key] = max(best.get(key, (0.0, proposal.triple)), (confidence, proposal.triple))
    winners = {triple for _, triple in best.values()}
    return [(p, c) for p, c in rated if p.triple in winners]


def _without_outshone(rated: Sequence[tuple[Proposal, float]]) -> list[tuple[Proposal, float]]:
    """Without readings that a much surer proposal of another value contradicts, where one value is the rule."""
    best: dict[tuple[Predicate, str], float] = {}
    for proposal, confidence in rated:
        if slot := _slot(proposal.triple):
            best[slot] = max(best.get(slot, 0.0), confidence)
    return [
        (proposal, confidence)
        for proposal, confidence in rated
        if proposal.finds
        or not (slot := _slot(proposal.triple))
        or confidence >= best[slot] - _margin(slot, best[slot])
    ]


def _margin(slot: tuple[Predicate, str], best: float) -> float:
    return OUTSHONE_MAKER if slot[0] is Predicate.DEVELOPS and best >= CERTAIN else OUTSHONE


def _slot(triple: Triple) -> tuple[Predicate, str] | None:
    side = ONE_VALUED.get(triple[1])
    return None if side is None else (triple[1], triple[side])
