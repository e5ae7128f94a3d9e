"""Detect rows that are cut off: by the frame of the photo, or by a sheet that lies over half of them.

Letters end at different heights, above and below. Where a straight edge cuts a row, nearly all of its marks end at that
edge, and none beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks
from ocrcli.layout.baselines import Row

Floats = NDArray[np.float64]

NEAR_EDGE = 1.0
"""Maximum distance in pixels of the end of a mark from an edge that cuts it; letters have an x-height of some 24."""

STEEPEST_EDGE = 0.1
"""Maximum slope (dy/dx) of an edge; rows are level, and rarely is a picture cropped otherwise."""

TOUCH_CUT, TOUCH_WHOLE = 0.9, 0.25
"""Probabilities that a mark ends at the edge that touches most marks of its row: in a row that is cut off, and in a
whole row."""

ALIGNED = 0.02
"""Probability that all letters of a whole row end at one line as in a row that is cut off: printed letters, or
capitals between guide lines."""

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
    x = (boxes[:, 0] + boxes[:, 2]) / 2
    for ends in (boxes[:, 3], -boxes[:, 1]):
        for number, (start, size) in enumerate(zip(starts.tolist(), sizes.tolist(), strict=True)):
            own = slice(start, start + size)
            found[number] = max(found[number], _ratio(int(_touching(x[own], ends[own]).sum()), size))
        touching = np.add.reduceat(_touching(x, ends).astype(int), starts)
        along = touching >= SHARED * sizes
        if along.any():
            found[along] = np.maximum(found[along], _ratio(int(touching[along].sum()), int(sizes[along].sum())))
    return found


def _ratio(touching: int, marks: int) -> float:
    """Log-likelihood ratio in nats of a row that is cut off to a whole one, at least 0."""
    by_touching, by_others = np.log(TOUCH_CUT / TOUCH_WHOLE), np.log((1 - TOUCH_CUT) / (1 - TOUCH_WHOLE))
    ratio = max(touching - 2, 0) * by_touching + (marks - touching) * by_others
    return float(max(-np.logaddexp(np.log(ALIGNED), np.log1p(-ALIGNED) - ratio), 0.0))


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
