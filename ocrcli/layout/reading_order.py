"""Lines -> reading order: lines into blocks, blocks from left to right and from top to bottom, paragraphs numbered.

Blocks are put in order by cutting the page along white space, across and down by turns (recursive X-Y cut: Nagy and
Seth 1984, "Hierarchical representation of optically scanned documents"). Cutting between blocks, not lines, keeps a
column of text whole beside a note of other spacing.
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
"""Usual distances from a line to the one above it, up to which both are in one block."""

COMMON_WIDTH = 0.5
"""Capital heights that two lines have in common, seen from above, if one is above the other."""

COVERED_SHARE = 0.3
"""Share of what two lines have in common, seen from above, from which a line between them parts them."""

LEVEL_ROWS = 0.6
"""Capital heights by which lines that stand in one row differ in height at most."""

LEVEL_NEIGHBOURS = 1.0
"""The same for lines of which one ends where the other begins, or before."""

COLUMN_SPACE = 1.0
"""Capital heights of white space from which blocks beside one another are columns."""

PARAGRAPH_PITCH = 1.55
"""Usual distances between lines from which a new paragraph begins."""

MOST_LINES = 400
"""Lines that are put in order; of more, each pair of which is compared, no page is known."""


@dataclass(frozen=True)
class Block:
    """Lines that are read one after another.

    Attributes:
        lines: From top to bottom.
        across: Left and right edge in pixels.
        down: Top and bottom of its capitals.
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
        core: Of the page, as in `columns.lines_of`.

    Returns:
        Lines, each as the rows that it is read as, from left to right, and the number of the paragraph of each,
        ascending from 0.
    """
    if len(rows) > MOST_LINES:
        lone: list[tuple[Row, ...]] = [(row,) for row in rows if len(row.marks)]
        return lone, [0] * len(lone)
    lines = [line for block in _in_order(_blocks(lines_of(rows, marks, core))) for line in block.lines]
    return [line.stretches for line in lines], _paragraphs(lines)


def _blocks(lines: list[Part]) -> list[Block]:
    """Lines that stand close one above the other, of letters as high, make a block."""
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
            # A heading above two columns, or a line below them, is in the block of neither.
            alone = _is_alone(j, below[i], lines) and _is_alone(i, over, lines)
            if near and alone:
                group = [group[j] if g == group[i] else g for g in group]
    members: dict[int, list[Part]] = {}
    for line, g in zip(lines, group, strict=True):
        members.setdefault(g, []).append(line)
    return [_block(own) for own in members.values()]


def _above(lines: Sequence[Part]) -> list[list[int]]:
    """For each line the lines above it, nearest first, as far as no other one stands between."""
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
    """For each line those that it is above of."""
    below: list[list[int]] = [[] for _ in above]
    for j, over in enumerate(above):
        for i in over:
            below[i].append(j)
    return below


def _is_alone(index: int, among: Sequence[int], lines: Sequence[Part]) -> bool:
    """Whether no other line among those stands beside a line."""
    return all(i == index or not _are_beside(lines[i], lines[index]) for i in among)


def _are_beside(line: Part, other: Part) -> bool:
    """Whether two lines stand beside one another, though not quite as high."""
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
    """Blocks as they are read: cut into columns where that is possible, else into what is above and what below."""
    if len(blocks) < 2:
        return blocks
    height = float(np.median([line.height for block in blocks for line in block.lines]))
    for sides, least in (([block.across for block in blocks], COLUMN_SPACE * height), ([b.down for b in blocks], 0.0)):
        width, at = _widest_gap(sides)
        if width > least:
            first = [block for block, side in zip(blocks, sides, strict=True) if sum(side) < 2 * at]
            second = [block for block, side in zip(blocks, sides, strict=True) if sum(side) >= 2 * at]
            return _in_order(first) + _in_order(second)
    # A note beside lines of which one is too long for a cut: what begins first is read first.
    top = min(block.down[0] for block in blocks)
    first_block = min((b for b in blocks if b.down[0] < top + height), key=lambda b: b.across[0])
    return [first_block, *_in_order([block for block in blocks if block is not first_block])]


def _widest_gap(sides: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Width and middle of the widest gap between intervals; 0 where there is none."""
    ends: NDArray[np.float64] = np.array(sorted(sides))
    gaps = ends[1:, 0] - np.maximum.accumulate(ends[:-1, 1])
    widest = int(gaps.argmax())
    width = max(0.0, float(gaps[widest]))
    return width, float(ends[widest + 1, 0]) - width / 2


def _paragraphs(lines: list[Part]) -> list[int]:
    """Number of each line's paragraph: one ends where the next line is far below, or elsewhere."""
    if not lines:
        return []
    down = np.diff([line.level for line in lines])
    least = float(np.median([line.height for line in lines]))
    steps = np.sort(down[down > least])
    usual = float(steps[(len(steps) - 1) // 2]) if len(steps) else np.inf
    breaks = (down > PARAGRAPH_PITCH * usual) | (down < -0.5 * least)
    return [0, *np.cumsum(breaks).tolist()]
