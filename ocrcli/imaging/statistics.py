"""Weighted quantiles, and log-odds."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray


def weighted_quantiles(values: NDArray[Any], weights: NDArray[Any], *shares: float) -> NDArray[Any]:
    """Weighted quantiles: the smallest values up to which at least the given shares of the total weight lie.

    Args:
        values: (n,), at least one.
        weights: (n,) weights, 0 or more.
        shares: The quantiles, from 0 to 1.

    Returns:
        (number of shares,) the quantiles, each one of `values`.

    Examples:
        >>> weighted_quantiles(np.array([9, 1, 2]), np.array([8, 1, 1]), 0.1, 0.5).tolist()
        [1, 9]
    """
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return values[order[np.searchsorted(below, np.array(shares) * below[-1])]]


def log_odds(p: float, extreme: float) -> float:
    """Log-odds of a probability.

    Args:
        p: The probability.
        extreme: It is clipped to this distance from 0 and 1.

    Examples:
        >>> log_odds(0.5, 0.01), round(log_odds(0.0, 0.01), 2)
        (0.0, -4.6)
    """
    p = min(max(p, extreme), 1 - extreme)
    return log(p / (1 - p))
