"""Stage 5. What a language model states, held against the text: Ungrounded, or a claim or observation.

In: a Doc with clusters, and statements of answers.py. A statement stands when its quote is in the text letter by letter
and inside the window that the model was shown, both names are names of the document that stand in the quote or close
before it, their types are those that the predicate takes, and a figure is an amount of the quote. A date or role that
the quote does not give is taken from the claim and refused alone. Evidence is the whole sentences around the quote.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from spacy.tokens import Doc

from kg.amounts import Amount, find_amounts
from kg.answers import Figure, Relation
from kg.claims import OF_PERSONS, date_field
from kg.dates import find_dates
from kg.figures import BODIES, OF_BODIES
from kg.pairs import MAX_SENTENCES_APART
from kg.patterns import Skeleton, document_skeletons
from kg.proposals import canonical_triple
from kg.records import (
    SIGNATURES,
    Attribution,
    Claim,
    Cluster,
    ClusterId,
    Document,
    Evidence,
    Metric,
    Observation,
    Predicate,
    Refusal,
    Span,
    can_link,
)
from kg.roles import clean_role
from kg.sentences import body_sentences, trimmed
from kg.speakers import speakers_of

_ARTICLE = re.compile(r"^(?:the|a|an) ", re.IGNORECASE)
MAX_REFUSED = 500
"""Characters that a refusal keeps of each of its parts: they are the model's text, of any length."""


class Ungrounded(Exception):
    """A statement that the text does not bear out; the message says why. Caught in llm.py, where it is listed."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One document as statements are held against it.

    sentences: of the running text, trimmed, with skeletons, speakers and the clusters that stand there by number of
    the sentence. mentions: spelling -> places of it by name, with the cluster. breaks: sentences with page chrome
    before them.
    """

    document: Document
    clusters: Mapping[ClusterId, Cluster]
    sentences: Sequence[Span]
    skeletons: Sequence[Skeleton]
    speakers: Sequence[Attribution | None]
    mentions: Mapping[str, Sequence[tuple[int, ClusterId]]]
    breaks: frozenset[int]

    def refusal(self, said: Relation | Figure, reason: str) -> Refusal:
        """A statement that was refused, in words for a person."""
        if isinstance(said, Relation):
            words = f"claim of {self.document.id}: {said.subject} {said.predicate} {said.object}, {said.status}"
        else:
            words = f"observation of {self.document.id}: {said.subject} {said.metric} {said.value:g} {said.unit}"
        reason = f"stated by the language model: {reason}"
        return Refusal(words[:MAX_REFUSED], reason[:MAX_REFUSED], said.quote[:MAX_REFUSED])

    def refused_claim(self, claim: Claim, reason: str) -> Refusal:
        """A claim that gives way to another."""
        subject, object_ = self.clusters[claim.subject].name, self.clusters[claim.object].name
        words = f"claim of {self.document.id}: {subject} {claim.predicate} {object_}, {claim.status}"
        return Refusal(words, f"stated by the language model: {reason}", claim.evidence.quote)

    def refused_observation(self, observation: Observation, reason: str) -> Refusal:
        """An observation that gives way to another."""
        about = self.clusters[observation.about].name
        words = (
            f"observation of {self.document.id}: {about} {observation.metric} {observation.value} {observation.unit}"
        )
        return Refusal(words, f"stated by the language model: {reason}", observation.evidence.quote)


def read_ground(doc: Doc) -> Ground:
    """The ground of a Doc that has been through kg_coreference."""
    sentences = [Span(*trimmed(s)) for s in body_sentences(doc)]
    skeletons = document_skeletons(doc)
    document: Document = doc._.document
    mentions: dict[str, list[tuple[int, ClusterId]]] = defaultdict(list)
    for span in doc.spans["clusters"]:
        mentions[span.text].append((span.start_char, ClusterId(span.label_)))
    between = (document.text[a.end : b.start] for a, b in pairwise(sentences))
    breaks = frozenset(n for n, words in enumerate(between, start=1) if any(c.isalnum() for c in words))
    clusters = {c.id: c for c in doc._.clusters}
    speakers = speakers_of(skeletons, document.text)
    return Ground(document, clusters, sentences, skeletons, speakers, mentions, breaks)


