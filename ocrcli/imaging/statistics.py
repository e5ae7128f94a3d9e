"""Weighted quantiles."""

from __future__ import annotations

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
