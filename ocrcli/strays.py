"""What the edge of the photo cuts off beside the writing: the table, a shadow, the next page."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.baselines import Row, left_out
from ocrcli.components import Marks

ASIDE = 3.0
"""Letter heights; what is at the photo's edge and farther than this from all writing beside it is none."""

NARROW, FEW = 1.0, 2
"""Letter heights, and marks, up to which a row's part at the photo's edge is doubted: a word is more."""


CUT = 0.7
"""Share of a row's marks that lie at the photo's upper or lower edge from which on the row may be the table behind the
torn end of a sheet."""

WIDEST = 0.8
"""Share of such marks' width that has ink at the edge itself: what comes in from beyond is widest there; letters whose
tops are cut off are not."""


def without_strays(rows: list[Row], marks: Marks, height: float) -> tuple[list[Row], Marks]:
    """Leave out what comes in over the photo's edge: marks that stand alone at its left and right edge, and rows that
    hang from its upper or lower one; the same objects come back where there are none.

    A photo that is cut close to its writing has letters at its edge, too; those have neighbours, and a row that is the
    only one stays.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    gone = _alone(rows, marks, height)
    cut = [row for row in rows if _is_cut(row, marks)]
    if len(cut) < len(rows):
        for row in cut:
            gone[row.marks] = True
    return left_out(rows, marks, gone, height) if gone.any() else (rows, marks)


def _is_cut(row: Row, marks: Marks) -> bool:
    for side, edge in ((1, 0), (3, marks.labels.shape[0])):
        there = row.marks[marks.boxes[row.marks, side] == edge]
        if len(row.marks) > FEW and len(there) > CUT * len(row.marks):
            line = marks.labels[min(edge, marks.labels.shape[0] - 1)]
            covered = sum(np.count_nonzero(line == marks.ids[index]) for index in there.tolist())
            return bool(covered > WIDEST * marks.widths[there].sum())
    return False


def _alone(rows: list[Row], marks: Marks, height: float) -> NDArray[np.bool_]:
    """(n,) which marks stand alone at the left or right edge."""
    lefts, rights = marks.boxes[:, 0], marks.boxes[:, 2]
    edges = lefts <= 0, rights >= marks.labels.shape[1]
    inside = ~(edges[0] | edges[1])
    gone = np.zeros(len(marks), bool)
    if inside.all() or not inside.any():
        return gone
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
    return gone
