"""Stage 5. Figures: amounts paired with what they measure and with the cluster that they measure.

In: a document, its sentences, its clusters, and the nouns and pronouns that stand for them. Out: `Observation`s,
sorted by evidence. An amount takes the metric of the cheapest cue phrase around it (seeds/cues/metrics.csv: how many
words before and after a cue an amount may stand), and the subject that the cue asks for: the owner of a revenue, what
is bought by a deal, the product of a price. Cues of metric `none` (fines, debts, orders, changes) compete with the
others and silence the amounts that they win. Left out: changes (`rose 5 per cent`), hypotheticals, and every figure
whose subject is in doubt. Linear in the length of the document.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kg.amounts import Amount
from kg.figure_cues import (
    BODIES,
    SUBJECT_TYPES,
    THINGS,
    Hit,
    Mark,
    Sentence,
    Token,
    bare_start,
    figure_words,
    ranked_cues,
    read_sentence,
    unit_kind,
)
from kg.figure_scene import (
    Scene,
    find_priced,
    find_subject_of,
    find_topic,
)
from kg.figure_subjects import find_subject
from kg.lexicon import NOMINALS
from kg.records import Cluster, ClusterId, Document, EntityType, Evidence, Metric, Observation, Span

_CHANGES = figure_words("change")
_HYPOTHETICAL = figure_words("hypothetical")
_JOINERS = figure_words("joiner")
_RIVALS = figure_words("rival")
_RANKED = figure_words("ranked") | figure_words("genitive")
_COLOURS = figure_words("colour")
_STOPPERS = figure_words("stopper")
_HEADS = {
    kind: "|".join(sorted({p.split()[-1] for p, k in NOMINALS.items() if k == kind})) for kind in ("body", "product")
}
_OPENING = re.compile(
    rf"((?P<pronoun>Its?)|(?:The|This)\s(?:(?!the|its|an?\b)[\w'\u2019-]{{1,30}}\s){{0,3}}?(?:{_HEADS['body']}|(?P<product>{_HEADS['product']})))\b"
)

_CONFIDENCE = {
    "agent": 0.73,
    "complement": 0.6,
    "deal": 0.89,
    "described": 0.7,
    "earlier": 0.47,
    "echo": 0.67,
    "inferred": 0.74,
    "object": 0.67,
    "only": 0.61,
    "portion": 0.9,
    "possessor": 0.77,
    "relative": 0.5,
}
"""Precision of the rule that found the subject, (right + 1) / (found + 2), on the half of the newsroom documents that
no rule was written from (documents whose SHA-256 of the id is odd; gold names, resolved anaphora); `described` and
`only` on articles of training/corpus, rounded down; `portion` is too rare to measure, and judged."""
_METRICS = {"loss": Metric.PROFIT, "share_price": Metric.PRICE}
"""Metrics of seeds/cues/metrics.csv that are a kind of another."""
_CLOSING = frozenset({"closed", "closes"})
"""Shares close at a price, rounds do not."""
_FORMER_LEVEL = (["from"], [",", "up", "from"], [",", "down", "from"], [",", "compared", "with"])
_LONGEST_ECHO = 8
_LONGEST_SENTENCE = 2000
_EARLIER = 6
"""Sentences that a figure without any name in its own sentence may look back."""


@dataclass(frozen=True, slots=True)
class _Figure:
    """An amount at token `at` with its metric, its subject and the rule that found the subject."""

    at: int
    amount: Amount
    metric: str
    about: ClusterId
    rule: str
    cue: Hit | None


def find_observations(
    document: Document,
    sentences: Sequence[Span],
    clusters: Sequence[Cluster],
    anaphora: Iterable[tuple[Span, ClusterId]] = (),
) -> list[Observation]:
    """Figures of a document as observations, sorted by evidence, then by place in the text.

    sentences: sorted and disjoint. anaphora: nouns and pronouns (`its`, `the company`) with the cluster they stand for.
    """
    marks = find_marks(clusters, anaphora)
    types = {cluster.id: cluster.type for cluster in clusters}
    mentions = {cluster.id: len(cluster.mentions) for cluster in clusters}
    found: list[Observation] = []
    read: deque[Sentence] = deque(maxlen=_EARLIER)
    for span, inside in split_marks(_pieces(document.text, sentences), marks):
        before = Scene(read[-1] if read else Sentence(span, (), (), ()), types, tuple(read), mentions)
        sentence = read_sentence(document, span, _settle_opening(document, span, inside, before))
        figures = _figures(replace(before, sentence=sentence))
        found += [_observation(document, sentence, figure) for figure in figures]
        read.append(sentence)
    return found


def _pieces(text: str, sentences: Sequence[Span]) -> list[Span]:
    """The sentences; one beyond the length of a sentence (a table without full stops) is cut at white space."""
    pieces: list[Span] = []
    for span in sentences:
        start = span.start
        while span.end - start > _LONGEST_SENTENCE:
            cut = text.rfind(" ", start + 1, start + _LONGEST_SENTENCE)
            cut = cut if cut > start else start + _LONGEST_SENTENCE
            pieces.append(Span(start, cut))
            start = cut
        pieces.append(Span(start, span.end))
    return pieces


def merge_observations(rule_based: Iterable[Observation], model_based: Iterable[Observation]) -> list[Observation]:
    """Union of two readings of one document, sorted by evidence: for each figure the reading of the higher confidence.

    Two observations read one figure when evidence, unit and size are the same. Where both readings agree on metric and
    subject they count as independent witnesses (noisy or); of equal confidence the rule-based reading stays.
    """
    chosen: dict[tuple[int, str, str], list[Observation]] = defaultdict(list)
    for observation in rule_based:
        chosen[_figure_key(observation)].append(observation)
    for observation in model_based:
        known = chosen[_figure_key(observation)]
        same = [k for k, o in enumerate(known) if (o.about, o.metric) == (observation.about, observation.metric)]
        if same:
            doubt = (1 - known[same[0]].confidence) * (1 - observation.confidence)
            known[same[0]] = replace(known[same[0]], confidence=1 - doubt)
        elif all(observation.confidence > o.confidence for o in known):
            known[:] = [observation]
    return sorted(
        (o for group in chosen.values() for o in group), key=lambda o: (o.evidence, o.metric, o.value, o.about)
    )


def _figure_key(observation: Observation) -> tuple[int, str, str]:
    return observation.evidence.start, observation.unit, str(abs(observation.value))


def _settle_opening(document: Document, span: Span, inside: list[Mark], scene: Scene) -> list[Mark]:
    """The marks of a sentence, where the phrase or pronoun that opens it stands for what was spoken of before.

    `The Arlington-based company` is a body, `The car` a product, `It` either. scene: that of the sentence before.
    """
    text = document.text
    match = _OPENING.match(text, span.start, span.end)
    if match is None:
        return inside
    covered = [mark for mark in inside if mark[0] < match.end(1)]
    for start, _, cluster in covered:
        if start > match.start(1) and text[start].isupper() and scene.types[cluster] is not EntityType.PLACE:
            return inside
    wanted = THINGS if match["pronoun"] else frozenset({EntityType.PRODUCT}) if match["product"] else BODIES
    if covered and not match["pronoun"]:
        return inside
    topic = (find_subject_of(scene, wanted) if match["pronoun"] else None) or find_topic(scene, wanted)
    return inside if topic is None else [(match.start(1), match.end(1), topic), *inside[len(covered) :]]


def _figures(scene: Scene) -> list[_Figure]:
    """Figures of one sentence: each amount by its own cue; then ends of ranges and ellipses after the figure before."""
    tokens = scene.sentence.tokens
    figures: dict[int, _Figure] = {}
    places = [i for i, token in enumerate(tokens) if token.amount is not None]
    for order, at in enumerate(places):
        before = figures.get(places[order - 1]) if order else None
        figure = _echo(scene, at, before) or _measure(scene, at)
        if figure is not None:
            figures[at] = figure
    return [figures[at] for at in sorted(figures)]


def _echo(scene: Scene, at: int, before: _Figure | None) -> _Figure | None:
    """The figure at `at` where it only repeats the one before: the other end of a range, or `vs. Y's $1B`."""
    tokens, amount = scene.sentence.tokens, scene.sentence.tokens[at].amount
    if before is None or amount is None or before.amount.unit != amount.unit:
        return None
    between = tokens[before.at + 1 : bare_start(tokens, at)]
    words = [token.low for token in between]
    if unit_kind(amount) == "money" and words in _FORMER_LEVEL:
        return replace(before, at=at, amount=amount, rule="echo")
    is_elsewhere = before.metric == "employees" and not amount.noun and words[-1:] == ["and"]
    if is_elsewhere or (len(words) == 1 and words[0] in _JOINERS):
        return replace(before, at=at, amount=amount)
    rival = _rival(between)
    if rival is None or amount.noun not in {"", before.amount.noun}:
        return None
    if before.metric == "deal_value":
        return replace(before, at=at, amount=amount)
    fits = scene.types[rival] in SUBJECT_TYPES.get(before.metric, THINGS)
    return replace(before, at=at, amount=amount, about=rival, rule="echo") if fits else None


def _rival(between: Sequence[Token]) -> ClusterId | None:
    """The only name between two figures (`revenue vs. Y's`), when it stands right before the second."""
    names = [i for i, token in enumerate(between) if token.cluster is not None]
    if len(names) != 1 or len(between) > _LONGEST_ECHO or any(t.amount is not None for t in between):
        return None
    before = [t.low for t in between[: names[0]] if t.low != "."]
    after = [t.low for t in between[names[0] + 1 :]]
    return between[names[0]].cluster if before[-1:] and before[-1] in _RIVALS and set(after) <= _RANKED else None


def _measure(scene: Scene, at: int) -> _Figure | None:
    """The figure at token `at`, when a cue says what it measures and the text says of whom.

    Cues are tried from the cheapest on; one of metric `none` ends the search.
    """
    tokens, amount = scene.sentence.tokens, scene.sentence.tokens[at].amount
    if amount is None or _is_change(tokens, at):
        return None
    for hit in ranked_cues(scene.sentence, at):
        if hit.cue.metric == "none" or _is_hypothetical(tokens, min(hit.start, at)):
            return None
        found = find_subject(scene, at, hit)
        if found is not None:
            rule = found[1] if found[1] in {"earlier", "deal", "portion"} or _is_named(tokens, found[0]) else "inferred"
            # An anaphor as what is bought was right in 1 of 9 figures of the newsroom set.
            if (hit.cue.subject, rule) == ("bought", "inferred"):
                return None
            return _Figure(at, amount, _metric(scene, at, hit), found[0], rule, hit)
        if hit.cue.metric == "share_price":
            return None
    priced = find_priced(scene, at) if unit_kind(amount) == "money" else None
    return None if priced is None else _Figure(at, amount, "price", priced, "object", None)


def _is_named(tokens: Sequence[Token], cluster: ClusterId) -> bool:
    return any(token.named and token.cluster == cluster for token in tokens)


def _metric(scene: Scene, at: int, hit: Hit) -> str:
    """The metric of the cue, but for money raised `at $6.6bn`: a valuation."""
    is_valuation = hit.cue.metric == "funding" and _is_level(scene.sentence.tokens, at, hit)
    return "valuation" if is_valuation else hit.cue.metric


def _is_level(tokens: Sequence[Token], at: int, hit: Hit) -> bool:
    """Whether money is raised `at $6.6bn`: the worth of the company, not the sum."""
    start = bare_start(tokens, at)
    return hit.end <= start and start > 0 and tokens[start - 1].low == "at" and hit.cue.phrase[0] not in _CLOSING


def _is_change(tokens: Sequence[Token], at: int) -> bool:
    start = bare_start(tokens, at)
    before = tokens[start - 1].low if start else ""
    after = tokens[at + 1].low if at + 1 < len(tokens) else ""
    return before == "by" or after in _CHANGES


def _is_hypothetical(tokens: Sequence[Token], at: int) -> bool:
    return any(token.low in _HYPOTHETICAL for token in tokens[max(0, at - 5) : at])


def _observation(document: Document, sentence: Sentence, figure: _Figure) -> Observation:
    amount, metric = figure.amount, figure.metric
    start, end = sentence.span.start, sentence.span.end
    return Observation(
        about=figure.about,
        metric=_METRICS[metric] if metric in _METRICS else Metric(metric),
        value=-amount.value if metric == "loss" else amount.value,
        unit=amount.unit,
        confidence=_CONFIDENCE[figure.rule],
        evidence=Evidence(document.id, start, end, document.text[start:end]),
        observed_on=_date_of(sentence, figure),
        qualifier=_qualifier(sentence, figure),
    )


def _date_of(sentence: Sentence, figure: _Figure) -> str | None:
    """The only date of the sentence, or the one that follows the amount within a few words."""
    if len(sentence.dates) == 1 and sum(t.amount is not None for t in sentence.tokens) == 1:
        return sentence.dates[0].iso
    following = sentence.tokens[figure.at + 1 : figure.at + 6]
    for token in following:
        if token.amount is not None or token.low in _STOPPERS or token.low == "from":
            return None
        for found in sentence.dates:
            if found.start <= token.start < found.end:
                return found.iso
    return None


def _qualifier(sentence: Sentence, figure: _Figure) -> str | None:
    """Bounding words of the amount and the words near it that colour it (`annualized`, `Series B`), joined by `; `."""
    near = sentence.tokens[max(0, figure.at - 6) : figure.at + 7]
    words = [figure.amount.qualifier or "", *(token.low for token in near if token.low in _COLOURS)]
    if figure.metric == "funding":
        words += [f"Series {b.low.upper()}" for a, b in pairwise(near) if a.low == "series" and len(b.low) == 1]
    return "; ".join(dict.fromkeys(word for word in words if word)) or None


def split_marks(sentences: Sequence[Span], marks: Sequence[Mark]) -> Iterator[tuple[Span, list[Mark]]]:
    """Each sentence with the marks inside it, in one pass over both."""
    k = 0
    for span in sentences:
        while k < len(marks) and marks[k][0] < span.start:
            k += 1
        inside = []
        while k < len(marks) and marks[k][0] < span.end:
            inside.append(marks[k])
            k += 1
        yield span, inside


def find_marks(clusters: Sequence[Cluster], anaphora: Iterable[tuple[Span, ClusterId]]) -> list[Mark]:
    """Names and anaphora as disjoint (start, end, cluster), sorted; a name wins over an anaphor that it overlaps."""
    names = sorted((m.start, m.end, cluster.id) for cluster in clusters for m in cluster.mentions)
    pronouns = {(span.start, span.end, cluster) for span, cluster in anaphora}
    kept: list[Mark] = []
    for mark in sorted(
        [*((m, 0) for m in names), *((m, 1) for m in pronouns)], key=lambda pair: (pair[0][0], pair[1], pair[0])
    ):
        if not kept or mark[0][0] >= kept[-1][1]:
            kept.append(mark[0])
        elif mark[1] == 0 and kept[-1] in pronouns:
            kept[-1] = mark[0]
    return kept
