"""Ruled lines go from the mask, and strokes across them stay."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import SHAPE, Mask, filled, overlap, written
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.components import find_marks
from ocrcli.rules import _band, without_rules, without_underlines

LETTERS = written() > 127
NO_LETTERS = np.zeros((240, 800), bool)


def ruled(angle: float = 0.0, thickness: int = 3) -> Mask:
    """Lines at every row of the drawn note, a little above its baselines."""
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    along = y - np.tan(np.radians(angle)) * (x - SHAPE[1] / 2)
    return np.any([np.abs(along - at) < thickness / 2 for at in (62, 152, 242)], axis=0)


def assert_erased(lines: Mask) -> None:
    cleared = without_rules(LETTERS | lines)
    assert not (cleared & ~(LETTERS | lines)).any()
    assert (cleared & lines & ~LETTERS).sum() < 0.2 * (lines & ~LETTERS).sum()
    assert (cleared & LETTERS).sum() > 0.9 * LETTERS.sum()


@pytest.mark.parametrize("angle", [0, 1.5, -1.5, 4, -7])
def test_rules_are_erased_and_crossing_letters_keep_their_strokes(angle: float) -> None:
    assert_erased(ruled(angle))


def test_rules_with_small_breaks_are_erased() -> None:
    lines = ruled()
    lines[:, 70::80] = lines[:, 71::80] = False
    assert_erased(lines)


def test_a_margin_line_is_erased() -> None:
    margin = filled([(15, 0, 18, SHAPE[0])], SHAPE)
    assert overlap(without_rules(LETTERS | margin), LETTERS) > 0.98


def test_a_stroke_across_a_rule_stays_whole() -> None:
    line, stroke = filled([(0, 100, 800, 103)], NO_LETTERS.shape), filled([(200, 70, 206, 130)], NO_LETTERS.shape)
    cleared = without_rules(line | stroke)
    assert cleared[stroke].all()
    assert not cleared[:, :190].any()
    assert not cleared[:, 216:].any()


@pytest.mark.parametrize("mask", [LETTERS, NO_LETTERS], ids=["letters", "nothing"])
def test_without_rules_nothing_is_erased(mask: Mask) -> None:
    np.testing.assert_array_equal(without_rules(mask), mask)


def test_a_dash_is_no_rule() -> None:
    dash = filled([(180, 100, 230, 104)], NO_LETTERS.shape)
    np.testing.assert_array_equal(without_rules(dash), dash)


def test_the_mask_that_is_passed_in_is_not_changed() -> None:
    mask = LETTERS | ruled()
    before = mask.copy()
    without_rules(mask)
    np.testing.assert_array_equal(mask, before)


@pytest.mark.parametrize("across", [False, True], ids=["level", "upright"])
def test_a_dark_bar_along_a_paler_rule_stays(across: bool) -> None:
    shape = (600, 800)
    line = filled([(0, 100, 800, 103)], shape)
    bar, letters = (
        filled([(300, 98, 340, 104)], shape),
        filled([(60 * i, 200, 60 * i + 6, 240) for i in range(3, 9)], shape),
    )
    flat = np.full(shape, 250, np.uint8)
    flat[line], flat[bar | letters] = 160, 40
    mask = flat < 200
    cleared = without_rules(mask.T, flat.T).T if across else without_rules(mask, flat)
    assert cleared[bar].all()
    assert cleared[letters].all()
    assert not cleared[:110, :290].any()
    assert without_rules(mask)[bar].sum() == 0  # by thickness alone it would go with the line


def test_the_stem_of_a_letter_that_fills_its_photo_is_no_rule() -> None:
    mask = np.zeros((300, 400), bool)
    mask[40:260, 60:80] = mask[40:60, 60:200] = mask[140:158, 60:170] = True  # a bold F
    assert (without_rules(mask) == mask).all()
    ruled = mask.copy()
    ruled[270:273] = True
    assert (without_rules(ruled) == mask).all()


def underlined(touching: tuple[int, ...], long: int = 330) -> tuple[Mask, Mask]:
    """Eight letters over a line that some of them reach down to: all ink, and the letters' own."""
    letters = [(40 + 40 * i, 60, 64 + 40 * i, 116 if i in touching else 90) for i in range(8)]
    hollow = [(x0 + 5, 65, x1 - 5, y1 - 5) for x0, _, x1, y1 in letters]
    own = filled(letters, NO_LETTERS.shape) & ~filled(hollow, NO_LETTERS.shape)
    return own | filled([(30, 100, 30 + long, 104)], NO_LETTERS.shape), own


def test_an_underline_that_some_letters_touch_is_erased() -> None:
    ink, letters = underlined((1, 5))
    cleared = without_underlines(find_marks(ink), 30)
    assert cleared is not None
    assert (cleared & letters).sum() > 0.97 * letters.sum()
    assert len(find_marks(cleared)) == 8
    assert not (cleared & ~ink).any()


def test_an_underline_may_sink() -> None:
    ink, letters = underlined((1, 5))
    line = ink & ~letters
    sunk = letters.copy()
    for x in range(30, 360):  # by 20 pixels, two thirds of a letter
        sunk[:, x] |= np.roll(line[:, x], (x - 30) * 20 // 330)
    cleared = without_underlines(find_marks(sunk), 30)
    assert cleared is not None
    assert (cleared & letters).sum() > 0.97 * letters.sum()


@given(st.floats(-0.1, 0.1), st.integers(1, 30))
def test_a_band_holds_a_line_that_sinks_a_little(slope: float, count: int) -> None:
    x = np.linspace(0, 300, count)
    assert _band(x, slope * x) == pytest.approx(0, abs=1e-6)
    assert _band(x, slope * x + np.resize([0, 5], count)) <= 2 * 5.0


def test_a_band_does_not_follow_a_steep_line() -> None:
    x = np.linspace(0, 300, 7)
    assert _band(x, 0.5 * x) == pytest.approx(0.4 * 300)


@pytest.mark.parametrize(
    ("touching", "long"), [((), 330), (tuple(range(8)), 330), ((1,), 60)], ids=["apart", "joined word", "short bar"]
)
def test_what_is_no_underline_stays(touching: tuple[int, ...], long: int) -> None:
    assert without_underlines(find_marks(underlined(touching, long)[0]), 30) is None
