"""Rows that run aslant are turned level, and what is read is found again on the photo."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Grey, marks_in, photo, written
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import skewed

import ocrcli
from ocrcli.components import Marks
from ocrcli.level import ASLANT, levelled, slant_of
from ocrcli.sources import photo_from_array

HEIGHT = 30.0
TEXT = ("Water the fern", "and feed the cat", "before you leave")
INK = written(TEXT, (420, 700), origin=(80, 120), pitch=110)


def letters(degrees: float, rows: int = 5, columns: int = 14) -> Marks:
    """Rows of letters that sink to the right by so much."""
    angle = np.radians(degrees)
    boxes = []
    for row in range(rows):
        for column in range(columns):
            along, across = 26.0 * column + 9 * (column // 4), 75.0 * row
            x = 900 + along * np.cos(angle) - across * np.sin(angle)
            y = 900 + along * np.sin(angle) + across * np.cos(angle)
            boxes.append((round(x), round(y), round(x) + 20, round(y) + 30))
    return marks_in(boxes)


@given(st.floats(-80, 80))
@settings(deadline=None, max_examples=40)
def test_rows_aslant_tell_by_how_much(degrees: float) -> None:
    found = slant_of(letters(degrees), HEIGHT)
    if abs(degrees) > ASLANT + 3:
        assert found == pytest.approx(degrees, abs=2)  # such short rows tell no more
    elif abs(degrees) < ASLANT - 1:
        assert found == 0


@pytest.mark.parametrize("degrees", [90, 86, -87])
def test_rows_on_their_side_are_for_the_turn_by_quarters(degrees: float) -> None:
    assert slant_of(letters(degrees), HEIGHT) == 0


def test_few_letters_tell_nothing() -> None:
    assert slant_of(letters(30, rows=2, columns=6), HEIGHT) == 0


def test_letters_without_any_rows_tell_nothing() -> None:
    places = np.random.default_rng(2).integers(0, 900, (60, 2)).tolist()
    assert slant_of(marks_in([(x, y, x + 20, y + 30) for x, y in places]), HEIGHT) == 0


@given(st.floats(-89, 89), st.tuples(st.integers(10, 170), st.integers(10, 110)))
@settings(deadline=None, max_examples=40)
def test_what_is_found_on_the_level_photo_is_where_it_was_on_the_photo(degrees: float, place: tuple[int, int]) -> None:
    grey = np.full((240, 360), 230, np.uint8)
    x, y = 2 * place[0] - 8, 2 * place[1] - 8
    grey[y : y + 16, x : x + 16] = 20
    straight = levelled(photo_from_array(grey, long_side=2000), degrees)
    rows, columns = np.nonzero(straight.grey < 120)
    left, top, right, bottom = straight.full_size(
        (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    )
    assert left - 1.5 <= x < x + 16 <= right + 1.5
    assert top - 1.5 <= y < y + 16 <= bottom + 1.5
    assert max(right - left, bottom - top) <= 16 * 2 + 4  # the box around a turned box


def test_what_was_not_on_the_photo_is_like_its_edge() -> None:
    grey = np.full((100, 200), 90, np.uint8)
    grey[20:80, 20:180] = 240
    straight = levelled(photo_from_array(grey, long_side=2000), 30).grey
    assert {int(straight[0, 0]), int(straight[-1, -1])} == {90}


@pytest.mark.parametrize("degrees", [-60, -35, -12, 12, 35, 60, 140])
def test_a_photo_is_read_at_any_angle(degrees: float) -> None:
    seen: Grey = skewed(photo(INK, noise=2), degrees)
    page = ocrcli.read(seen)
    assert page.text.split("\n") == list(TEXT)
    covered = np.zeros(seen.shape, bool)
    for glyph in page.glyphs:
        box = glyph.box
        covered[box.top : box.bottom, box.left : box.right] = True
    assert page.turned in (0, 180)
    ink = np.rot90(seen, -page.turned // 90) < 150
    assert ink[covered].sum() > 0.9 * ink.sum()
