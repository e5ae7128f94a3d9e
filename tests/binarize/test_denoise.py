"""Denoisers: they take noise away and leave strokes."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import overlap, photo, written
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageFilter

from ocrcli.binarize import denoise

INK = written()


@pytest.mark.parametrize("name", denoise.DENOISERS)
def test_a_denoiser_keeps_shape_type_and_strokes(name: str) -> None:
    part = np.s_[30:80, 20:200]
    noisy = photo(INK, noise=12)[part]
    quiet = denoise.DENOISERS[name](noisy)
    assert quiet.shape == noisy.shape
    assert quiet.dtype == np.uint8
    assert overlap(quiet < 150, INK[part] > 127) > 0.8


@pytest.mark.parametrize("name", denoise.DENOISERS)
def test_a_denoiser_takes_noise_away(name: str) -> None:
    noisy = photo(np.zeros((60, 90), np.uint8), paper=180, noise=10)
    quiet = denoise.DENOISERS[name](noisy)
    if name == "none":
        np.testing.assert_array_equal(quiet, noisy)
    else:
        assert quiet.std() < 0.6 * noisy.std()
        assert abs(quiet.mean() - noisy.mean()) < 2


@pytest.mark.parametrize("name", denoise.DENOISERS)
def test_a_denoiser_leaves_a_constant_picture_alone(name: str) -> None:
    grey = np.full((20, 30), 200, np.uint8)
    np.testing.assert_array_equal(denoise.DENOISERS[name](grey), grey)


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)))
def test_the_gaussian_is_pillows_kernel(grey: np.ndarray) -> None:
    kernel = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1))
    assert np.array_equal(denoise.DENOISERS["gaussian"](grey), np.asarray(Image.fromarray(grey).filter(kernel)))


@pytest.mark.parametrize("deviation", [2, 6, 12, 25])
def test_noise_is_told_as_what_it_were_on_white_paper(deviation: float) -> None:
    for paper in (90, 180):
        noisy = photo(INK, paper=paper, pen=paper / 4, noise=deviation * paper / 255)
        assert denoise.noise(noisy) == pytest.approx(deviation, rel=0.25, abs=1)


def test_a_picture_narrower_than_what_tells_the_noise_has_none() -> None:
    assert denoise.noise(np.zeros((40, 3), np.uint8)) == 0


def test_a_quiet_photo_is_smoothed_as_little_as_before_and_a_noisy_one_more() -> None:
    quiet, noisy = photo(INK, noise=4), photo(INK, paper=70, pen=15, noise=14)
    np.testing.assert_array_equal(denoise.DENOISERS["auto"](quiet), denoise.DENOISERS["gaussian"](quiet))
    left = [denoise.noise(denoise.DENOISERS[name](noisy)) for name in ("gaussian", "auto")]
    assert left[0] > denoise.NOISY > 2 * left[1]
