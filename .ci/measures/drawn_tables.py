"""Tables drawn with pen ink of writers that no model is trained on, before the camera of `examples/`.

Everything follows from the number of the table: its rows and columns, its lines, its paper, its hand and its
light. What is known of it is where each cell is in the photo.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, product
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from measures.photos import ROOT
from measures.ruled import INKS, PAPER, RULES, Words, photographed

sys.path.insert(0, str(ROOT / "examples"))

from drawing import Pen, apply_ink
from surfaces import Sheet, paper

from models.recipe.drawing.strokes import draw_strokes
from models.recipe.drawing.text_lines import lay_out
from models.recipe.handwriting.words import InkItem, extent, size_of
from models.recipe.synthesis.frames import wavering

LINES = ("by hand", "by a ruler", "none")
PAPERS = ("plain", "ruled", "squared")
SIZE = (1500, 1200)
"""Height and width of the photo in pixels."""

SEED = {"shown": 17, "measured": 71}
"""What chance begins with, for tables to look at and for those that are measured, whose writers are others."""

EDGE, LARGEST = 90.0, 60.0
"""Pixels around a table at least, and of a capital at most."""

EMPTY = 0.08
"""Share of cells with nothing in them, but for a table's first row and first column."""

LONGEST = 7
"""Letters of the longest word in a cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that was drawn: its place, a point of it in pixels of the photo, what is written there, what it spans.

    The point is the middle of the writing, and of the cell where nothing is written.
    """

    row: int
    column: int
    at: tuple[float, float]
    text: str
    row_span: int = 1
    column_span: int = 1

    def covers(self, row: int, column: int) -> bool:
        """Whether a place of the grid is in this cell."""
        return 0 <= row - self.row < self.row_span and 0 <= column - self.column < self.column_span


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn table.

    Attributes:
        number: All chance comes from it.
        lines: One of `LINES`.
        paper: One of `PAPERS`.
        words: Those of its writer.
        seed: What else chance comes from, a value of `SEED`.
        merged: Whether a cell spans several rows or columns.
    """

    number: int
    lines: str
    paper: str
    words: tuple[InkItem, ...]
    seed: int
    merged: bool = False


@dataclass(frozen=True, slots=True)
class _Grid:
    """Edges of rows and columns in pixels of the page, capital height, pen width, and cells that span several."""

    x: list[float]
    y: list[float]
    capital: float
    pen: int
    merged: tuple[Cell, ...] = ()

    def joined(self, one: tuple[int, int], other: tuple[int, int]) -> bool:
        """Whether two places, each a row and a column, are in one cell."""
        return any(cell.covers(*one) and cell.covers(*other) for cell in self.merged)


def tables(by_writer: Words, count: int, which: str, merged: bool = False) -> list[Drawn]:
    """So many tables, each kind of lines and paper in turn, by every second writer: `shown` or `measured`.

    Tables with merged cells have lines, all of them.
    """
    writers = list(by_writer)[list(SEED).index(which) :: 2]
    lines = LINES[:2] if merged else LINES
    step = len(lines)
    return [
        Drawn(
            n, lines[n % step], PAPERS[n // step % 3], tuple(by_writer[writers[n % len(writers)]]), SEED[which], merged
        )
        for n in range(count)
    ]


def drawn(table: Drawn) -> tuple[NDArray[np.uint8], list[Cell]]:
    """A photo of a table, (h, w, 3) uint8, and its cells."""
    rng = np.random.default_rng([table.seed, table.number])
    grid = _grid(table.lines != "none", rng)
    if table.merged:
        grid = replace(grid, merged=_merged(grid, np.random.default_rng([table.seed, table.number, 1])))
    canvas = np.zeros(SIZE, np.uint8)
    found = _fill(canvas, table, grid, rng)
    if table.lines != "none":
        _rule(canvas, grid, table.lines == "by hand", rng)
    colour, rule, tone = (str(rng.choice(of)) for of in (INKS, RULES, PAPER))
    seeds = rng.integers(1 << 31, size=4)
    step = {"plain": 0.0, "ruled": grid.y[1] - grid.y[0], "squared": grid.capital}[table.paper]
    rules = ((grid.y[0] + 0.78 * step) % step, step) if step else (0.0, 0.0)
    sheet = Sheet(SIZE, tone, rules, rule, squared=table.paper == "squared")
    ink = (canvas / 255).astype(np.float32)
    page = apply_ink(paper(sheet, np.random.default_rng(seeds[0])), ink, Pen(colour))
    image, corners = photographed(page, *(np.random.default_rng(seed) for seed in seeds[1:]))
    to_photo = _to_photo(corners)
    points = cv2.perspectiveTransform(np.array([[cell.at] for cell in found]), to_photo)[:, 0].tolist()
    return image, [replace(cell, at=(x, y)) for cell, (x, y) in zip(found, points, strict=True)]


def _grid(lines: bool, rng: np.random.Generator) -> _Grid:
    """Choose rows and columns, and the size of writing with which they fill much of the page."""
    rows, columns = int(rng.integers(3, 11)), int(rng.integers(2, 6))
    wide = rng.uniform(4.5, 9, columns)  # in capital heights, as is the pitch
    pitch = float(rng.uniform(2.2, 3.0) if lines else rng.uniform(1.9, 2.6))
    height, width = SIZE[0] - 2 * EDGE, SIZE[1] - 2 * EDGE
    capital = min(width / wide.sum(), height / (rows * pitch), LARGEST) * float(rng.uniform(0.7, 1))
    free = width - wide.sum() * capital, height - rows * pitch * capital
    left, top = (EDGE + side * float(rng.uniform(0.1, 0.9)) for side in free)
    x = [left, *(left + np.cumsum(wide) * capital).tolist()]
    y = [top + i * pitch * capital for i in range(rows + 1)]
    return _Grid(x, y, capital, max(2, round(capital * rng.uniform(0.06, 0.12))))


def _merged(grid: _Grid, rng: np.random.Generator) -> tuple[Cell, ...]:
    """A heading over two columns or more, or a first entry beside two rows, or both."""
    rows, columns = len(grid.y) - 1, len(grid.x) - 1
    kind, found = int(rng.integers(3)), []
    if kind != 1:
        span = int(rng.integers(2, columns + 1)) if columns > 2 else 2
        first = int(rng.integers(0, columns - span + 1))
        found.append(Cell(0, first, (0.0, 0.0), "", 1, span))
    if kind != 0:
        found.append(Cell(int(rng.integers(1, rows - 1)), 0, (0.0, 0.0), "", 2, 1))
    return tuple(found)


def _cells(grid: _Grid) -> list[Cell]:
    """The cells by rows, with nothing in them, at their middle."""
    found = []
    for row, column in product(range(len(grid.y) - 1), range(len(grid.x) - 1)):
        cell = next((cell for cell in grid.merged if cell.covers(row, column)), Cell(row, column, (0.0, 0.0), ""))
        if (cell.row, cell.column) == (row, column):
            x = (grid.x[column] + grid.x[column + cell.column_span]) / 2
            y = (grid.y[row] + grid.y[row + cell.row_span]) / 2
            found.append(replace(cell, at=(x, y)))
    return found


def _fill(canvas: NDArray[np.uint8], table: Drawn, grid: _Grid, rng: np.random.Generator) -> list[Cell]:
    """Write a word into every cell, in place, on (h, w) uint8; returns the cells in pixels of the page."""
    order = cycle(rng.permutation(len(table.words)).tolist())
    found = []
    gap = 0.45 * grid.capital if table.lines != "none" else 0.9 * grid.capital
    for cell in _cells(grid):
        (top, bottom), (left, right) = (
            (edges[first], edges[first + span])
            for edges, first, span in ((grid.y, cell.row, cell.row_span), (grid.x, cell.column, cell.column_span))
        )
        if cell.row and cell.column and rng.random() < EMPTY:
            found.append(cell)
            continue
        for _ in range(len(table.words)):
            item = table.words[next(order)]
            part = lay_out([item], [0.0], rng)[0]
            wide = size_of(item)[0] * part.scale * grid.capital
            if len(item.text) <= LONGEST and wide <= right - left - 2 * gap:
                break
        else:  # none is so short
            found.append(cell)
            continue
        slack = right - left - 2 * gap - wide
        x = left + gap + slack * float(rng.uniform(0, 0.25))
        level = bottom - (bottom - top - grid.capital) * 0.5 + 0.06 * grid.capital * float(rng.normal())
        box = _write(canvas, item, part.scale, grid, (x, level))
        found.append(replace(cell, at=((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), text=item.text))
    return found


def _write(
    canvas: NDArray[np.uint8], item: InkItem, scale: float, grid: _Grid, origin: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Draw a word, in place; returns the box of its ink in pixels."""
    points = item.points.astype(np.float64) * scale
    low, high = extent(item.text)
    points[:, 1] -= points[:, 1].max() * (1 + low / (high - low))
    pixels = points * grid.capital + origin
    draw_strokes(canvas, pixels, item.offsets, grid.pen)
    return (*pixels.min(axis=0).tolist(), *pixels.max(axis=0).tolist())


