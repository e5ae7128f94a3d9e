"""Second thoughts on rows: marks that lie in another row than they were given to, and marks that lie in two.

Rows are found from boxes, and the box of a joined word with a long descender has its middle between two rows.
Once the rows' lines are known, the ink itself tells: a mark belongs where most of it stands between the line and
capital height. A descender that touches the ascender below it makes one mark of two rows' letters; it is cut
between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.baselines import Row, measured_rows
from ocrcli.components import Marks

BELOW = 0.12
"""Capital heights below the line that still belong to a row's body: no baseline is exact."""

CLEARLY = 1.5
"""How many times as much of a mark's ink another row must hold to take the mark over."""

SHARED = 0.22
"""Share of a mark's ink that each of two rows must hold for it to be cut."""

TALL = 1.45
"""Capital heights; a lower mark is never cut."""

UPRIGHT = 0.3
"""Width over height; a narrower tall mark is a bracket or a rule, whole as it is."""

LETTERS = 3
"""Marks that a row needs before it may take others over."""

REACH = 3.0
"""Capital heights beyond its ends that a row's line is taken to go on."""

WITHIN = 0.45
"""Share of a row's ink in the body of a longer one from which the two are one row."""

FEW, PARTLY = 3, 0.3
"""Marks up to which a row beside one of many more is likely an accent, a dot or a capital that stands out of that, and
the share of its ink that is enough then. It is, too, for a row that is nowhere above or below the other's marks: rows
that are two stand one above the other."""

BESIDE = 0.35
"""Share of a row's width that may be above or below the other's marks, at most, for it to stand beside them."""


def settle(rows: list[Row], marks: Marks, height: float) -> tuple[list[Row], Marks]:
    """Give marks to the rows that they stand in.

    Args:
        rows: Rows, top to bottom.
        marks: Marks of the page.
        height: Typical letter height in pixels.

    Returns:
        The rows with their lines fitted again, and the marks, some of them cut in two.
    """
    if len(rows) < 2:
        return rows, marks
    mass, total = _mass(rows, marks)
    joined = _joined(rows, marks, height, mass, total)
    if joined is not rows:
        rows = joined
        mass, total = _mass(rows, marks)
    row_of = np.full(len(marks), -1)
    for number, row in enumerate(rows):
        row_of[row.marks] = number
    marks, row_of, mass, total = _cut(rows, marks, row_of, mass, total)
    best = mass.argmax(axis=1)
    placed = np.flatnonzero(row_of >= 0)
    own = mass[placed, row_of[placed]]
    moved = placed[mass[placed, best[placed]] > np.maximum(CLEARLY * own, 0.2 * total[placed])]
    if not len(moved) and len(placed) == sum(len(row.marks) for row in rows):
        return rows, marks
    row_of[moved] = best[moved]
    members = [np.flatnonzero(row_of == number) for number in range(len(rows))]
    return measured_rows([found for found in members if len(found)], marks, height), marks


def _joined(
    rows: list[Row], marks: Marks, height: float, mass: NDArray[np.float64], total: NDArray[np.float64]
) -> list[Row]:
    """Join rows of which one runs on where the other ends: a high quote or a tail had led it astray.

    The rows themselves come back where there are none.
    """
    members = [row.marks for row in rows]
    into = list(range(len(rows)))
    for number in sorted(range(len(rows)), key=lambda n: total[members[n]].sum()):
        shares = mass[members[number]].sum(axis=0) / max(float(total[members[number]].sum()), 1.0)
        shares[number] = 0
        best = int(shares.argmax())
        longer = total[members[best]].sum() > total[members[number]].sum()
        few = len(members[number]) <= FEW and len(members[best]) > FEW * len(members[number])
        if not longer or into[best] != best or shares[best] <= PARTLY:
            continue
        if shares[best] > WITHIN or few or _stands_beside(marks.boxes[members[number]], marks.boxes[members[best]]):
            into[number] = best
    if into == list(range(len(rows))):
        return rows
    groups = [
        [n for n in range(len(rows)) if into[n] == number] for number in range(len(rows)) if into[number] == number
    ]
    return measured_rows([np.concatenate([members[n] for n in group]) for group in groups], marks, height)


