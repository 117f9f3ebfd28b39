"""Stage 5. The reader's opinion on pairs: spaCy component `kg_pairs`.

In: clusters, anaphora, amounts and `doc._.reading`. Out: `doc._.scored_pairs` (two clusters, a predicate) and
`doc._.scored_figures` (a cluster, an amount, a metric), each with a probability in [0, 1] and the sentence that carries
it. Only what the types of records.SIGNATURES allow is asked. A pipeline without the shipped reader leaves both empty.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.amounts import Amount, find_amounts
from kg.reader import PairScore, Reading
from kg.records import SIGNATURES, Cluster, ClusterId, EntityType, Metric, Predicate, Status
from kg.sentences import body_sentences

Doc.set_extension("amounts", default=(), force=True)
Doc.set_extension("scored_pairs", default=(), force=True)
Doc.set_extension("scored_figures", default=(), force=True)

Tokens = tuple[int, int]
METRICS = frozenset(m.value for m in Metric)
MAX_SENTENCES_APART = 2
"""Sentences between two mentions that one piece of evidence may still span."""


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """What the reader makes of one ordered pair of clusters; first and last are numbers of body sentences,
    inclusive.
    """

    subject: ClusterId
    predicate: Predicate
    object: ClusterId
    probability: float
    status: Mapping[Status, float]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ScoredFigure:
    """What the reader makes of one figure: the cluster that it measures, and what it measures."""

    about: ClusterId
    metric: Metric
    amount: Amount
    probability: float
    sentence: int


@dataclass(frozen=True, slots=True)
class _Places:
    """Where each cluster stands: token spans in the reader's numbering, by body sentence.

    breaks: sentences with page chrome before them, over which no evidence reaches.
    """

    by_sentence: dict[ClusterId, dict[int, list[Tokens]]]
    named: dict[ClusterId, list[Tokens]]
    breaks: frozenset[int]


@Language.factory("kg_pairs", requires=["doc._.clusters"], default_config={"min_pair_score": 0.2})
class PairScorer:
    """Scores pairs of clusters, and of clusters and amounts, with the reading that kg_mentions left.

    min_pair_score: pairs below this probability in [0, 1] are not kept.
    """

    def __init__(self, nlp: Language, name: str, min_pair_score: float) -> None:  # noqa: ARG002  # spaCy's signature
        self.min_pair_score = min_pair_score

    def __call__(self, doc: Doc) -> Doc:
        sentences = body_sentences(doc)
        text = doc.text  # put together anew at each call
        doc._.amounts = tuple(a for s in sentences for a in find_amounts(text, s.start_char, s.end_char))
        if doc._.reading is None or not doc._.clusters:
            return doc
        reading, number_of = doc._.reading
        places = _places(doc, sentences, number_of)
        doc._.scored_pairs = tuple(self._score_clusters(reading, places, doc._.clusters))
        doc._.scored_figures = tuple(self._score_figures(reading, places, doc, number_of))
        return doc

    def _score_clusters(self, reading: Reading, places: _Places, clusters: Sequence[Cluster]) -> list[ScoredPair]:
        nodes = [places.named[c.id] for c in clusters]
        number = {c.id: i for i, c in enumerate(clusters)}
        near = sorted((number[a], number[b]) for a, b in _neighbours(places))
        pairs = [(i, j) for i, j in near if nodes[i] and nodes[j] and _allowed(clusters[i].type, clusters[j].type)]
        found = [
            (predicate, clusters[score.subject], clusters[score.object], score)
            for score in reading.score_pairs(nodes, pairs, floor=self.min_pair_score)
            for predicate in Predicate
            if score.probability.get(predicate.value, -1.0) >= self.min_pair_score
            and _fits(predicate, clusters[score.subject].type, clusters[score.object].type)
        ]
        grounds = _grounds(reading, places, [(predicate, a.id, b.id) for predicate, a, b, _ in found])
        return [
            ScoredPair(a.id, p, b.id, score.probability[p.value], score.status.get(p.value, {}), *ground)
            for (p, a, b, score), ground in zip(found, grounds, strict=True)
            if places.breaks.isdisjoint(range(ground[0] + 1, ground[1] + 1))
        ]

    def _score_figures(
        self, reading: Reading, places: _Places, doc: Doc, number_of: Mapping[int, int]
    ) -> Iterable[ScoredFigure]:
        starts = [s.start_char for s in body_sentences(doc)]
        amounts = [(a, span) for a in doc._.amounts if (span := _token_span(doc, a, number_of)) is not None]
        sentence_of = [bisect_right(starts, a.start) - 1 for a, _ in amounts]
        clusters = [c for c in doc._.clusters if places.named[c.id] and c.type not in _UNMEASURED]
        nodes = [places.named[c.id] for c in clusters] + [[span] for _, span in amounts]
        number = {c.id: i for i, c in enumerate(clusters)}
        present = _present(places)
        pairs = sorted(
            (number[c], len(clusters) + j)
            for j, at in enumerate(sentence_of)
            for c in {c for n in range(at - MAX_SENTENCES_APART, at + 1) for c in present.get(n, ())} & number.keys()
        )
        for score in reading.score_pairs(nodes, pairs):
            figure = score.object - len(clusters)
            for label, probability in sorted(score.probability.items()):
                if label in METRICS and probability >= self.min_pair_score:
                    about, amount = clusters[score.subject].id, amounts[figure][0]
                    yield ScoredFigure(about, Metric(label), amount, probability, sentence_of[figure])


_UNMEASURED = frozenset({EntityType.PLACE, EntityType.PERSON})


def _allowed(a: EntityType, b: EntityType) -> bool:
    return any(_fits(p, a, b) for p in Predicate)


def _fits(predicate: Predicate, a: EntityType, b: EntityType) -> bool:
    domain, range_ = SIGNATURES[predicate]
    return a in domain and b in range_


def _places(doc: Doc, sentences: Sequence[Span], number_of: Mapping[int, int]) -> _Places:
    sentence_of = {i: n for n, s in enumerate(sentences) for i in range(s.start, s.end)}
    by_sentence: dict[ClusterId, dict[int, list[Tokens]]] = defaultdict(lambda: defaultdict(list))
    named: dict[ClusterId, list[Tokens]] = defaultdict(list)
    for group, is_name in (("clusters", True), ("anaphora", False)):
        for span in doc.spans[group]:
            tokens = _renumber(span.start, span.end, number_of)
            if tokens is None or span.start not in sentence_of:
                continue
            by_sentence[ClusterId(span.label_)][sentence_of[span.start]].append(tokens)
            if is_name:
                named[ClusterId(span.label_)].append(tokens)
    whole = doc.text
    between = (whole[a.end_char : b.start_char] for a, b in pairwise(sentences))
    breaks = frozenset(n for n, text in enumerate(between, start=1) if not text.isspace() and text)
    return _Places(by_sentence, named, breaks)


def _renumber(start: int, end: int, number_of: Mapping[int, int]) -> Tokens | None:
    inside = [number_of[i] for i in range(start, end) if i in number_of]
    return (inside[0], inside[-1] + 1) if inside else None


def _token_span(doc: Doc, amount: Amount, number_of: Mapping[int, int]) -> Tokens | None:
    span = doc.char_span(amount.start, amount.end, alignment_mode="expand")
    return _renumber(span.start, span.end, number_of) if span is not None else None


def _present(places: _Places) -> dict[int, set[ClusterId]]:
    """The clusters that stand in each sentence, by name or otherwise."""
    present: dict[int, set[ClusterId]] = defaultdict(set)
    for cluster, sentences in places.by_sentence.items():
        for n in sentences:
            present[n].add(cluster)
    return present


def _neighbours(places: _Places) -> set[tuple[ClusterId, ClusterId]]:
    """Ordered pairs of clusters that stand, by name or otherwise, at most MAX_SENTENCES_APART from each other."""
    present = _present(places)
    return {
        (a, b)
        for n, here in present.items()
        for step in range(-MAX_SENTENCES_APART, MAX_SENTENCES_APART + 1)
        for a in here
        for b in present.get(n + step, ())
        if a != b
    }


def _grounds(
    reading: Reading, places: _Places, triples: Sequence[tuple[Predicate, ClusterId, ClusterId]]
) -> list[tuple[int, int]]:
    """For each triple the first and last sentence that carry it.

    Where both stand in several sentences, the one that the reader finds the strongest ground when it is shown their
    mentions there alone; where they share none, the shortest stretch from one to the other.
    """
    choices = [sorted(places.by_sentence[s].keys() & places.by_sentence[o].keys()) for _, s, o in triples]
    asked = [(t, n) for t, shared in enumerate(choices) if len(shared) > 1 for n in shared]
    nodes = [places.by_sentence[end][n] for t, n in asked for end in triples[t][1:]]
    strength: dict[tuple[int, int], float] = {}
    for score in reading.score_pairs(nodes, [(2 * i, 2 * i + 1) for i in range(len(asked))]):
        t, n = asked[score.subject // 2]
        strength[t, n] = _probability(score, triples[t][0])
    grounds = []
    for t, (_, subject, object_) in enumerate(triples):
        if choices[t]:
            best = max(choices[t], key=lambda n: (strength.get((t, n), 0.0), -n))
            grounds.append((best, best))
        else:
            grounds.append(_stretch(places.by_sentence[subject], places.by_sentence[object_]))
    return grounds


def _stretch(here: Iterable[int], there: Iterable[int]) -> tuple[int, int]:
    _, first, last = min((abs(a - b), min(a, b), max(a, b)) for a in here for b in there)
    return first, last


def _probability(score: PairScore, predicate: Predicate) -> float:
    return score.probability.get(predicate.value, 0.0)
