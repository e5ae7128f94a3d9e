"""The crop that the classifier sees."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from drawn import Grey, letter
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.letters import letter_crop


def extent(crop: Grey) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is brighter than a blurred edge; the last two exclusive."""
    rows = np.flatnonzero((crop > 60).any(axis=1))
    columns = np.flatnonzero((crop > 60).any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize("column", range(100, 111))
def test_a_hairline_is_not_lost(column: int) -> None:
    ink = np.zeros((200, 200), np.uint8)
    ink[:, :20] = 255
    ink[:, column] = 255
    assert letter_crop.crop(ink)[:, 12:24].any()


def likeness(one: Grey, other: Grey) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize("text", list("Aglm-.|W@"))
def test_a_letter_fills_the_crop_and_is_centred(text: str) -> None:
    crop = letter_crop.crop(letter(text))
    assert crop.shape == (letter_crop.SIZE, letter_crop.SIZE)
    assert crop.dtype == np.uint8
    assert crop.max() == 255
    left, top, right, bottom = extent(crop)
    assert abs((left + right) / 2 - letter_crop.SIZE / 2) <= 1
    assert abs((top + bottom) / 2 - letter_crop.SIZE / 2) <= 1
    assert abs(max(right - left, bottom - top) - letter_crop.INNER) <= 1


@given(st.integers(1, 300), st.integers(1, 300))
def test_a_box_of_any_size_keeps_its_aspect_and_a_margin(height: int, width: int) -> None:
    crop = letter_crop.crop(np.full((height, width), 200, np.uint8))
    left, top, right, bottom = extent(crop)
    scale = letter_crop.INNER / max(height, width)
    assert right - left == pytest.approx(max(1, width * scale), abs=1)
    assert bottom - top == pytest.approx(max(1, height * scale), abs=1)
    assert abs(left - (letter_crop.SIZE - right)) <= 1
    assert abs(top - (letter_crop.SIZE - bottom)) <= 1
    margin = (letter_crop.SIZE - letter_crop.INNER) // 2
    assert not crop[:margin].any()
    assert not crop[:, :margin].any()


@given(st.integers(1, 255), st.integers(1, 80), st.integers(1, 80))
def test_the_pens_pressure_does_not_matter(level: int, height: int, width: int) -> None:
    shape = np.ones((height, width), np.uint8)
    np.testing.assert_array_equal(letter_crop.crop(shape * np.uint8(level)), letter_crop.crop(shape * np.uint8(255)))


@given(st.sampled_from("ABGgkmrS3&"), st.integers(2, 6))
def test_the_resolution_does_not_matter(text: str, times: int) -> None:
    ink = letter(text, 60)
    enlarged = np.kron(ink, np.ones((times, times), np.uint8))
    difference = np.abs(letter_crop.crop(enlarged).astype(int) - letter_crop.crop(ink))
    assert difference.mean() < 4
    assert difference.max() < 80


@given(st.sampled_from("ABGgkmrS3&"), st.floats(40, 160))
def test_the_size_of_the_writing_does_not_matter(text: str, size: float) -> None:
    crop, reference = letter_crop.crop(letter(text, size)), letter_crop.crop(letter(text, 100))
    assert likeness(crop, reference) > 0.8


def test_other_letters_are_less_alike_than_other_sizes() -> None:
    crops = [letter_crop.crop(letter(text)) for text in "AEOXgkm3"]
    assert all(likeness(one, other) < 0.75 for one, other in combinations(crops, 2))


def test_the_mask_leaves_other_ink_out() -> None:
    ink = np.zeros((40, 40), np.uint8)
    ink[5:35, 5:15] = 180
    alone = letter_crop.crop(ink)
    mask = ink > 0
    ink[:, 25:] = 255
    np.testing.assert_array_equal(letter_crop.crop(ink, mask), alone)
    assert (letter_crop.crop(ink) != alone).any()


def test_the_ink_that_is_passed_in_is_not_changed() -> None:
    ink = letter("R")
    before = ink.copy()
    letter_crop.crop(ink, np.zeros(ink.shape, bool))
    np.testing.assert_array_equal(ink, before)


@pytest.mark.parametrize("mask", [None, np.zeros((9, 7), bool)], ids=["no ink", "all ink masked"])
def test_blank_stays_blank(mask: np.ndarray | None) -> None:
    ink = np.full((9, 7), 0 if mask is None else 255, np.uint8)
    crop = letter_crop.crop(ink, mask)
    assert crop.shape == (letter_crop.SIZE, letter_crop.SIZE)
    assert not crop.any()


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0), (4, 4, 3), (4,)])
def test_a_box_without_pixels_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="box with pixels"):
        letter_crop.crop(np.zeros(shape, np.uint8))


def test_a_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="differ in shape"):
        letter_crop.crop(np.ones((4, 5), np.uint8), np.ones((5, 4), bool))


def test_the_name_of_the_crop_tells_its_measures() -> None:
    assert str(letter_crop.SIZE) in letter_crop.GEOMETRY
    assert str(letter_crop.INNER) in letter_crop.GEOMETRY
