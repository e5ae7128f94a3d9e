"""Marks at the photo's edge that stand alone are the table's, not the writing's."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.components import find_marks
from ocrcli.rows import find_rows
from ocrcli.strays import without_strays

HEIGHT = 30.0
WIDTH = 600


def left(*rows: list[int]) -> list[list[int]]:
    """Where the squares of each row, 20 pixels wide and 30 high, are that stay; they are given by their left edges."""
    ink = np.zeros((20 + 90 * len(rows), WIDTH), bool)
    for line, places in enumerate(rows):
        for x in places:
            ink[20 + 90 * line : 50 + 90 * line, max(x, 0) : x + 20] = True
    marks = find_marks(ink)
    found, kept = without_strays(find_rows(marks, HEIGHT), marks, HEIGHT)
    assert sorted(np.concatenate([row.marks for row in found])) == list(range(len(kept)))
    return [sorted(kept.boxes[row.marks, 0].tolist()) for row in found]


def test_a_mark_at_the_edge_far_from_its_row_goes() -> None:
    assert left([100, 140, 180, 220, 580]) == [[100, 140, 180, 220]]
    assert left([0, 300, 340, 380, 420]) == [[300, 340, 380, 420]]


def test_a_letter_at_the_edge_stays_with_its_word() -> None:
    assert left([0, 40, 80, 500, 540, 580]) == [[0, 40, 80, 500, 540, 580]]


def test_a_row_of_its_own_at_the_edge_goes() -> None:
    assert left([100, 140, 180, 220], [580]) == [[100, 140, 180, 220]]


def test_a_photo_of_one_letter_keeps_it() -> None:
    assert left([0]) == [[0]]


@given(st.lists(st.integers(1, 19), min_size=1, max_size=12, unique=True))
def test_what_is_not_at_the_edge_stays(places: list[int]) -> None:
    lefts = sorted(30 * place for place in places if 30 * place + 20 < WIDTH)
    assert sum(map(len, left(lefts))) == len(lefts)
