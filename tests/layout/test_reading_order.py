"""Reading order: columns, side notes, tables, paragraphs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn import marks_in, straight, written
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.binarize.page_model import FOLD
from ocrcli.imaging.components import find_marks
from ocrcli.layout import reading_order as layout
from ocrcli.layout.baselines import refitted
from ocrcli.layout.row_clustering import cluster_rows

PROSE = ("these lines are", "as long as the", "column is wide", "so that they do", "not look like a", "list of prices")
OTHER = ("on the other", "side there is", "some more of", "it which goes", "after the end", "of the first")


def arranged(image: np.ndarray) -> tuple[list[tuple[int, int]], list[int]]:
    """Left end and middle height of each line in reading order, and the paragraphs."""
    marks = find_marks(image > 128)
    lines, paragraphs = layout.in_reading_order(cluster_rows(marks, 28), marks)
    members = [np.concatenate([row.marks for row in line]) for line in lines]
    assert sorted(np.concatenate(members).tolist()) == sorted(
        np.concatenate([row.marks for row in cluster_rows(marks, 28)]).tolist()
    )
    boxes = [marks.boxes[own] for own in members]
    return [(int(b[:, 0].min()), int((b[:, 1] + b[:, 3]).mean() / 2)) for b in boxes], paragraphs


def two_columns(
    offset: int, left: tuple[str, ...] = PROSE, right: tuple[str, ...] = OTHER, gutter: int = 620
) -> np.ndarray:
    shape = (700, 1200)
    first = written(left, shape, origin=(30, 90), pitch=90)
    return np.maximum(first, written(right, shape, origin=(gutter, 90 + offset), pitch=90))


@pytest.mark.parametrize("offset", [0, 15, 30, 45])
def test_the_left_column_is_read_before_the_right_one(offset: int) -> None:
    places, paragraphs = arranged(two_columns(offset))
    assert [x > 500 for x, _ in places] == [False] * 6 + [True] * 6
    assert [y for _, y in places[:6]] == sorted(y for _, y in places[:6])
    assert paragraphs == [0] * 6 + [1] * 6


def test_a_heading_over_columns_and_a_line_below_them_stay_whole() -> None:
    image = np.pad(two_columns(20), ((120, 120), (0, 0)))
    image = np.maximum(image, written(["a heading that runs over both"], image.shape, origin=(250, 70)))
    image = np.maximum(image, written(["and a last line below the columns"], image.shape, origin=(30, 860)))
    places, _ = arranged(image)
    assert [x > 500 for x, _ in places] == [False] * 7 + [True] * 6 + [False]
    assert len(places) == 14


def test_a_side_note_is_read_by_itself() -> None:
    image = two_columns(40, PROSE, ("buy milk", "and oats"), gutter=700)
    places, paragraphs = arranged(image)
    assert [x > 600 for x, _ in places].count(True) == 2
    assert sum(places[i][0] > 600 for i in np.flatnonzero(np.diff(paragraphs) > 0) + 1) == 1  # it is one paragraph


def test_a_note_beside_a_list_is_no_place_to_part_the_list() -> None:
    """Lines of a list do not come after the note only because it stands beside some of them."""
    shape = (900, 1300)
    image = written((*PROSE, *OTHER[:2]), shape, origin=(30, 90), pitch=90)
    image = np.maximum(image, written(("see page two",), shape, origin=(900, 240)))
    places, _ = arranged(image)
    body = [y for x, y in places if x < 500]
    assert len(body) == 8
    assert body == sorted(body)
    note = next(i for i, (x, _) in enumerate(places) if x > 500)
    assert note in (0, 1, 2, 3, 8)


def test_an_indented_line_stays_where_it_stands() -> None:
    shape = (600, 1200)
    image = written(
        ("shoot at once", "the sky is so blue today", "", "climb", "ramp"), shape, origin=(30, 90), pitch=90
    )
    image = np.maximum(image, written(("when ready",), shape, origin=(320, 270)))
    places, _ = arranged(image)
    assert [y for _, y in places] == sorted(y for _, y in places)


def test_boxes_side_by_side_are_read_one_after_the_other() -> None:
    shape = (500, 1500)
    image = np.zeros(shape, np.uint8)
    for left in (30, 560, 1090):
        image = np.maximum(image, written(("a red box", "of nails", "for peter"), shape, origin=(left, 90), pitch=90))
    places, _ = arranged(image)
    assert [x // 500 for x, _ in places] == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_a_row_of_which_the_model_sees_two_pieces_is_one() -> None:
    marks = find_marks(written(("one two three four",), (200, 1200)) > 128)
    (row,) = cluster_rows(marks, 28)
    order = np.argsort(marks.boxes[row.marks, 0])
    halves = [replace(row, marks=row.marks[order[:7]]), replace(row, marks=row.marks[order[7:]])]
    ((joined,),), _ = layout.in_reading_order(halves, marks)
    assert sorted(joined.marks) == sorted(row.marks)


@pytest.mark.parametrize(("gap", "lines"), [(14, 1), (80, 2)])
def test_only_close_behind_a_line_may_what_continues_it_climb(gap: int, lines: int) -> None:
    """A jump of most of a letter's height is no other line where the gap is narrower than a letter is high."""
    first = written(("one two",), (220, 1200), origin=(30, 130))
    end = int(np.flatnonzero(first.any(axis=0))[-1])
    begin = int(np.flatnonzero(written(("three",), first.shape, origin=(0, 130)).any(axis=0))[0])
    image = np.maximum(first, written(("three",), first.shape, origin=(end + gap - begin, 130)))
    marks = find_marks(image > 128)
    (row,) = cluster_rows(marks, 28)
    climbed = find_marks(np.maximum(first, np.roll(image - first, -round(0.8 * row.cap_height), axis=0)) > 128)
    behind = climbed.boxes[:, 0] > end
    pieces = [refitted(replace(row, marks=np.flatnonzero(side)), climbed) for side in (~behind, behind)]
    found, _ = layout.in_reading_order(pieces, climbed)
    assert len(found) == lines


