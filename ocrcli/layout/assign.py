"""Assign marks to text lines; a mark that belongs to two lines is cut between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks
from ocrcli.layout.cores import TextLine

REACH_ABOVE, REACH_BELOW = 2.4, 1.9
"""Largest distance of ink from the middle of the core of its text line, up and down, in x-heights."""

REACH_BESIDE = 2.5
"""Largest distance of ink from the left or right end of its text line, in x-heights."""

CUT_SHARE = 0.2
"""Share of a mark's ink that is nearer to another line, above which the mark is cut; less is an ascender or
descender."""

TWO_LINES_HIGH = 2.3
"""Height of a mark, in x-heights, above which it may belong to two lines."""

NO_LINE = -1
"""Index for ink that is far from every text line."""


def assign(marks: Marks, lines: list[TextLine]) -> tuple[Marks, list[NDArray[np.intp]]]:
    """Assign each mark to the nearest text line; marks of two lines are cut.

    Args:
        marks: Marks of the page.
        lines: Text lines of the page.

    Returns:
        The marks, with those of two lines cut in two; and for each line (n,) indices of its marks, n may be 0.
    """
    if not len(marks) or not lines:
        return marks, [np.zeros(0, np.intp) for _ in lines]
    index, y, x = marks.pixels
    line_of, _ = nearest(y, x, lines)
    votes = np.zeros((len(marks), len(lines) + 1), np.int64)
    np.add.at(votes, (index, line_of), 1)  # NO_LINE is the last column
    total = votes[:, :-1].sum(axis=1)
    best = votes[:, :-1].argmax(axis=1)
    own = votes[np.arange(len(marks)), best]
    owner = np.where(own > votes[:, -1] * 0.5, best, NO_LINE)
    heights = np.array([line.x_height for line in lines])
    shared = (total - own > CUT_SHARE * total) & (marks.heights > TWO_LINES_HIGH * heights[best]) & (owner != NO_LINE)
    if shared.any():
        marks, owner = _cut(marks, shared, owner, index, y, x, line_of)
    return marks, [np.flatnonzero(owner == number) for number in range(len(lines))]


def nearest(
    y: NDArray[np.intp], x: NDArray[np.intp], lines: list[TextLine]
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Find the nearest text line of each pixel.

    Args:
        y: (p,) y of the pixels, ascending.
        x: (p,) x of the pixels.
        lines: Text lines.

    Returns:
        (p,) index of the nearest line, or NO_LINE; and (p,) the distance to it, in x-heights of that line.
    """
    line_of = np.full(len(y), NO_LINE)
    distance = np.full(len(y), np.inf, np.float32)
    for number, line in enumerate(lines):
        size = line.x_height
        top, bottom = float(line.middle.min()) - REACH_ABOVE * size, float(line.middle.max()) + REACH_BELOW * size
        near = slice(*np.searchsorted(y, [top, bottom]).tolist())
        here = x[near]
        columns = np.arange(int(here.max(initial=0)) + 1, dtype=float)
        off = (y[near] - line.middle_at(columns)[here]) / size
        beyond = np.maximum(np.maximum(line.x[0] - here, here - line.x[-1]), 0) / size
        far = np.abs(off) + np.where(beyond > 0, 0.5 * beyond, 0)
        within = (off > -REACH_ABOVE) & (off < REACH_BELOW) & (beyond < REACH_BESIDE) & (far < distance[near])
        distance[near][within] = far[within]
        line_of[near][within] = number
    return line_of, distance


def _cut(
    marks: Marks,
    shared: NDArray[np.bool_],
    owner: NDArray[np.intp],
    index: NDArray[np.intp],
    y: NDArray[np.intp],
    x: NDArray[np.intp],
    line_of: NDArray[np.intp],
) -> tuple[Marks, NDArray[np.intp]]:
    """Cut marks of two lines: each pixel goes to its nearest line, and each piece becomes a mark."""
    chosen = np.flatnonzero(shared[index] & (line_of != NO_LINE))
    keys = index[chosen] * (int(line_of.max()) + 1) + line_of[chosen]
    pieces, piece_of = np.unique(keys, return_inverse=True)
    count = len(pieces)
    labels = marks.labels.copy()
    first = int(labels.max()) + 1
    labels[y[chosen], x[chosen]] = first + piece_of
    boxes = np.empty((count, 4), np.int32)
    boxes[:, :2], boxes[:, 2:] = np.iinfo(np.int32).max, 0
    for side, ufunc, values in ((0, np.minimum, x), (1, np.minimum, y), (2, np.maximum, x), (3, np.maximum, y)):
        ufunc.at(boxes[:, side], piece_of, (values[chosen] + (side > 1)).astype(np.int32))
    areas = np.bincount(piece_of, minlength=count).astype(np.int64)
    ids = (first + np.arange(count)).astype(np.int32)
    kept = ~shared
    grown = Marks(
        labels,
        np.concatenate([marks.ids[kept], ids]),
        np.concatenate([marks.boxes[kept], boxes]),
        np.concatenate([marks.areas[kept], areas]),
        np.concatenate([marks.parents[kept], ids]),
    )
    return grown, np.concatenate([owner[kept], pieces % (int(line_of.max()) + 1)])
