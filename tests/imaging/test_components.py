"""Connected components, and which of them are too small or too large to be letters."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Corners, Mask, filled, written
from hypothesis import given
from hypothesis.extra import numpy as npst

from ocrcli.imaging import components
from ocrcli.imaging.components import Marks, find_marks, letter_sized, not_dust, stroke_width, without_specks

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
    assert len(letter_sized(without_specks(marks, 2), 10)) == 0


def test_keeping_some_marks_leaves_the_picture_of_labels() -> None:
    marks = find_marks(filled([(0, 0, 2, 2), (4, 0, 6, 2), (8, 0, 10, 2)], (4, 12)))
    kept = marks.keep(np.array([True, False, True]))
    assert kept.ids.tolist() == [marks.ids[0], marks.ids[2]]
    assert boxes_of(kept) == {(0, 0, 2, 2), (8, 0, 10, 2)}
    assert len(kept.areas) == 2
    np.testing.assert_array_equal(kept.labels, marks.labels)


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
    return boxes_of(letter_sized(without_specks(marks, STROKE), HEIGHT))


def test_letters_are_kept() -> None:
    letters = letter_shapes()
    assert kept_of(letters, []) == set(letters)


def test_a_full_stop_is_kept() -> None:
    assert (340, 105, 345, 110) in kept_of(letter_shapes(), [(340, 105, 345, 110)])


@pytest.mark.parametrize(
    "other",
    [(30, 30, 31, 31), (200, 200, 201, 202), (0, 0, 6, 240), (790, 20, 800, 230), (650, 10, 695, 220)],
    ids=["a speck", "another speck", "an edge on the left", "an edge on the right", "a tall blot"],
)
def test_what_is_no_letters_size_is_left_out(other: Corners) -> None:
    letters = letter_shapes()
    assert kept_of(letters, [other]) == set(letters)


def test_a_letter_that_the_edge_cuts_is_kept() -> None:
    letters = [*letter_shapes(), (0, 80, 16, 110)]
    assert kept_of(letters, []) == set(letters)


def test_a_long_joined_word_is_kept() -> None:
    mask = np.zeros((200, 900), bool)
    x = np.arange(100, 500)
    middle = (100 + 22 * np.sin(x / 9)).astype(int)
    for thickness in range(3):
        mask[middle + thickness, x] = True
    assert len(letter_sized(without_specks(find_marks(mask), 7), 40)) == 1


@given(MASKS)
def test_specks_are_what_is_smaller_than_the_pen_makes(mask: Mask) -> None:
    marks = find_marks(mask)
    kept = without_specks(marks, STROKE)
    assert set(kept.areas.tolist()) == {
        area for area in marks.areas.tolist() if area >= components.SPECK_SHARE * STROKE**2
    }


def test_of_more_marks_than_any_page_holds_the_largest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "MOST_COMPONENTS", 2)
    boxes = [(0, 0, 4, 4), (10, 0, 16, 6), (20, 0, 25, 5)]
    assert boxes_of(without_specks(find_marks(filled(boxes, (10, 40))), 1)) == {boxes[1], boxes[2]}


def page_of(lines: list[list[int]]) -> tuple[list[np.ndarray], Marks]:
    """Lines of marks of these heights, and all marks; the first line is numbered first."""
    boxes = [
        (4 * k, 100 * i, 4 * k + 2, 100 * i + height) for i, line in enumerate(lines) for k, height in enumerate(line)
    ]
    marks = find_marks(filled(boxes, (100 * len(lines), 1300)))
    return [np.flatnonzero(marks.boxes[:, 1] == 100 * i) for i in range(len(lines))], marks


LETTER, SPECK, X_HEIGHT = 26, 6, 24
WORD, SPECKS, DASHES = [LETTER, LETTER, 12, 16, SPECK, LETTER], [SPECK] * 20, [SPECK] * 3


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([WORD, SPECKS, DASHES, [], WORD], [True, False, True, False, True]),
        ([SPECKS, DASHES, SPECKS], [False, False, False]),
        ([[LETTER] * 301, WORD], [False, True]),
        ([[SPECK] * 15 + [LETTER] * 5], [True]),
        ([], []),
    ],
    ids=["dashes beside words", "dashes beside specks", "too many", "a dotted line", "nothing"],
)
def test_lines_of_specks_are_dust(lines: list[list[int]], expected: list[bool]) -> None:
    assert not_dust(*page_of(lines), X_HEIGHT) == expected
