"""training/statistics: what makes scores probabilities, and how far they are from it."""

from __future__ import annotations

import numpy as np
import pytest

from training.statistics import calibration_error, fit_platt, sigmoid


def test_fit_platt_finds_the_scale_and_shift_that_made_the_outcomes() -> None:
    random = np.random.default_rng(3)
    raw = random.uniform(0.02, 0.98, 20_000)
    right = random.uniform(size=20_000) < sigmoid(raw, 0.5, -1.0)
    assert fit_platt(raw, right) == (pytest.approx(0.5, abs=0.05), pytest.approx(-1.0, abs=0.05))


def test_fit_platt_of_calibrated_scores_changes_nothing() -> None:
    random = np.random.default_rng(4)
    raw = random.uniform(0.02, 0.98, 20_000)
    assert fit_platt(raw, random.uniform(size=20_000) < raw) == (
        pytest.approx(1.0, abs=0.05),
        pytest.approx(0, abs=0.05),
    )


def test_sigmoid_with_scale_one_and_no_shift_is_the_identity() -> None:
    assert sigmoid(np.array([0.1, 0.5, 0.9]), 1.0, 0.0) == pytest.approx([0.1, 0.5, 0.9])


def test_calibration_error_is_the_mean_gap_over_the_bins() -> None:
    confidence = np.array([0.95, 0.95, 0.15, 0.15])
    right = np.array([True, False, False, False])
    assert calibration_error(confidence, right) == pytest.approx(0.5 * (0.95 - 0.5) + 0.5 * 0.15)


def test_calibration_error_of_certainty_that_is_right_is_zero() -> None:
    assert calibration_error(np.array([1.0, 0.0]), np.array([True, False])) == 0
