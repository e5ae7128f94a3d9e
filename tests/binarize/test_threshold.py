"""Every threshold method, on drawn notes and on pictures that hold none."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Grey, filled, overlap, photo, written
from hypothesis import assume, given
from hypothesis.extra import numpy as hnp
from skimage.filters import threshold_otsu

from ocrcli.binarize.background import normalise
from ocrcli.binarize.denoise import DENOISERS
from ocrcli.binarize.threshold import METHODS, binarize, is_blank, level_of, levels
from ocrcli.core.errors import InputError, UsageError

INK = written()
EACH_METHOD = pytest.mark.parametrize("method", METHODS)


def noise(sigma: float, paper: float = 220, shape: tuple[int, int] = (240, 320)) -> Grey:
    return photo(np.zeros(shape, np.uint8), paper=paper, noise=sigma)


def fading_band(shape: tuple[int, int] = (200, 200)) -> Grey:
    """White paper with a band that fades to black: its histogram has a single peak."""
    picture = np.full(shape, 250, np.uint8)
    picture[:16] = np.linspace(250, 50, shape[1]).astype(np.uint8)
    return picture


@EACH_METHOD
def test_every_method_finds_drawn_ink(method: str) -> None:
    mask = binarize(photo(INK), method)
    assert mask.shape == INK.shape
    assert mask.dtype == bool
    assert overlap(mask, INK > 127) > 0.75


@pytest.mark.parametrize("method", ["auto", "otsu", "sauvola"])
def test_ink_is_found_in_a_noisy_photo(method: str) -> None:
    flat = normalise(DENOISERS["gaussian"](photo(INK, noise=6)))
    assert overlap(binarize(flat, method), INK > 127) > 0.75


@EACH_METHOD
@pytest.mark.parametrize("level", [0, 1, 127, 255])
def test_a_constant_picture_holds_nothing(method: str, level: int) -> None:
    with pytest.raises(InputError) as caught:
        binarize(np.full((60, 80), level, np.uint8), method)
    assert len(str(caught.value).splitlines()) == 1


@EACH_METHOD
def test_writing_far_too_faint_holds_nothing(method: str) -> None:
    with pytest.raises(InputError, match="faint"):
        binarize(photo(INK, pen=232), method)


@EACH_METHOD
@pytest.mark.parametrize("sigma", [1, 3, 10, 30])
def test_pure_noise_holds_nothing(method: str, sigma: float) -> None:
    with pytest.raises(InputError) as caught:
        binarize(noise(sigma), method)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("paper", [120, 200, 235])
@pytest.mark.parametrize("sigma", [1, 2, 5])
def test_a_blank_sheet_of_any_brightness_holds_nothing(paper: float, sigma: float) -> None:
    with pytest.raises(InputError, match="nothing written"):
        binarize(normalise(DENOISERS["gaussian"](noise(sigma, paper))))


def test_a_note_is_not_blank() -> None:
    assert not is_blank(photo(INK))
    assert not is_blank(photo(INK, noise=6))


@pytest.mark.parametrize("share", [0.001, 0.2, 0.4])
def test_of_a_cleaned_page_any_share_may_be_ink(share: float) -> None:
    page = np.full((100, 100), 255, np.uint8)
    page.reshape(-1)[: round(share * page.size)] = 60
    assert not is_blank(page, quiet=True)
    assert binarize(page, quiet=True).any()
    assert is_blank(np.full((100, 100), 255, np.uint8), quiet=True)


def test_a_single_word_on_a_large_page_is_not_blank() -> None:
    page = photo(written(["word"], (900, 1200), size=30), noise=3)
    assert not is_blank(page)


def test_a_method_that_fails_says_what_else_to_do() -> None:
    from skimage.filters import threshold_minimum

    picture = fading_band()
    with pytest.raises(RuntimeError):
        threshold_minimum(picture)
    with pytest.raises(InputError, match=r"'minimum'.*--threshold auto") as caught:
        binarize(picture, "minimum")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["", "Otsu", "magic", "__class__"])
def test_an_unknown_method_lists_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        binarize(photo(INK), name)
    assert repr(name) in str(caught.value)
    assert all(method in str(caught.value) for method in METHODS)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "minimum"])
def test_a_scan_of_two_tones(method: str) -> None:
    drawn = INK > 127
    assert overlap(binarize(np.where(drawn, np.uint8(20), np.uint8(250)), method), drawn) > 0.75


def fading_stroke() -> Grey:
    """A stroke that fades into the paper, above one that does not."""
    ink = filled([(20, 60, 180, 65)], (90, 200)) * np.uint8(255)
    ink[30:35, 20:180] = np.linspace(255, 0, 160).astype(np.uint8)
    return photo(ink, paper=250)


def test_auto_follows_a_fading_stroke_further_than_otsu() -> None:
    flat = fading_stroke()
    auto, otsu = binarize(flat), binarize(flat, "otsu")
    assert (auto | otsu == auto).all()
    assert np.flatnonzero(auto[32])[-1] > np.flatnonzero(otsu[32])[-1] + 5
    assert not auto[30:35, 170:].any()


def test_auto_ignores_faint_spots_that_touch_no_stroke() -> None:
    flat = fading_stroke()
    joined = binarize(flat)[32] & ~binarize(flat, "otsu")[32]
    flat[45:49, 90:94] = np.median(flat[32, joined])
    mask = binarize(flat)
    assert not mask[45:49, 90:94].any()
    assert mask[60:65, 20:180].all()


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=24)))
def test_otsu_level_is_the_one_of_scikit_image(grey: np.ndarray) -> None:
    assume(np.ptp(grey) > 0)
    # Levels between which no pixel lies separate the same classes.
    np.testing.assert_array_equal(grey <= levels(grey)[0], grey <= threshold_otsu(grey))


def test_a_global_method_has_a_level_and_a_local_one_has_none() -> None:
    flat = np.array([[10, 60, 200, 250]], np.uint8)
    assert level_of(flat, flat <= 60) == 60
    assert level_of(flat, np.array([[True, False, True, False]])) is None
