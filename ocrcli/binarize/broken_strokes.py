"""Restore parts of strokes that the page model has removed.

The page model has learnt that straight thin lines are rulings, margins and frames, and sometimes removes the middle of
a long stem, or a tail: `plum` becomes `pium`, `by` becomes `bv`. Such a lost piece is dark, narrow and short, and it is
connected to ink that was kept. A ruling is not: it is long, or paler than the pen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import measured
from ocrcli.imaging.runs import components_of, dilated, runs_holding, runs_of

LOST_WIDTH, LOST_HEIGHT = 0.35, 0.75
"""Largest width and height of a lost piece, in x-heights. Chosen among .3, .35 and .5, and among .75, 1 and 1.5, as
DARK_PERCENT was, on all development pages. Of seven combinations that were tried, six were better than restoring
nothing; the one with the largest width and height was not."""

DARK_PERCENT = 65
"""A lost piece is at least as dark as this percentile of the grey levels of the ink that was kept. Chosen among 50, 55,
65, 75 and 80."""

LEAST_HEIGHT = 3
"""Smallest height of a lost piece in pixels; what is lower is the edge of a stroke."""


def restore_strokes(mask: NDArray[np.bool_], flat: NDArray[np.uint8], x_height: float) -> NDArray[np.bool_]:
    """Add lost pieces of strokes to an ink mask.

    Args:
        mask: (h, w) bool, ink that the page model kept.
        flat: (h, w) uint8, dark ink on white paper, with everything that is on the page.
        x_height: X-height of the page in pixels.

    Returns:
        (h, w) bool, the mask with the lost pieces.
    """
    if not mask.any():
        return mask
    dark = (flat <= np.percentile(flat[mask], DARK_PERCENT)) & ~mask
    lost = runs_of(dark)
    component = components_of(lost)
    boxes, _ = measured(lost, component)
    wide, high = (boxes[:, 2:] - boxes[:, :2]).T
    hanging = np.zeros(len(boxes), bool)
    hanging[component[runs_holding(lost, np.flatnonzero(dilated(dilated(mask)) & dark))]] = True
    small = (wide <= LOST_WIDTH * x_height) & (high <= LOST_HEIGHT * x_height)
    part = hanging & small & (high >= np.maximum(wide, LEAST_HEIGHT))
    return mask | dilated(lost.keep(part[component]).mask())
