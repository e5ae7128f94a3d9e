"""Rows -> reading order: columns and side notes apart, paragraphs numbered.

Clustering marks into rows joins whatever stands at about the same height, across the whole page. Where a wide
gutter runs through several rows, what is left and right of it may be two columns, or one table: the halves of a
table's rows stand on one line ("Milk   2.50"), those of two columns do not, unless both are full lines of text.
Columns are cut out recursively, as in the XY-cut (Nagy and Seth 1984), but along rows, not pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.baselines import Row, refitted
from ocrcli.components import Marks

Floats = NDArray[np.float64]

GUTTER = 2.0
"""Width of a gutter in capital heights, at least."""

WORD_GAPS = 2.5
"""Width of a gutter in usual gaps between the words of the page, at least."""

APART = 0.25
"""Capital heights by which the halves of a row differ in height, in the median, where they are of two columns."""

UNPAIRED = 0.5
"""Capital heights that a row of one column with none beside it counts as."""

FULL_LINE = 10
"""Marks on either side of a gutter, on average, from which both are lines of text even where they stand level."""

FULL_ROWS = 4
"""Rows that such columns have, at least."""

ALTERNATING = 3
"""Changes from one side to the other that tell two columns none of whose rows were joined."""

BREAK = 1.55
"""Usual distances between rows from which a new paragraph begins."""

FAR = 2.5
"""Usual distances between rows from which a column does not go on."""


@dataclass(frozen=True)
class _Part:
    """A row, in coordinates along and across the page's rows, whatever their slope.

    Attributes:
        row: The row.
        left: (n,) where its marks begin, ascending.
        right: (n,) where they end.
        level: (n,) their middles.
        height: Its own middle.
    """

    row: Row
    left: Floats
    right: Floats
    level: Floats
    height: float

    def cut(self, at: float) -> tuple[Row, Row]:
        """The marks that begin before `at`, and the others; either may be empty."""
        before = self.left < at
        return replace(self.row, marks=self.row.marks[before]), replace(self.row, marks=self.row.marks[~before])


@dataclass(frozen=True)
class _Gutter:
    """A gap that goes on through neighbouring rows.

    Attributes:
        first: The first row beside it.
        last: The last one.
        at: Its middle.
        crossed: Rows with marks on both sides of it.
    """

    first: int
    last: int
    at: float
    crossed: tuple[int, ...]


def arrange(rows: list[Row], marks: Marks) -> tuple[list[Row], list[int]]:
    """Put rows in reading order.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.

    Returns:
        Rows, some of them parted at gutters, and the number of the paragraph of each, ascending from 0.
    """
    if not rows:
        return [], []
    slope = _slope(rows, marks)
    columns = _columns(rows, marks, slope)
    heights = [np.array([_part(row, marks, slope).height for row in column]) for column in columns]
    usual = _usual(np.concatenate([np.diff(h) for h in heights]), rows)
    paragraphs: list[int] = []
    for column in heights:
        breaks = np.concatenate([[True], np.diff(column) > BREAK * usual])
        paragraphs += (np.cumsum(breaks) + (paragraphs[-1] if paragraphs else -1)).tolist()
    return [row for column in columns for row in column], paragraphs


def _slope(rows: list[Row], marks: Marks) -> float:
    """The slope (dy/dx) of the longest rows."""
    widths, slopes = [], []
    for row in rows:
        boxes = marks.boxes[row.marks]
        left, right = float(boxes[:, 0].min()), float(boxes[:, 2].max())
        widths.append(right - left)
        slopes.append((np.polyval(row.baseline, right) - np.polyval(row.baseline, left)) / (right - left))
    order = np.argsort(widths)[-((len(rows) + 1) // 2) :]
    return float(np.median(np.array(slopes)[order]))


def _part(row: Row, marks: Marks, slope: float) -> _Part:
    left, top, right, bottom = marks.boxes[row.marks].astype(float).T
    along = slope * (top + bottom) / 2
    level = (top + bottom) / 2 - slope * (left + right) / 2
    order = np.argsort(left + along, kind="stable")
    row = replace(row, marks=row.marks[order])
    return _Part(row, (left + along)[order], (right + along)[order], level[order], float(np.median(level)))


def _usual(distances: Floats, rows: list[Row]) -> float:
    """Usual distance between rows: the lower median, as it is blank lines that make some larger."""
    least = float(np.median([row.cap_height for row in rows]))
    distances = np.sort(distances[distances > least])
    return float(distances[(len(distances) - 1) // 2]) if len(distances) else np.inf


def _columns(rows: list[Row], marks: Marks, slope: float) -> list[list[Row]]:
    """Rows in reading order, column by column, each from top to bottom."""
    parts = sorted((_part(row, marks, slope) for row in rows), key=lambda part: part.height)
    gutters = [gutter for gutter in _gutters(parts) if _parts_columns(parts, gutter)]
    if not gutters:
        return [[part.row for part in parts]]
    widest = max(gutters, key=lambda gutter: len(gutter.crossed))
    beside = parts[widest.first : widest.last + 1]
    halves = [
        [refitted(half, marks) for half in side if len(half.marks)]
        for side in zip(*(part.cut(widest.at) for part in beside), strict=True)
    ]
    above = [part.row for part in parts[: widest.first]]
    below = [part.row for part in parts[widest.last + 1 :]]
    return [column for some in (above, *halves, below) if some for column in _columns(some, marks, slope)]


def _gutters(parts: list[_Part]) -> list[_Gutter]:
    """Every gap in a row, or between neighbours that share no stretch, as far as it goes on below and above."""
    gaps = [part.left[1:] - np.maximum.accumulate(part.right)[:-1] for part in parts]
    cap = float(np.median([part.row.cap_height for part in parts]))
    words = np.concatenate([gap[gap > 0.5 * part.row.cap_height] for gap, part in zip(gaps, parts, strict=True)])
    width = max(GUTTER * cap, WORD_GAPS * float(np.median(words)) if len(words) else 0.0)
    pitch = _usual(np.diff([part.height for part in parts]), [part.row for part in parts])
    found: dict[tuple[int, int, tuple[int, ...]], _Gutter] = {}
    for number, (part, gap) in enumerate(zip(parts, gaps, strict=True)):
        ends = np.maximum.accumulate(part.right)
        starts = [(ends[i], part.left[i + 1]) for i in np.flatnonzero(gap >= width).tolist()]
        if number + 1 < len(parts):
            below = parts[number + 1]
            starts += [
                (one.right.max(), other.left.min())
                for one, other in ((part, below), (below, part))
                if other.left.min() - one.right.max() >= width
            ]
        for interval in starts:
            gutter = _followed(parts, number, interval, width, FAR * pitch)
            found[gutter.first, gutter.last, gutter.crossed] = gutter
    return list(found.values())


def _followed(parts: list[_Part], start: int, interval: tuple[float, float], width: float, far: float) -> _Gutter:
    """Follow a gap down and up until a mark stands in its way."""
    low, high = interval
    crossed, ends = [], [start, start]
    for direction, order in ((1, range(start, len(parts))), (0, range(start - 1, -1, -1))):
        before = parts[start].height
        for number in order:
            part = parts[number]
            into = (part.right > low) & (part.left < high)
            middle = (low + high) / 2
            left_end = float(part.right[into & (part.left < middle)].max(initial=low))
            right_start = float(part.left[into & (part.left >= middle)].min(initial=high))
            if right_start - left_end < width or abs(part.height - before) > far:
                break
            low, high, before = left_end, right_start, part.height
            ends[direction] = number
            if (part.left < low).any() and (part.left >= high).any():
                crossed.append(number)
    return _Gutter(ends[0], ends[1], (low + high) / 2, tuple(sorted(crossed)))


def _parts_columns(parts: list[_Part], gutter: _Gutter) -> bool:
    """Whether what is on the two sides of a gutter are columns, and not one table."""
    beside = parts[gutter.first : gutter.last + 1]
    sides = [(part.left < gutter.at, part.left >= gutter.at) for part in beside]
    count = np.array([[side.sum() for side in both] for both in sides])
    rows = (count > 0).sum(axis=0)
    if rows.min() < 2 or (count.sum(axis=0) / rows).min() < 3:
        return False
    both = np.asarray((count > 0).all(axis=1))
    alone = (count > 0)[~both].argmax(axis=1)
    if both.sum() >= FULL_ROWS and count[both].mean(axis=0).min() >= FULL_LINE:
        return True
    if not both.any():
        return int((np.diff(alone) != 0).sum()) >= ALTERNATING
    apart = [
        abs(float(np.median(part.level[left][-6:]) - np.median(part.level[right][:6]))) / part.row.cap_height
        for part, (left, right), crossed in zip(beside, sides, both, strict=True)
        if crossed
    ]
    unpaired = len(alone) if len(set(alone.tolist())) == 2 else 0
    return float(np.median([*apart, *[UNPAIRED] * unpaired])) >= APART
