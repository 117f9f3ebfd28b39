"""Stage 5a. Relations that the phrase patterns of seeds/cues/relations.csv find in one sentence.

In: skeletons. Out: Finds: two clusters, predicate, the status that the phrase itself gives, and the role if the phrase
holds one. A phrase says what it says: co-occurrence alone never gives a relation.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.lexicon import read_rows
from kg.names import core_words
from kg.patterns import Skeleton, compile_pattern, coordinated, coordinated_before
from kg.records import SIGNATURES, Cluster, ClusterId, EntityType, Predicate, Status, can_link

FOUNDER = re.compile(r"\b(?:co-?\s?)?founder\b", re.IGNORECASE)
BOARD = re.compile(
    r"\b(?:board (?:member|director)|non-executive director|independent director|trustee)\b", re.IGNORECASE
)
_BODIES = frozenset({EntityType.COMPANY, EntityType.ORGANIZATION})
COORDINATES = frozenset(
    {
        Predicate.DEVELOPS,
        Predicate.ACQUIRED,
        Predicate.INVESTED_IN,
        Predicate.USES,
        Predicate.FOUNDED_BY,
        Predicate.COMPETES_WITH,
        Predicate.PARTNER_OF,
        Predicate.SUPPLIES_TO,
        Predicate.SUED,
    }
)


ANAPHORIC_DISCOUNT = 0.74
"""Finds through nouns and pronouns are right 0.74 times as often as finds by name (python -m
training.measure_rules)."""


@dataclass(frozen=True, slots=True)
class Find:
    """One relation as a phrase gives it.

    sentence: number of the skeleton. position: where the phrase begins in it. named: both arguments stand there by
    name. rule: line of the table. role_span: half-open in the document's text, or None.
    """

    subject: ClusterId
    predicate: Predicate
    object: ClusterId
    status: Status
    sentence: int
    position: int
    named: bool
    rule: int
    role_span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    number: int
    predicate: Predicate
    status: Status
    confidence: float
    pattern: re.Pattern[str]
    by_product: bool


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            n,
            predicate,
            Status(row["status"]),
            float(row["confidence"]),
            compile_pattern(row["pattern"], *SIGNATURES[predicate]),
            "{R}" in row["pattern"],
        )
        for n, row in enumerate(read_rows("cues/relations.csv"))
        if (predicate := Predicate(row["predicate"]))
    )


def rule_confidence(find: Find) -> float:
    """Share of the rule's finds that were right on the training corpus, less for one through a noun or pronoun."""
    confidence = _rules()[find.rule].confidence
    return confidence if find.named else confidence * ANAPHORIC_DISCOUNT


def find_relations(skeletons: Sequence[Skeleton], clusters: Mapping[ClusterId, Cluster]) -> list[Find]:
    """Every relation that a phrase of the table gives, by sentence and then by line of the table.

    Phrases that name a product in the place of its maker (`head of Codex`) come last, since they need the others.
    """
    plain = [f for rule in _rules() if not rule.by_product for f in _matches(rule, skeletons, clusters, {})]
    makers = find_makers(clusters, plain)
    through = [f for rule in _rules() if rule.by_product for f in _matches(rule, skeletons, clusters, makers)]
    return sorted([*plain, *through], key=lambda f: (f.sentence, f.rule, f.position))


def find_makers(clusters: Mapping[ClusterId, Cluster], finds: Iterable[Find]) -> dict[ClusterId, ClusterId]:
    """Products whose maker the text tells: the name begins with it (`OpenAI Codex`), or one phrase alone says so."""
    bodies = {core_words(alias): c.id for c in clusters.values() if c.type in _BODIES for alias in c.aliases}
    makers: dict[ClusterId, set[ClusterId]] = defaultdict(set)
    for find in finds:
        if find.predicate is Predicate.DEVELOPS and find.status is Status.ACTUAL:
            makers[find.object].add(find.subject)
    found = {product: next(iter(ids)) for product, ids in makers.items() if len(ids) == 1}
    for cluster in clusters.values():
        for alias in cluster.aliases if cluster.type is EntityType.PRODUCT else ():
            words = core_words(alias)
            for n in range(1, len(words)):
                if words[:n] in bodies:
                    found[cluster.id] = bodies[words[:n]]
    return found


def _matches(
    rule: _Rule,
    skeletons: Sequence[Skeleton],
    clusters: Mapping[ClusterId, Cluster],
    makers: Mapping[ClusterId, ClusterId],
) -> Iterator[Find]:
    for number, skeleton in enumerate(skeletons):
        if len(skeleton.atoms) > 1:
            for match in rule.pattern.finditer(skeleton.text):
                yield from _finds(skeleton, number, match, rule, clusters, makers)


def _finds(
    skeleton: Skeleton,
    number: int,
    match: re.Match[str],
    rule: _Rule,
    clusters: Mapping[ClusterId, Cluster],
    makers: Mapping[ClusterId, ClusterId],
) -> Iterator[Find]:
    role_span = _role_span(skeleton, match, match.end("o") + 1 if rule.by_product else None)
    role = skeleton.text[slice(*match.span("role"))] if role_span else ""
    for s, o in _argument_pairs(skeleton, match, rule.predicate):
        named = skeleton.atoms[s].named and skeleton.atoms[o].named
        subject, object_ = skeleton.atoms[s].cluster, skeleton.atoms[o].cluster
        object_ = makers.get(object_, object_) if rule.by_product else object_
        if subject == object_ or not _types_fit(rule.predicate, clusters[subject], clusters[object_]):
            continue
        for what, one, other in _by_role(rule.predicate, subject, object_, role):
            span = role_span if what is Predicate.WORKS_FOR else None
            yield Find(one, what, other, rule.status, number, match.start(), named, rule.number, span)


def _argument_pairs(skeleton: Skeleton, match: re.Match[str], predicate: Predicate) -> Iterator[tuple[int, int]]:
    s, o = int(match["s"]), int(match["o"])
    yield s, o
    if predicate not in COORDINATES:
        return
    for group, other in (("s", o), ("o", s)):
        letter = skeleton.text[match.start(group) - 1]
        more = coordinated(skeleton, match.end(group) + 1, letter)
        more += coordinated_before(skeleton, match.start(group) - 2, letter)
        for extra in more:
            if extra not in (s, o):
                yield (extra, other) if group == "s" else (other, extra)


def _role_span(skeleton: Skeleton, match: re.Match[str], end: int | None) -> tuple[int, int] | None:
    """Offsets of the position in the document's text; end: where it ends in the skeleton if not with its own words."""
    if "role" not in match.re.groupindex or match["role"] is None:
        return None
    return skeleton.source_span(match.start("role"), end or match.end("role"))


def _by_role(
    predicate: Predicate, subject: ClusterId, object_: ClusterId, role: str
) -> Iterator[tuple[Predicate, ClusterId, ClusterId]]:
    """A stated position can say more, or other, than employment: founders found, board members sit on boards."""
    if predicate is not Predicate.WORKS_FOR:
        yield predicate, subject, object_
        return
    rest = FOUNDER.sub("", role)
    if rest != role:
        yield Predicate.FOUNDED_BY, object_, subject
    if BOARD.search(rest):
        yield Predicate.BOARD_MEMBER_OF, subject, object_
    elif rest == role or re.search(r"[A-Za-z]{2}", re.sub(r"\band\b|\bof\b|\bits\b", "", rest)):
        yield Predicate.WORKS_FOR, subject, object_


def _types_fit(predicate: Predicate, subject: Cluster, object_: Cluster) -> bool:
    return can_link(predicate, subject.type, object_.type)