def ground_claim(ground: Ground, said: Relation, window: Span, confidence: float, refusals: list[Refusal]) -> Claim:
    """The claim that a relation is. A date or role that the quote does not give goes to `refusals`.

    Raises Ungrounded, with the reason, when the text does not bear the relation out.
    """
    first, last = _find_quote(ground, said.quote, window, (said.subject, said.object))
    at = ground.sentences[first].start
    subject, object_ = (_find_cluster(ground, name, at) for name in (said.subject, said.object))
    _check_types(ground, said.predicate, subject, object_)
    _check_near(ground, (subject, object_), first, last)
    subject, _, object_ = canonical_triple(subject, said.predicate, object_)
    speaker = ground.speakers[last]
    if speaker is not None and speaker.cluster in (subject, object_) and said.predicate in OF_PERSONS:
        speaker = None
    return Claim(
        subject,
        said.predicate,
        object_,
        said.status,
        confidence,
        _evidence(ground, first, last),
        role=_role(ground, said, first, last, refusals),
        attributed_to=speaker,
        **_dates(ground, said, first, last, refusals),
    )


def ground_observation(
    ground: Ground, said: Figure, window: Span, confidence: float, refusals: list[Refusal]
) -> Observation:
    """The observation that a figure is, with value, unit and qualifier as the text gives them.

    Raises Ungrounded, with the reason, when the text does not bear the figure out.
    """
    first, last = _find_quote(ground, said.quote, window, (said.subject,))
    about = _find_cluster(ground, said.subject, ground.sentences[first].start)
    _check_near(ground, (about,), first, last)
    if said.metric in OF_BODIES and ground.clusters[about].type not in BODIES:
        raise Ungrounded(f"a {ground.clusters[about].type} has no {said.metric}")
    amount = _find_amount(ground, said, first, last)
    date = _date(ground, said.date, first, last)
    if said.date and date is None:
        refusals.append(ground.refusal(said, f"the quote does not give the date {said.date}; it stays without"))
    return Observation(
        about,
        said.metric,
        -amount.value if said.value < 0 else amount.value,
        amount.unit,
        confidence,
        _evidence(ground, first, last),
        observed_on=date,
        qualifier=amount.qualifier,
        attributed_to=ground.speakers[last],
    )


def _find_quote(ground: Ground, quote: str, window: Span, names: Sequence[str]) -> tuple[int, int]:
    """First and last sentence of the quote; of several places the one nearest to the names."""
    text = ground.document.text
    places = []
    for start in _occurrences(text, quote, window):
        end = start + len(quote)
        after = bisect_left(ground.sentences, end, key=lambda s: s.start)
        inside = range(bisect_right(ground.sentences, start, key=lambda s: s.end), after)
        if inside and _is_running(ground, inside, start, end):
            places.append((_distance(ground, names, start, end), start, inside[0], inside[-1]))
    if not places:
        raise Ungrounded("the running text does not have the quote in these letters")
    _, _, first, last = min(places)
    if last - first > MAX_SENTENCES_APART:
        raise Ungrounded(f"the quote is {last - first + 1} sentences long")
    return first, last


def _occurrences(text: str, quote: str, window: Span) -> Iterator[int]:
    at = text.find(quote, window.start, window.end) if any(c.isalnum() for c in quote) else -1
    while at >= 0:
        yield at
        at = text.find(quote, at + 1, window.end)


def _is_running(ground: Ground, inside: Sequence[int], start: int, end: int) -> bool:
    """Whether a stretch of the text has no word of page chrome in it or around it."""
    text, first, last = ground.document.text, ground.sentences[inside[0]], ground.sentences[inside[-1]]
    outside = text[start : max(start, first.start)] + text[min(end, last.end) : end]
    return ground.breaks.isdisjoint(inside[1:]) and not any(c.isalnum() for c in outside)


def _distance(ground: Ground, names: Sequence[str], start: int, end: int) -> int:
    """Characters from the quote to the nearest mention of each name, added up; 0 for those inside."""
    total = 0
    for name in names:
        places = ground.mentions.get(_spelling(ground, name), ())
        total += min((max(start - at, at - end, 0) for at, _ in places), default=0)
    return total


