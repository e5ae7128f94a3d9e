"""Connected components, and what of them may be writing."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Corners, Mask, filled, written
from hypothesis import given, settings
from hypothesis.extra import numpy as npst

from ocrcli.components import Marks, find_marks, stroke_width, writing

MASKS = npst.arrays(bool, npst.array_shapes(min_dims=2, max_dims=2, max_side=12))
LETTERS = written() > 127
HEIGHT, STROKE = 30, 4
NO_LETTERS = np.zeros((240, 800), bool)


def boxes_of(marks: Marks) -> set[Corners]:
    return {tuple(box) for box in marks.boxes.tolist()}


def test_labels_boxes_and_areas_of_drawn_marks() -> None:
    boxes = [(2, 3, 10, 20), (30, 0, 31, 1), (12, 18, 40, 25)]
    mask = filled(boxes, (30, 50))
    mask[10, 5] = False
    marks = find_marks(mask)
    assert len(marks) == 3
    assert boxes_of(marks) == set(boxes)
    for number, (left, top, right, bottom) in zip(marks.ids, marks.boxes.tolist(), strict=True):
        own = marks.labels == number
        assert own.sum() == own[top:bottom, left:right].sum()
    np.testing.assert_array_equal(marks.labels > 0, mask)
    areas = dict(zip(map(tuple, marks.boxes.tolist()), marks.areas.tolist(), strict=True))
    assert areas == {boxes[0]: 8 * 17 - 1, boxes[1]: 1, boxes[2]: 28 * 7}


def test_widths_and_heights_are_those_of_the_boxes() -> None:
    marks = find_marks(filled([(2, 3, 10, 20)], (30, 50)))
    assert (marks.widths.tolist(), marks.heights.tolist()) == ([8], [17])


def test_marks_that_touch_at_a_corner_are_one() -> None:
    assert len(find_marks(filled([(0, 0, 3, 3), (3, 3, 6, 6)], (8, 8)))) == 1
    assert len(find_marks(filled([(0, 0, 3, 3), (4, 3, 6, 6)], (8, 8)))) == 2


def test_an_empty_mask_has_no_marks() -> None:
    marks = find_marks(np.zeros((5, 9), bool))
    assert len(marks) == 0
    assert marks.boxes.shape == (0, 4)
    assert len(writing(marks, 10, 2)) == 0


def test_keeping_some_marks_leaves_the_picture_of_labels() -> None:
    marks = find_marks(filled([(0, 0, 2, 2), (4, 0, 6, 2), (8, 0, 10, 2)], (4, 12)))
    kept = marks.keep(np.array([True, False, True]))
    assert kept.ids.tolist() == [marks.ids[0], marks.ids[2]]
    assert boxes_of(kept) == {(0, 0, 2, 2), (8, 0, 10, 2)}
    assert len(kept.areas) == 2
    np.testing.assert_array_equal(kept.labels, marks.labels)


@settings(deadline=None)
@given(MASKS)
def test_marks_share_out_all_ink_in_tight_boxes(mask: Mask) -> None:
    marks = find_marks(mask)
    np.testing.assert_array_equal(marks.labels > 0, mask)
    assert marks.areas.sum() == mask.sum()
    for number, (left, top, right, bottom), area in zip(marks.ids, marks.boxes, marks.areas, strict=True):
        rows, columns = np.nonzero(marks.labels == number)
        assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (left, top, right, bottom)
        assert len(rows) == area


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8])
def test_stroke_width_of_upright_bars(width: int) -> None:
    bars = filled([(x, 5, x + width, 45) for x in range(5, 150, 20)], (50, 160))
    assert stroke_width(bars) == pytest.approx(width)


@pytest.mark.parametrize("width", [3, 6])
def test_stroke_width_of_slanting_bars(width: int) -> None:
    y, x = np.mgrid[0:80, 0:200]
    across = (x + 0.5 * y) % 40 / np.hypot(1, 0.5)
    assert stroke_width(across < width) == pytest.approx(width, rel=0.35)


def test_a_few_bars_across_hardly_change_the_stroke_width() -> None:
    bars = filled([(x, 5, x + 4, 45) for x in range(5, 150, 20)], (70, 160))
    across = filled([(5, 50, 150, 54), (5, 60, 150, 64)], (70, 160))
    assert stroke_width(bars | across) == 4


def test_no_ink_has_a_stroke_width_of_at_least_one() -> None:
    assert stroke_width(NO_LETTERS) >= 1
    assert stroke_width(filled([(4, 4, 5, 30)], (40, 40))) >= 1


def letter_shapes() -> list[Corners]:
    """Capitals, low letters, a comma, a dash, a tall letter and an l."""
    sizes = [(20, 30), (18, 28), (16, 20), (5, 9), (16, 5), (24, 40), (5, 30)]
    return [(60 + 40 * i, 110 - h, 60 + 40 * i + w, 110) for i, (w, h) in enumerate(sizes)]


def lettered(boxes: list[Corners]) -> Mask:
    """Letters in those boxes, of strokes along their sides."""
    within = [(x0 + STROKE, y0 + STROKE, x1 - STROKE, y1 - STROKE) for x0, y0, x1, y1 in boxes]
    return filled(boxes, NO_LETTERS.shape) & ~filled(within, NO_LETTERS.shape)


def kept_of(boxes: list[Corners], others: list[Corners]) -> set[Corners]:
    marks = find_marks(lettered(boxes) | filled(others, NO_LETTERS.shape))
    assert len(marks) == len(boxes) + len(others)
    return boxes_of(writing(marks, HEIGHT, STROKE))


def test_letters_are_kept() -> None:
    letters = letter_shapes()
    assert kept_of(letters, []) == set(letters)


def test_a_full_stop_is_kept() -> None:
    assert (340, 105, 345, 110) in kept_of(letter_shapes(), [(340, 105, 345, 110)])


@pytest.mark.parametrize(
    "other",
    [
        (30, 30, 31, 31),
        (200, 200, 201, 202),
        (0, 0, 6, 240),
        (790, 20, 800, 230),
        (10, 0, 250, 9),
        (5, 220, 220, 240),
        (60, 130, 460, 136),
        (650, 10, 695, 220),
        (20, 130, 780, 190),
        (300, 150, 330, 195),
    ],
    ids=[
        *("a speck", "another speck", "frame on the left", "frame on the right"),
        *("frame at the top", "frame at the bottom", "a line", "a tall blot", "a wide blot", "a block"),
    ],
)
def test_what_cannot_be_writing_is_left_out(other: Corners) -> None:
    letters = letter_shapes()
    assert kept_of(letters, [other]) == set(letters)


def test_a_block_that_leans_is_left_out_and_a_letter_with_closed_loops_is_not() -> None:
    leaning, closed = np.zeros((2, *NO_LETTERS.shape), bool)
    for y in range(150, 195):
        leaning[y, 300 + (195 - y) // 6 : 330 + (195 - y) // 6] = True
        half = round(15 * np.sin(np.pi * (y - 149.5) / 45))
        closed[y, 415 - half : 415 + half] = True
    kept = boxes_of(writing(find_marks(lettered(letter_shapes()) | leaning | closed), HEIGHT, STROKE))
    assert kept - set(letter_shapes()) == {(400, 150, 430, 195)}


def test_a_letter_that_the_edge_cuts_is_kept() -> None:
    letters = [*letter_shapes(), (0, 80, 16, 110)]
    assert kept_of(letters, []) == set(letters)


def test_a_frame_drawn_around_letters_is_left_out() -> None:
    frame = filled([(45, 60, 350, 130)], NO_LETTERS.shape) & ~filled([(49, 64, 346, 126)], NO_LETTERS.shape)
    marks = find_marks(lettered(letter_shapes()) | frame)
    assert boxes_of(writing(marks, HEIGHT, STROKE)) == set(letter_shapes())


def test_a_large_hollow_letter_is_no_frame() -> None:
    hollow = filled([(60, 170, 100, 215)], NO_LETTERS.shape) & ~filled([(64, 174, 96, 211)], NO_LETTERS.shape)
    marks = find_marks(lettered(letter_shapes()) | hollow)
    assert (60, 170, 100, 215) in boxes_of(writing(marks, HEIGHT, STROKE))


@pytest.mark.parametrize("skew", [0, 6])
def test_an_empty_field_of_a_form_is_left_out(skew: int) -> None:
    """The lines of a box that was drawn by hand stray a little."""
    field = np.zeros(NO_LETTERS.shape, bool)
    for x in range(300, 520):
        top = 150 + skew * (x - 300) // 220
        field[top : top + 4, x] = field[top + 66 : top + 70, x] = True
    field[150:220, 300:304] = field[150 + skew : 220 + skew, 516:520] = True
    marks = find_marks(lettered(letter_shapes()) | field)
    assert boxes_of(writing(marks, HEIGHT, STROKE)) == set(letter_shapes())


def test_a_bracket_around_nothing_is_no_field() -> None:
    bracket = filled([(300, 150, 400, 154), (300, 150, 304, 220), (300, 216, 400, 220)], NO_LETTERS.shape)
    marks = find_marks(lettered(letter_shapes()) | bracket)
    assert (300, 150, 400, 220) in boxes_of(writing(marks, HEIGHT, STROKE))


def test_a_thin_joined_word_is_no_underline() -> None:
    mask = np.zeros((200, 900), bool)
    x = np.arange(100, 500)
    middle = (100 + 22 * np.sin(x / 9)).astype(int)
    for thickness in range(3):
        mask[middle + thickness, x] = True
    mask[150:154, 100:500] = True
    kept = writing(find_marks(mask), 40.0, 7.0)
    assert [tuple(box[[0, 2]]) for box in kept.boxes] == [(100, 500)]
    assert kept.boxes[0, 1] < 150


def test_a_long_low_word_stays_where_an_underline_goes() -> None:
    x = np.arange(120, 360)
    zigzag = np.zeros((300, 400), bool)
    for at, level in zip(x, 20 * np.abs((x / 12) % 2 - 1), strict=True):
        zigzag[round(100 + level) : round(105 + level), at] = True
    assert len(writing(find_marks(zigzag), 32, 5)) == 1
    underline = filled([(120, 100, 360, 106)], zigzag.shape)
    assert len(writing(find_marks(underline), 32, 5)) == 0
