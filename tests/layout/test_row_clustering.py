"""Marks become rows: straight, slanting, bent, uneven."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from drawn import LEVEL, Corners, Course, curved, marks_in, straight
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.layout.baselines import Row, fit_baseline, letter_height, measured_rows
from ocrcli.layout.row_clustering import cluster_rows, page_slope

HEIGHT, STEP, LENGTH, LEFT, TOP, PITCH = 30, 32, 24, 60, 240, 80
WIDTH = LENGTH * STEP
ROWS = 4


def row_of(
    number: int, *, course: Course = LEVEL, indent: int = 0, length: int = LENGTH, heights: Sequence[int] = (HEIGHT,)
) -> list[Corners]:
    """A row of letters; the heights repeat."""
    boxes = []
    for i in range(length):
        left = LEFT + indent + i * STEP
        bottom = TOP + number * PITCH + round(course(left + 11 - LEFT))
        boxes.append((left, bottom - heights[i % len(heights)], left + 22, bottom))
    return boxes


def found(rows: Sequence[Sequence[Corners]], seed: int = 3) -> list[Row]:
    """Find the rows of shuffled boxes, with their marks numbered as the boxes are in `rows`."""
    boxes = [box for row in rows for box in row]
    order = np.random.default_rng(seed).permutation(len(boxes))
    rows_found = cluster_rows(marks_in([boxes[i] for i in order]), HEIGHT)
    return [Row(order[row.marks], row.baseline, row.cap_height) for row in rows_found]


def assert_recovered(rows: Sequence[Sequence[Corners]]) -> list[Row]:
    """Each drawn row is one row, in the same order, its letters from left to right."""
    got = found(rows)
    ends = np.cumsum([len(row) for row in rows])
    expected = [list(range(end - len(row), end)) for end, row in zip(ends, rows, strict=True)]
    assert [sorted(row.marks.tolist()) for row in got] == expected
    boxes = np.array([box for row in rows for box in row])
    for row in got:
        assert (np.diff(boxes[row.marks, 0]) >= 0).all()
    return got


def error_of(row: Row, boxes: Sequence[Corners]) -> float:
    """How far the baseline is from the boxes' lower ends, at most."""
    corners = np.array(boxes, float)
    return float(np.abs(np.polyval(row.baseline, (corners[:, 0] + corners[:, 2]) / 2) - corners[:, 3]).max())


@pytest.mark.parametrize("angle", [0, 2, -2, 5, -5, 8, -8])
def test_straight_and_slanting_rows(angle: float) -> None:
    rows = [row_of(i, course=straight(angle)) for i in range(ROWS)]
    for row, boxes in zip(assert_recovered(rows), rows, strict=True):
        assert error_of(row, boxes) < 0.1 * HEIGHT


@pytest.mark.parametrize("depth", [25, -25, 40, -40])
def test_rows_that_bend(depth: float) -> None:
    rows = [row_of(i, course=curved(depth, WIDTH)) for i in range(ROWS)]
    for row, boxes in zip(assert_recovered(rows), rows, strict=True):
        assert error_of(row, boxes) < 0.15 * HEIGHT


@pytest.mark.parametrize("depth", [60, -60, 80, -80])
def test_rows_that_bend_by_more_than_their_height(depth: float) -> None:
    assert_recovered([row_of(i, course=curved(depth, WIDTH)) for i in range(ROWS)])


def test_rows_that_wave() -> None:
    assert_recovered([row_of(i, course=lambda x: 20 * np.sin(2 * np.pi * x / WIDTH)) for i in range(ROWS)])


def test_a_slanting_row_that_bends() -> None:
    slope, bend = straight(-4), curved(20, WIDTH)
    assert_recovered([row_of(i, course=lambda x: slope(x) + bend(x)) for i in range(ROWS)])


@pytest.mark.parametrize("seed", range(5))
def test_letters_of_uneven_height(seed: int) -> None:
    heights = np.random.default_rng(seed).integers(22, 42, LENGTH).tolist()
    assert_recovered([row_of(i, heights=heights, course=straight(1)) for i in range(ROWS)])


