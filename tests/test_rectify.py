"""A sheet that was photographed from aside is put right by its outline."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from variants import seen_from_aside

from ocrcli import clean
from ocrcli.rectify import corners_of, homography, rectified
from ocrcli.sheet import find_sheet
from ocrcli.sources import Photo, photo_from_array

SHAPE = (600, 800)


def sheet(corners: list[tuple[int, int]]) -> np.ndarray:
    """(h, w) bool: where a sheet with these corners is."""
    image = Image.new("1", SHAPE[::-1])
    ImageDraw.Draw(image).polygon(corners, fill=1)
    return np.asarray(image)


def test_the_corners_of_a_sheet_seen_from_aside() -> None:
    drawn = [(60, 50), (740, 170), (740, 430), (60, 550)]
    corners = corners_of(sheet(drawn))
    assert corners is not None
    np.testing.assert_allclose(corners * SHAPE[::-1], drawn, atol=2)


@pytest.mark.parametrize(
    "drawn",
    [
        [(60, 50), (740, 60), (740, 540), (60, 550)],
        [(200, 50), (600, 50), (740, 550), (60, 550)],
        [(60, 50), (799, 170), (799, 430), (60, 550)],
        [(60, 50), (300, 260), (740, 170), (740, 430), (60, 550)],
    ],
    ids=["straight", "seen from below", "cut off", "no sheet"],
)
def test_what_need_not_or_cannot_be_put_right_is_left_alone(drawn: list[tuple[int, int]]) -> None:
    assert corners_of(sheet(drawn)) is None


POINTS = st.lists(st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2)), min_size=4, max_size=4)
SQUARE = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)


@given(POINTS)
def test_a_homography_takes_each_point_to_its_own(moves: list[tuple[float, float]]) -> None:
    target = SQUARE + np.array(moves)
    found = homography(SQUARE, target) @ np.column_stack([SQUARE, np.ones(4)]).T
    np.testing.assert_allclose((found[:2] / found[2]).T, target, atol=1e-6)


def test_a_sheet_put_right_looks_as_it_did_and_boxes_are_those_on_the_photo() -> None:
    straight = np.full(SHAPE, 220, np.uint8)
    marks = [(150, 120, 200, 180), (600, 400, 650, 460)]
    for left, top, right, bottom in marks:
        straight[top:bottom, left:right] = 30
    aside = seen_from_aside(straight)
    photo = photo_from_array(np.asarray(aside), 2000)
    region = find_sheet(clean.background(photo.grey))
    assert region is not None
    corners = corners_of(region)
    assert corners is not None
    right_way = rectified(photo, corners)
    height, width = right_way.grey.shape
    for left, top, right, bottom in marks:
        x, y = (left + right) / 2 * width / SHAPE[1], (top + bottom) / 2 * height / SHAPE[0]
        assert right_way.grey[round(y), round(x)] < 60
        found = right_way.full_size((round(x) - 5, round(y) - 5, round(x) + 5, round(y) + 5))
        assert aside[found[1] : found[3], found[0] : found[2]].mean() < 60


def test_boxes_stay_within_the_photo() -> None:
    photo = Photo("a", np.zeros((10, 20), np.uint8), 200, 100, np.array([[20.0, 0, -50], [0, 20, 0], [0, 0, 1]]))
    assert photo.full_size((0, 0, 20, 10)) == (0, 0, 200, 100)
    left, top, right, bottom = photo.full_size((19, 9, 20, 10))
    assert 0 <= left < right <= 200
    assert 0 <= top < bottom <= 100