def _rule(canvas: NDArray[np.uint8], grid: _Grid, by_hand: bool, rng: np.random.Generator) -> None:
    """Draw the lines, in place: with or without those around the table, at times only some of them."""
    ends = _lines(grid)
    open_sides = rng.random() < 0.25 and not grid.merged
    outer = {(0, grid.x[0]), (0, grid.x[-1]), (1, grid.y[0]), (1, grid.y[-1])}
    for left, top, right, bottom in ends:
        if open_sides and ((0, left) if left == right else (1, top)) in outer:
            continue
        line = np.array([[left, top], [right, bottom]])
        if by_hand:
            along = np.array([0, 1]) if left == right else np.array([1, 0])
            line = line + along * np.array([[-1], [1]]) * rng.uniform(-4, 14, (2, 1))
            line = wavering(line + rng.normal(0, 0.05 * grid.capital, (2, 2)), rng)
        cv2.polylines(canvas, [np.round(line * 8).astype(np.int32)], False, 255, grid.pen, cv2.LINE_AA, 3)


def _lines(grid: _Grid) -> list[tuple[float, float, float, float]]:
    """The lines of a grid, left, top, right and bottom, those down before those across; none through a merged cell."""
    found: list[tuple[float, float, float, float]] = []
    rows, columns = range(len(grid.y) - 1), range(len(grid.x) - 1)
    for i, x in enumerate(grid.x):
        runs = _runs([not grid.joined((row, i - 1), (row, i)) for row in rows])
        found += [(x, grid.y[top], x, grid.y[bottom]) for top, bottom in runs]
    for i, y in enumerate(grid.y):
        runs = _runs([not grid.joined((i - 1, column), (i, column)) for column in columns])
        found += [(grid.x[left], y, grid.x[right], y) for left, right in runs]
    return found


