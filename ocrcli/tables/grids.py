"""Grids: rulings that cross each other so that cells lie between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ocrcli.imaging.runs import connected
from ocrcli.tables.rulings import Ruling, Rulings

CROSSING = 1.4
"""Largest distance of a crossing from the end of a ruling, in x-heights. Chosen, as was all here, on drawn tables and
on half of ``wild/``."""

DOUBLE = 0.8
"""Largest distance of two rulings that are one edge, in x-heights, as of a double line."""

OVERHANG = 1.4
"""Distance, in x-heights, by which rulings stick out of a grid if there are cells without an outer edge."""

DRAWN = 0.5
"""Share of a cell's side that is drawn at least; else the cells on both sides are one."""

SAME = 0.3
"""Largest distance of a pale ruling from an edge that it is a part of, in x-heights."""

LOWEST_ROW = 1.9
"""Smallest median height of a row, in x-heights; what is lower is squared paper."""

MOST_RULINGS = 80
"""Most rulings one way that are looked at; more are squared paper."""

RUNS_OUT = 0.5
"""Share of the rulings each way that run from edge to edge of the image, above which they are the paper's."""


@dataclass(frozen=True)
class Span:
    """The place of a cell: its first row and column, from 0, and how many it spans."""

    row: int
    column: int
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True)
class Grid:
    """A grid of cells, in pixels of the image for reading.

    Attributes:
        across: Edges of the rows, from top to bottom; one more than there are rows.
        down: Edges of the columns, from left to right; one more than there are columns.
        cells: Places of the cells, row by row; together they fill the grid.
        ruled: Whether lines are drawn between the cells.
    """

    across: tuple[Ruling, ...]
    down: tuple[Ruling, ...]
    cells: tuple[Span, ...]
    ruled: bool

    def cell_at(self, x: float, y: float) -> Span | None:
        """The cell at a point; None if it is outside the grid."""
        row = bisect_right([edge.at(x) for edge in self.across], y) - 1
        column = bisect_right([edge.at(y) for edge in self.down], x) - 1
        for cell in self.cells:
            if 0 <= row - cell.row < cell.row_span and 0 <= column - cell.column < cell.column_span:
                return cell
        return None

    def box(self, cell: Span) -> tuple[int, int, int, int]:
        """Bounding box of a cell in pixels: left, top, right, bottom."""
        corners = [
            _crossing(across, down)
            for across in (self.across[cell.row], self.across[cell.row + cell.row_span])
            for down in (self.down[cell.column], self.down[cell.column + cell.column_span])
        ]
        x, y = zip(*corners, strict=True)
        # Between the mean corners, so that the boxes of neighbours do not overlap where edges are a little aslant.
        left, right = (x[0] + x[2]) / 2, (x[1] + x[3]) / 2
        top, bottom = (y[0] + y[1]) / 2, (y[2] + y[3]) / 2
        return round(left), round(top), max(round(right), round(left) + 1), max(round(bottom), round(top) + 1)


def find_grids(rulings: Sequence[Rulings], shape: tuple[int, int], x_height: float) -> tuple[Grid, ...]:
    """Find the grids that rulings make.

    Args:
        rulings: Rulings of the page, those as dark as the writing first.
        shape: Height and width of the image in pixels.
        x_height: X-height of the writing in pixels.

    Returns:
        Grids of at least two rows and two columns, the largest first. Pale rulings that run over the whole image are
        the paper's, and make none.
    """
    found: list[Grid] = []
    for number, drawn in enumerate(rulings):
        if max(len(drawn.across), len(drawn.down)) > MOST_RULINGS:
            continue
        for own in _crossing_rulings(drawn, x_height):
            if number and _is_paper(own, shape, x_height):
                continue
            rows, columns = _edges(own.across, own.down, x_height), _edges(own.down, own.across, x_height)
            if min(len(rows), len(columns)) < 3:
                continue
            heights = [b.middle - a.middle for a, b in pairwise(rows)]
            pale = rulings[-1]
            cells = _cells(
                _completed(rows, columns, pale.across, x_height), _completed(columns, rows, pale.down, x_height)
            )
            grid = Grid(rows, columns, cells, ruled=True)
            if np.median(heights) >= LOWEST_ROW * x_height and not any(_overlap(grid, other) for other in found):
                found.append(grid)
    return tuple(sorted(found, key=lambda grid: -len(grid.cells)))


def _crossing_rulings(drawn: Rulings, x_height: float) -> list[Rulings]:
    """Groups of rulings that cross each other."""
    across, down = drawn.across, drawn.down
    pairs = [(i, j) for i, one in enumerate(across) for j, other in enumerate(down) if _cross(one, other, x_height)]
    if not pairs:
        return []
    upper, lower = np.array(pairs).T
    numbers = connected(upper, lower + len(across), len(across) + len(down))
    groups = []
    for number in np.unique(numbers[upper]).tolist():
        own = [
            tuple(one for one, n in zip(side, of, strict=True) if n == number)
            for side, of in ((across, numbers[: len(across)]), (down, numbers[len(across) :]))
        ]
        groups.append(Rulings(*own))
    return groups