def test_rows_that_start_and_end_anywhere() -> None:
    rows = [
        row_of(0, indent=5 * STEP, length=6),
        row_of(1),
        row_of(2, indent=12 * STEP, length=12),
        row_of(3, length=3),
        row_of(4, indent=2 * STEP, length=15),
    ]
    assert_recovered(rows)


def test_a_gap_within_a_row_does_not_split_it() -> None:
    rows = [row_of(i) for i in range(ROWS)]
    assert_recovered([row[:6] + row[15:] for row in rows])


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_short_note(length: int) -> None:
    assert_recovered([row_of(0, length=length)])


def test_no_marks_have_no_rows() -> None:
    assert cluster_rows(marks_in([]), HEIGHT) == []


def small(number: int, place: int, top: int, bottom: int, width: int = 6) -> Corners:
    """A small mark above or below the letter at `place`, measured from the baseline upward."""
    left, base = LEFT + place * STEP + 8, TOP + number * PITCH
    return left, base - top, left + width, base - bottom


@pytest.mark.parametrize(
    "mark",
    [
        small(1, 5, 42, 36),
        small(1, LENGTH, 6, 0),
        small(1, LENGTH, 6, -8),
        small(1, LENGTH, 32, 22),
        small(1, LENGTH, 18, 13, width=16),
        small(1, 9, -3, -6, width=20),
    ],
    ids=["dot of an i", "full stop", "comma", "apostrophe", "dash", "underscore"],
)
@pytest.mark.parametrize("angle", [0, 3])
def test_small_marks_join_their_row(mark: Corners, angle: float) -> None:
    course = straight(angle)
    left, top, right, bottom = mark
    shift = round(course((left + right) / 2 - LEFT))
    rows = [row_of(i, course=course) for i in range(3)]
    rows[1].append((left, top + shift, right, bottom + shift))
    got = found(rows)
    assert len(got) == 3
    assert 2 * LENGTH in got[1].marks
    lefts = np.array([box for row in rows for box in row])[got[1].marks, 0]
    assert (np.diff(lefts) >= 0).all()


def test_a_stain_far_from_all_rows_is_left_out() -> None:
    stain = (LEFT + 100, TOP + 6 * PITCH, LEFT + 105, TOP + 6 * PITCH + 5)
    got = found([row_of(0), row_of(1), [stain]])
    assert [len(row.marks) for row in got] == [LENGTH, LENGTH]


def test_descenders_do_not_pull_the_baseline_down() -> None:
    standing = [row_of(i, heights=(30, 22, 22, 30, 22, 22)) for i in range(2)]
    hanging = [list(row) for row in standing]
    for row in hanging:
        row[2::5] = [(left, top, right, bottom + 12) for left, top, right, bottom in row[2::5]]
    for row, plain in zip(assert_recovered(hanging), standing, strict=True):
        assert error_of(row, plain) < 0.12 * HEIGHT


@pytest.mark.parametrize("angle", [-6, 0, 6])
@pytest.mark.parametrize("count", [5, 12, 30])
def test_a_baseline_is_fitted_past_letters_that_hang_or_float(count: int, angle: float) -> None:
    x = np.arange(count) * 30.0
    line = 200 + np.tan(np.radians(angle)) * x
    bottoms = line.copy()
    bottoms[2::8] += 11
    bottoms[7::9] -= 20
    fitted = fit_baseline(x, bottoms, 30)
    assert np.abs(np.polyval(fitted, x) - line).max() < 4.5


def test_a_floating_last_letter_does_not_tilt_the_baseline() -> None:
    x = np.arange(6) * 30.0
    fitted = fit_baseline(x, np.array([200, 200, 200, 200, 200, 170.0]), 30)
    assert np.abs(np.polyval(fitted, x) - 200).max() < 3


def test_one_letter_has_a_level_baseline() -> None:
    assert np.polyval(fit_baseline(np.array([50.0]), np.array([80.0]), 30), [0, 400]) == pytest.approx([80, 80])