def _spelling(ground: Ground, name: str) -> str:
    """The name as the document's names have it: without an article that is no part of them."""
    return name if name in ground.mentions else _ARTICLE.sub("", name)


def _find_cluster(ground: Ground, name: str, at: int) -> ClusterId:
    """The cluster of a spelling; of several that share it the one with a mention nearest to the quote."""
    places = ground.mentions.get(_spelling(ground, name))
    if not places:
        raise Ungrounded(f"{name!r} is no name that was found in the text")
    return min((abs(start - at), cluster) for start, cluster in places)[1]


def _check_types(ground: Ground, predicate: Predicate, subject: ClusterId, object_: ClusterId) -> None:
    if subject == object_:
        raise Ungrounded("subject and object are the same")
    for cluster, types, side in zip((subject, object_), SIGNATURES[predicate], ("subject", "object"), strict=True):
        kind = ground.clusters[cluster].type
        if kind not in types:
            allowed = " or ".join(sorted(types))
            raise Ungrounded(f"the {side} {ground.clusters[cluster].name} is a {kind}, {predicate} takes {allowed}")
    if not can_link(predicate, ground.clusters[subject].type, ground.clusters[object_].type):
        raise Ungrounded(f"{predicate} takes two organizations or two products")


def _check_near(ground: Ground, clusters: Sequence[ClusterId], first: int, last: int) -> None:
    """Each stands in the quoted sentences or at most MAX_SENTENCES_APART before, one of two in them: by name or not."""
    quoted = _standing(ground, first, last)
    near = quoted | _standing(ground, max(0, first - MAX_SENTENCES_APART), first)
    for cluster in clusters:
        if cluster not in near:
            raise Ungrounded(f"{ground.clusters[cluster].name} does not stand in or near the quote")
    if len(clusters) > 1 and quoted.isdisjoint(clusters):
        raise Ungrounded("the quote speaks of neither")


def _standing(ground: Ground, first: int, last: int) -> set[ClusterId]:
    return {atom.cluster for skeleton in ground.skeletons[first : last + 1] for atom in skeleton.atoms}


def _evidence(ground: Ground, first: int, last: int) -> Evidence:
    start, end = ground.sentences[first].start, ground.sentences[last].end
    return Evidence(ground.document.id, start, end, ground.document.text[start:end])


def _find_amount(ground: Ground, said: Figure, first: int, last: int) -> Amount:
    if said.value < 0 and said.metric is not Metric.PROFIT:
        raise Ungrounded(f"{said.metric} is never negative")
    wanted = abs(Decimal(repr(said.value)))
    for amount in find_amounts(ground.document.text, ground.sentences[first].start, ground.sentences[last].end):
        if amount.unit == said.unit and amount.value == wanted:
            return amount
    raise Ungrounded(f"the quote gives no amount of {said.value:g} {said.unit}")


def _role(ground: Ground, said: Relation, first: int, last: int, refusals: list[Refusal]) -> str | None:
    if not said.role or said.predicate is not Predicate.WORKS_FOR:
        return None
    if said.role not in _evidence(ground, first, last).quote:
        refusals.append(ground.refusal(said, f"the quote does not give the role {said.role!r}; it stays without"))
        return None
    return clean_role(said.role)


def _dates(ground: Ground, said: Relation, first: int, last: int, refusals: list[Refusal]) -> dict[str, str | None]:
    date = _date(ground, said.date, first, last)
    if date is not None:
        words = " ".join(s.text for s in ground.skeletons[first : last + 1])
        return {date_field(said.predicate, said.status, words): date}
    if said.date:
        refusals.append(ground.refusal(said, f"the quote does not give the date {said.date}; it stays without"))
    return {}


def _date(ground: Ground, date: str | None, first: int, last: int) -> str | None:
    """The date, if the quoted sentences give it or one of which it is the year or month."""
    for sentence in ground.sentences[first : last + 1]:
        for found in find_dates(ground.document.text, sentence.start, sentence.end, ground.document.published):
            if date is not None and (found.iso == date or found.iso.startswith(f"{date}-")):
                return date
    return None
