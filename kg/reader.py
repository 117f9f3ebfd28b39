"""The shipped model at run time: tokens in; scored name spans, then scored pairs of nodes, out. No torch.

One encoder (MiniLM, 6 layers, int8) passes once over each window; everything is read off it: tags for names and
positions, and, by the small graph `pairs.onnx`, the links between any two nodes that the caller names. A text longer
than a window is read in windows that overlap and end at sentence ends: nothing is cut off. training/ makes the weights;
kg/weights/CARD.md says what they are worth.

Pairs after Zhou et al. 2021 (ATLOP): a node is the log-sum-exp of its mentions, a pair also sees what both nodes
attend to in the last layer (localized context), and a grouped bilinear form scores each label.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnxruntime

from kg.errors import ExtractionError
from kg.pieces import (
    CLS,
    NAME_TAGS,
    ROLE_TAGS,
    SEP,
    Floats,
    Ints,
    Pieces,
    Window,
    cut_pieces,
    decode_tags,
    distance_bucket,
    load_tokenizer,
    plan_windows,
)
from kg.records import Metric, Predicate, Status

WEIGHTS = Path(__file__).parent / "weights"
PAIR_LABELS = (*(p.value for p in Predicate), *(m.value for m in Metric))
N_PREDICATES = len(Predicate)
STATUSES = tuple(Status)
KEPT_WINDOWS = 256
"""Windows whose states stay in memory (0.9 MB each as shipped): about 25,000 words. Of a longer text the others are
encoded a second time when pairs ask for them: the states of a million words are 9 GB, more than may go to any disk.
"""
LENGTH_A_WINDOW = 40
"""One window fewer is kept for so many of the text, whose tokens need the memory: none of a million words."""
PAIR_BLOCK = 256
"""Pairs scored in one go: bounds memory at about 40 MB."""


@dataclass(frozen=True, slots=True, order=True)
class NameSpan:
    """Tokens `[start, end)` that name something; label is an EntityType value or `Role`; probability in [0, 1]."""

    start: int
    end: int
    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class PairScore:
    """What the model makes of one ordered pair of nodes, numbered as in the call.

    probability: predicate or metric value -> calibrated probability in [0, 1]; labels below the floor of the call are
    left out. status: predicate value -> distribution over Status, for each predicate in `probability`.
    """

    subject: int
    object: int
    probability: Mapping[str, float]
    status: Mapping[str, Mapping[Status, float]]


@dataclass(frozen=True, slots=True)
class _States:
    """The encoder's output for one window, one row a piece, `[CLS]` and `[SEP]` left out of nothing.

    hidden: last layer. query, key: its projections, heads side by side. tags: logits of NAME_TAGS then ROLE_TAGS.
    """

    hidden: Floats
    query: Floats
    key: Floats
    tags: Floats


@dataclass(frozen=True, slots=True)
class _Spans:
    """Spans of nodes: rows of node, start, end, sorted; the same rows by start, and those starts."""

    rows: Ints
    by_start: Ints
    starts: Ints

    @classmethod
    def of(cls, rows: Ints) -> _Spans:
        by_start = np.argsort(rows[:, 1], kind="stable")
        return cls(rows, by_start, rows[by_start, 1])

    def inside(self, window: Window) -> Ints:
        """The rows that lie in a window, sorted."""
        low, high = np.searchsorted(self.starts, [window.start, window.end])
        chosen = np.sort(self.by_start[low:high])
        found: Ints = self.rows[chosen[self.rows[chosen, 2] <= window.end]]
        return found


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Pairs of nodes: rows of subject and object; their numbers by subject, and those subjects."""

    pairs: Ints
    by_subject: Ints
    subjects: Ints

    @classmethod
    def of(cls, pairs: Ints) -> _Wanted:
        by_subject = np.argsort(pairs[:, 0], kind="stable")
        return cls(pairs, by_subject, pairs[by_subject, 0])

    def among(self, nodes: Ints) -> Ints:
        """Numbers of the pairs of two different ones of `nodes` (sorted), sorted."""
        bounds = zip(np.searchsorted(self.subjects, nodes), np.searchsorted(self.subjects, nodes, "right"), strict=True)
        rows = np.concatenate([np.empty(0, dtype=np.int64), *(self.by_subject[low:high] for low, high in bounds)])
        subjects, objects = self.pairs[rows].T
        return np.sort(rows[np.isin(objects, nodes) & (subjects != objects)])


