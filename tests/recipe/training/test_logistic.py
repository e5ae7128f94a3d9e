"""Logistic regression: what was put in comes out, and the penalty draws it where it should."""

from __future__ import annotations

import numpy as np
import pytest

from models.recipe.training.logistic import logistic_regression


def drawn(count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    x = np.column_stack([rng.normal(0, 1, count), np.ones(count)])
    return x, rng.random(count) < 1 / (1 + np.exp(-(1.5 * x[:, 0] - 0.5)))


def test_the_weights_are_found() -> None:
    assert logistic_regression(*drawn(), np.full(2, 1e-3)) == pytest.approx([1.5, -0.5], abs=0.08)


def test_a_penalty_draws_to_a_point() -> None:
    x, y = drawn(500)
    near = logistic_regression(x, y, np.full(2, 1e6), towards=np.array([1.0, 0.0]))
    assert near == pytest.approx([1.0, 0.0], abs=0.01)
    assert logistic_regression(x, y, np.full(2, 1e6)) == pytest.approx([0.0, 0.0], abs=0.01)


def test_samples_count_as_often_as_they_are_said_to() -> None:
    x, y = drawn(300)
    twice = logistic_regression(np.concatenate([x, x[:100]]), np.concatenate([y, y[:100]]), np.full(2, 0.5))
    counts = np.where(np.arange(300) < 100, 2.0, 1.0)
    assert logistic_regression(x, y, np.full(2, 0.5), counts=counts) == pytest.approx(twice)
