"""What is far paler than the writing beside it: the back of the paper, bits of ruled lines, grain of the table.

A whole note may be written in pencil, or one of its rows; within a row the pen is the same. So each mark is compared
with its own row, and not with the page.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.baselines import Row, left_out
from ocrcli.components import Marks, usual

PALE = 0.52
"""Darkness of a mark against its row's, below which it was not written with it. On the development pages, of 130 marks
below it one was writing (a comma); a dot is paler than a stroke for its blurred edge."""

PALISH, THIN = 0.72, 0.3
"""Darkness and thickness of a mark against its row's, below both of which it was not written with its pen. Thickness is
area by the sum of the sides: a straight stroke has half of what letters have, bits of printed lines a fifth. A dot is
pale and thin, too."""

LONG, CROSSING = 2.5, 0.35
"""Longer side by shorter side of a bit of a line, at least, or its longer side in letter heights, for two may cross."""

PALER_ROW, THINNER_ROW = 0.85, 0.5
"""The same of a row against the page, below both of which it may consist of bits of squared paper."""

CROSS, BAND = 0.85, 2
"""Share of such bits' ink that is within so many pixels of one line across and one line down."""


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
    thickness = marks.areas / (marks.widths + marks.heights)
    longer, shorter = np.maximum(marks.widths, marks.heights), np.minimum(marks.widths, marks.heights)
    long = np.where(longer < CROSSING * height, longer / shorter, np.inf)
    pale = np.zeros(len(marks), bool)
    written = np.concatenate([row.marks for row in rows])
    page_dark, page_thick = (usual(values, marks, written) for values in (darkness, thickness))
    for row in rows:
        row_dark, row_thick = (usual(values, marks, row.marks) for values in (darkness, thickness))
        dark, thick = darkness[row.marks] / row_dark, thickness[row.marks] / row_thick
        pale[row.marks] = (dark < PALE) | ((dark < PALISH) & (thick < THIN) & (long[row.marks] > LONG))
        if row_dark < PALER_ROW * page_dark and row_thick < THINNER_ROW * page_thick:
            # A row in another pen may be so, too; but its letters are no crosses.
            pale[row.marks] |= np.median(_crossing(row.marks, marks)) > CROSS
    return left_out(rows, marks, pale, height) if pale.any() else (rows, marks)


def _crossing(some: NDArray[np.intp], marks: Marks) -> NDArray[np.float64]:
    """(n,) share of the ink of some marks that is in their fullest line across or in their fullest line down."""
    shares = np.empty(len(some))
    for place, index in enumerate(some.tolist()):
        own = marks.ink_of(index)
        band = np.zeros_like(own)
        row, column = int(own.sum(axis=1).argmax()), int(own.sum(axis=0).argmax())
        band[max(0, row - BAND) : row + BAND + 1] = True
        band[:, max(0, column - BAND) : column + BAND + 1] = True
        shares[place] = (own & band).sum() / marks.areas[index]
    return shares


def mean_levels(marks: Marks, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n,) mean level of each mark's own pixels in a picture, (h, w) uint8."""
    index, y, x = marks.pixels
    total = np.bincount(index, picture[y, x], len(marks))
    return np.asarray(total / np.maximum(np.bincount(index, minlength=len(marks)), 1))