@dataclass(frozen=True, slots=True)
class _Labels:
    """Labels of pairs, one row each: row of the pair, number of the label, probability, distribution of STATUSES."""

    row: Ints
    label: Ints
    score: Floats
    statuses: Floats


@dataclass(frozen=True, slots=True)
class _Mentions:
    """The mentions of a window's nodes, sorted by node; one row a mention.

    first, last: piece of its first and last token in the window. start: its first token. bounds: where each node's rows
    begin.
    """

    first: Ints
    last: Ints
    start: Ints
    bounds: Ints


def _softmax(logits: Floats) -> Floats:
    powers: Floats = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _logistic(logits: Floats) -> Floats:
    """Probabilities; beyond 30 either way a logit is as good as certain, and a float32 power would overflow."""
    chances: Floats = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return chances


def _nearest(mentions: _Mentions) -> Ints:
    """Signed distance in tokens from each node to each other, between their nearest mentions; [node, node]."""
    gaps = mentions.start[None, :] - mentions.start[:, None]
    ranks = 2 * np.abs(gaps) + (gaps > 0)
    ranks = np.minimum.reduceat(np.minimum.reduceat(ranks, mentions.bounds, axis=0), mentions.bounds, axis=1)
    return np.where(ranks % 2 == 1, ranks // 2, -(ranks // 2)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Calibration:
    """Platt's scale and shift of each label's logit; temperatures; what is added to the tags of a label of a name."""

    scale: Floats
    shift: Floats
    status_temperature: float
    tag_temperature: float
    tag_bias: Floats


class Reader:
    """The model, loaded once. Reading the same tokens gives the same bytes, whatever was read before."""

    def __init__(self, folder: Path, threads: int, max_pieces: int | None = None) -> None:
        plan = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        if plan["name_tags"] != list(NAME_TAGS) or plan["pair_labels"] != list(PAIR_LABELS):
            raise ExtractionError(f"{folder}: the weights were trained for other labels; export them again")
        self._encoder = _session(folder / "encoder.onnx", threads)
        self._pairs = _session(folder / "pairs.onnx", threads)
        self._tokenizer = load_tokenizer(folder / "tokenizer.json")
        self.max_pieces = min(max_pieces or plan["max_pieces"], plan["max_pieces"])
        self.overlap = min(int(plan["overlap"]), self.max_pieces // 3)
        self.calibration = _calibration(plan["calibration"])

    def read(self, text_tokens: Sequence[str], sentence_starts: Sequence[int]) -> Reading:
        """Encode a text. sentence_starts: first token of each sentence, sorted; only used to place the windows."""
        return Reading(self, cut_pieces(self._tokenizer, text_tokens), sentence_starts)

    def encode(self, ids: Ints, shapes: Ints) -> _States:
        """The encoder's output for the pieces of one window."""
        feeds = {
            "ids": np.concatenate([[CLS], ids, [SEP]]),
            "shapes": np.concatenate([[0], shapes, [0]]),
        }
        return _States(*self._encoder.run(["hidden", "query", "key", "tags"], feeds))

    def score(self, states: _States, mentions: _Mentions, pairs: Ints) -> Iterator[tuple[slice, Floats, Floats]]:
        """Blocks of rows of `pairs`, with logits [pair, label] and [pair, predicate, status]."""
        nearest = _nearest(mentions)
        owners = np.searchsorted(mentions.bounds, np.arange(len(mentions.start)), side="right") - 1
        feeds = {
            "hidden": states.hidden,
            "query": states.query[mentions.first],
            "key": states.key,
            "first": mentions.first,
            "last": mentions.last,
            "pool": (owners[None, :] == np.arange(len(nearest))[:, None]).astype(np.float32),
        }
        for at in range(0, len(pairs), PAIR_BLOCK):
            rows = slice(at, at + PAIR_BLOCK)
            left, right = np.ascontiguousarray(pairs[rows].T)
            block = {"subjects": left, "objects": right, "distances": distance_bucket(nearest[left, right])}
            labels, statuses = self._pairs.run(["labels", "statuses"], feeds | block)
            yield rows, labels, statuses


def _session(file: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(file.read_bytes(), options, providers=["CPUExecutionProvider"])


def load_reader(folder: Path | None = None, *, threads: int = 1, max_pieces: int | None = None) -> Reader:
    """The reader of a folder of weights, by default the shipped one.

    threads: cores that it may use. max_pieces: word pieces of a window, where fewer than those it was trained with.
    Raises ExtractionError where a file is missing or fits other labels.
    """
    try:
        return Reader(folder or WEIGHTS, threads, max_pieces)
    except (OSError, KeyError, json.JSONDecodeError) as err:
        raise ExtractionError(f"{folder or WEIGHTS} holds no readable weights: {err}") from err


def _calibration(plan: Mapping[str, object]) -> _Calibration:
    numbers = {name: np.array(plan[name], dtype=np.float32) for name in ("scale", "shift", "tag_bias")}
    temperatures = (float(str(plan["status_temperature"])), float(str(plan["tag_temperature"])))
    return _Calibration(numbers["scale"], numbers["shift"], *temperatures, numbers["tag_bias"])


class Reading:
    """One text, read: its names, and scores for any pairs of nodes in it."""

    def __init__(self, reader: Reader, pieces: Pieces, sentence_starts: Sequence[int]) -> None:
        self._reader, self._pieces = reader, pieces
        self.windows = tuple(plan_windows(pieces.first, sentence_starts, reader.max_pieces, reader.overlap))
        self._n_kept = KEPT_WINDOWS - len(self.windows) // LENGTH_A_WINDOW
        self._kept: dict[int, _States] = {}
        self.names = self._find_names()

    def score_pairs(
        self,
        nodes: Sequence[Sequence[tuple[int, int]]],
        pairs: Sequence[tuple[int, int]] | Ints,
        *,
        floor: float = 0.02,
    ) -> Iterator[PairScore]:
        """Scores of the ordered pairs that fit into a common window, in the order of `pairs`.

        nodes: token spans `[start, end)` of each node: a cluster's names, or one amount. pairs: (subject, object),
        numbers of nodes. A label takes its highest probability over the windows, with the statuses of that window; a
        pair without a label of at least `floor` is left out. One pass over the windows, whatever the number of pairs,
        after which no window is kept: a second call encodes all again.
        Raises ExtractionError for a span that is empty or outside the text.
        """
        spans = _Spans.of(self._check_spans(nodes))
        wanted = _Wanted.of(np.asarray(pairs, dtype=np.int64).reshape(-1, 2))
        found: list[_Labels] = []
        for number in range(len(self.windows)):
            found += self._window_labels(number, spans, wanted, floor)
            self._kept.pop(number, None)
        return _pair_scores(wanted.pairs, found)

    def _check_spans(self, nodes: Sequence[Sequence[tuple[int, int]]]) -> Ints:
        """Rows of node, start, end, sorted."""
        lengths = np.array([len(spans) for spans in nodes], dtype=np.int64)
        owners = np.repeat(np.arange(len(nodes)), lengths)
        bounds = np.array([span for spans in nodes for span in spans], dtype=np.int64).reshape(-1, 2)
        order = np.lexsort((bounds[:, 1], bounds[:, 0], owners))
        spans = np.column_stack((owners, bounds))[order]
        bad = (spans[:, 1] < 0) | (spans[:, 2] <= spans[:, 1]) | (spans[:, 2] >= len(self._pieces.first))
        if bad.any():
            raise ExtractionError(f"span {spans[bad][0, 1:].tolist()} does not lie in the text: give token spans of it")
        return spans

    def _window_labels(self, number: int, spans: _Spans, wanted: _Wanted, floor: float) -> Iterator[_Labels]:
        """The labels of at least `floor` of the pairs that stand in one window, in blocks."""
        window, calibration = self.windows[number], self._reader.calibration
        inside = spans.inside(window)
        nodes, bounds = np.unique(inside[:, 0], return_index=True)
        rows = wanted.among(nodes)
        if not len(rows):
            return
        shift = self._pieces.first[window.start] - 1
        first = self._pieces.first[inside[:, 1]] - shift
        last = self._pieces.first[inside[:, 2] - 1] - shift
        mentions = _Mentions(first, last, inside[:, 1], bounds)
        pairs = np.searchsorted(nodes, wanted.pairs[rows])
        for block, logits, moods in self._reader.score(self._states(number), mentions, pairs):
            scores = _logistic(logits * calibration.scale + calibration.shift)
            row, label = np.nonzero(scores >= floor)
            mood = moods[row, np.minimum(label, N_PREDICATES - 1)]  # a metric has none: that of any label in its place
            statuses = _softmax(mood / calibration.status_temperature)
            yield _Labels(rows[block][row], label, scores[row, label], statuses)

    def _states(self, number: int) -> _States:
        """The encoder's output for a window: kept for the first ones, computed again for the others."""
        if number in self._kept:
            return self._kept[number]
        window = self.windows[number]
        cut = slice(self._pieces.first[window.start], self._pieces.first[window.end])
        states = self._reader.encode(self._pieces.ids[cut], self._pieces.shapes[cut])
        if number < self._n_kept:
            self._kept[number] = states
        return states

    def _find_names(self) -> tuple[NameSpan, ...]:
        logits = self.tag_logits()  # 0.1 GB of a million words
        calibration = self._reader.calibration
        names, roles = logits[:, : len(NAME_TAGS)], logits[:, len(NAME_TAGS) :]
        names += calibration.tag_bias
        spans = [*_name_spans(names, NAME_TAGS, calibration), *_name_spans(roles, ROLE_TAGS, calibration)]
        return tuple(sorted(spans))

    def tag_logits(self) -> Floats:
        """Uncalibrated logits of NAME_TAGS then ROLE_TAGS, one row a token.

        A token is read in the window where it stands furthest from an edge.
        """
        n_tokens = len(self._pieces.first) - 1
        logits = np.zeros((n_tokens, len(NAME_TAGS) + len(ROLE_TAGS)), dtype=np.float32)
        depth = np.full(n_tokens, -1)
        for number, window in enumerate(self.windows):
            tokens = np.arange(window.start, window.end)
            before = tokens - window.start if window.start else np.full(len(tokens), n_tokens)
            after = window.end - 1 - tokens if window.end < n_tokens else np.full(len(tokens), n_tokens)
            here = np.minimum(before, after)
            better = tokens[here > depth[tokens]]
            depth[tokens] = np.maximum(depth[tokens], here)
            piece = self._pieces.first[better] - self._pieces.first[window.start] + 1
            logits[better] = self._states(number).tags[piece]
        return logits


def _name_spans(logits: Floats, tags: Sequence[str], calibration: _Calibration) -> list[NameSpan]:
    columns = {label: [i for i, tag in enumerate(tags) if tag[2:] == label] for label in {tag[2:] for tag in tags}}
    spans = []
    for start, end, label in decode_tags(logits, tags):
        chances = _softmax(logits[start:end] / np.float32(calibration.tag_temperature))
        sure = float(chances[:, columns[label]].sum(axis=1).min())
        spans.append(NameSpan(start, end, label, round(sure, 4)))
    return spans


def _pair_scores(wanted: Ints, found: Sequence[_Labels]) -> Iterator[PairScore]:
    """One PairScore for each pair with labels; of a label in several windows the surest, then the first, is taken."""
    if not found:
        return
    row, label = np.concatenate([f.row for f in found]), np.concatenate([f.label for f in found])
    score, statuses = np.concatenate([f.score for f in found]), np.concatenate([f.statuses for f in found])
    order = np.lexsort((-score, label, row))
    is_best = np.ones(len(order), dtype=bool)
    is_best[1:] = (np.diff(row[order]) != 0) | (np.diff(label[order]) != 0)
    best = order[is_best]
    ends = np.flatnonzero(np.diff(row[best], append=-1)) + 1
    for start, end in pairwise([0, *ends.tolist()]):
        of_pair = best[start:end]
        subject, object_ = wanted[row[of_pair[0]]].tolist()
        probability = {PAIR_LABELS[label[i]]: round(float(score[i]), 4) for i in of_pair}
        status = {
            PAIR_LABELS[label[i]]: MappingProxyType(
                {s: round(float(p), 4) for s, p in zip(STATUSES, statuses[i], strict=True)}
            )
            for i in of_pair
            if label[i] < N_PREDICATES
        }
        yield PairScore(subject, object_, MappingProxyType(probability), MappingProxyType(status))
