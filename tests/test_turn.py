"""Photos that lie on a side or stand on their heads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import EXAMPLES
from drawn import TEXT, marks_in, photo, written
from hypothesis import given
from hypothesis import strategies as st

from ocrcli import Page, components, read, turn
from ocrcli.rows import find_rows
from ocrcli.sources import load_photo, photo_from_array, turned
from ocrcli.turn import Sample

DEGREES = (0, 90, 180, 270)


@given(st.sampled_from(DEGREES), st.sampled_from(DEGREES), st.integers(1, 5), st.integers(1, 5))
def test_turns_add_up(first: int, second: int, height: int, width: int) -> None:
    image = np.arange(height * width, dtype=np.uint8).reshape(height, width)
    assert np.array_equal(turned(turned(image, first), second), turned(image, (first + second) % 360))


def test_turns_are_clockwise() -> None:
    image = np.array([[1, 2], [3, 4]], np.uint8)
    assert turned(image, 90).tolist() == [[3, 1], [4, 2]]


def test_a_turned_photo_keeps_its_scale() -> None:
    whole = photo_from_array(np.full((300, 400), 255, np.uint8), 200)
    side = whole.turned(90)
    assert (side.width, side.height) == (300, 400)
    assert side.grey.shape == whole.grey.shape[::-1]
    assert side.scale == whole.scale


@pytest.fixture(scope="module")
def upright() -> Page:
    return read(EXAMPLES / "shopping_list.jpg")


@pytest.mark.parametrize("degrees", DEGREES)
def test_an_example_is_read_from_every_side(upright: Page, degrees: int) -> None:
    grey = load_photo(EXAMPLES / "shopping_list.jpg", 2000).grey
    page = read(turned(grey, degrees))
    assert page.turned == (360 - degrees) % 360
    assert page.text == upright.text
    assert (page.width, page.height) == grey.shape[::-1]
    box = page.lines[0].box
    assert box.bottom < page.height / 3  # boxes are of the turned photo, where the heading is on top


def sample_of(image: np.ndarray) -> Sample:
    ink = 255 - photo(image, paper=255, pen=0)
    mask = ink > 128
    return turn.take_sample(components.find_marks(mask), components.stroke_width(mask), ink)


def test_rows_across_and_rows_down_are_told_from_the_boxes() -> None:
    page = written()
    assert turn.rows_across(sample_of(page)) > turn.CLEAR_ROWS
    assert turn.rows_across(sample_of(turned(page, 90))) < -turn.CLEAR_ROWS


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(1, 40), st.integers(1, 40)), max_size=30)
)
def test_evidence_changes_its_sign_with_a_quarter_turn(corners: list[tuple[int, int, int, int]]) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in corners], np.int32).reshape(-1, 4)
    crops = np.zeros((0, 32, 32), np.uint8)
    across = turn.rows_across(Sample(boxes, 20.0, crops))
    down = turn.rows_across(Sample(boxes[:, [1, 0, 3, 2]], 20.0, crops))
    assert np.isfinite(across)
    assert across == pytest.approx(-down)


def test_joined_words_are_longer_than_high() -> None:
    """Neither need their tops and bottoms line up, nor are the gaps between them narrower than those between rows."""
    rng = np.random.default_rng(2)
    boxes: list[tuple[int, int, int, int]] = []
    for y in range(40, 400, 50):
        x = int(rng.integers(20, 60))
        for _ in range(4):
            width, high, low = rng.integers(60, 150), rng.integers(0, 22), rng.integers(30, 52)
            boxes.append((x, int(y + high), int(x + width), int(y + low)))
            x += int(width + 25)
    words = Sample(np.array(boxes, np.int32), 100.0, np.zeros((0, 32, 32), np.uint8))
    assert turn.rows_across(words) > turn.CLEAR_ROWS
    assert turn.rows_across(replace(words, boxes=words.boxes[:, [1, 0, 3, 2]])) < -turn.CLEAR_ROWS


def test_drawn_lines_and_what_the_edge_cuts_off_are_no_sample() -> None:
    image = written()
    with_lines = image.copy()
    with_lines[300:303, 30:400] = 255
    with_lines[100:140, :20] = 255
    assert len(sample_of(with_lines).boxes) == len(sample_of(image).boxes) > 20


def test_a_page_without_marks_is_taken_as_it_lies() -> None:
    empty = turn.take_sample(marks_in([]), 4.0, np.zeros((11, 11), np.uint8))
    assert turn.rows_across(empty) == 0
    assert empty.crops.shape == (0, 32, 32)


def test_upside_down_rows_are_those_of_the_turned_picture() -> None:
    image = written(TEXT[:2])
    marks = components.find_marks(image > 128)
    rows = find_rows(marks, 30)
    over, over_marks, over_ink = turn.upside_down(rows, marks, image)
    assert np.array_equal(over_ink, turned(image, 180))
    found = components.find_marks(turned(image, 180) > 128)
    assert sorted(over_marks.boxes.tolist()) == sorted(found.boxes.tolist())
    for row, other in zip(rows, over, strict=True):
        assert sorted(row.marks) == sorted(other.marks)
        boxes = over_marks.boxes[other.marks]
        assert (np.diff(boxes[:, 0]) >= 0).all()
        # Most letters of the page's second half hang from this baseline, as they stood on the other.
        assert np.median(np.abs(boxes[:, 3] - np.polyval(other.baseline, boxes[:, 0]))) < 5