def test_the_capital_height_is_that_of_the_tall_letters() -> None:
    heights = (40, 26, 26, 40, 26)
    for row in assert_recovered([row_of(i, heights=heights) for i in range(ROWS)]):
        assert row.cap_height == pytest.approx(40, rel=0.12)


def test_a_short_row_without_capitals_takes_their_height_from_the_page() -> None:
    rows = [row_of(0, heights=(40, 26, 40)), row_of(1, heights=(40, 26, 40)), row_of(2, length=2, heights=(26,))]
    assert assert_recovered(rows)[2].cap_height > 29


@pytest.mark.parametrize(("width", "height", "hang"), [(5, 14, True), (14, 14, False), (5, 28, False)])
def test_short_strokes_alone_hang_from_the_height_of_letters(width: int, height: int, hang: bool) -> None:
    letters = [(60 + 40 * i, 100, 84 + 40 * i, 130) for i in range(10)]
    strokes = [(60 + 15 * i, 200, 60 + 15 * i + width, 200 + height) for i in range(6)]
    marks = marks_in([*letters, *strokes])
    rows = measured_rows([np.arange(10), np.arange(10, 16)], marks, HEIGHT)
    foot = float(np.polyval(rows[1].baseline, 100))
    assert foot == pytest.approx(200 + 30 if hang else 200 + height, abs=1)
    assert not hang or rows[1].cap_height == pytest.approx(30, abs=1)


@pytest.mark.parametrize("angle", [-8, -3, 0, 3, 8])
def test_the_slope_of_a_page(angle: float) -> None:
    boxes = np.array([box for i in range(ROWS) for box in row_of(i, course=straight(angle))], np.int32)
    assert np.degrees(np.arctan(page_slope(boxes, HEIGHT))) == pytest.approx(angle, abs=1.01)


def test_dots_and_dashes_do_not_lower_the_letter_height() -> None:
    letters = row_of(0, length=6)
    dots = [small(0, place, 42, 37) for place in range(6)] + [small(0, place, -10, -14, 18) for place in range(6)]
    assert letter_height(marks_in([*letters, *dots]), 4) == HEIGHT


@pytest.mark.parametrize("boxes", [[], [(0, 0, 3, 3)]], ids=["nothing", "a dot"])
def test_the_letter_height_is_positive_without_letters(boxes: list[Corners]) -> None:
    assert letter_height(marks_in(boxes), 3) >= 1


BODIES = st.tuples(st.integers(0, 900), st.integers(0, 600), st.integers(4, 60), st.integers(24, 60)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
DOTS = st.tuples(st.integers(0, 900), st.integers(0, 600), st.integers(1, 9), st.integers(1, 9)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(st.lists(BODIES, min_size=1, max_size=25), st.lists(DOTS, max_size=8))
def test_every_letter_is_in_exactly_one_row(bodies: list[Corners], dots: list[Corners]) -> None:
    rows = cluster_rows(marks_in([*bodies, *dots]), HEIGHT)
    members = np.concatenate([row.marks for row in rows])
    counts = np.bincount(members, minlength=len(bodies) + len(dots))
    assert (counts[: len(bodies)] == 1).all()
    assert (counts <= 1).all()
    for row in rows:
        assert len(row.marks)
        assert row.cap_height > 0
        assert np.isfinite(row.baseline).all()


def test_accents_far_from_their_letters_are_no_row() -> None:
    letters = [(x, 100, x + 24, 130) for x in range(40, 900, 40)]
    accents = [(60, 40, 70, 52), (420, 42, 430, 54), (830, 38, 840, 50)]
    quotes = [(60, 200, 66, 212), (76, 200, 82, 212), (92, 200, 98, 212)]
    marks = marks_in([*letters, *accents, *quotes])
    rows = [set(row.marks.tolist()) for row in cluster_rows(marks, 30)]
    assert rows == [set(range(len(letters))), {len(letters) + 3, len(letters) + 4, len(letters) + 5}]
