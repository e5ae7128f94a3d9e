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


@given(st.lists(st.integers(40, 255), min_size=3, max_size=9))
def test_what_goes_is_paler_than_all_that_stays_and_half_of_the_ink_stays(levels: list[int]) -> None:
    left = kept([levels])
    gone = sorted(levels)[: len(levels) - len(left)]
    assert sorted([*gone, *left]) == sorted(levels)
    assert len(left) >= len(levels) / 2
    assert all(level < PALE * max(left) for level in gone)
