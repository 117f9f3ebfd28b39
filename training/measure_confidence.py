"""How far the confidence of claims can be trusted, on held-out documents; fits the numbers that pipeline.cfg takes.

    python -m training.measure_confidence               calibration, thresholds and errors, as text
    python -m training.measure_confidence --picture     and kg/weights/risk_coverage.svg

The calibration error (ECE, ten bins of equal width) is printed as it is, and as it would be after a Platt scaling
fitted on the other half of the documents: where that gains nothing, the claims need none.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.reader import WEIGHTS
from kg.records import Predicate
from training.judged import Judged, judged_claims, pipeline_for, read
from training.prepare import annotated, split
from training.statistics import Floats, calibration_error, fit_platt, sigmoid

PRECISION_LEAN = 0.8
"""Beta of the F measure that the thresholds maximise; below 1 leans to precision."""
BORROWED = 150.0
"""Weight, in annotated links, of all predicates together beside a predicate's own in the choice of its threshold."""
GRID = np.round(np.arange(0.2, 0.81, 0.05), 2)
PICTURE = WEIGHTS / "risk_coverage.svg"


def crossed(claims: Sequence[Judged]) -> Floats:
    """Calibrated confidence of each claim, with numbers fitted on the documents of the other half."""
    half = np.array([hashlib.sha256(c.document.encode()).digest()[1] % 2 for c in claims])
    probability, right = _arrays(claims)
    out = np.zeros_like(probability)
    for side in (0, 1):
        out[half == side] = sigmoid(
            probability[half == side], *fit_platt(probability[half != side], right[half != side])
        )
    return out


def _arrays(claims: Sequence[Judged]) -> tuple[Floats, NDArray[np.bool_]]:
    return np.array([c.probability for c in claims]), np.array([c.is_right for c in claims])


def choose_thresholds(claims: Sequence[Judged], confidence: Floats, wanted: dict[str, int]) -> dict[str, float]:
    """For each predicate the threshold with the best F measure, its own counts joined by a share of all."""
    right = np.array([c.is_right for c in claims])
    label = np.array([c.label for c in claims])
    total = sum(wanted.values())
    shared = BORROWED / total * _counts(confidence, right, total)
    return {
        p.value: float(GRID[_f_measure(shared + _counts(confidence[own], right[own], wanted.get(p.value, 0))).argmax()])
        for p in Predicate
        for own in [label == p.value]
    }


def _counts(confidence: Floats, right: NDArray[np.bool_], wanted: int) -> Floats:
    """Right claims, claims and annotated links, one column a threshold of GRID."""
    kept = confidence[None, :] >= GRID[:, None]
    return np.array([(kept & right).sum(1), kept.sum(1), [wanted] * len(GRID)], dtype=float)


def _f_measure(counts: Floats) -> Floats:
    hits, found, wanted = counts
    square = PRECISION_LEAN**2
    return np.asarray((1 + square) * hits / (square * wanted + found + 1e-9))


def draw(confidence: Floats, right: NDArray[np.bool_], wanted: int, file: Path) -> None:
    """The risk-coverage curve: share of wrong claims against the share of annotated links found, by confidence."""
    from matplotlib import rcParams  # noqa: PLC0415  # only the picture needs the `train` extra
    from matplotlib.figure import Figure  # noqa: PLC0415

    rcParams["svg.hashsalt"] = "tracegraph"
    order = np.argsort(-confidence, kind="stable")
    found, hits = np.arange(1, len(order) + 1), np.cumsum(right[order])
    figure = Figure(figsize=(6, 4))
    axes = figure.subplots()
    axes.plot(100 * hits / wanted, 100 * (1 - hits / found), color="#1f4e79")
    for threshold in (0.3, 0.5, 0.7, 0.9):
        at = int((confidence >= threshold).sum()) - 1
        if at >= 0:
            place = (100 * hits[at] / wanted, 100 * (1 - hits[at] / found[at]))
            axes.plot(*place, "o", color="#c55a11")
            axes.annotate(f"{threshold:g}", place, textcoords="offset points", xytext=(6, -10))
    axes.set(xlabel="coverage: annotated links found (%)", ylabel="risk: claims that are wrong (%)", ylim=(0, None))
    axes.set_title("Claims on held-out documents, by least confidence")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None, "Creator": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--picture", action="store_true", help=f"write {PICTURE}")
    args = parser.parse_args()
    documents = split(annotated(args.data))[1]
    plain: dict[str, Any] = {"kg_claims__thresholds": {}, "kg_claims__actual_margin": 0.0}
    nlp = pipeline_for(kg_pairs__min_pair_score=0.05, kg_claims__default_threshold=0.05, **plain)
    claims = [claim for d in documents for claim in judged_claims(read(nlp, d), d)]
    wanted = {p.value: 0 for p in Predicate}
    for triple in {(d["id"], r["subject"], r["predicate"], r["object"]) for d in documents for r in d["relations"]}:
        wanted[triple[2]] += 1
    probability, right = _arrays(claims)
    print(f"{len(claims)} claims of {len(documents)} documents")
    print(f"ECE as proposed {calibration_error(probability, right):.3f}, ", end="")
    print(f"calibrated on the other half {calibration_error(crossed(claims), right):.3f}")
    for threshold in GRID:
        kept = probability >= threshold
        hits = int((kept & right).sum())
        precision, recall = hits / max(1, kept.sum()), hits / sum(wanted.values())
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"at {threshold:.2f}: P {100 * precision:.1f} R {100 * recall:.1f} F1 {100 * f1:.1f}")
    for label, threshold in choose_thresholds(claims, probability, wanted).items():
        print(f"{label} = {threshold:g}")
    if args.picture:
        draw(probability, right, sum(wanted.values()), PICTURE)


if __name__ == "__main__":
    main()
