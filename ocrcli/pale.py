"""What is far paler than the writing beside it: the back of the paper, bits of ruled lines, grain of the table.

A whole note may be written in pencil, or one of its rows; within a row the pen is the same. So each mark is compared
with its own row, and not with the page.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.baselines import Row, left_out
from ocrcli.components import Marks

PALE = 0.52
"""Darkness of a mark against its row's, below which it was not written with it. On the development pages, of 130 marks
below it one was writing (a comma); a dot is paler than a stroke for its blurred edge."""


def without_pale(rows: list[Row], marks: Marks, ink: NDArray[np.uint8], height: float) -> tuple[list[Row], Marks]:
    """Leave out the marks that are far paler than their row; the same objects come back where there are none.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        ink: (h, w) uint8, 0 paper to 255 ink.
        height: Typical letter height in pixels.
    """
    if not rows:
        return rows, marks
    darkness = mean_levels(marks, ink)
    pale = np.zeros(len(marks), bool)
    for row in rows:
        order = row.marks[np.argsort(darkness[row.marks])]
        inked = np.cumsum(marks.areas[order])
        usual = darkness[order[np.searchsorted(inked, inked[-1] / 2)]]  # half of the row's ink is darker
        pale[row.marks] = darkness[row.marks] < PALE * usual
    return left_out(rows, marks, pale, height) if pale.any() else (rows, marks)


def mean_levels(marks: Marks, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) mean level of each mark's own pixels in a picture, (h, w) uint8."""
    index, y, x = marks.pixels
    total = np.bincount(index, picture[y, x], len(marks))
    return np.asarray(total / np.maximum(np.bincount(index, minlength=len(marks)), 1))