def _overlap(grid: Grid, other: Grid) -> bool:
    """Whether two grids cover the same place."""
    return all(
        one[0].middle < another[-1].middle and another[0].middle < one[-1].middle
        for one, another in ((grid.across, other.across), (grid.down, other.down))
    )


def _crossing(across: Ruling, down: Ruling) -> tuple[float, float]:
    """Where two edges cross: x and y in pixels."""
    y = (across.offset + across.slope * down.offset) / (1 - across.slope * down.slope)
    return down.at(y), y


def _cross(across: Ruling, down: Ruling, x_height: float) -> bool:
    x, y = _crossing(across, down)
    return across.reaches(x, CROSSING * x_height) and down.reaches(y, CROSSING * x_height)


def _is_paper(drawn: Rulings, shape: tuple[int, int], x_height: float) -> bool:
    """Whether rulings run from edge to edge of the image both ways, as those of a notebook."""
    for rulings, length in ((drawn.across, shape[1]), (drawn.down, shape[0])):
        out = [r.start < x_height and r.end > length - x_height for r in rulings]
        if np.mean(out) < RUNS_OUT:
            return False
    return True


def _edges(rulings: Sequence[Ruling], others: Sequence[Ruling], x_height: float) -> tuple[Ruling, ...]:
    """Edges of cells: the rulings, two that are close as one, and the open sides where the others stick out."""
    found: list[Ruling] = []
    for ruling in sorted(rulings, key=lambda r: r.middle):
        if found and ruling.middle - found[-1].middle < DOUBLE * x_height:
            found[-1] = max(found[-1], ruling, key=lambda r: sum(b - a for a, b in r.spans))
        else:
            found.append(ruling)
    starts, ends = (float(np.median([getattr(r, side) for r in others])) for side in ("start", "end"))
    first, last = found[0], found[-1]
    if first.middle - starts > OVERHANG * x_height:
        found.insert(0, _shifted(first, starts))
    if ends - last.middle > OVERHANG * x_height:
        found.append(_shifted(last, ends))
    return tuple(found)


def _completed(
    edges: Sequence[Ruling], others: Sequence[Ruling], pale: Sequence[Ruling], x_height: float
) -> tuple[Ruling, ...]:
    """The edges with all of their line, where it is paler in parts; not with that of a line of the paper.

    Args:
        edges: Edges of the rows or of the columns.
        others: Those that they cross.
        pale: All rulings that are dark enough, of the same direction.
        x_height: X-height in pixels.
    """
    first, last = others[0].middle - OVERHANG * x_height, others[-1].middle + OVERHANG * x_height
    inner = [one for one in pale if one.start > first and one.end < last]
    found = []
    for edge in edges:
        own = [one.spans for one in inner if abs(one.middle - edge.at((one.start + one.end) / 2)) < SAME * x_height]
        found.append(replace(edge, spans=_union([*edge.spans, *(span for spans in own for span in spans)])))
    return tuple(found)


def _union(spans: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Spans that do not overlap, in order, which cover the same."""
    found: list[tuple[float, float]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def _shifted(ruling: Ruling, middle: float) -> Ruling:
    return Ruling(ruling.slope, ruling.offset + middle - ruling.middle, ruling.spans)


def _cells(rows: Sequence[Ruling], columns: Sequence[Ruling]) -> tuple[Span, ...]:
    """Cells between edges; two are one where nothing is drawn between them and they are a rectangle."""
    beside = _open(columns, rows)
    below = _open(rows, columns)
    taken: set[tuple[int, int]] = set()
    found = []
    for row in range(len(rows) - 1):
        for column in range(len(columns) - 1):
            if (row, column) in taken:
                continue
            wide = 1
            while (column + wide, row) in beside and (row, column + wide) not in taken:
                wide += 1
            tall = 1
            while all((row + tall, column + i) in below for i in range(wide)):
                tall += 1
            taken |= {(row + i, column + j) for i in range(tall) for j in range(wide)}
            found.append(Span(row, column, tall, wide))
    return tuple(found)


def _open(edges: Sequence[Ruling], others: Sequence[Ruling]) -> set[tuple[int, int]]:
    """Places at which an inner edge is not drawn: its number, and that of the stretch between two other edges."""
    return {
        (number, place)
        for number, edge in enumerate(edges[1:-1], 1)
        for place, (one, other) in enumerate(pairwise(others))
        if edge.covers(one.at(edge.middle), other.at(edge.middle)) < DRAWN
    }
