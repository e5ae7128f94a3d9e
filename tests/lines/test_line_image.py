"""Rows made straight, of one height and of one size of writing."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import row_of_ink, written
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocrcli.lines.line_image import HEIGHT, MAX_WIDTH, SPREAD, line_image_of


def spread_of(image: np.ndarray) -> float:
    y = np.arange(HEIGHT)[:, None]
    mean = (image * y).sum() / image.sum()
    return float(np.sqrt((image * (y - mean) ** 2).sum() / image.sum()))


def sheared(ink: np.ndarray, slope: float) -> np.ndarray:
    size = (ink.shape[1], ink.shape[0] + int(abs(slope) * ink.shape[1]) + 2)
    lift = max(0.0, slope * ink.shape[1])
    picture = Image.fromarray(ink).transform(size, Image.Transform.AFFINE, (1, 0, 0, slope, 1, -lift))
    return np.asarray(picture)


def test_nothing_gives_no_strip() -> None:
    assert line_image_of(np.zeros((20, 50), np.uint8)) is None


@pytest.mark.parametrize("size", [14, 30, 70])
def test_writing_of_any_size_comes_out_alike(size: int) -> None:
    made = line_image_of(row_of_ink(size=size))
    usual = line_image_of(row_of_ink())
    assert made is not None
    assert usual is not None
    assert made.image.shape[0] == HEIGHT
    assert made.image.shape[1] == pytest.approx(usual.image.shape[1], rel=0.05)
    assert spread_of(made.image) == pytest.approx(SPREAD, rel=0.12)


@settings(max_examples=settings().max_examples // 4)
@given(st.floats(-0.08, 0.08))
def test_a_slope_is_taken_out(slope: float) -> None:
    text = "a row as long as rows are that people write"
    level, tilted = line_image_of(row_of_ink(text)), line_image_of(sheared(row_of_ink(text), slope))
    assert level is not None
    assert tilted is not None
    assert spread_of(tilted.image) == pytest.approx(spread_of(level.image), rel=0.1)
    assert tilted.image.shape[1] == pytest.approx(level.image.shape[1], rel=0.12)


def test_the_course_runs_through_the_ink() -> None:
    ink = sheared(row_of_ink("a row as long as rows are that people write"), 0.05)
    made = line_image_of(ink)
    assert made is not None
    for part in (slice(0, 100), slice(-100, None)):
        y, x = np.nonzero(ink[:, part])
        x = x + (range(ink.shape[1])[part].start)
        assert np.polyval(made.course, x.mean()) == pytest.approx(y.mean(), abs=12)


def test_the_left_edge_is_that_of_the_ink() -> None:
    ink = row_of_ink()
    wide = np.pad(ink, ((0, 0), (37, 5)))
    first, second = line_image_of(ink), line_image_of(wide)
    assert first is not None
    assert second is not None
    assert second.left == first.left + 37
    assert (first.image == second.image).all()


def test_a_very_long_row_is_compressed() -> None:
    made = line_image_of(np.tile(row_of_ink("iiiii", 20), (1, 60)))
    assert made is not None
    assert made.image.shape == (HEIGHT, MAX_WIDTH)


def test_faint_ink_comes_out_bright() -> None:
    faint = line_image_of((row_of_ink().astype(np.uint16) * 80 // 255).astype(np.uint8))
    assert faint is not None
    assert faint.image.max() == 255


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 200))
def test_any_ink_at_all_gives_a_strip(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    ink = (rng.random((height, width)) < 0.1).astype(np.uint8) * rng.integers(1, 256, (height, width), np.uint8)
    made = line_image_of(ink)
    assert (made is None) == (not ink.any())
    if made is not None:
        assert made.image.shape[0] == HEIGHT
        assert 1 <= made.image.shape[1] <= MAX_WIDTH
        assert np.isfinite(made.course).all()


def test_a_drawn_note_is_ink_enough() -> None:
    assert line_image_of(written()) is not None
