"""Pixels in memory."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import assert_alike, error_of, ink_on_nothing, picture

from ocrcli.sources import photo_from_array


@pytest.mark.parametrize(
    "array",
    [
        picture(),
        picture()[:, ::-1][:, ::-1],
        np.dstack([picture()] * 3),
        np.dstack([picture()] * 3 + [np.full_like(picture(), 255)]),
        picture().astype(np.uint16) * 257,
        np.dstack([picture().astype(np.uint16) * 257] * 3),
        picture() / 255,
        (picture() / 255).astype(np.float32),
        np.dstack([picture() / 255] * 3),
    ],
)
def test_arrays(array: NDArray[Any]) -> None:
    photo = photo_from_array(array, 2000)
    assert_alike(photo.grey, picture(), 0)
    assert (photo.width, photo.height, photo.name) == (80, 48, "<array>")


@pytest.mark.parametrize("pen", [(200, 40, 40), (40, 60, 200), (220, 120, 0), (0, 140, 60)])
def test_ink_of_any_colour_is_darker_in_grey_than_it_is_bright(pen: tuple[int, int, int]) -> None:
    array = np.full((40, 60, 3), 235, np.uint8)
    array[10:30, 10:50] = pen
    grey = photo_from_array(array, 2000).grey
    luma = np.array(pen) @ [0.299, 0.587, 0.114]
    assert grey[0, 0] == 235
    assert grey[20, 20] == pytest.approx((luma + min(pen)) / 2, abs=1)


def test_red_ink_shows_on_a_blue_sheet_as_bright_as_it() -> None:
    array = np.full((40, 60, 3), (80, 110, 140), np.uint8)
    array[10:30, 10:50] = (200, 60, 90)
    grey = photo_from_array(array, 2000).grey.astype(int)
    assert grey[0, 0] - grey[20, 20] > 8


def test_array_of_bool() -> None:
    assert_alike(photo_from_array(picture() > 100, 2000).grey, (picture() > 100) * 255, 0)


def test_array_of_floats_that_overshoot() -> None:
    """As resampling with cubic weights does; the other values keep their meaning."""
    array = picture() / 255
    array[0, :2] = [-0.04, 1.04]
    expected = picture()
    expected[0, :2] = [0, 255]
    assert_alike(photo_from_array(array, 2000).grey, expected, 0)


def test_array_is_reduced_and_copied() -> None:
    array = np.full((300, 500), 200, np.uint8)
    assert photo_from_array(array, 100).grey.shape == (60, 100)
    assert photo_from_array(array, 100).scale == 5
    photo_from_array(array, 500).grey[:] = 0
    assert array.min() == 200


def test_array_with_alpha_is_laid_on_paper() -> None:
    photo = photo_from_array(np.asarray(ink_on_nothing(20)), 2000)
    assert_alike(photo.grey, np.where(picture() < 100, 20, 255), 1)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(50), r"shape \(50,\)"),
        (np.zeros((50, 50, 2)), r"shape \(50, 50, 2\)"),
        (np.zeros((2, 50, 50, 3)), r"shape \(2, 50, 50, 3\)"),
        (np.zeros((50, 50), np.int64), "int64 values"),
        (np.zeros((50, 50), complex), "complex128 values"),
        (np.full((50, 50), None), "object values"),
        (np.full((50, 50), 200.0), "floats outside 0 to 1"),
        (np.full((50, 50), -1.0), "floats outside 0 to 1"),
        (np.full((50, 50), np.nan), "floats outside 0 to 1"),
        (np.zeros((0, 0)), "too small"),
        (np.zeros((50, 7)), "too small"),
        ("not pixels", r"shape \(\)"),
    ],
)
def test_unfit_arrays(array: Any, message: str) -> None:
    assert re.match(f"mine: .*{message}.*; ", error_of(lambda: photo_from_array(array, 2000, "mine")))
