"""Calibration: how far confidences are from the share of answers that is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error in bins of equal width (Naeini et al. 2015, "Obtaining well calibrated").

    Args:
        confidence: (n,) 0 to 1.
        right: (n,) whether each answer is right.
        bins: How many.

    Returns:
        Mean gap between confidence and accuracy, weighted by the answers of each bin; 0 where there are none.
    """
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(place, right - confidence, bins)
    return float(np.abs(gaps).sum() / max(1, len(confidence)))