def _stands_beside(boxes: NDArray[np.int32], others: NDArray[np.int32]) -> bool:
    """Whether marks are to the left and right of others, and between them, but not above or below."""
    right = int(max(boxes[:, 2].max(), others[:, 2].max()))
    own, other = np.zeros(right, bool), np.zeros(right, bool)
    for columns, found in ((own, boxes), (other, others)):
        for x0, _, x1, _ in found.tolist():
            columns[x0:x1] = True
    return bool((own & other).sum() < BESIDE * own.sum())


def _mass(rows: list[Row], marks: Marks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, rows) ink of each mark between each row's line and its capital height, and (n,) all its ink."""
    index, y, x = marks.pixels
    mass = np.zeros((len(marks), len(rows)))
    columns = np.arange(marks.labels.shape[1])
    for number, row in enumerate(rows):
        if len(row.marks) < LETTERS:
            continue
        left, right = marks.boxes[row.marks, 0].min(), marks.boxes[row.marks, 2].max()
        base = np.polyval(row.baseline, np.clip(columns, left, right))
        top, bottom = base - row.cap_height, base + BELOW * row.cap_height
        near = slice(*np.searchsorted(y, [top.min(), bottom.max() + 1]).tolist())  # pixels come sorted by y
        here_x, here_y = x[near], y[near]
        reach = REACH * row.cap_height
        inside = (here_y >= top[here_x]) & (here_y < bottom[here_x])
        inside &= (here_x > left - reach) & (here_x < right + reach)
        mass[:, number] = np.bincount(index[near][inside], minlength=len(marks))
    return mass, np.bincount(index, minlength=len(marks)).astype(float)


def _cut(
    rows: list[Row],
    marks: Marks,
    row_of: NDArray[np.intp],
    mass: NDArray[np.float64],
    total: NDArray[np.float64],
) -> tuple[Marks, NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Cut the marks that two rows share; the pieces are marks of their own."""
    caps = np.array([row.cap_height for row in rows])
    two = np.sort(np.argsort(-mass, axis=1)[:, :2], axis=1)
    shares = np.take_along_axis(mass, two, axis=1).min(axis=1) / np.maximum(total, 1)
    tall = marks.heights > TALL * caps[two].max(axis=1)
    shared = np.flatnonzero((row_of >= 0) & (shares > SHARED) & tall & (marks.widths > UPRIGHT * marks.heights))
    if not len(shared):
        return marks, row_of, mass, total
    labels = marks.labels.copy()
    boxes, areas = marks.boxes.copy(), marks.areas.copy()
    row_of = row_of.copy()
    below: list[tuple[int, NDArray[np.int32], int, int]] = []  # label, box, area and row of each lower piece
    following = int(labels.max()) + 1
    for index in shared.tolist():
        upper, lower = two[index].tolist()
        left, top, right, bottom = marks.boxes[index].tolist()
        window = labels[top:bottom, left:right]
        x = np.arange(left, right)
        foot = np.polyval(rows[upper].baseline, x)
        head = np.polyval(rows[lower].baseline, x) - 0.6 * rows[lower].cap_height
        under = (np.arange(top, bottom)[:, None] > (foot + head) / 2) & (window == marks.ids[index])
        window[under] = following
        over = window == marks.ids[index]
        if not over.any() or not under.any():
            window[under] = marks.ids[index]
            continue
        boxes[index], areas[index] = _box(over, left, top), over.sum()
        row_of[index] = upper
        below.append((following, _box(under, left, top), int(under.sum()), lower))
        following += 1
    if not below:
        return marks, row_of, mass, total
    ids = np.array([piece[0] for piece in below], np.int32)
    new = Marks(
        labels,
        np.concatenate([marks.ids, ids]),
        np.concatenate([boxes, [piece[1] for piece in below]]).astype(np.int32),
        np.concatenate([areas, [piece[2] for piece in below]]),
        np.concatenate([marks.parents, ids]),
    )
    mass, total = _mass(rows, new)
    return new, np.concatenate([row_of, [piece[3] for piece in below]]), mass, total


def _box(mask: NDArray[np.bool_], left: int, top: int) -> NDArray[np.int32]:
    """left, top, right, bottom of what is set, the mask's own corner being at (left, top)."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1], np.int32)
