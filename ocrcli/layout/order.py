"""Rows -> reading order: columns and side notes apart, the halves of a table's rows together, paragraphs numbered.

Lines are put in order as by Breuel (2003, "High performance document layout analysis"): a line comes before another
one if it is above it, or if it is left of it, in another column, and nothing between the two spans both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.baselines import Row, refitted
from ocrcli.components import Marks

Floats = NDArray[np.float64]

GUTTER = 2.4
"""Capital heights of a gap from which it may be one between columns."""

FEW, MANY = 2, 3
"""Rows on either side of a gutter: of columns whose rows stand beside no others, and of any."""

FREE = 0.9
"""Capital heights that such a gap must leave free through the rows above and below."""

WIDE = 8.0
"""Capital heights: rows of two columns are usually as wide; a price or a number is not."""

LEVEL = 0.45
"""Capital heights by which the halves of one row may differ in height."""

LONELY = 8.0
"""Capital heights of a gap that is in one row only, from which its sides are two lines all the same."""

BREAK = 1.55
"""Usual distances between rows from which a new paragraph begins."""

NEAR = 1.8
"""Capital heights by which lines of two columns that run side by side differ at most, with the nearest of them."""

MOST = 400
"""Lines that are put in order; of more, each pair of which is compared, no page is known."""


@dataclass(frozen=True)
class Part:
    """A stretch of a row without a gap that may be one between columns.

    Attributes:
        row: The row, with the stretch's own marks.
        left: Its left edge in pixels.
        right: Its right edge.
        level: y of the middle of its capitals in the middle of it.
        number: Of the row that it is a stretch of.
    """

    row: Row
    left: float
    right: float
    level: float
    number: int

    @property
    def height(self) -> float:
        """Of a capital."""
        return self.row.cap_height

    @property
    def width(self) -> float:
        """From edge to edge."""
        return self.right - self.left


Stretch = tuple[float, float, float, float]


def arrange(rows: list[Row], marks: Marks) -> tuple[list[Row], list[int]]:
    """Put rows in reading order.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.

    Returns:
        Rows, some of them parted between columns, and the number of the paragraph of each, ascending from 0.
    """
    split = [_parts(row, marks, number) for number, row in enumerate(rows) if len(row.marks)]
    every = [part for parts in split for part in parts]
    lines = [line for parts in split for line in _rejoined(parts, every, marks)]
    lines = _in_order(lines)
    return [line.row for line in lines], _paragraphs(lines)


def _parts(row: Row, marks: Marks, number: int) -> list[Part]:
    """The stretches of a row between gaps that may be some between columns."""
    boxes = marks.boxes[row.marks]
    order = np.argsort(boxes[:, 0], kind="stable")
    left, right = boxes[order, 0], np.maximum.accumulate(boxes[order, 2])
    breaks = np.flatnonzero(left[1:] - right[:-1] > GUTTER * row.cap_height) + 1
    return [_part(replace(row, marks=members), marks, number) for members in np.split(row.marks[order], breaks)]


def _part(row: Row, marks: Marks, number: int) -> Part:
    boxes = marks.boxes[row.marks]
    left, right = float(boxes[:, 0].min()), float(boxes[:, 2].max())
    return Part(row, left, right, float(np.polyval(row.baseline, (left + right) / 2)) - row.cap_height / 2, number)


def _rejoined(parts: list[Part], every: list[Part], marks: Marks) -> list[Part]:
    """Lines of a row's parts: what is no gap between columns is closed again."""
    lines = [parts[0]]
    for part in parts[1:]:
        if _are_columns(lines[-1], part, every):
            lines.append(part)
        else:
            members = np.concatenate([lines[-1].row.marks, part.row.marks])
            lines[-1] = _part(replace(part.row, marks=members), marks, part.number)
    if len(lines) == 1:
        return [
            _part(replace(lines[0].row, marks=np.concatenate([p.row.marks for p in parts])), marks, parts[0].number)
        ]
    return [_part(refitted(line.row, marks), marks, line.number) for line in lines]


