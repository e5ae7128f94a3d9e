"""Marks that lie in another row than their box says, and marks that two rows share."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import marks_in
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.baselines import Row, measured_rows
from ocrcli.components import Marks, find_marks
from ocrcli.rows import find_rows
from ocrcli.settle import settle

HEIGHT = 30.0


def page(lines: int = 3, letters: int = 8) -> np.ndarray:
    """Rows of squares, 30 wide, 30 high and 60 apart, the baselines at 50, 110, ..."""
    mask = np.zeros((40 + 60 * lines, 60 + 40 * letters + 10), bool)
    for line in range(lines):
        for letter in range(letters):
            mask[20 + 60 * line : 50 + 60 * line, 30 + 40 * letter : 60 + 40 * letter] = True
    return mask


def row_by_row(marks: Marks) -> list[Row]:
    """Rows by the tops of their marks."""
    tops = np.round((marks.boxes[:, 1] - 20) / 60).astype(int)
    return measured_rows([np.flatnonzero(tops == number) for number in np.unique(tops)], marks, HEIGHT)


def texts(rows: list[Row], marks: Marks) -> list[list[int]]:
    """For each row the left edges of its marks."""
    return [sorted(marks.boxes[row.marks, 0].tolist()) for row in rows]


def test_rows_that_are_right_stay_as_they_are() -> None:
    marks = find_marks(page())
    rows = find_rows(marks, HEIGHT)
    settled, same = settle(rows, marks, HEIGHT)
    assert settled is rows
    assert same is marks


@given(st.integers(0, 7), st.sampled_from([0, 2]))
def test_a_mark_goes_to_the_row_that_it_stands_in(letter: int, wrong: int) -> None:
    marks = find_marks(page())
    rows = row_by_row(marks)
    astray = rows[1].marks[letter]
    members = [row.marks for row in rows]
    members[1] = np.delete(members[1], letter)
    members[wrong] = np.append(members[wrong], astray)
    settled, _ = settle(measured_rows(members, marks, HEIGHT), marks, HEIGHT)
    assert texts(settled, marks) == texts(rows, marks)


def test_a_mark_that_two_rows_share_is_cut_between_them() -> None:
    mask = page(2)
    mask[50:80, 38:42] = True  # a descender that touches what is below
    marks = find_marks(mask)
    assert len(marks) == 15
    rows = [Row(np.array([], np.intp), np.array([0.0, 50.0 + 60 * n]), HEIGHT) for n in range(2)]
    members = [np.flatnonzero(marks.boxes[:, 1] < 60), np.flatnonzero(marks.boxes[:, 1] >= 60)]
    rows = [Row(found, row.baseline, HEIGHT) for found, row in zip(members, rows, strict=True)]
    settled, cut = settle(rows, marks, HEIGHT)
    assert len(cut) == 16
    assert texts(settled, cut) == [[30 + 40 * n for n in range(8)]] * 2
    assert [len(row.marks) for row in settled] == [8, 8]
    assert cut.areas.sum() == mask.sum()


def test_a_bracket_over_two_rows_stays_whole() -> None:
    mask = page(2)
    mask[20:110, 6:12] = True
    marks = find_marks(mask)
    settled, same = settle(find_rows(marks, HEIGHT), marks, HEIGHT)
    assert len(same) == len(marks)
    assert sum(len(row.marks) for row in settled) <= len(marks)


def test_one_row_has_no_neighbour() -> None:
    marks = find_marks(page(1))
    rows = find_rows(marks, HEIGHT)
    assert settle(rows, marks, HEIGHT) == (rows, marks)


@pytest.mark.parametrize(("beside", "rows"), [(True, 1), (False, 2)])
def test_what_hangs_half_a_line_lower_is_the_same_row_if_it_stands_beside_it(beside: bool, rows: int) -> None:
    """The end of a row that jumps, against a row that begins right below another."""
    first = [(30 + 40 * n, 20, 50 + 40 * n, 50 if beside else 40) for n in range(8)]
    left = 350 if beside else 34
    second = [(left + 12 * n, 43, left + 8 + 12 * n, 73) for n in range(6)]
    marks = marks_in([*first, *second])
    members = [np.flatnonzero(marks.boxes[:, 1] == top) for top in (20, 43)]
    lines = [Row(found, np.array([0.0, foot]), HEIGHT) for found, foot in zip(members, (50.0, 73.0), strict=True)]
    settled, _ = settle(lines, marks, HEIGHT)
    assert len(settled) == rows
    assert sum(len(row.marks) for row in settled) == len(marks)
