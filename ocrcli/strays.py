"""What the edge of the photo cuts off beside the writing: the table, a shadow, the next page."""

from __future__ import annotations

import numpy as np

from ocrcli.baselines import Row, left_out
from ocrcli.components import Marks

ASIDE = 3.0
"""Letter heights; what is at the photo's edge and farther than this from all writing beside it is none."""

NARROW, FEW = 1.0, 2
"""Letter heights, and marks, up to which a row's part at the photo's edge is doubted: a word is more."""


def without_strays(rows: list[Row], marks: Marks, height: float) -> tuple[list[Row], Marks]:
    """Leave out marks at the left and right edge of the photo that stand alone; the same objects come back where
    there are none.

    A photo that is cut close to its writing has letters at its edge, too; those have neighbours.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    lefts, rights = marks.boxes[:, 0], marks.boxes[:, 2]
    edges = lefts <= 0, rights >= marks.labels.shape[1]
    inside = ~(edges[0] | edges[1])
    gone = np.zeros(len(marks), bool)
    if inside.all() or not inside.any():
        return rows, marks
    for row in rows:
        beside = row.marks[inside[row.marks]]
        others = beside if len(beside) else np.flatnonzero(inside)
        for edge in edges:
            part = row.marks[edge[row.marks]]
            if not 0 < len(part) <= FEW:
                continue
            left, right = lefts[part].min(), rights[part].max()
            gap = max(lefts[others].min() - right, left - rights[others].max())
            if right - left <= NARROW * height and gap > ASIDE * height:
                gone[part] = True
    return left_out(rows, marks, gone, height) if gone.any() else (rows, marks)
