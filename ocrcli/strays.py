"""What the edge of the photo cuts off beside the writing: the table, a shadow, the next page."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.components import Marks
from ocrcli.rows import Row, measured_rows

ASIDE = 3.0
"""Letter heights; a mark at the photo's edge that is farther than this from the rest of its row is none of it."""

FEW = 2
"""Marks up to which a row's end, or a row, at the photo's edge is doubted."""


def without_strays(rows: list[Row], marks: Marks, height: float) -> tuple[list[Row], Marks]:
    """Leave out marks at the left and right edge of the photo that stand alone; the same objects come back where
    there are none.

    A photo that is cut close to its writing has letters at its edge, too; those have neighbours.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    across = marks.labels.shape[1]
    cut = (marks.boxes[:, 0] <= 0) | (marks.boxes[:, 2] >= across)
    if not cut.any():
        return rows, marks
    gone = np.zeros(len(marks), bool)
    alone = [len(row.marks) <= FEW and bool(cut[row.marks].all()) for row in rows]
    for row, doubted in zip(rows, alone, strict=True):
        if doubted:
            gone[row.marks] = not all(alone)
            continue
        for members in (row.marks, row.marks[::-1]):
            inner = int(np.argmin(cut[members]))  # the first that is not at the edge
            left, _, right, _ = marks.boxes[members[:inner]].T if inner else np.zeros((4, 1))
            next_left, _, next_right, _ = marks.boxes[members[inner]]
            gap = max(next_left - right.max(), left.min() - next_right)
            if 0 < inner <= FEW and gap > ASIDE * height:
                gone[members[:inner]] = True
    return left_out(rows, marks, gone, height) if gone.any() else (rows, marks)


def left_out(rows: list[Row], marks: Marks, gone: NDArray[np.bool_], height: float) -> tuple[list[Row], Marks]:
    """Rows and marks of a page without some of the marks.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        gone: (len(marks),) which of them to leave out.
        height: Typical letter height in pixels.
    """
    index = np.cumsum(~gone) - 1
    members = [index[row.marks[~gone[row.marks]]] for row in rows]
    kept = marks.keep(~gone)
    return measured_rows([found for found in members if len(found)], kept, height), kept
