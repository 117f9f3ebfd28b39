"""Scales and temperatures of the reader, fitted on held-out documents with the names that the pipeline finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.pieces import NAME_TAGS
from kg.reader import N_PREDICATES, PAIR_LABELS, STATUSES, Reader, load_reader
from kg.records import Metric
from training.judged import FLOOR, judged_pairs, pipeline_for, read
from training.notation import Json
from training.prepare import to_example
from training.statistics import fit_platt
from training.windows import IGNORED, name_tags

PLACE_BIAS = 1.0
"""Added to the tags of Place: a place is scored only as a seat, so a missed one costs more than a spurious one."""
TEMPERATURES = np.arange(0.7, 2.6, 0.1)
IDENTITY: Json = {
    "scale": [1.0] * len(PAIR_LABELS),
    "shift": [0.0] * len(PAIR_LABELS),
    "status_temperature": 1.0,
    "tag_temperature": 1.0,
    "tag_bias": [PLACE_BIAS if tag.endswith("-Place") else 0.0 for tag in NAME_TAGS],
}


def calibrate(weights: Path, documents: Sequence[Json]) -> Json:
    """Platt scaling of all predicates and of all metrics, and the temperatures of statuses and tags.

    weights: of a reader without calibration (IDENTITY).
    """
    nlp = pipeline_for(weights, kg_pairs__min_pair_score=FLOOR)
    judged = [j for d in documents for j in judged_pairs(read(nlp, d), d)]
    metrics = {m.value for m in Metric}
    scale, shift = np.ones(len(PAIR_LABELS)), np.zeros(len(PAIR_LABELS))
    for part, kept in ((slice(0, N_PREDICATES), False), (slice(N_PREDICATES, None), True)):
        rows = [j for j in judged if (j.label in metrics) == kept]
        scale[part], shift[part] = fit_platt(
            np.array([j.probability for j in rows]), np.array([j.is_right for j in rows])
        )
    moods = [(np.log(np.array(j.chances) + 1e-6), STATUSES.index(j.wanted)) for j in judged if j.wanted]
    return IDENTITY | {
        "scale": scale.round(4).tolist(),
        "shift": shift.round(4).tolist(),
        "status_temperature": _temperature(np.array([m for m, _ in moods]), np.array([w for _, w in moods])),
        "tag_temperature": _temperature(*_tag_logits(load_reader(weights), documents)),
    }


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
