"""The image that is read: its pixels lead back to the photo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ocrcli.geometry.deskew import MOST_PIXELS, PAGE_MARGIN, X_HEIGHT, deskewed, size_error
from ocrcli.geometry.survey import Survey, rotation
from ocrcli.sources import Photo

SHAPE = (300, 420)


def dotted(at: tuple[float, float], shape: tuple[int, int] = SHAPE) -> Photo:
    """A white photo with one black dot of 9 pixels about x, y."""
    image = Image.new("L", shape[::-1], 255)
    x, y = at
    ImageDraw.Draw(image).ellipse((x - 4, y - 4, x + 4, y + 4), fill=0)
    return Photo("dot", np.asarray(image), shape[1], shape[0])


def middle_of_dot(grey: np.ndarray) -> np.ndarray:
    """Where its middle is, x and y."""
    dark = np.clip(200.0 - grey, 0, None)
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]]
    return np.array([(dark * x).sum(), (dark * y).sum()]) / dark.sum()


def back(course: np.ndarray, at: np.ndarray) -> np.ndarray:
    x, y, w = course @ [*at, 1.0]
    return np.array([x, y]) / w


def box_about(at: np.ndarray, size: float = 60) -> tuple[float, float, float, float]:
    return float(at[0] - size), float(at[1] - size), float(at[0] + size), float(at[1] + size)


@given(
    st.tuples(st.floats(100, 320), st.floats(80, 220)),
    st.sampled_from([0, 90, 180, 270]),
    st.floats(-30, 30),
    st.floats(8, 60),
    st.sampled_from([1.0, 2.0]),
)
def test_the_course_leads_back_to_the_photo(
    at: tuple[float, float], turned: int, slope: float, x_height: float, scale: float
) -> None:
    photo = dotted(at)
    full = Photo("dot", photo.grey, round(SHAPE[1] * scale), round(SHAPE[0] * scale))
    upright = photo.turned(turned)
    size = np.array(upright.grey.shape[::-1]) / 2
    level = rotation(slope).T @ (middle_of_dot(upright.grey) - size) + size
    image = deskewed(full.turned(turned), Survey(slope, x_height, box_about(level), 0.1))
    assert image.course is not None
    there = back(image.course, middle_of_dot(image.grey))
    assert (image.width, image.height) == (full.turned(turned).width, full.turned(turned).height)
    assert there / scale == pytest.approx(middle_of_dot(upright.grey), abs=2)


def test_small_writing_is_enlarged_and_large_writing_made_smaller() -> None:
    for x_height in (8.0, 48.0):
        photo = dotted((210, 150))
        image = deskewed(photo, Survey(0.0, x_height, (205, 145, 215, 155), 0.1))
        margin = PAGE_MARGIN * x_height
        wide = min(215 + margin, SHAPE[1]) - max(205 - margin, 0)
        assert image.grey.shape[1] == pytest.approx(wide * X_HEIGHT / x_height, abs=2)


def test_a_large_page_of_small_writing_is_read_smaller() -> None:
    photo = Photo("large", np.full((1000, 1400), 230, np.uint8), 1400, 1000)
    image = deskewed(photo, Survey(0.0, 4.0, (0, 0, 1400, 1000), 0.1))
    assert image.grey.size == pytest.approx(MOST_PIXELS, rel=0.01)


@pytest.mark.parametrize("slope", [0.0, 5.0])
@pytest.mark.parametrize("x_height", [4.0, 12.0, 50.0])
def test_writing_that_is_smaller_than_it_seemed_is_told(slope: float, x_height: float) -> None:
    photo, taken = dotted((210, 150)), Survey(slope, 2 * x_height, (50, 50, 380, 280), 0.1)
    image = deskewed(photo, taken)
    really = Survey(0.0, X_HEIGHT / 2, (0, 0, 1, 1), 0.1)
    assert size_error(photo, taken, image, really) == pytest.approx(0.5, rel=0.02)
    assert size_error(photo, taken, image, None) == 1


def test_what_a_turned_page_lacks_at_its_corners_is_like_paper() -> None:
    photo = Photo("plain", np.full(SHAPE, 200, np.uint8), SHAPE[1], SHAPE[0])
    image = deskewed(photo, Survey(20.0, 20.0, (0, 0, SHAPE[1], SHAPE[0]), 0.1))
    assert np.ptp(image.grey) <= 1


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0, 0, 420, 300), (419, 299, 420, 300)])
@pytest.mark.parametrize("slope", [0.0, 5.0])
def test_boxes_come_back_within_the_photo(box: tuple[float, float, float, float], slope: float) -> None:
    image = deskewed(dotted((210, 150)), Survey(slope, 24.0, box, 0.1))
    height, width = image.grey.shape
    left, top, right, bottom = image.full_size((0, 0, width, height))
    assert 0 <= left < right <= SHAPE[1]
    assert 0 <= top < bottom <= SHAPE[0]
