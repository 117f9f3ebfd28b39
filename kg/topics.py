"""Stage 8, across documents: findings -> questions to which texts may give different answers, and when answers agree.

In: findings of all documents, and which documents are one text (kg.reprints). Out: Topics, each one question (what is
Acme worth, in dollars? who is chief executive of Acme?) with the stands that texts take. What cannot be set against
each other is told apart here: other dates, a later development, a second sale, joint buyers, companies of one group.
Everything goes through an index by what is spoken of. Source: ontology/README.md, section Agreement and conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache, partial
from itertools import combinations
from typing import Generic, NamedTuple, TypeVar

from kg.agreement import Level, are_near, dates_agree, is_before, level_of, levels_agree, role_key, sole_posts
from kg.findings import Findings, StatedClaim, StatedFigure
from kg.records import SYMMETRIC, DocumentId, Metric, Predicate, Status

OF_POSTS = frozenset({Predicate.WORKS_FOR, Predicate.BOARD_MEMBER_OF})
REPEATED = frozenset(
    {Predicate.INVESTED_IN, Predicate.SUED, Predicate.PARTNER_OF, Predicate.SUPPLIES_TO, Predicate.EDUCATED_AT}
)
"""What may happen or begin more than once between the same two, so that two dates are two events."""

_HELD = frozenset({Status.ACTUAL, Status.FORMER})
_UNDONE = frozenset({Status.ATTEMPTED.value, Status.DENIED.value})
_OWNING = frozenset({Predicate.SUBSIDIARY_OF, Predicate.ACQUIRED})
_MONTH = len("2025-07")

Finding = TypeVar("Finding", StatedClaim, StatedFigure)
Pairs = frozenset[tuple[str, str]]
"""IRIs of two entities, the smaller first."""


class Aspect(StrEnum):
    """What two findings differ in; the value is what `kg conflicts` prints."""

    FIGURE = "figure"
    STATUS = "status"
    DATE = "date"
    BUYER = "buyer"
    EMPLOYER = "employer"
    HOLDER = "holder"


class Stand(NamedTuple):
    """One answer to a question, as far as it matters there; a part is empty where the text does not say.

    answer: a status, a date, a value, or the IRI of a buyer, employer or holder. published: month of the text.
    detail: the qualifier of a figure, the position of a status.
    """

    answer: str
    start: str = ""
    end: str = ""
    published: str = ""
    detail: str = ""


Agree = Callable[[Stand, Stand], bool | None]
"""Whether two stands agree; None where one says nothing about the other."""


class Said(NamedTuple, Generic[Finding]):
    """A claim or figure with its document, the text that this is, and the month in which it appeared."""

    finding: Finding
    document: DocumentId
    text: DocumentId
    published: str


class Voice(NamedTuple):
    """A finding as it is chosen to speak for its text: the surest, then the first by document."""

    doubt: float
    document: DocumentId
    iri: str


@dataclass(slots=True)
class Topic:
    """One question. stands: answer -> text -> the findings that give it, in no order.

    is_dated_in: whether a text gives a stand that has no date here with one, so that what else it says is of another
    time.
    """

    aspect: Aspect
    agree: Agree
    stands: dict[Stand, dict[DocumentId, list[Voice]]] = field(default_factory=dict)
    is_dated_in: Callable[[DocumentId, Stand], bool] = lambda _, __: False

    def add(self, stand: Stand, said: Said[StatedClaim] | Said[StatedFigure]) -> None:
        """Note that a text takes this stand."""
        found = said.finding
        self.stands.setdefault(stand, {}).setdefault(said.text, []).append(
            Voice(-float(found.confidence), said.document, found.iri)
        )


_Topics = dict[tuple[str, ...], Topic]
_Course = dict[DocumentId, list[Stand]]
"""Text -> its dated figures of one metric of one thing."""


def claims_said(
    findings: Mapping[DocumentId, Findings], texts: Mapping[DocumentId, DocumentId]
) -> list[Said[StatedClaim]]:
    """The claims of all documents; a document that `texts` does not know is a text of its own."""
    return [Said(c, d, texts.get(d, d), _month(found)) for d, found in sorted(findings.items()) for c in found.claims]


def figures_said(
    findings: Mapping[DocumentId, Findings], texts: Mapping[DocumentId, DocumentId]
) -> list[Said[StatedFigure]]:
    """The figures of all documents."""
    return [Said(f, d, texts.get(d, d), _month(found)) for d, found in sorted(findings.items()) for f in found.figures]


def link_of(claim: StatedClaim) -> tuple[str, str, str]:
    """Ends and predicate, equal for both directions of a symmetric one."""
    ends = (claim.subject, claim.object)
    one, other = sorted(ends) if claim.predicate in SYMMETRIC else ends
    return one, claim.predicate.value, other


def figure_topics(figures: Iterable[Said[StatedFigure]]) -> list[Topic]:
    """What a metric of a thing is, in one unit; two figures meet only with dates of one year, or both without."""
    topics: _Topics = {}
    courses: dict[tuple[str, ...], _Course] = {}
    for said in figures:
        figure = said.finding
        if figure.metric is Metric.OTHER:
            continue
        date = figure.observed_on or ""
        key = (figure.about, figure.metric.value, figure.unit, date[:4])
        course = courses.setdefault(key[:3], {})
        is_dated_in = partial(_is_dated_in, figure.unit, course)
        asked = Topic(Aspect.FIGURE, partial(_figures_agree, figure.unit), is_dated_in=is_dated_in)
        stand = Stand(figure.value, date, "", "" if date else said.published, figure.qualifier or "")
        topics.setdefault(key, asked).add(stand, said)
        if date:
            course.setdefault(said.text, []).append(stand)
    return list(topics.values())


def claim_topics(claims: Iterable[Said[StatedClaim]]) -> list[Topic]:
    """What became of a link, when; who bought a thing; who holds a position, and where."""
    claims = list(claims)
    topics: _Topics = {}
    for said in claims:
        _ask_status(topics, said)
        _ask_dates(topics, said)
        if said.finding.status is Status.ACTUAL:
            _ask_buyer(topics, said)
            _ask_holder(topics, said)
    family = _family(said.finding for said in claims)
    for topic in topics.values():
        if topic.aspect is Aspect.BUYER:
            topic.agree = partial(_buyers_agree, family, _named_together(topic))
        elif topic.aspect in {Aspect.EMPLOYER, Aspect.HOLDER}:
            topic.agree = partial(_holders_agree, family, _named_together(topic))
    return list(topics.values())


def _month(findings: Findings) -> str:
    return (findings.published or "")[:_MONTH]


def _ask_status(topics: _Topics, said: Said[StatedClaim]) -> None:
    claim = said.finding
    start = claim.occurred_on or claim.started_on or ""
    detail = role_key(claim.role) if claim.predicate in OF_POSTS else ""
    stand = Stand(claim.status.value, start, claim.ended_on or "", said.published, detail)
    topics.setdefault(("status", *link_of(claim)), Topic(Aspect.STATUS, _statuses_agree)).add(stand, said)


def _ask_dates(topics: _Topics, said: Said[StatedClaim]) -> None:
    claim = said.finding
    if claim.status not in _HELD or claim.predicate in REPEATED:
        return
    detail = role_key(claim.role) if claim.predicate in OF_POSTS else ""
    for name, date in (("started", claim.started_on), ("ended", claim.ended_on), ("occurred", claim.occurred_on)):
        if date:
            key = (name, *link_of(claim), detail)
            topics.setdefault(key, Topic(Aspect.DATE, _dates_agree)).add(Stand(date), said)


def _ask_buyer(topics: _Topics, said: Said[StatedClaim]) -> None:
    claim = said.finding
    if claim.predicate is Predicate.ACQUIRED:
        stand = Stand(claim.subject, claim.occurred_on or "", "", said.published)
        topics.setdefault(("buyer", claim.object), Topic(Aspect.BUYER, _dates_agree)).add(stand, said)


def _ask_holder(topics: _Topics, said: Said[StatedClaim]) -> None:
    claim = said.finding
    if claim.predicate not in OF_POSTS:
        return
    times = (claim.started_on or "", claim.ended_on or "", said.published)
    for post in sole_posts(claim.role):
        employer = topics.setdefault(("employer", claim.subject, post), Topic(Aspect.EMPLOYER, _dates_agree))
        employer.add(Stand(claim.object, *times), said)
        holder = topics.setdefault(("holder", claim.object, post), Topic(Aspect.HOLDER, _dates_agree))
        holder.add(Stand(claim.subject, *times), said)


def _family(claims: Iterable[StatedClaim]) -> Pairs:
    """Organizations of which one belongs, or belonged, to the other."""
    owned = (c for c in claims if c.predicate in _OWNING and c.status in _HELD)
    return frozenset((min(c.subject, c.object), max(c.subject, c.object)) for c in owned)


def _named_together(topic: Topic) -> Pairs:
    """Answers that one text gives side by side: joint buyers, two chief executives, a head of two companies."""
    answers: dict[DocumentId, set[str]] = {}
    for stand, texts in topic.stands.items():
        for text in texts:
            answers.setdefault(text, set()).add(stand.answer)
    return frozenset(pair for found in answers.values() for pair in combinations(sorted(found), 2))


def _are_allied(one: Stand, other: Stand, family: Pairs, together: Pairs) -> bool:
    pair = (min(one.answer, other.answer), max(one.answer, other.answer))
    return one.answer == other.answer or pair in family or pair in together


@lru_cache(maxsize=100_000)
def _level(value: str, unit: str, qualifier: str) -> Level:
    return level_of(Decimal(value), unit, qualifier)


def _figures_agree(unit: str, one: Stand, other: Stand) -> bool | None:
    """Compared when of one time: of dates that can be one, or without dates in texts of about one month."""
    if not dates_agree(one.start, other.start) or not (one.start or are_near(one.published, other.published)):
        return None
    levels = _level(one.answer, unit, one.detail), _level(other.answer, unit, other.detail)
    return levels_agree(*levels) if levels[0].colours == levels[1].colours else None


def _is_dated_in(unit: str, course: _Course, text: DocumentId, stand: Stand) -> bool:
    """`Reached $1bn soon after launch, and $2.5bn by early 2026` is at odds with no $2.5bn that another text gives."""
    wanted = _level(stand.answer, unit, stand.detail)
    dated = course.get(text, []) if not stand.start else []
    return any(levels_agree(wanted, _level(said.answer, unit, said.detail)) for said in dated)


def _dates_agree(one: Stand, other: Stand) -> bool:
    return dates_agree(one.answer, other.answer)


def _statuses_agree(one: Stand, other: Stand) -> bool | None:
    """What happened against what was denied, or was tried and failed; what holds against what had ended before."""
    if one.answer == other.answer:
        return True
    if Status.ACTUAL not in {one.answer, other.answer}:
        return None
    actual, against = (one, other) if one.answer == Status.ACTUAL else (other, one)
    if against.answer in _UNDONE:
        is_other_post = bool(actual.detail and against.detail) and actual.detail != against.detail
        return None if is_other_post or _are_two_events(actual, against) else False
    if against.answer != Status.FORMER or actual.detail != against.detail or is_before(against.end, actual.start):
        return None
    return False if is_before(against.end, actual.published) else None


def _are_two_events(one: Stand, other: Stand) -> bool:
    """Whether dates tell them apart: both have one, or one came when the other's text was already written."""
    return any(is_before(a.start or a.published, b.start) for a, b in ((one, other), (other, one)))


def _buyers_agree(family: Pairs, together: Pairs, one: Stand, other: Stand) -> bool | None:
    if _are_allied(one, other, family, together):
        return True
    return None if _are_two_events(one, other) else False


def _holders_agree(family: Pairs, together: Pairs, one: Stand, other: Stand) -> bool | None:
    if _are_allied(one, other, family, together):
        return True
    return None if _follow(one, other) or _follow(other, one) else False


def _follow(first: Stand, second: Stand) -> bool:
    """Whether the second may have taken up the position, or the person the second position, after the first."""
    if first.end and is_before(first.end, second.start or second.published):
        return True
    if not second.start:
        return not first.start and not are_near(first.published, second.published)
    is_later = is_before(first.start, second.start)
    return is_before(first.published, second.start) or (is_later and not is_before(second.start, first.published))
