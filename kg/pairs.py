"""Stage 5. The reader's opinion on pairs: spaCy component `kg_pairs`.

In: clusters, anaphora, amounts and `doc._.reading`. Out: `doc._.scored_pairs` (two clusters, a predicate) and
`doc._.scored_figures` (a cluster, an amount, a metric), each with a probability in [0, 1] and the sentence that carries
it. Only what the types of records.SIGNATURES allow is asked. A pipeline without the shipped reader leaves both empty.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.amounts import Amount, find_amounts
from kg.pieces import Ints
from kg.reader import PairScore, Reading
from kg.records import Cluster, ClusterId, EntityType, Metric, Predicate, Status, can_link
from kg.sentences import body_sentences

Doc.set_extension("amounts", default=(), force=True)
Doc.set_extension("scored_pairs", default=(), force=True)
Doc.set_extension("scored_figures", default=(), force=True)

Tokens = tuple[int, int]
METRICS = frozenset(m.value for m in Metric)
MAX_SENTENCES_APART = 3
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
    """Where each cluster, by its number, stands: token spans in the reader's numbering.

    named: its names. by_sentence: its names, nouns and pronouns by body sentence. present: numbers of the clusters of
    each body sentence, sorted. breaks: sentences with page chrome before them, over which no evidence reaches.
    """

    named: list[list[Tokens]]
    by_sentence: list[dict[int, list[Tokens]]]
    present: list[Ints]
    breaks: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Figure:
    """An amount, where it stands in the reader's numbering, and its body sentence."""

    amount: Amount
    tokens: Tokens
    sentence: int


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the reader says of pairs of clusters, and of a cluster and a figure.

    grounds: of the sentences that a pair shares, when it is shown one alone, the strongest for each label: (subject,
    object) -> label -> (probability, -sentence).
    """

    pairs: list[PairScore]
    figures: list[PairScore]
    grounds: dict[tuple[int, int], dict[str, tuple[float, int]]]


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
        places, clusters = _places(doc, sentences, number_of), doc._.clusters
        figures = list(_figures(doc, sentences, number_of))
        answers = _ask(reading, places, clusters, figures, self.min_pair_score)
        doc._.scored_pairs = tuple(self._scored_pairs(places, clusters, answers))
        doc._.scored_figures = tuple(self._scored_figures(clusters, figures, answers.figures))
        return doc

    def _scored_pairs(self, places: _Places, clusters: Sequence[Cluster], answers: _Answers) -> Iterator[ScoredPair]:
        for score in answers.pairs:
            subject, object_ = clusters[score.subject], clusters[score.object]
            for predicate in Predicate:
                probability = score.probability.get(predicate.value, -1.0)
                if probability < self.min_pair_score or not can_link(predicate, subject.type, object_.type):
                    continue
                first, last = _ground(places, answers, score, predicate)
                status = score.status.get(predicate.value, {})
                if places.breaks.isdisjoint(range(first + 1, last + 1)):
                    yield ScoredPair(subject.id, predicate, object_.id, probability, status, first, last)

    def _scored_figures(
        self, clusters: Sequence[Cluster], figures: Sequence[_Figure], scores: Iterable[PairScore]
    ) -> Iterator[ScoredFigure]:
        for score in scores:
            figure = figures[score.object - len(clusters)]
            for label, probability in sorted(score.probability.items()):
                if label in METRICS and probability >= self.min_pair_score:
                    about = clusters[score.subject].id
                    yield ScoredFigure(about, Metric(label), figure.amount, probability, figure.sentence)


_UNMEASURED = frozenset({EntityType.PLACE, EntityType.PERSON})


_ALLOWED = np.array([[any(can_link(p, a, b) for p in Predicate) for b in EntityType] for a in EntityType])
"""Whether some predicate takes a subject and an object of two types, by their numbers."""


def _ask(
    reading: Reading, places: _Places, clusters: Sequence[Cluster], figures: Sequence[_Figure], least: float
) -> _Answers:
    """All that is asked of one text, in one call: the reader passes through a long text once for it.

    So the sentences in which a pair stands are asked about before it is known which pairs will need it. There are few:
    on news, two for every hundred pairs. Answers that no label lifts to `least` are not kept.
    """
    pairs = _near_pairs(places, clusters)
    shared = _shared_sentences(places, pairs)
    shown = len(clusters) + len(figures)
    shows = np.arange(shown, shown + 2 * len(shared)).reshape(-1, 2)
    nodes = [*places.named, *([figure.tokens] for figure in figures)]
    nodes += [places.by_sentence[end][n] for subject, object_, n in shared for end in (subject, object_)]
    asked = np.concatenate([pairs, _figure_pairs(places, clusters, figures), shows])
    answers = _Answers([], [], {})
    for score in reading.score_pairs(nodes, asked):
        if score.subject >= shown:
            subject, object_, sentence = shared[(score.subject - shown) // 2]
            strongest = answers.grounds.setdefault((subject, object_), {})
            for label, probability in score.probability.items():
                strongest[label] = max(strongest.get(label, (0.0, 0)), (probability, -sentence))
        elif max(score.probability.values()) >= least:
            (answers.pairs if score.object < len(clusters) else answers.figures).append(score)
    return answers


def _places(doc: Doc, sentences: Sequence[Span], number_of: NDArray[np.int32]) -> _Places:
    starts = [s.start for s in sentences]
    cluster_of = {c.id: number for number, c in enumerate(doc._.clusters)}
    named: list[list[Tokens]] = [[] for _ in cluster_of]
    by_sentence: list[dict[int, list[Tokens]]] = [{} for _ in cluster_of]
    present: list[set[int]] = [set() for _ in sentences]
    for group, is_name in (("clusters", True), ("anaphora", False)):
        for span in doc.spans[group]:
            tokens = _renumber(span.start, span.end, number_of)
            sentence = bisect_right(starts, span.start) - 1
            if tokens is None or sentence < 0 or span.start >= sentences[sentence].end:
                continue
            cluster = cluster_of[ClusterId(span.label_)]
            by_sentence[cluster].setdefault(sentence, []).append(tokens)
            present[sentence].add(cluster)
            if is_name:
                named[cluster].append(tokens)
    whole = doc.text
    between = (whole[a.end_char : b.start_char] for a, b in pairwise(sentences))
    breaks = frozenset(n for n, text in enumerate(between, start=1) if not text.isspace() and text)
    return _Places(named, by_sentence, [np.array(sorted(here), dtype=np.int64) for here in present], breaks)


def _renumber(start: int, end: int, number_of: NDArray[np.int32]) -> Tokens | None:
    inside = [n for n in number_of[start:end].tolist() if n >= 0]
    return (inside[0], inside[-1] + 1) if inside else None


def _figures(doc: Doc, sentences: Sequence[Span], number_of: NDArray[np.int32]) -> Iterator[_Figure]:
    starts = [s.start_char for s in sentences]
    for amount in doc._.amounts:
        span = doc.char_span(amount.start, amount.end, alignment_mode="expand")
        tokens = _renumber(span.start, span.end, number_of) if span is not None else None
        if tokens is not None:
            yield _Figure(amount, tokens, bisect_right(starts, amount.start) - 1)


def _figure_pairs(places: _Places, clusters: Sequence[Cluster], figures: Sequence[_Figure]) -> Ints:
    """Pairs of a cluster and a figure (numbered behind the clusters) that stands at most MAX_SENTENCES_APART behind."""
    measured = {i for i, c in enumerate(clusters) if places.named[i] and c.type not in _UNMEASURED}
    pairs = sorted(
        (cluster, len(clusters) + number)
        for number, figure in enumerate(figures)
        for cluster in measured.intersection(_around(places, figure.sentence, 0))
    )
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _around(places: _Places, sentence: int, after: int) -> list[int]:
    """Clusters of a sentence, of the MAX_SENTENCES_APART before it and of the `after` behind it."""
    near = places.present[max(0, sentence - MAX_SENTENCES_APART) : sentence + after + 1]
    return np.unique(np.concatenate(near)).tolist() if near else []


def _near_pairs(places: _Places, clusters: Sequence[Cluster]) -> Ints:
    """Ordered pairs of clusters that stand, by name or otherwise, at most MAX_SENTENCES_APART from each other.

    Of those only the ones that some predicate allows, and that have names. Rows of subject and object, sorted.
    """
    size = max(len(clusters), 1)
    stands = (
        np.add.outer(here * size, np.array(_around(places, n, MAX_SENTENCES_APART), dtype=np.int64)).ravel()
        for n, here in enumerate(places.present)
        if len(here)
    )
    subjects, objects = np.divmod(np.unique(np.concatenate([np.empty(0, dtype=np.int64), *stands])), size)
    types = np.array([list(EntityType).index(c.type) for c in clusters])
    is_named = np.array([bool(spans) for spans in places.named])
    kept = (subjects != objects) & is_named[subjects] & is_named[objects] & _ALLOWED[types[subjects], types[objects]]
    return np.stack([subjects[kept], objects[kept]], axis=1)


def _shared_sentences(places: _Places, pairs: Ints) -> list[tuple[int, int, int]]:
    """Subject, object and sentence, for the pairs that share several sentences."""
    found = []
    for subject, object_ in pairs.tolist():
        shared = places.by_sentence[subject].keys() & places.by_sentence[object_].keys()
        if len(shared) > 1:
            found += [(subject, object_, n) for n in sorted(shared)]
    return found


def _ground(places: _Places, answers: _Answers, score: PairScore, predicate: Predicate) -> tuple[int, int]:
    """The first and last sentence that carry a pair.

    Where both stand in several sentences, the one that the reader finds the strongest ground when it is shown their
    mentions there alone; where they share none, the shortest stretch from one to the other.
    """
    here, there = places.by_sentence[score.subject], places.by_sentence[score.object]
    shared = here.keys() & there.keys()
    if not shared:
        return _stretch(here, there)

    first = (0.0, -min(shared))
    strongest = answers.grounds.get((score.subject, score.object), {}).get(predicate.value, first)
    return -strongest[1], -strongest[1]


def _stretch(here: Iterable[int], there: Iterable[int]) -> tuple[int, int]:
    """The nearest two of two sets of sentences, in order of the text; the first of equals."""
    few, many = sorted((sorted(here), sorted(there)), key=len)
    places = ((a, bisect_right(many, a)) for a in few)
    near = ((a, b) for a, at in places for b in many[max(0, at - 1) : at + 1])
    _, first, last = min((abs(a - b), min(a, b), max(a, b)) for a, b in near)
    return first, last
