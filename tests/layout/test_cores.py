"""Text lines out of core maps that are drawn by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.binarize.page_model import FOLD
from ocrcli.imaging.runs import runs_of
from ocrcli.layout.cores import CORE_LEVEL, TextLine, _groups, _pieces, text_lines

SHAPE = (120, 160)
"""Of a map: rows, columns."""

THICK = 5
"""Rows of a core, as many as 20 pixels."""


def drawn(
    lines: list[tuple[int, int, Callable[[int], float]]], shape: tuple[int, int] = SHAPE, thick: int = THICK
) -> np.ndarray:
    """A core map of lines: first column, last one exclusive, and the row of its baseline at a column."""
    core = np.zeros(shape, np.float32)
    for first, last, base in lines:
        for x in range(first, last):
            bottom = round(base(x))
            core[max(bottom - thick, 0) : bottom, x] = 0.95
    return core


def level(row: float) -> Callable[[int], float]:
    return lambda _: row


def test_nothing_has_no_lines() -> None:
    assert text_lines(np.zeros(SHAPE, np.float32)) == []


def test_level_lines_come_top_to_bottom_with_their_measures() -> None:
    lines = text_lines(drawn([(10, 150, level(60)), (10, 100, level(20)), (30, 150, level(100))]))
    assert [round(float(line.base.mean())) for line in lines] == [20 * FOLD, 60 * FOLD, 100 * FOLD]
    for line in lines:
        assert line.x_height == pytest.approx(THICK * FOLD, abs=1)
        assert line.sure == pytest.approx(0.95, abs=0.01)
        assert (np.diff(line.x) > 0).all()
        assert line.middle == pytest.approx(line.base - line.x_height / 2)
    left, top, right, bottom = lines[0].box
    assert (left, top, right, bottom) == pytest.approx((10 * FOLD, 15 * FOLD, 100 * FOLD, 20 * FOLD), abs=FOLD)


@pytest.mark.parametrize("slope", [-0.15, 0.15])
def test_sloped_lines_stay_whole(slope: float) -> None:
    lines = text_lines(drawn([(5, 155, lambda x, row=row: row + slope * (x - 80)) for row in (40, 60, 80)]))
    assert len(lines) == 3
    for line in lines:
        assert np.polyfit(line.x, line.base, 1)[0] == pytest.approx(slope, abs=0.02)


def test_bent_lines_stay_whole() -> None:
    lines = text_lines(drawn([(5, 155, lambda x, row=row: row + 8 * np.sin(x / 40)) for row in (40, 60, 80)]))
    assert len(lines) == 3
    for line, row in zip(lines, (40, 60, 80), strict=True):
        assert line.base / FOLD == pytest.approx(row + 8 * np.sin(line.x / FOLD / 40), abs=1.5)


def test_lines_that_touch_somewhere_stay_two() -> None:
    core = drawn([(5, 155, level(40)), (5, 155, level(50))])
    core[40:45, 60:64] = 0.9  # a tail that reaches down
    lines = text_lines(core)
    assert len(lines) == 2
    assert [round(float(np.median(line.base))) for line in lines] == [40 * FOLD, 50 * FOLD]
    assert all(line.x[0] < 10 * FOLD and line.x[-1] > 150 * FOLD for line in lines)


@pytest.mark.parametrize("gap", [1, 6, 20, 40])
def test_a_gap_between_words_does_not_end_a_line(gap: int) -> None:
    lines = text_lines(drawn([(10, 60, level(40)), (60 + gap, 150, level(40))]))
    assert len(lines) == 1


def test_two_columns_at_other_heights_are_lines_of_their_own() -> None:
    left = [(5, 60, level(row)) for row in (30, 50, 70)]
    right = [(80, 150, level(row)) for row in (40, 60, 80)]
    assert len(text_lines(drawn(left + right))) == 6


def test_writing_of_another_size_is_a_line_of_its_own() -> None:
    core = np.maximum(drawn([(5, 60, level(50))], thick=16), drawn([(70, 150, level(46))], thick=5))
    assert len(text_lines(core)) == 2


def test_what_is_pale_or_short_is_no_line() -> None:
    assert text_lines(drawn([(10, 150, level(40))]) * np.float32(0.6)) == []
    assert text_lines(drawn([(10, 12, level(40))])) == []


def test_a_line_is_level_beyond_its_ends() -> None:
    line = TextLine(np.array([10.0, 20.0]), np.array([50.0, 60.0]), 10.0, 1.0)
    assert line.middle_at(np.array([0.0, 15.0, 99.0])).tolist() == [45.0, 50.0, 55.0]


maps = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).random((24, 40), np.float32).repeat(3, 0).repeat(3, 1)
)


@given(maps)
def test_every_run_of_a_core_is_in_one_piece(core: np.ndarray) -> None:
    pieces = _pieces(core)
    runs = runs_of(np.ascontiguousarray(core.T) > CORE_LEVEL)
    assert len(_groups(runs)) == len(runs)
    held = [(row, start) for piece, _ in pieces for row, start in zip(piece.rows, piece.starts, strict=True)]
    assert len(held) == len(set(held)) == len(runs)
    for piece, means in pieces:
        assert len(piece) == len(means)
        assert (means > CORE_LEVEL).all()


@given(maps)
def test_lines_are_sound_whatever_the_map(core: np.ndarray) -> None:
    lines = text_lines(core)
    assert [float(line.middle.mean()) for line in lines] == sorted(float(line.middle.mean()) for line in lines)
    for line in lines:
        assert len(line.x) == len(line.base) > 0
        assert (np.diff(line.x) > 0).all()
        assert np.isfinite(line.base).all()
        assert line.x_height > 0
        assert 0 < line.sure <= 1
        left, top, right, bottom = line.box
        assert left < right
        assert top < bottom
