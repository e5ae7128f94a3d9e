"""Polarity, background division and denoising."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import SHAPE, Floats, Grey, even, gradient, overlap, photo, shadow, written
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageFilter

from ocrcli.binarize import background

INK = written()
LIGHTS = {
    "even": even(SHAPE),
    "gradient": gradient(SHAPE, 0.3),
    "opposite gradient": gradient(SHAPE, 0.3)[::-1, ::-1],
    "shadow": shadow(SHAPE, 0.35),
    "both": gradient(SHAPE, 0.6) * shadow(SHAPE, 0.5),
}
EACH_LIGHT = pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS)


def margin(grey: Grey) -> float:
    """How many grey levels lie between the darkest paper and the palest ink; one pixel in 50 may stray."""
    return float(np.quantile(grey[INK == 0], 0.02)) - float(np.quantile(grey[INK == 255], 0.98))


@pytest.mark.parametrize("name", [name for name in LIGHTS if name != "even"])
def test_no_level_separates_ink_before(name: str) -> None:
    assert margin(photo(INK, LIGHTS[name], pen=110)) < 0


@EACH_LIGHT
def test_one_level_separates_ink_everywhere_after(light: Floats) -> None:
    flat = background.normalise(photo(INK, light, pen=110))
    assert flat.shape == SHAPE
    assert flat.dtype == np.uint8
    assert margin(flat) > 50


@EACH_LIGHT
def test_paper_becomes_white(light: Floats) -> None:
    flat = background.normalise(photo(INK, light))
    assert np.median(flat[INK == 0]) > 245


def test_the_background_is_the_paper_under_the_ink() -> None:
    light = LIGHTS["gradient"]
    blank, note = photo(np.zeros_like(INK), light), photo(INK, light)
    paper = background.background(note)
    assert paper.shape == SHAPE
    assert paper.dtype == np.uint8
    assert np.abs(paper.astype(int) - blank).mean() < 6
    assert paper[INK == 255].min() > note[INK == 255].max()


def test_no_background_is_zero() -> None:
    assert background.background(np.zeros((40, 60), np.uint8)).min() > 0


@EACH_LIGHT
@pytest.mark.parametrize("noise", [0, 5])
def test_light_ink_on_a_dark_ground_is_recognised(light: Floats, noise: float) -> None:
    assert background.has_light_ink(photo(INK, light, paper=60, pen=220, noise=noise))
    assert not background.has_light_ink(photo(INK, light, noise=noise))


@pytest.mark.parametrize(("paper", "pen", "light"), [(255, 0, False), (0, 255, True)], ids=["ink", "chalk"])
def test_polarity_of_a_picture_of_two_tones(paper: float, pen: float, light: bool) -> None:
    assert background.has_light_ink(photo(INK, paper=paper, pen=pen)) is light


@EACH_LIGHT
def test_light_ink_becomes_dark(light: Floats) -> None:
    chalk = background.normalise(photo(INK, light, paper=60, pen=230))
    assert np.median(chalk[INK == 0]) > 245
    assert margin(chalk) > 30


@pytest.mark.parametrize("level", [0, 1, 128, 254, 255])
@pytest.mark.parametrize("shape", [(60, 80), (8, 8), (8, 200), (1, 1), (3, 50)])
def test_a_constant_picture_stays_constant(level: int, shape: tuple[int, int]) -> None:
    flat = background.normalise(np.full(shape, level, np.uint8))
    assert flat.shape == shape
    assert np.ptp(flat) == 0


def test_the_picture_that_is_passed_in_is_not_changed() -> None:
    grey = photo(INK, LIGHTS["both"])
    before = grey.copy()
    background.normalise(grey)
    for denoise in background.DENOISERS.values():
        denoise(grey[:40, :40])
    np.testing.assert_array_equal(grey, before)


@pytest.mark.parametrize("name", background.DENOISERS)
def test_a_denoiser_keeps_shape_type_and_strokes(name: str) -> None:
    part = np.s_[30:80, 20:200]
    noisy = photo(INK, noise=12)[part]
    quiet = background.DENOISERS[name](noisy)
    assert quiet.shape == noisy.shape
    assert quiet.dtype == np.uint8
    assert overlap(quiet < 150, INK[part] > 127) > 0.8


@pytest.mark.parametrize("name", background.DENOISERS)
def test_a_denoiser_takes_noise_away(name: str) -> None:
    noisy = photo(np.zeros((60, 90), np.uint8), paper=180, noise=10)
    quiet = background.DENOISERS[name](noisy)
    if name == "none":
        np.testing.assert_array_equal(quiet, noisy)
    else:
        assert quiet.std() < 0.6 * noisy.std()
        assert abs(quiet.mean() - noisy.mean()) < 2


@pytest.mark.parametrize("name", background.DENOISERS)
def test_a_denoiser_leaves_a_constant_picture_alone(name: str) -> None:
    grey = np.full((20, 30), 200, np.uint8)
    np.testing.assert_array_equal(background.DENOISERS[name](grey), grey)


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)))
def test_the_gaussian_is_pillows_kernel(grey: np.ndarray) -> None:
    kernel = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1))
    assert np.array_equal(background.DENOISERS["gaussian"](grey), np.asarray(Image.fromarray(grey).filter(kernel)))


@pytest.mark.parametrize("deviation", [2, 6, 12, 25])
def test_noise_is_told_as_what_it_were_on_white_paper(deviation: float) -> None:
    for paper in (90, 180):
        noisy = photo(INK, paper=paper, pen=paper / 4, noise=deviation * paper / 255)
        assert background.noise(noisy) == pytest.approx(deviation, rel=0.25, abs=1)


def test_a_picture_narrower_than_what_tells_the_noise_has_none() -> None:
    assert background.noise(np.zeros((40, 3), np.uint8)) == 0


def test_a_quiet_photo_is_smoothed_as_little_as_before_and_a_noisy_one_more() -> None:
    quiet, noisy = photo(INK, noise=4), photo(INK, paper=70, pen=15, noise=14)
    np.testing.assert_array_equal(background.DENOISERS["auto"](quiet), background.DENOISERS["gaussian"](quiet))
    left = [background.noise(background.DENOISERS[name](noisy)) for name in ("gaussian", "auto")]
    assert left[0] > background.NOISY > 2 * left[1]


def test_where_there_is_no_light_at_all_there_is_no_ink() -> None:
    dark = np.full((60, 80), 200, np.uint8)
    dark[:, :20] = 0
    dark[30:34, 40:60] = 50
    paper = np.where(np.arange(80) < 20, 1, 200)[None, :].repeat(60, axis=0).astype(np.uint8)
    flat = background.divide(dark, paper)
    assert (flat[:, :20] == 255).all()
    assert (flat[30:34, 40:60] < 80).all()
