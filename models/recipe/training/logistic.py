"""Logistic regression, for the small models that are fitted and not trained."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ROUNDS = 30
"""Of Newton's method, which needs about ten."""

Floats = NDArray[np.float64]


def logistic_regression(
    x: Floats, y: NDArray[Any], penalty: Floats, counts: Floats | None = None, towards: Floats | None = None
) -> Floats:
    """Fit by Newton's method, with a ridge penalty.

    Args:
        x: (n, k) features; a column of ones for the bias.
        y: (n,) 0 or 1.
        penalty: (k,) of each squared weight.
        counts: (n,) how much each sample counts; None for one each.
        towards: (k,) what the penalty draws the weights to; None for zero.

    Returns:
        (k,) weights.
    """
    each = np.ones(len(x)) if counts is None else counts
    start = np.zeros(x.shape[1]) if towards is None else towards
    weights = start.copy()
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (each * (y - p)) - penalty * (weights - start)
        curve = (x * (each * p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        weights = weights + np.linalg.solve(curve, slope)
    return weights