def _are_columns(left: Part, right: Part, every: list[Part]) -> bool:
    """Whether the gap between two parts of a row is one between columns."""
    beside_left, beside_right = _corridor(left, right, every)
    rows = min(len(beside_left), len(beside_right))
    if rows < FEW:
        return right.left - left.right > LONELY * left.height
    levels = np.array([level for _, _, level, _ in beside_left])
    paired = [bool((np.abs(levels - level) < LEVEL * height).any()) for _, _, level, height in beside_right]
    if float(np.mean(paired)) <= 0.5:
        return True
    sides = (beside_left, beside_right)
    wide = min(_usual([(end - start) / height for start, end, _, height in side]) for side in sides)
    return rows >= MANY and wide >= WIDE


def _corridor(left: Part, right: Part, every: list[Part]) -> tuple[list[Stretch], list[Stretch]]:
    """What stands in each row left and right of a gap, as far as that goes on through the rows above and below."""
    height = left.height
    level = (left.level + right.level) / 2
    sides: tuple[list[Part], list[Part]] = ([], [])
    for way in (1, -1):
        low, high, last = left.right, right.left, level
        near = [p for p in every if (p.level - level) * way > (-LEVEL * height if way > 0 else LEVEL * height)]
        for part in sorted(near, key=lambda p: p.level * way):
            if (part.level - last) * way > 3.5 * height:
                break
            middle = (low + high) / 2
            if part.right <= middle or (part.right < high - FREE * height and part.left < low):
                low = max(low, part.right)
                sides[0].append(part)
            elif part.left >= middle or (part.left > low + FREE * height and part.right > high):
                high = min(high, part.left)
                sides[1].append(part)
            else:
                break
            if high - low < FREE * height:
                break
            last = part.level
    return _stretches(sides[0]), _stretches(sides[1])


def _stretches(parts: list[Part]) -> list[Stretch]:
    """Left, right, level and height of all the parts of each row together."""
    rows: dict[int, list[Part]] = {}
    for part in parts:
        rows.setdefault(part.number, []).append(part)
    return [
        (min(p.left for p in own), max(p.right for p in own), _usual([p.level for p in own]), own[0].height)
        for own in rows.values()
    ]


def _usual(values: list[float]) -> float:
    return float(np.median(values))


def _in_order(lines: list[Part]) -> list[Part]:
    """Lines sorted so that each comes after all that must be read before it."""
    lines = sorted(lines, key=lambda line: (line.level, line.left))
    if not 1 < len(lines) <= MOST:
        return lines
    left, right, level, height = (
        np.array([getattr(p, n) for p in lines]) for n in ("left", "right", "level", "height")
    )
    slack = 0.5 * np.minimum(height[:, None], height)
    over = np.minimum(right[:, None], right) - np.maximum(left[:, None], left) > slack
    above = level[:, None] < level
    before = over & above
    # What stands lower at the left comes first only if columns run there: else it is a line that is less indented.
    level_with = ~over & (np.abs(level[:, None] - level) < NEAR * np.minimum(height[:, None], height))
    columns = (level_with.astype(int) @ over > 0) | (over.astype(int) @ level_with > 0)
    beside = ~over & (left[:, None] < left)
    for i, j in np.argwhere(beside).tolist():
        between = (level > level[j]) & (level < level[i]) & over[i] & over[j]
        if level[i] <= level[j] + slack[i, j] or (columns[i, j] and not between.any()):
            before[i, j] = True
        else:
            before[j, i] = True
    return [lines[i] for i in _sorted(before)]


def _sorted(before: NDArray[np.bool_]) -> list[int]:
    """A topological order: depth first, from above; what goes round in a circle is cut where it is met again."""
    found: list[int] = []
    seen = np.zeros(len(before), bool)
    for start in range(len(before)):
        stack = [(start, False)]
        while stack:
            index, done = stack.pop()
            if done:
                found.append(index)
            elif not seen[index]:
                seen[index] = True
                stack.append((index, True))
                stack += [(other, False) for other in np.flatnonzero(before[:, index] & ~seen)[::-1].tolist()]
    return found


def _paragraphs(lines: list[Part]) -> list[int]:
    """Number of each line's paragraph: one ends where the next line is far below, or elsewhere."""
    if not lines:
        return []
    down = np.diff([line.level for line in lines])
    least = float(np.median([line.height for line in lines]))
    steps = np.sort(down[down > least])
    usual = float(steps[(len(steps) - 1) // 2]) if len(steps) else np.inf
    breaks = (down > BREAK * usual) | (down < -0.5 * least)
    return [0, *np.cumsum(breaks).tolist()]