def test_what_no_core_bridges_is_read_by_itself() -> None:
    """A price far behind its name is in its line, and a stretch of its own; words of a line are not."""
    shape = (200, 1200)
    image = np.maximum(written(("one two",), shape, origin=(30, 90)), written(("2.50",), shape, origin=(400, 90)))
    marks = find_marks(image > 128)
    (row,) = cluster_rows(marks, 28)
    core = np.zeros((50, 300), np.float32)
    core[:, : int(marks.boxes[marks.boxes[:, 0] < 390, 2].max()) // FOLD + 1] = 1
    (stretches,), paragraphs = layout.in_reading_order([row], marks, core)
    assert paragraphs == [0]
    assert [marks.boxes[part.marks, 0].min() > 390 for part in stretches] == [False, True]


def test_a_line_that_a_core_leads_through_a_gutter_is_parted_as_its_neighbours_are() -> None:
    shape = (700, 1200)
    left, right = list(PROSE[:5]), list(OTHER[:5])
    image = np.maximum(
        written(left, shape, origin=(30, 90), pitch=70), written(right, shape, origin=(620, 90), pitch=70)
    )
    marks = find_marks(image > 128)
    core = np.zeros((shape[0] // FOLD, shape[1] // FOLD), np.float32)
    core[(90 + 2 * 70 - 40) // FOLD : (90 + 2 * 70) // FOLD] = 1  # along the third row alone
    lines, _ = layout.in_reading_order(cluster_rows(marks, 28), marks, core)
    lefts = [min(int(marks.boxes[row.marks, 0].min()) for row in line) for line in lines]
    assert [x > 500 for x in lefts] == [False] * 5 + [True] * 5


def test_prices_stay_on_the_lines_of_what_they_are_for() -> None:
    items = ("Milk", "Oats and rye", "Brown eggs", "Bread", "Honey", "Lemons")
    prices = ("2.50", "13.20", "3.10", "4.00", "6.75", "0.90")
    places, paragraphs = arranged(two_columns(0, items, prices))
    assert len(places) == 6
    assert set(paragraphs) == {0}


@settings(max_examples=settings().max_examples // 4)
@given(st.integers(0, 4), st.floats(-4, 4))
def test_a_blank_line_begins_a_paragraph_whatever_the_slope(after: int, degrees: float) -> None:
    shape = (900, 700)
    rows = [*PROSE[: after + 1], "", *PROSE[after + 1 :]]
    image = written(rows, shape, origin=(60, 120), course=straight(degrees))
    places, paragraphs = arranged(image)
    assert len(places) == 6
    assert paragraphs == [0] * (after + 1) + [1] * (5 - after)


def test_rows_a_little_further_apart_are_one_paragraph() -> None:
    shape = (400, 700)
    image = np.maximum(written(PROSE[:2], shape), written(PROSE[2:3], shape, origin=(30, 285)))
    assert arranged(image)[1] == [0, 0, 0]


def test_no_rows_have_no_order() -> None:
    assert layout.in_reading_order([], find_marks(np.zeros((9, 9), bool))) == ([], [])


letter_boxes = st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(8, 40), st.integers(8, 40)).map(
    lambda c: (c[0], c[1], c[0] + c[2], c[1] + c[3])
)


@given(st.lists(letter_boxes, min_size=1, max_size=40))
def test_no_mark_is_lost_or_doubled_and_paragraphs_only_rise(boxes: list[tuple[int, int, int, int]]) -> None:
    marks = marks_in(boxes)
    rows = cluster_rows(marks, 30)
    ordered, paragraphs = layout.in_reading_order(rows, marks)
    assert all(len(row.marks) for line in ordered for row in line)
    assert sorted(i for line in ordered for row in line for i in row.marks) == sorted(
        i for row in rows for i in row.marks
    )
    assert len(paragraphs) == len(ordered)
    assert paragraphs[:1] == [0][: len(ordered)]
    assert set(np.diff(paragraphs).tolist()) <= {0, 1}
