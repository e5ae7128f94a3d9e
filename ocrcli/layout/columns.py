"""Columns: joins rows that continue each other, and splits rows at the gutters between columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.binarize.page_model import FOLD
from ocrcli.imaging.components import Marks
from ocrcli.layout.baselines import Row, refitted
from ocrcli.layout.cores import SIZE_RATIO, chains, core_along

CoreMap = NDArray[np.float32]

BRIDGED_CORE = 0.25
"""Mean of the core map across a gap, from which the words on both sides are in one line. Chosen on the development
pages, as were COLUMN_WIDTH and LEVEL_WITHIN."""

COLUMN_GAP = 0.9
"""Smallest width of a gap between columns, in capital heights, in one row and through the rows above and below."""

BARE_COLUMN_GAP = 2.4
"""Smallest width of a gap between columns in one row, in capital heights, without a core map, which would tell it from
a gap between words."""

GUTTER_ROWS = 2
"""Smallest number of rows on each side of a gutter."""

GUTTER_STEP = 3.5
"""Largest distance from row to row within a gutter, in capital heights."""

COLUMN_WIDTH = 4.0
"""Smallest median width, in capital heights, of the rows of two columns that are side by side; a column of prices or
numbers is narrower."""

LEVEL_WITHIN = 0.25
"""Largest vertical distance of two parts of one row, in capital heights."""

LEVEL_BETWEEN = 0.6
"""Largest vertical distance between the end of a row and the start of the row that continues it, in capital heights. It
is larger than LEVEL_WITHIN, since no other row is near, and writing may climb. It is 1 where the gap is less than 1: of
128 development pages one is better for it; of 79 scanned pages, on which it was not chosen, as many lines are found."""

LONE_GAP = 8.0
"""Width of a gap, in capital heights, above which it splits a line even if it is in one row only."""


@dataclass(frozen=True)
class Part:
    """A line, or a part of a row between two gaps that may be gaps between columns.

    Attributes:
        row: The row, with the marks of this part only.
        left: Left edge in pixels.
        right: Right edge in pixels.
        level: y of the middle of its capitals, at the middle of its width, in pixels.
        number: Number of the row that it is a part of.
        stretches: The rows that it is read as, from left to right. What is on the two sides of a gap in the core map is
            read separately, and each side is taken for writing or not by itself.
    """

    row: Row
    left: float
    right: float
    level: float
    number: int
    stretches: tuple[Row, ...]

    @property
    def height(self) -> float:
        """Capital height in pixels."""
        return self.row.cap_height

    def level_at(self, x: float) -> float:
        """The y of the middle of its capitals at x, in pixels."""
        return float(np.polyval(self.row.baseline, x)) - self.height / 2


Stretch = tuple[float, float, float, float]
"""Left, right, level and capital height, in pixels, of everything on one side of a gutter in a row."""


def lines_of(rows: list[Row], marks: Marks, core: CoreMap | None = None) -> list[Part]:
    """Make lines: join rows that continue each other, and split rows at gutters.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        core: Core map, as in `ocrcli.binarize.page_model.Maps`, or None. It is high between the words of a line and low
            between columns.
    """
    rows = _joined([_part(row, marks, number) for number, row in enumerate(rows) if len(row.marks)], marks)
    split = [_parts(row, marks, number, core) for number, row in enumerate(rows)]
    every = [part for parts in split for part in parts]
    lines = [line for parts in split for line in _rejoined(parts, every, marks)]
    return [part for line in lines for part in _divided(line, lines, marks)]


def _joined(pieces: list[Part], marks: Marks) -> list[Row]:
    """Join each piece with the nearest one that continues it at the same height."""
    pairs = []
    for i, left in enumerate(pieces):
        for j, right in enumerate(pieces):
            height, gap = min(left.height, right.height), right.left - left.right
            if i == j or not -0.5 * height < gap < LONE_GAP * height or left.left >= right.left:
                continue
            if max(left.height, right.height) < SIZE_RATIO * height:
                aside = abs(left.level_at(left.right) - right.level_at(right.left))
                most = height if gap < height else LEVEL_BETWEEN * height
                pairs += [((gap + 4 * aside) / height, i, j)] if aside < most else []
    follow = [(i, j) for _, i, j in sorted(pairs)]
    return [_row([pieces[i].row for i in chain], marks) for chain in chains(follow, len(pieces))]


def _row(rows: list[Row], marks: Marks) -> Row:
    """Merge rows into one, with the capital height of the row with most marks."""
    if len(rows) == 1:
        return rows[0]
    longest = max(rows, key=lambda row: len(row.marks))
    return refitted(replace(longest, marks=np.concatenate([row.marks for row in rows])), marks)


def _parts(row: Row, marks: Marks, number: int, core: CoreMap | None) -> list[Part]:
    """Split a row at all gaps that may be gaps between columns."""
    members, wide = _gaps(row, marks, (BARE_COLUMN_GAP if core is None else COLUMN_GAP) * row.cap_height)
    breaks = [i for i, gap in wide if core is None or not _is_bridged(row, gap, core)]
    return [_part(replace(row, marks=own), marks, number) for own in np.split(members, breaks)]


def _gaps(row: Row, marks: Marks, least: float) -> tuple[NDArray[np.intp], list[tuple[int, tuple[float, float]]]]:
    """Marks of a row from left to right, and its gaps wider than `least` pixels.

    A gap has the position of the mark after it, and its left and right edge.
    """
    boxes = marks.boxes[row.marks]
    order = np.argsort(boxes[:, 0], kind="stable")
    left, right = boxes[order, 0], np.maximum.accumulate(boxes[order, 2])
    wide = np.flatnonzero(left[1:] - right[:-1] > least)
    return row.marks[order], [(i + 1, (right[i], left[i + 1])) for i in wide.tolist()]


def _is_bridged(row: Row, gap: tuple[float, float], core: CoreMap) -> bool:
    """Whether the core map continues across a gap, given by its edges, so that both sides are one line."""
    return float(core_along(core, row, np.arange(gap[0], gap[1], FOLD)).mean()) >= BRIDGED_CORE


def _part(row: Row, marks: Marks, number: int) -> Part:
    left, _, right, _ = row.box(marks)
    level = float(np.polyval(row.baseline, (left + right) / 2)) - row.cap_height / 2
    return Part(row, float(left), float(right), level, number, (row,))


def _rejoined(parts: list[Part], every: list[Part], marks: Marks) -> list[Part]:
    """Join the parts of a row again where the gap is not between columns."""
    lines = [parts[0]]
    for part in parts[1:]:
        if _are_columns(lines[-1], part, every):
            lines.append(part)
        else:
            members = np.concatenate([lines[-1].row.marks, part.row.marks])
            whole = _part(replace(part.row, marks=members), marks, part.number)
            lines[-1] = replace(whole, stretches=(*lines[-1].stretches, part.row))
    if len(lines) == 1:
        return lines
    return [replace(_part(refitted(line.row, marks), marks, line.number), stretches=line.stretches) for line in lines]


def _divided(line: Part, lines: list[Part], marks: Marks) -> list[Part]:
    """Split a line in two if the lines above and below it have a gutter there."""
    members, wide = _gaps(line.row, marks, COLUMN_GAP * line.height)
    near = [p for p in lines if LEVEL_WITHIN * line.height < abs(p.level - line.level) < GUTTER_STEP * line.height]
    for i, (end, begin) in wide:
        if _is_gutter(line, (end + begin) / 2, near):
            sides = np.split(members, [i])
            return [_part(refitted(replace(line.row, marks=side), marks), marks, line.number) for side in sides]
    return [line]


def _is_gutter(line: Part, x: float, near: Sequence[Part]) -> bool:
    """Whether, both above and below a line, lines end before x and others begin after it, and none crosses it."""
    sides = set()
    for part in near:
        before, behind = part.right < x + COLUMN_GAP * line.height, part.left > x - COLUMN_GAP * line.height
        if not before and not behind:
            return False
        sides.add((part.level > line.level, before))
    return len(sides) == 4


def _are_columns(left: Part, right: Part, every: list[Part]) -> bool:
    """Whether the gap between two parts of a row is a gap between columns."""
    beside_left, beside_right = _corridor(left, right, every)
    rows = min(len(beside_left), len(beside_right))
    if rows < GUTTER_ROWS:
        return right.left - left.right > LONE_GAP * left.height
    levels = np.array([level for _, _, level, _ in beside_left])
    paired = [bool((np.abs(levels - level) < LEVEL_WITHIN * height).any()) for _, _, level, height in beside_right]
    if float(np.mean(paired)) <= 0.5:
        return True
    sides = (beside_left, beside_right)
    wide = min(_usual([(end - start) / height for start, end, _, height in side]) for side in sides)
    return wide >= COLUMN_WIDTH


def _corridor(left: Part, right: Part, every: list[Part]) -> tuple[list[Stretch], list[Stretch]]:
    """Follow a gap through the rows above and below; returns what is left and right of it in each of these rows."""
    height = left.height
    level = (left.level + right.level) / 2
    sides: tuple[list[Part], list[Part]] = ([], [])
    for way in (1, -1):
        low, high, last = left.right, right.left, level
        from_here = -way * LEVEL_WITHIN * height
        near = [p for p in every if (p.level - level) * way > from_here]
        for part in sorted(near, key=lambda p: p.level * way):
            if (part.level - last) * way > GUTTER_STEP * height:
                break
            middle = (low + high) / 2
            if part.right <= middle or (part.right < high - COLUMN_GAP * height and part.left < low):
                low = max(low, part.right)
                sides[0].append(part)
            elif part.left >= middle or (part.left > low + COLUMN_GAP * height and part.right > high):
                high = min(high, part.left)
                sides[1].append(part)
            else:
                break
            if high - low < COLUMN_GAP * height:
                break
            last = part.level
    return _stretches(sides[0]), _stretches(sides[1])


def _stretches(parts: list[Part]) -> list[Stretch]:
    """Merge the parts of each row into one stretch."""
    rows: dict[int, list[Part]] = {}
    for part in parts:
        rows.setdefault(part.number, []).append(part)
    return [
        (min(p.left for p in own), max(p.right for p in own), _usual([p.level for p in own]), own[0].height)
        for own in rows.values()
    ]


def _usual(values: list[float]) -> float:
    return float(np.median(values))
