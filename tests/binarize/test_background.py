"""Polarity and background division."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import SHAPE, Floats, Grey, even, gradient, photo, shadow, written

from ocrcli.binarize import background, denoise

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
    for denoiser in denoise.DENOISERS.values():
        denoiser(grey[:40, :40])
    np.testing.assert_array_equal(grey, before)


def test_where_there_is_no_light_at_all_there_is_no_ink() -> None:
    dark = np.full((60, 80), 200, np.uint8)
    dark[:, :20] = 0
    dark[30:34, 40:60] = 50
    paper = np.where(np.arange(80) < 20, 1, 200)[None, :].repeat(60, axis=0).astype(np.uint8)
    flat = background.divide(dark, paper)
    assert (flat[:, :20] == 255).all()
    assert (flat[30:34, 40:60] < 80).all()
