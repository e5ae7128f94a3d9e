"""Strokes that the page model has broken are made whole again.

The page model has learnt that straight thin lines are rulings, margins and frames, and takes the middle out of a long
stem now and then, or a tail: `plum` becomes `pium`, `by` becomes `bv`. What it took is dark, narrow, short, and hangs
on what it left, as no ruling does: those are long, or pale beside the pen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import measured
from ocrcli.imaging.runs import components_of, dilated, runs_holding, runs_of

LOST_WIDTH, LOST_HEIGHT = 0.35, 0.75
"""X-heights of a lost piece's width and height at most. Of .3, .35 and .5, and of .75, 1 and 1.5, chosen, as
DARK_PERCENT, on
all development pages; of seven choices tried together six were better than none, the widest and tallest was not."""

DARK_PERCENT = 65
"""Percent of the ink left that is as dark as a lost piece at most. Of 50, 55, 65, 75 and 80."""

LEAST_HEIGHT = 3
"""Pixels of a lost piece's height: less is the edge of a stroke."""


def restore_strokes(mask: NDArray[np.bool_], flat: NDArray[np.uint8], x_height: float) -> NDArray[np.bool_]:
    """Ink with the pieces of its strokes that were lost.

    Args:
        mask: (h, w) bool, ink that the page model left.
        flat: (h, w) uint8, dark ink on white paper, with all that is on the page.
        x_height: Of the page's letters in pixels.

    Returns:
        (h, w) bool.
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
