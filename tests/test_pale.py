"""Marks that were not written with their row: far paler than what stands beside them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.components import find_marks
from ocrcli.pale import PALE, without_pale
from ocrcli.rows import find_rows

HEIGHT = 30.0


def page(darkness: list[list[int]]) -> np.ndarray:
    """(h, w) uint8 ink: for each row its squares, 30 pixels high and 60 apart, of the given darkness."""
    ink = np.zeros((20 + 90 * len(darkness), 20 + 60 * max(map(len, darkness))), np.uint8)
    for line, row in enumerate(darkness):
        for place, level in enumerate(row):
            ink[20 + 90 * line : 50 + 90 * line, 20 + 60 * place : 40 + 60 * place] = level
    return ink


def kept(darkness: list[list[int]]) -> list[int]:
    """Darkness of the squares that are left."""
    ink = page(darkness)
    marks = find_marks(ink > 0)
    rows, left = without_pale(find_rows(marks, HEIGHT), marks, ink, HEIGHT)
    assert sorted(np.concatenate([row.marks for row in rows])) == list(range(len(left)))
    return sorted(int(ink[top, x]) for x, top in left.boxes[:, :2])


def test_a_pale_mark_beside_dark_ones_goes() -> None:
    assert kept([[200, 200, 60, 200, 190]]) == [190, 200, 200, 200]


def test_a_pale_row_stays_beside_a_dark_one() -> None:
    assert kept([[220, 220, 220, 220], [50, 55, 60, 50]]) == [50, 50, 55, 60, 220, 220, 220, 220]


def test_where_nothing_is_pale_all_stays_the_same() -> None:
    ink = page([[200, 180, 160]])
    marks = find_marks(ink > 0)
    rows = find_rows(marks, HEIGHT)
    assert without_pale(rows, marks, ink, HEIGHT) == (rows, marks)
    assert without_pale([], marks, ink, HEIGHT) == ([], marks)


def crossed(ink: np.ndarray, x: int, y: int, level: int = 110) -> None:
    """Draw a bit of squared paper, two pixels thick."""
    ink[y : y + 30, x + 14 : x + 16] = ink[y + 14 : y + 16, x : x + 30] = level


def left_over(ink: np.ndarray) -> list[int]:
    """x of the marks that are left."""
    marks = find_marks(ink > 0)
    return sorted(without_pale(find_rows(marks, HEIGHT), marks, ink, HEIGHT)[1].boxes[:, 0].tolist())


def test_bits_of_squared_paper_go_from_a_row() -> None:
    ink = page([[200, 200, 0, 200, 0]])
    crossed(ink, 140, 20)
    assert left_over(ink) == [20, 80, 200]
    crossed(ink, 140, 20, level=190)  # a plus in the same pen
    assert left_over(ink) == [20, 80, 140, 200]


def test_a_row_of_bits_of_squared_paper_goes_and_one_of_thin_letters_stays() -> None:
    ink = page([[200, 200, 200, 200], [0, 0, 0, 0]])
    for x in (20, 80, 140):
        crossed(ink, x, 110)
    assert left_over(ink) == [20, 80, 140, 200]
    for x in (20, 80, 140):
        ink[108:142, x : x + 30] = 0
        ink[110:140, x : x + 2] = ink[110:140, x + 22 : x + 24] = ink[124:126, x : x + 24] = 110  # an H in pencil
    assert left_over(ink) == [20, 20, 80, 80, 140, 140, 200]


@given(st.lists(st.integers(40, 255), min_size=3, max_size=9))
def test_what_goes_is_paler_than_all_that_stays_and_half_of_the_ink_stays(levels: list[int]) -> None:
    left = kept([levels])
    gone = sorted(levels)[: len(levels) - len(left)]
    assert sorted([*gone, *left]) == sorted(levels)
    assert len(left) >= len(levels) / 2
    assert all(level < PALE * max(left) for level in gone)
