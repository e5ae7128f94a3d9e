"""Reading order: groups lines into blocks, orders the blocks, and numbers the paragraphs.

Blocks are ordered by cutting the page along white space, vertically and horizontally in turn (recursive X-Y cut: Nagy
and Seth 1984, "Hierarchical representation of optically scanned documents"). Cuts between blocks, not between lines,
keep a column of text together beside a note with another line spacing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks
from ocrcli.layout.baselines import Row
from ocrcli.layout.columns import CoreMap, Part, lines_of
from ocrcli.layout.cores import SIZE_RATIO

BLOCK_PITCH = 1.5
"""Largest distance from a line to the one above it in the same block, in median line distances of the page."""

COMMON_WIDTH = 0.5
"""Horizontal overlap of two lines, in capital heights, above which one is above the other."""

COVERED_SHARE = 0.3
"""Share of the horizontal overlap of two lines that a line between them must cover to separate them."""

LEVEL_ROWS = 0.6
"""Largest vertical distance of two lines in one row that overlap horizontally, in capital heights."""

LEVEL_NEIGHBOURS = 1.0
"""Largest vertical distance of two lines in one row that do not overlap horizontally, in capital heights."""

COLUMN_SPACE = 1.0
"""Width of the white space, in capital heights, above which blocks side by side are columns."""

PARAGRAPH_PITCH = 1.55
"""Distance between two lines, in usual line distances, above which a new paragraph begins."""

MOST_LINES = 400
"""Largest number of rows that are ordered, since all pairs of lines are compared. No page is known to have more."""


@dataclass(frozen=True)
class Block:
    """A block: lines that are read one after another.

    Attributes:
        lines: The lines, from top to bottom.
        across: Left and right edge in pixels.
        down: Top of the capitals of the first line and bottom of the last, in pixels.
    """

    lines: tuple[Part, ...]
    across: tuple[float, float]
    down: tuple[float, float]


def in_reading_order(
    rows: list[Row], marks: Marks, core: CoreMap | None = None
) -> tuple[list[tuple[Row, ...]], list[int]]:
    """Put rows in reading order.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        core: Core map of the page or None, as in `columns.lines_of`.

    Returns:
        For each line, the rows that it is read as, from left to right; and the number of its paragraph, ascending from
        0.
    """
    if len(rows) > MOST_LINES:
        lone: list[tuple[Row, ...]] = [(row,) for row in rows if len(row.marks)]
        return lone, [0] * len(lone)
    lines = [line for block in _in_order(_blocks(lines_of(rows, marks, core))) for line in block.lines]
    return [line.stretches for line in lines], _paragraphs(lines)


def _blocks(lines: list[Part]) -> list[Block]:
    """Group lines into blocks: lines close above each other, with letters of similar height."""
    lines = sorted(lines, key=lambda line: line.level)
    above = _above(lines)
    distances = [
        line.level - max(lines[i].level for i in over) for line, over in zip(lines, above, strict=True) if over
    ]
    most = BLOCK_PITCH * float(np.median(distances)) if distances else 0.0
    below = _below(above)
    group = list(range(len(lines)))
    for j, over in enumerate(above):
        for i in over:
            low, high = sorted((lines[i].height, lines[j].height))
            near = lines[j].level - lines[i].level <= most and high <= SIZE_RATIO * low
            # A heading above two columns, or a line below them, is in neither of their blocks.
            alone = _is_alone(j, below[i], lines) and _is_alone(i, over, lines)
            if near and alone:
                group = [group[j] if g == group[i] else g for g in group]
    members: dict[int, list[Part]] = {}
    for line, g in zip(lines, group, strict=True):
        members.setdefault(g, []).append(line)
    return [_block(own) for own in members.values()]


def _above(lines: Sequence[Part]) -> list[list[int]]:
    """For each line, the lines above it, nearest first, with no other line between."""
    found: list[list[int]] = []
    for j, line in enumerate(lines):
        over: list[int] = []
        for i in range(j - 1, -1, -1):
            other = lines[i]
            left, right = max(line.left, other.left), min(line.right, other.right)
            height = min(line.height, other.height)
            if right - left <= COMMON_WIDTH * height or line.level - other.level <= height / 2:
                continue
            common = [min(lines[k].right, right) - max(lines[k].left, left) for k in over]
            if all(width <= COVERED_SHARE * (right - left) for width in common):
                over.append(i)
        found.append(over)
    return found


def _below(above: Sequence[Sequence[int]]) -> list[list[int]]:
    """For each line, the lines below it; the inverse of `_above`."""
    below: list[list[int]] = [[] for _ in above]
    for j, over in enumerate(above):
        for i in over:
            below[i].append(j)
    return below


def _is_alone(index: int, among: Sequence[int], lines: Sequence[Part]) -> bool:
    """Whether none of the lines `among` is beside a line."""
    return all(i == index or not _are_beside(lines[i], lines[index]) for i in among)


def _are_beside(line: Part, other: Part) -> bool:
    """Whether two lines are side by side, at about the same height."""
    apart = max(line.left, other.left) >= min(line.right, other.right)
    return abs(line.level - other.level) < (LEVEL_NEIGHBOURS if apart else LEVEL_ROWS) * min(line.height, other.height)


def _block(lines: Sequence[Part]) -> Block:
    ordered = sorted(lines, key=lambda line: (line.level, line.left))
    half = [line.height / 2 for line in ordered]
    top = min(line.level - h for line, h in zip(ordered, half, strict=True))
    bottom = max(line.level + h for line, h in zip(ordered, half, strict=True))
    return Block(
        tuple(ordered), (min(line.left for line in ordered), max(line.right for line in ordered)), (top, bottom)
    )


def _in_order(blocks: list[Block]) -> list[Block]:
    """Order blocks by a recursive X-Y cut: into columns where possible, else into top and bottom."""
    if len(blocks) < 2:
        return blocks
    height = float(np.median([line.height for block in blocks for line in block.lines]))
    for sides, least in (([block.across for block in blocks], COLUMN_SPACE * height), ([b.down for b in blocks], 0.0)):
        width, at = _widest_gap(sides)
        if width > least:
            first = [block for block, side in zip(blocks, sides, strict=True) if sum(side) < 2 * at]
            second = [block for block, side in zip(blocks, sides, strict=True) if sum(side) >= 2 * at]
            return _in_order(first) + _in_order(second)
    # No cut is possible, as for a note beside lines of which one is too long: the block that begins first comes first.
    top = min(block.down[0] for block in blocks)
    first_block = min((b for b in blocks if b.down[0] < top + height), key=lambda b: b.across[0])
    return [first_block, *_in_order([block for block in blocks if block is not first_block])]


def _widest_gap(sides: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Width and middle of the widest gap between intervals; width 0 if there is none."""
    ends: NDArray[np.float64] = np.array(sorted(sides))
    gaps = ends[1:, 0] - np.maximum.accumulate(ends[:-1, 1])
    widest = int(gaps.argmax())
    width = max(0.0, float(gaps[widest]))
    return width, float(ends[widest + 1, 0]) - width / 2


def _paragraphs(lines: list[Part]) -> list[int]:
    """Number the paragraphs: a new one begins if a line is far below the line before it, or above it."""
    if not lines:
        return []
    down = np.diff([line.level for line in lines])
    least = float(np.median([line.height for line in lines]))
    steps = np.sort(down[down > least])
    usual = float(steps[(len(steps) - 1) // 2]) if len(steps) else np.inf
    breaks = (down > PARAGRAPH_PITCH * usual) | (down < -0.5 * least)
    return [0, *np.cumsum(breaks).tolist()]