def _runs(drawn: Sequence[bool]) -> list[tuple[int, int]]:
    """Where true values begin and end, the end excluded."""
    steps = np.diff([False, *drawn, False]).nonzero()[0].tolist()
    return list(zip(steps[::2], steps[1::2], strict=True))


def _to_photo(corners: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """The (3, 3) matrix from pixels of the page to those of a photo with the page's corners there."""
    height, width = SIZE
    seen = np.array(corners, np.float32) * (width, height)
    photo = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(seen.astype(np.float32), photo))


def right_cells(page: Any, cells: Sequence[Cell]) -> tuple[int, int, bool]:
    """How many cells the largest table of a page has at their place, how many words are in theirs, and if it is whole.

    Args:
        page: An `ocrcli.Page`, or None.
        cells: Those that were drawn.
    """
    found = max(page.tables, key=lambda table: len(table.cells), default=None) if page else None
    if found is None:
        return 0, 0, False
    places = {(c.row, c.column): c for c in found.cells}
    structure = words = 0
    for cell in cells:
        here = places.get((cell.row, cell.column))
        if here is None or (here.row_span, here.column_span) != (cell.row_span, cell.column_span):
            continue
        x, y = cell.at
        structure += here.box.left <= x < here.box.right and here.box.top <= y < here.box.bottom
        words += bool(cell.text) == bool(here.words)
    shape = max(c.row + c.row_span for c in cells), max(c.column + c.column_span for c in cells)
    return structure, words, structure == len(cells) and (found.rows, found.columns) == shape
