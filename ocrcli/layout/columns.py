"""Rows -> lines: what stands in one row together, the rows of two columns apart."""

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
"""Mean of the core map across a gap from which the words on both sides are in one line. Chosen on the development
pages, as COLUMN_WIDTH and LEVEL_WITHIN."""

COLUMN_GAP = 0.9
"""Capital heights of a gap between columns at least, in one row and through the rows above and below."""

BARE_COLUMN_GAP = 2.4
"""The same in one row where no core map tells words' gaps from columns'."""

GUTTER_ROWS = 2
"""Rows on either side of a gutter at least."""

GUTTER_STEP = 3.5
"""Capital heights from row to row up to which a gutter goes on."""

COLUMN_WIDTH = 4.0
"""Capital heights: two columns' rows that stand beside one another are usually as wide; a price or a number is not."""

LEVEL_WITHIN = 0.25
"""Capital heights by which the halves of one row may differ in height."""

LEVEL_BETWEEN = 0.6
"""The same where one row ends and another one goes on: no other row is near, and writing may climb."""

LONE_GAP = 8.0
"""Capital heights of a gap that is in one row only, from which its sides are two lines all the same."""


@dataclass(frozen=True)
class Part:
    """A line, or a stretch of a row without a gap that may be one between columns.

    Attributes:
        row: The row, with the stretch's own marks.
        left: Its left edge in pixels.
        right: Its right edge.
        level: y of the middle of its capitals in the middle of it.
        number: Of the row that it is a stretch of.
        stretches: Rows that it is read as, from left to right: what a gap without a core parts is read, and taken for
            writing or not, each by itself.
    """

    row: Row
    left: float
    right: float
    level: float
    number: int
    stretches: tuple[Row, ...]

    @property
    def height(self) -> float:
        """Of a capital."""
        return self.row.cap_height

    def level_at(self, x: float) -> float:
        """The y of the middle of its capitals there."""
        return float(np.polyval(self.row.baseline, x)) - self.height / 2


Stretch = tuple[float, float, float, float]
"""Left, right, level and height of all that stands on one side of a gutter in a row."""


def lines_of(rows: list[Row], marks: Marks, core: CoreMap | None = None) -> list[Part]:
    """Join rows of which one goes on where the other ends, and part those through which a gutter runs.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        core: As in `ocrcli.binarize.page_model.Maps`; None where there is none. Between words of one line it is high,
        between columns it is not.
    """
    rows = _joined([_part(row, marks, number) for number, row in enumerate(rows) if len(row.marks)], marks)
    split = [_parts(row, marks, number, core) for number, row in enumerate(rows)]
    every = [part for parts in split for part in parts]
    lines = [line for parts in split for line in _rejoined(parts, every, marks)]
    return [part for line in lines for part in _divided(line, lines, marks)]


def _joined(pieces: list[Part], marks: Marks) -> list[Row]:
    """Whole rows: each piece with the nearest that stands as high where it ends."""
    pairs = []
    for i, left in enumerate(pieces):
        for j, right in enumerate(pieces):
            height, gap = min(left.height, right.height), right.left - left.right
            if i == j or not -0.5 * height < gap < LONE_GAP * height or left.left >= right.left:
                continue
            if max(left.height, right.height) < SIZE_RATIO * height:
                aside = abs(left.level_at(left.right) - right.level_at(right.left))
                pairs += [((gap + 4 * aside) / height, i, j)] if aside < LEVEL_BETWEEN * height else []
    follow = [(i, j) for _, i, j in sorted(pairs)]
    return [_row([pieces[i].row for i in chain], marks) for chain in chains(follow, len(pieces))]


def _row(rows: list[Row], marks: Marks) -> Row:
    """Rows as one: its capitals are as high as those of the longest."""
    if len(rows) == 1:
        return rows[0]
    longest = max(rows, key=lambda row: len(row.marks))
    return refitted(replace(longest, marks=np.concatenate([row.marks for row in rows])), marks)


def _parts(row: Row, marks: Marks, number: int, core: CoreMap | None) -> list[Part]:
    """The stretches of a row between gaps that may be some between columns."""
    members, wide = _gaps(row, marks, (BARE_COLUMN_GAP if core is None else COLUMN_GAP) * row.cap_height)
    breaks = [i for i, gap in wide if core is None or not _is_bridged(row, gap, core)]
    return [_part(replace(row, marks=own), marks, number) for own in np.split(members, breaks)]


def _gaps(row: Row, marks: Marks, least: float) -> tuple[NDArray[np.intp], list[tuple[int, tuple[float, float]]]]:
    """A row's marks from left to right, and its gaps of so many pixels at least.

    Of each gap the number of the mark behind it, and its edges.
    """
    boxes = marks.boxes[row.marks]
    order = np.argsort(boxes[:, 0], kind="stable")
    left, right = boxes[order, 0], np.maximum.accumulate(boxes[order, 2])
    wide = np.flatnonzero(left[1:] - right[:-1] > least)
    return row.marks[order], [(i + 1, (right[i], left[i + 1])) for i in wide.tolist()]


def _is_bridged(row: Row, gap: tuple[float, float], core: CoreMap) -> bool:
    """Whether the page model sees one line on both sides of a gap, given by its edges."""
    return float(core_along(core, row, np.arange(gap[0], gap[1], FOLD)).mean()) >= BRIDGED_CORE


def _part(row: Row, marks: Marks, number: int) -> Part:
    left, _, right, _ = row.box(marks)
    level = float(np.polyval(row.baseline, (left + right) / 2)) - row.cap_height / 2
    return Part(row, float(left), float(right), level, number, (row,))


def _rejoined(parts: list[Part], every: list[Part], marks: Marks) -> list[Part]:
    """Lines of a row's parts: what is no gap between columns is closed again."""
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
    """A line that runs on through the gutter which parts the lines above and below it: in two."""
    members, wide = _gaps(line.row, marks, COLUMN_GAP * line.height)
    near = [p for p in lines if LEVEL_WITHIN * line.height < abs(p.level - line.level) < GUTTER_STEP * line.height]
    for i, (end, begin) in wide:
        if _is_gutter(line, (end + begin) / 2, near):
            sides = np.split(members, [i])
            return [_part(refitted(replace(line.row, marks=side), marks), marks, line.number) for side in sides]
    return [line]


def _is_gutter(line: Part, x: float, near: Sequence[Part]) -> bool:
    """Whether lines above and below one end before an x and others begin behind it, and none goes through."""
    sides = set()
    for part in near:
        before, behind = part.right < x + COLUMN_GAP * line.height, part.left > x - COLUMN_GAP * line.height
        if not before and not behind:
            return False
        sides.add((part.level > line.level, before))
    return len(sides) == 4


def _are_columns(left: Part, right: Part, every: list[Part]) -> bool:
    """Whether the gap between two parts of a row is one between columns."""
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
    """What stands in each row left and right of a gap, as far as that goes on through the rows above and below."""
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
