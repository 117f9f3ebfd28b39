"""Numbers of the trade: Platt scaling and calibration error. No torch here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 10
Floats = NDArray[np.float64]


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


def sigmoid(probability: Floats, scale: float, shift: float) -> Floats:
    """The probabilities with their logits scaled and shifted."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(1 / (1 + np.exp(-(scale * np.log(p / (1 - p)) + shift))))


def calibration_error(probability: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error (Naeini et al. 2015): mean gap between confidence and accuracy over BINS bins."""
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = [abs(probability[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in set(place)]
    return float(sum(gaps))
