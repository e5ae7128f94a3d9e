"""What the photo's edge cuts off is the table's, or was cut through, and is not read."""

from __future__ import annotations

import numpy as np
from drawn import Corners, filled
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.components import find_marks
from ocrcli.rows import find_rows
from ocrcli.strays import ASIDE, without_strays

HEIGHT = 30.0
WIDTH = 600
FIRST, SECOND = 20, 110
"""Tops of two rows."""


def letters(*lefts: int, top: int = FIRST) -> list[Corners]:
    """Squares 20 pixels wide and 30 high."""
    return [(left, top, left + 20, top + 30) for left in lefts]


def kept(*boxes: Corners) -> list[Corners]:
    """The boxes of the marks that stay, on a photo 600 pixels wide."""
    marks = find_marks(filled(boxes, (500, WIDTH)))
    rows, left = without_strays(find_rows(marks, HEIGHT), marks, HEIGHT)
    assert sorted(np.concatenate([row.marks for row in rows])) == list(range(len(left)))
    return sorted((int(a), int(b), int(c), int(d)) for a, b, c, d in left.boxes)


def test_a_mark_at_the_edge_far_from_its_row_goes() -> None:
    assert kept(*letters(100, 140, 180, 220, 580)) == letters(100, 140, 180, 220)
    assert kept(*letters(0, 300, 340, 380, 420)) == letters(300, 340, 380, 420)
    assert kept(*letters(0, 200, 240, 280, 580)) == letters(200, 240, 280)


def test_a_letter_at_the_edge_stays_with_its_word() -> None:
    words = letters(0, 40, 80, 500, 540, 580)
    assert kept(*words) == words


def test_a_letter_at_the_edge_stays_with_a_joined_word_and_its_dot() -> None:
    word, dot = (100, 25, 540, 50), (200, 8, 207, 14)
    row = [word, dot, *letters(580)]
    assert kept(*row) == sorted(row)


def test_a_row_of_its_own_at_the_edge_goes() -> None:
    assert kept(*letters(100, 140, 180, 220), *letters(580, top=SECOND)) == letters(100, 140, 180, 220)


def test_words_at_the_edge_stay() -> None:
    joined = [(0, SECOND, 150, SECOND + 30), (450, SECOND, WIDTH, SECOND + 30)]
    assert kept(*letters(200, 240, 280), *joined) == sorted([*letters(200, 240, 280), *joined])
    whole = (0, SECOND, WIDTH, SECOND + 30)
    assert whole in kept(*letters(200, 240, 280), whole)


def test_a_row_at_the_edge_below_other_writing_stays() -> None:
    page = [*letters(10, 50, 90, 130), *letters(0, top=SECOND)]
    assert kept(*page) == sorted(page)


def test_a_photo_of_letters_at_its_edge_alone_keeps_them() -> None:
    assert kept(*letters(0)) == letters(0)
    assert kept(*letters(0), *letters(580, top=SECOND)) == [*letters(0), *letters(580, top=SECOND)]


def test_a_row_that_comes_in_over_the_upper_or_lower_edge_goes() -> None:
    page = letters(100, 140, 180, 220)
    assert kept(*page, *letters(60, 120, 180, 240, 300, top=480)) == page
    below = letters(100, 140, 180, 220, top=SECOND)
    assert kept(*letters(60, 120, 180, 240, 300, top=0), *below) == below


def test_letters_whose_tops_are_cut_off_stay() -> None:
    strokes = [box for x in (60, 120, 180, 240) for box in ((x, 0, x + 5, 30), (x, 25, x + 20, 30))]  # as of L
    row = [(x, 0, x + 20, 30) for x in (60, 120, 180, 240)]
    below = letters(100, 140, 180, 220, top=SECOND)
    assert kept(*strokes, *below) == sorted([*row, *below])


def test_a_row_that_just_fits_stays() -> None:
    small = [(left, 5, left + 20, 30) for left in (40, 100, 160)]
    tall = [(left, 0, left + 20, 30) for left in (70, 130, 190)]
    page = sorted([*small, *tall, *letters(100, 140, 180, 220, top=SECOND)])
    assert kept(*page) == page


def test_the_only_row_stays_even_if_it_is_cut() -> None:
    row = letters(60, 120, 180, 240, 300, top=0)
    assert kept(*row) == row


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 3)), min_size=1, max_size=20, unique=True))
def test_what_goes_is_at_the_edge_and_far_from_its_row(places: list[tuple[int, int]]) -> None:
    page = [box for x, y in places for box in letters(min(30 * x, 580), top=FIRST + 90 * y)]
    for left, top, right, _ in set(page) - set(kept(*page)):
        assert left == 0 or right == WIDTH
        row = [box for box in page if box[1] == top and box[0] > 0 and box[2] < WIDTH]
        assert all(max(box[0] - right, left - box[2]) > ASIDE * HEIGHT for box in row)
