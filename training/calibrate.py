"""Scales, temperatures and thresholds, fitted on held-out documents with the names that the reader finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from kg.amounts import Amount
from kg.pieces import NAME_TAGS
from kg.reader import N_PREDICATES, PAIR_LABELS, STATUSES, Reader
from kg.records import Metric, Predicate
from training.evaluate import Found, cells, read_document
from training.prepare import Json, to_example
from training.windows import IGNORED, name_tags

PLACE_BIAS = 1.0
"""Added to the tags of Place: a place is scored only as a seat, so a missed one costs more than a spurious one."""
PRECISION_LEAN = 0.8
"""Beta of the F measure that the thresholds maximise; below 1 leans to precision."""
BORROWED = 15.0
"""Weight, in gold links, of all labels together beside the label's own in the choice of its threshold."""
GRID = np.round(np.arange(0.2, 0.86, 0.02), 2)
TEMPERATURES = np.arange(0.7, 2.6, 0.1)
IDENTITY: Json = {
    "scale": [1.0] * len(PAIR_LABELS),
    "shift": [0.0] * len(PAIR_LABELS),
    "status_temperature": 1.0,
    "tag_temperature": 1.0,
    "tag_bias": [PLACE_BIAS if tag.endswith("-Place") else 0.0 for tag in NAME_TAGS],
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One scored cell. is_right: gold holds it. wanted: gold's status. chances: of STATUSES, for predicates."""

    label: str
    probability: float
    is_right: bool
    wanted: str | None
    chances: tuple[float, ...]


def judge(found: Found, gold: Json, scorer: ModuleType) -> Iterator[Judged]:
    """All cells of a document, those left out that count neither way."""
    predicted = [
        {"id": str(i), "name": forms[0], "type": kind.value, "aliases": forms}
        for i, (forms, kind) in enumerate(zip(found.forms, found.types, strict=True))
    ]
    name = scorer.match_entities(gold["entities"], predicted)
    required, neutral = scorer.settled(gold["relations"])
    table = {(s.subject, s.object): s for s in found.scores}
    for s, o, label, probability, status in cells(found):
        if status is None:
            amount = found.amounts[o - len(found.types)]
            yield Judged(label, probability, _is_observed(amount, name.get(str(s)), label, gold), None, ())
            continue
        key = scorer.triple({"subject": str(s), "predicate": label, "object": str(o)}, lambda i: name.get(i, "?" + i))
        if key not in neutral:
            chances = tuple(table[s, o].status[label][kind] for kind in STATUSES)
            yield Judged(label, probability, key in required, min(required.get(key, {""})) or None, chances)


def _is_observed(amount: Amount, about: str | None, metric: str, gold: Json) -> bool:
    return any(
        (o["subject"], o["metric"], o["unit"]) == (about, metric, amount.unit)
        and abs(abs(float(o["value"])) - abs(float(amount.value))) <= 0.01 * abs(float(o["value"]))
        for o in gold["observations"]
    )


def calibrate(reader: Reader, documents: Sequence[Json], scorer: ModuleType) -> Json:
    """Platt scaling of all predicates and of all metrics, and the temperatures of statuses and tags.

    reader: without calibration (IDENTITY).
    """
    judged = [j for d in documents for j in judge(read_document(reader, d["text"], floor=1e-4), d, scorer)]
    metrics = {m.value for m in Metric}
    scale, shift = np.ones(len(PAIR_LABELS)), np.zeros(len(PAIR_LABELS))
    for part, kept in ((slice(0, N_PREDICATES), False), (slice(N_PREDICATES, None), True)):
        rows = [j for j in judged if (j.label in metrics) == kept]
        scale[part], shift[part] = fit_platt(
            np.array([j.probability for j in rows]), np.array([j.is_right for j in rows])
        )
    moods = [(np.log(np.array(j.chances) + 1e-6), STATUSES.index(j.wanted)) for j in judged if j.is_right and j.wanted]
    return IDENTITY | {
        "scale": scale.round(4).tolist(),
        "shift": shift.round(4).tolist(),
        "status_temperature": _temperature(np.array([m for m, _ in moods]), np.array([w for _, w in moods])),
        "tag_temperature": _temperature(*_tag_logits(reader, documents)),
    }


def fit_platt(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Scale and shift of the logit with the highest likelihood (Newton's method, steps of length 1 at most)."""
    p = np.clip(probabilities, 1e-6, 1 - 1e-6)
    x = np.stack([np.log(p / (1 - p)), np.ones_like(p)], axis=1)
    weights = np.array([1.0, 0.0])
    for _ in range(60):
        mean = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (right - mean) - 1e-3 * (weights - [1.0, 0.0])
        curve = (x * (mean * (1 - mean))[:, None]).T @ x + 1e-3 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        weights = weights + step / max(1.0, float(np.linalg.norm(step)))
    return float(weights[0]), float(weights[1])


def _temperature(logits: NDArray[np.float64], wanted: NDArray[np.int64]) -> float:
    """The temperature under which the wanted classes are most likely."""

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        return float((np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(wanted)), wanted]).mean())

    return round(float(min(TEMPERATURES, key=loss)), 2)


def _tag_logits(reader: Reader, documents: Sequence[Json]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    logits, tags = [], []
    for document in documents:
        example = to_example(document)
        wanted = name_tags(example)
        kept = wanted != IGNORED
        logits.append(reader.read(example.tokens, [0]).tag_logits()[kept, : len(NAME_TAGS)])
        tags.append(wanted[kept])
    return np.concatenate(logits), np.concatenate(tags)


def choose_thresholds(reader: Reader, documents: Sequence[Json], scorer: ModuleType) -> dict[str, float]:
    """For each label the threshold with the best F measure, its own counts joined by a share of its family's."""
    judged = [j for d in documents for j in judge(read_document(reader, d["text"]), d, scorer)]
    wanted = _wanted(documents)
    out = {}
    for family in ([p.value for p in Predicate], [m.value for m in Metric]):
        rows = [j for j in judged if j.label in family]
        total = max(1, sum(wanted.get(label, 0) for label in family))
        shared = BORROWED / total * _counts(rows, total)
        for label in family:
            own = _counts([j for j in rows if j.label == label], wanted.get(label, 0))
            out[label] = float(GRID[_f_measure(own + shared).argmax()])
    return out


def _wanted(documents: Sequence[Json]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for document in documents:
        triples = {(r["subject"], r["predicate"], r["object"]) for r in document["relations"]}
        for label in [p for _, p, _ in triples] + [o["metric"] for o in document["observations"]]:
            counts[label] = counts.get(label, 0) + 1
    return counts


def _counts(rows: Sequence[Judged], wanted: int) -> NDArray[np.float64]:
    """True positives, predictions and gold links, one column a threshold of GRID."""
    p = np.array([j.probability for j in rows])
    right = np.array([j.is_right for j in rows], dtype=bool)
    hits = [(right & (p >= t)).sum() for t in GRID]
    return np.array([hits, [(p >= t).sum() for t in GRID], [wanted] * len(GRID)], dtype=float)


def _f_measure(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    hits, found, wanted = counts
    square = PRECISION_LEAN**2
    return np.asarray((1 + square) * hits / (square * wanted + found + 1e-9))
