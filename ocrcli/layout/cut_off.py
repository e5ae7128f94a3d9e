"""Detect rows that are cut off: by the frame of the photo, or by a sheet that lies over half of them.

Letters end at different heights, above and below. Where a straight edge cuts a row, nearly all of its marks end at that
edge, and none beyond it; and the row is lower than others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks
from ocrcli.layout.baselines import Row

Floats = NDArray[np.float64]
Counts = NDArray[np.intp]

NEAR_EDGE = 1.0
"""Maximum distance in pixels of the end of a mark from an edge that cuts it; letters have an x-height of some 24."""

STEEPEST_EDGE = 0.1
"""Maximum slope (dy/dx) of an edge; rows are level, and rarely is a picture cropped otherwise."""

TOUCH_CUT, TOUCH_WHOLE = 0.9, 0.25
"""Probabilities that a mark ends at the edge that touches most marks of its row: in a row that is cut off, and in a
whole row."""

ALIGNED = 0.02
"""Probability that the letters of a whole row end at one line as in a row that is cut off, below or above, and that
they do so on both sides: printed letters, or capitals between guide lines."""

LOW = 0.7
"""Largest height of a row that is cut off, relative to the highest row of the page."""

SHARED = 0.6
"""Minimum share of the marks of a row that touch the edge of the page, for its marks to count together with those of
other rows there."""


def evidence(rows: Sequence[Row], marks: Marks) -> Floats:
    """(n,) evidence in nats that each row is cut off: log-likelihood ratio, at least 0, of its marks at an edge.

    The first two marks at an edge define it, and are no evidence. Rows along one edge of the writing on the page,
    such as the pieces of one line that the frame cuts, are judged together.

    Args:
        rows: The rows.
        marks: Marks of the page.
    """
    found = np.zeros(len(rows))
    if not rows:
        return found
    sizes = np.array([len(row.marks) for row in rows])
    starts = np.cumsum(sizes) - sizes
    boxes = marks.boxes[np.concatenate([row.marks for row in rows])].astype(float)
    x, sides = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 3], -boxes[:, 1])
    heights = np.array([bottom - top for _, top, _, bottom in (row.box(marks) for row in rows)])
    low = heights <= LOW * heights.max()
    own = [np.array([_touching(x[a : a + n], ends[a : a + n]).sum() for a, n in zip(starts, sizes, strict=True)])
           for ends in sides]  # fmt: skip
    for ends, touching, opposite in zip(sides, own, own[::-1], strict=True):
        found = np.maximum(found, _ratio(touching, opposite, sizes))
        at_edge = np.add.reduceat(_touching(x, ends).astype(int), starts)
        along = low & (at_edge >= SHARED * sizes)
        if along.any():
            together = _ratio(*(values[along].sum(keepdims=True) for values in (at_edge, opposite, sizes)))
            found[along] = np.maximum(found[along], together)
    return np.where(low, found, 0.0)


def _ratio(touching: Counts, opposite: Counts, marks: Counts) -> Floats:
    """(n,) log-likelihood ratio in nats of rows that are cut off to whole ones, at least 0.

    Args:
        touching: (n,) how many marks end at the edge.
        opposite: (n,) how many end at one line on the other side.
        marks: (n,) how many there are.
    """
    here, there = (
        np.maximum(ends - 2, 0) * np.log(TOUCH_CUT / TOUCH_WHOLE)
        + (marks - ends) * np.log((1 - TOUCH_CUT) / (1 - TOUCH_WHOLE))
        for ends in (touching, opposite)
    )
    aligned = np.log(ALIGNED)
    cut_off = here + np.logaddexp(np.log1p(-ALIGNED), aligned + there)
    whole = np.logaddexp(np.log1p(-2 * ALIGNED), aligned + np.logaddexp(here, here + there))
    return np.maximum(cut_off - whole, 0.0)


def _touching(x: Floats, ends: Floats) -> NDArray[np.bool_]:
    """(n,) which marks end at the edge that touches most of them and lies beyond all others.

    Args:
        x: (n,) middles of the marks.
        ends: (n,) how far they reach in the direction of the edge.
    """
    best = np.zeros(len(x), bool)
    corners = _hull(x, ends)
    for first, second in pairwise(corners):
        slope = (ends[second] - ends[first]) / (x[second] - x[first])
        if abs(slope) <= STEEPEST_EDGE:
            touching = np.abs(ends - ends[first] - slope * (x - x[first])) <= NEAR_EDGE
            best = max(best, touching, key=np.count_nonzero)
    return best


def _hull(x: Floats, ends: Floats) -> list[int]:
    """Indices of the corners of the convex hull on the side of the larger `ends`, from left to right.

    Andrew 1979, "Another efficient algorithm for convex hulls in two dimensions".
    """
    corners: list[int] = []
    for index in np.lexsort((ends, x)).tolist():
        while corners and x[corners[-1]] == x[index]:
            corners.pop()
        while len(corners) > 1:
            a, b = corners[-2:]
            if (x[b] - x[a]) * (ends[index] - ends[a]) < (ends[b] - ends[a]) * (x[index] - x[a]):
                break
            corners.pop()
        corners.append(index)
    return corners
