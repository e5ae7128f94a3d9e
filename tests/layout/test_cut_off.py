"""Rows that the edge of a picture or of another sheet cuts off."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Corners, marks_in
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.layout.baselines import Row
from ocrcli.layout.cut_off import evidence

SURE = 3.0
"""Nats that leave little doubt."""


def letters(count: int, top: int = 100, left: int = 20, seed: int = 1) -> list[Corners]:
    """Boxes of handwritten letters: hardly two stand at the same height; some have ascenders or descenders."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        x = left + 30 * number
        up, down = rng.choice([0, 14], 2, p=[0.7, 0.3])
        wobble = rng.integers(-3, 4, 2)
        found.append((x, int(top - up + wobble[0]), x + 20, int(top + 24 + down + wobble[1])))
    return found


def cut(boxes: list[Corners], y: float, slope: float = 0.0) -> list[Corners]:
    """What is left of them above an edge, which is y at x = 0."""
    return [
        (x0, y0, x1, min(y1, edge)) for x0, y0, x1, y1 in boxes if (edge := round(y + slope * (x0 + x1) / 2)) - y0 > 2
    ]


WHOLE = letters(14, top=20, seed=9)
"""A row above all others, for no row is cut off where there is no higher one."""


def judged(*rows: list[Corners]) -> list[float]:
    """Evidence of each row, on a page with `WHOLE`."""
    every = [WHOLE, *rows]
    numbers = np.split(np.arange(sum(map(len, every))), np.cumsum([len(row) for row in every])[:-1])
    found = [Row(own, np.array([124.0]), 38.0) for own in numbers]
    whole, *others = evidence(found, marks_in([box for row in every for box in row])).tolist()
    assert whole == 0.0
    return others


@pytest.mark.parametrize("slope", [0.0, 0.03, -0.05])
def test_a_row_is_cut_off_where_its_letters_end_at_one_line(slope: float) -> None:
    boxes = letters(14)
    assert judged(boxes) == [0.0]
    assert judged(cut(boxes, 112, slope))[0] > SURE


def test_a_row_is_cut_off_from_above_as_from_below() -> None:
    mirrored = [(x0, 300 - y1, x1, 300 - y0) for x0, y0, x1, y1 in cut(letters(14), 112)]
    assert judged(mirrored)[0] > SURE


def test_one_letter_beyond_the_edge_says_that_the_row_is_whole() -> None:
    half = cut(letters(14), 112)
    x0, y0, x1, _ = half[7]
    assert judged([*half[:7], (x0, y0, x1, 128), *half[8:]]) == [0.0]


def test_the_pieces_of_a_line_at_the_edge_of_the_page_are_judged_together() -> None:
    pieces = [cut(letters(2, left=left, seed=left), 112) for left in (20, 200, 400, 600)]
    alone = [letters(2, left=left, seed=left) for left in (20, 200, 400, 600)]
    assert judged(*alone) == [0.0] * 4
    assert sum(nats > SURE for nats in judged(*pieces)) >= 3


def test_small_capitals_between_two_lines_are_whole() -> None:
    assert judged([(30 * i, 100, 30 * i + 20, 112) for i in range(14)]) == pytest.approx([0], abs=0.01)


def test_a_row_as_high_as_the_others_is_whole() -> None:
    printed = [(x0, y0, x1, 128) for x0, y0, x1, _ in letters(14)]
    assert judged(printed) == [0.0]


def test_two_letters_say_nothing_and_no_rows_are_judged_as_none() -> None:
    assert judged(cut(letters(2), 112)) == [0.0]
    assert evidence([], marks_in([])).tolist() == []


corners = st.tuples(st.integers(0, 300), st.integers(0, 80), st.integers(1, 40), st.integers(1, 40)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


@given(st.lists(corners, min_size=1, max_size=20), st.integers(1, 200), st.integers(1, 90))
def test_where_the_page_stands_does_not_matter_and_evidence_is_never_negative(
    boxes: list[Corners], right: int, down: int
) -> None:
    def page(x: int, y: int) -> list[float]:
        moved = [(x0 + x, y0 + y, x1 + x, y1 + y) for x0, y0, x1, y1 in [*WHOLE, *boxes]]
        rows = [Row(own, np.array([124.0]), 38.0) for own in np.split(np.arange(len(moved)), [len(WHOLE)])]
        return evidence(rows, marks_in(moved)).tolist()

    assert min(page(0, 0)) >= 0
    assert page(right, down) == pytest.approx(page(0, 0))
