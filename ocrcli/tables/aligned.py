"""Tables without lines: rows of text whose gaps between words stand one above the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocrcli.tables.grids import Grid, Span
from ocrcli.tables.rulings import Ruling

FEWEST_ROWS = 3

SAME_LEVEL = 0.45
"""Largest distance of a word from the level of the row's last word, in capital heights. Chosen, as was all here, on
drawn tables and on half of ``wild/``."""

CELL_GAP = 1.3
"""Smallest gap between the cells of two columns, in capital heights, in half of the rows and in `FEWEST_ROWS` at least.
A gap between words is narrower, but a long entry may leave no more than that."""

CORRIDOR = 0.7
"""Smallest width of the gap that all rows have in common, in capital heights."""

ON_BOTH_SIDES = 0.7
"""Share of the rows in which something is written on both sides of a gap, and in every column, half of it."""

ROW_STEP = 3.6
"""Largest distance of two rows of a table, in capital heights."""

WIDEST_CELL = 9.0
"""Largest median width of the cells of a column, in capital heights; a column of wider ones is running text."""

SINGLE_LETTERS = 0.8
"""Share of cells with one letter each, above which it is an alphabet, not a table."""

MOST_ROWS = 200
"""Number of rows from which no table is looked for, as time grows with its square."""


@dataclass(frozen=True)
class PlacedWord:
    """A word on the image for reading.

    Attributes:
        left: Left edge in pixels.
        right: Right edge in pixels.
        level: y of the middle of its capitals, in pixels.
        letters: Number of its letters.
    """

    left: float
    right: float
    level: float
    letters: int


@dataclass(frozen=True)
class _Row:
    words: tuple[PlacedWord, ...]

    @property
    def level(self) -> float:
        return float(np.mean([word.level for word in self.words]))

    def gap_at(self, x: float) -> float:
        """Width of the gap around x; infinite at the ends of the row, 0 within a word."""
        before = [word.right for word in self.words if word.left < x]
        behind = [word.left for word in self.words if word.left >= x]
        if not before or not behind:
            return np.inf
        return max(0.0, min(behind) - max(before)) if max(before) <= x else 0.0


def aligned_grids(words: Sequence[PlacedWord], capital: float) -> tuple[Grid, ...]:
    """Find the tables without lines among words.

    Args:
        words: Words that are in no other table.
        capital: Capital height in pixels.

    Returns:
        Grids, from top to bottom.
    """
    rows = _rows(words, capital)
    if not FEWEST_ROWS <= len(rows) <= MOST_ROWS:
        return ()
    return tuple(_grids(rows, capital))


def _rows(words: Sequence[PlacedWord], capital: float) -> list[_Row]:
    """Rows across the whole page, from top to bottom, whatever stands between their words."""
    rows: list[list[PlacedWord]] = []
    for word in sorted(words, key=lambda w: w.left):
        near = [
            (abs(row[-1].level - word.level), number)
            for number, row in enumerate(rows)
            if row[-1].right <= word.left + capital / 3
        ]
        aside, number = min(near, default=(np.inf, 0))
        if aside < SAME_LEVEL * capital:
            rows[number].append(word)
        else:
            rows.append([word])
    return sorted((_Row(tuple(row)) for row in rows), key=lambda row: row.level)


def _grids(rows: list[_Row], capital: float) -> list[Grid]:
    """The largest table of the rows, and those above and below it."""
    best: tuple[int, int, int, list[float]] = (0, 0, 0, [])
    for first in range(len(rows) - FEWEST_ROWS + 1):
        last = first + 1
        while last < len(rows) and rows[last].level - rows[last - 1].level < ROW_STEP * capital:
            last += 1
            if last - first < FEWEST_ROWS:
                continue
            edges = _edges(rows[first:last], capital)
            if not _corridors(rows[first:last], capital):
                break
            score = (last - first) * len(edges)
            if edges and score > best[0] and _is_table(rows[first:last], edges, capital):
                best = (score, first, last, edges)
    score, first, last, edges = best
    if not score:
        return []
    above, below = rows[:first], rows[last:]
    return [*_grids(above, capital), _grid(rows[first:last], edges, capital), *_grids(below, capital)]


def _corridors(rows: Sequence[_Row], capital: float) -> list[tuple[float, float]]:
    """Stretches of x in which no row has ink, within the rows: left and right edge."""
    spans = np.array(sorted((word.left, word.right) for row in rows for word in row.words))
    ends = np.maximum.accumulate(spans[:-1, 1])
    wide = spans[1:, 0] - ends >= CORRIDOR * capital
    return [(float(a), float(b)) for a, b in zip(ends[wide], spans[1:, 0][wide], strict=True)]


def _edges(rows: Sequence[_Row], capital: float) -> list[float]:
    """The edges between columns: x in pixels."""
    found = []
    for left, right in _corridors(rows, capital):
        middle = (left + right) / 2
        gaps = np.array([row.gap_at(middle) for row in rows])
        both = np.isfinite(gaps)
        wide = gaps[both] >= CELL_GAP * capital
        if both.mean() >= ON_BOTH_SIDES and wide.sum() >= max(FEWEST_ROWS, len(wide) / 2):
            found.append(middle)
    return found


def _is_table(rows: Sequence[_Row], edges: Sequence[float], capital: float) -> bool:
    """Whether what stands between edges are short entries in most rows, and not an alphabet."""
    cells = _contents(rows, edges)
    letters = [sum(word.letters for word in cell) for row in cells for cell in row if cell]
    if np.mean([count == 1 for count in letters]) > SINGLE_LETTERS:
        return False
    for column in zip(*cells, strict=True):
        widths = [max(w.right for w in cell) - min(w.left for w in cell) for cell in column if cell]
        if len(widths) < ON_BOTH_SIDES * len(rows) / 2 or np.median(widths) > WIDEST_CELL * capital:
            return False
    return True


def _contents(rows: Sequence[_Row], edges: Sequence[float]) -> list[list[list[PlacedWord]]]:
    """The words of each cell of each row."""
    bounds = [-np.inf, *edges, np.inf]
    return [[[w for w in row.words if left <= w.left < right] for left, right in pairwise(bounds)] for row in rows]


def _grid(rows: Sequence[_Row], edges: Sequence[float], capital: float) -> Grid:
    """The grid of a table: its edges lie in the middle between rows and columns."""
    along = np.array([(w.left + w.right) / 2 for row in rows for w in row.words])
    level = np.array([w.level for row in rows for w in row.words])
    own = np.repeat(np.arange(len(rows)), [len(row.words) for row in rows])
    counts = np.bincount(own)
    middles, levels = (np.bincount(own, values) / counts for values in (along, level))
    off = along - middles[own]
    slope = float((off * level).sum() / max(float((off * off).sum()), 1e-6))
    offsets = levels - slope * middles  # rows are parallel
    order = np.argsort(offsets)
    half = 0.5 * float(np.median(np.diff(offsets[order])))
    between = (offsets[order][1:] + offsets[order][:-1]) / 2
    left, right = (
        f(w)
        for f, w in ((min, [w.left for r in rows for w in r.words]), (max, [w.right for r in rows for w in r.words]))
    )
    side = capital / 2
    ys = [float(offsets.min()) - half, *between.tolist(), float(offsets.max()) + half]
    xs = [left - side, *edges, right + side]
    across = tuple(Ruling(slope, y, ((xs[0], xs[-1]),)) for y in ys)
    down = tuple(Ruling(0.0, x, ((ys[0], ys[-1]),)) for x in xs)
    cells = tuple(Span(row, column) for row in range(len(rows)) for column in range(len(xs) - 1))
    return Grid(across, down, cells, ruled=False)
