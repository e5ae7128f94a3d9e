"""Rulings, the grids that they make, and tables without any."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocrcli.tables.aligned import PlacedWord, aligned_grids
from ocrcli.tables.grids import Grid, find_grids
from ocrcli.tables.rulings import POOL, find_rulings, pooled

X_HEIGHT = 24.0
Line = tuple[float, float, float, float]


def grids(lines: list[Line], shape: tuple[int, int] = (700, 900), darkness: int = 0) -> tuple[Grid, ...]:
    """The grids of lines drawn on a page with some writing."""
    image = Image.new("L", shape[::-1], 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((30, 30, 60, 34), 0)
    writing = np.array(image)
    for line in lines:
        draw.line(line, darkness, 4)
    return find_grids(find_rulings(np.array(image), writing), shape, X_HEIGHT)


def mesh(x: list[int], y: list[int], lean: float = 0.0) -> list[Line]:
    across = [(x[0], b, x[-1], b + lean * (x[-1] - x[0])) for b in y]
    return across + [(a, y[0], a - lean * (y[-1] - y[0]), y[-1]) for a in x]


def test_pooled_keeps_the_largest() -> None:
    image = np.zeros((POOL * 2 + 1, POOL * 3), np.uint8)
    image[POOL, 1] = 7
    assert pooled(image).tolist() == [[0, 0, 0], [7, 0, 0]]


@pytest.mark.parametrize("lean", [0.0, 0.03, -0.05])
def test_a_drawn_grid(lean: float) -> None:
    (grid,) = grids(mesh([100, 350, 500, 800], [150, 250, 400, 500], lean))
    assert (len(grid.across) - 1, len(grid.down) - 1, len(grid.cells)) == (3, 3, 9)
    cell = grid.cell_at(420 - lean * 170, 320 + lean * 300)
    assert cell is not None
    assert (cell.row, cell.column) == (1, 1)
    assert grid.cell_at(40, 320) is None
    assert grid.box(grid.cells[0]) == pytest.approx((100, 150, 350, 250), abs=20)


def test_a_cell_spans_where_nothing_is_drawn() -> None:
    lines = mesh([100, 350, 600], [150, 250, 400, 500])
    lines.remove((350, 150, 350, 500))
    (grid,) = grids([*lines, (350, 250, 350, 500)])
    assert [(c.row, c.column, c.row_span, c.column_span) for c in grid.cells][:2] == [(0, 0, 1, 2), (1, 0, 1, 1)]


def test_sides_may_be_open() -> None:
    (grid,) = grids([(100, 250, 800, 250), (100, 350, 800, 350), (350, 150, 350, 450), (600, 150, 600, 450)])
    assert (len(grid.across) - 1, len(grid.down) - 1) == (3, 3)


def test_rulings_of_paper_are_no_grid() -> None:
    across: list[Line] = [(0, y, 900, y) for y in range(40, 700, 60)]
    assert not grids(across)
    assert not grids([*across, (120, 0, 120, 700)], darkness=120)  # a margin
    squares: list[Line] = [(x, 0, x, 700) for x in range(40, 900, 40)]
    assert not grids([*squares, *((0, y, 900, y) for y in range(40, 700, 40))], darkness=120)


def word(x: float, y: float, wide: float = 120, letters: int = 4) -> PlacedWord:
    return PlacedWord(x, x + wide, y, letters)


def test_columns_that_stand_in_a_grid() -> None:
    words = [word(x + 7 * (y % 3), y + x / 100) for y in range(100, 500, 90) for x in (100, 400, 650)]
    words.remove(word(400 + 7 * (190 % 3), 190 + 4))
    (grid,) = aligned_grids(words, 40)
    assert (len(grid.across) - 1, len(grid.down) - 1, grid.ruled) == (5, 3, False)
    assert [grid.cell_at(460, 104).row, grid.cell_at(700, 280).column] == [0, 2]  # type: ignore[union-attr]


def test_running_text_and_alphabets_are_no_table() -> None:
    rng = np.random.default_rng(1)
    prose, y = [], 100.0
    for _ in range(8):
        x = 50.0
        while x < 900:
            wide = float(rng.uniform(60, 200))
            prose.append(word(x, y, wide))
            x += wide + float(rng.uniform(25, 45))
        y += 80
    assert not aligned_grids(prose, 40)
    assert not aligned_grids([word(x, y, 30, 1) for y in range(100, 500, 90) for x in range(100, 900, 100)], 40)
    assert not aligned_grids(
        [word(x, y, 420) for y in range(100, 500, 90) for x in (50, 550)], 40
    )  # two columns of text
    assert not aligned_grids([], 40)
