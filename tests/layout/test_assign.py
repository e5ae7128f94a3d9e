"""Which marks belong to which text line, and the cutting of those that belong to two."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import filled
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.imaging.components import find_marks
from ocrcli.layout.assign import NO_LINE, assign, nearest
from ocrcli.layout.cores import TextLine

SHAPE = (300, 400)


def line(base: float, left: float = 20, right: float = 380, x_height: float = 20) -> TextLine:
    x = np.arange(left, right, 4.0)
    return TextLine(x, np.full(len(x), float(base)), x_height, 1.0)


LINES = [line(80), line(150), line(220)]


def test_marks_go_to_the_line_that_they_stand_on() -> None:
    boxes = [(50, 60, 62, 80), (90, 50, 100, 80), (50, 130, 62, 150), (200, 205, 215, 232)]
    marks, members = assign(find_marks(filled(boxes, SHAPE)), LINES)
    assert len(marks) == 4
    at = [sorted(marks.boxes[own, 0].tolist()) for own in members]
    assert at == [[50, 90], [50], [200]]


def test_what_is_far_from_every_line_is_nobodys() -> None:
    far = [(100, 2, 110, 10), (100, 290, 110, 299), (5, 5, 12, 12)]
    marks, members = assign(find_marks(filled(far, SHAPE)), LINES)
    assert len(marks) == 3
    assert [len(own) for own in members] == [0, 0, 0]


def test_what_is_far_beyond_a_lines_end_is_not_its_own() -> None:
    marks = find_marks(filled([(110, 65, 120, 80), (200, 65, 210, 80)], SHAPE))
    _, (own,) = assign(marks, [line(80, 20, 100)])
    assert marks.boxes[own, 0].tolist() == [110]


def test_without_lines_or_marks_nothing_is_given() -> None:
    marks = find_marks(filled([(50, 60, 62, 80)], SHAPE))
    assert assign(marks, []) == (marks, [])
    nothing = find_marks(np.zeros(SHAPE, bool))
    same, members = assign(nothing, LINES)
    assert len(same) == 0
    assert [len(own) for own in members] == [0, 0, 0]


def test_a_mark_over_two_lines_is_cut_between_them() -> None:
    mask = filled([(100, 55, 106, 155), (50, 60, 60, 80)], SHAPE)
    before = find_marks(mask)
    marks, (first, second, third) = assign(before, LINES)
    assert len(marks) == 3
    assert (len(first), len(second), len(third)) == (2, 1, 0)
    (upper,) = [i for i in first if marks.boxes[i, 0] == 100]
    (lower,) = second
    assert marks.boxes[upper, 1] == 55
    assert marks.boxes[upper, 3] == marks.boxes[lower, 1]
    assert marks.boxes[lower, 3] == 155
    assert marks.areas[upper] + marks.areas[lower] == before.areas.max()


def test_a_tail_stays_with_its_letter() -> None:
    mask = filled([(100, 60, 106, 92), (100, 60, 115, 66)], SHAPE)
    marks, (own, _, _) = assign(find_marks(mask), LINES)
    assert (len(marks), len(own)) == (1, 1)


def test_lines_of_two_columns_do_not_reach_each_other() -> None:
    left, right = line(80, 20, 150), line(84, 260, 380)
    marks = find_marks(filled([(100, 62, 110, 80), (300, 66, 310, 84)], SHAPE))
    _, (first, second) = assign(marks, [left, right])
    assert marks.boxes[first, 0].tolist() == [100]
    assert marks.boxes[second, 0].tolist() == [300]


@pytest.mark.parametrize("base", [80, 150, 220])
def test_the_nearest_line_is_told_with_how_near_it_is(base: int) -> None:
    y, x = np.array([base - 10, base - 5, 299]), np.array([100, 100, 100])
    line_of, distance = nearest(y, x, LINES)
    assert line_of.tolist() == [(80, 150, 220).index(base)] * 2 + [NO_LINE]
    assert distance[:2].tolist() == pytest.approx([0, 0.25])
    assert np.isinf(distance[2])


boxes = st.tuples(st.integers(0, 360), st.integers(0, 260), st.integers(1, 40), st.integers(1, 160)).map(
    lambda c: (c[0], c[1], c[0] + c[2], c[1] + c[3])
)
some_lines = st.lists(st.builds(line, st.integers(30, 290), st.integers(0, 150), st.integers(160, 390)), max_size=5)


@given(st.lists(boxes, min_size=1, max_size=12), some_lines)
def test_no_mark_is_in_two_lines_and_measures_are_true(
    drawn_boxes: list[tuple[int, int, int, int]], lines: list[TextLine]
) -> None:
    mask = filled(drawn_boxes, SHAPE)
    before = find_marks(mask)
    lines = sorted(lines, key=lambda one: float(one.middle.mean()))
    marks, members = assign(before, lines)
    assert len(members) == len(lines)
    given_away = np.concatenate([np.zeros(0, int), *members])
    assert len(set(given_away.tolist())) == len(given_away)
    assert ((marks.labels > 0) == mask).all()  # no pixel is lost
    assert len(set(marks.ids.tolist())) == len(marks)
    for number in range(len(marks)):
        y, x = np.nonzero(marks.labels == marks.ids[number])
        assert marks.boxes[number].tolist() == [x.min(), y.min(), x.max() + 1, y.max() + 1]
        assert marks.areas[number] == len(y)
