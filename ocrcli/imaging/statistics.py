"""Statistics of values that do not count alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def weighted_quantiles(values: NDArray[Any], weights: NDArray[Any], *shares: float) -> NDArray[Any]:
    """The smallest values up to which at least given shares of all weight lie.

    Args:
        values: (n,), one at least.
        weights: (n,) how much each counts, none below 0.
        shares: From 0 to 1.

    Returns:
        (shares,) some of the values.

    Examples:
        >>> weighted_quantiles(np.array([9, 1, 2]), np.array([8, 1, 1]), 0.1, 0.5).tolist()
        [1, 9]
    """
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return values[order[np.searchsorted(below, np.array(shares) * below[-1])]]
