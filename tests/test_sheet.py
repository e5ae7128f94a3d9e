"""The sheet of paper on photos that show more than the sheet."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Corners, Floats, Grey, Mask, filled, gradient, marks_in, photo, shadow, written
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from ocrcli import clean
from ocrcli.baselines import letter_height
from ocrcli.components import Marks, find_marks, writing
from ocrcli.sheet import Region, eroded, find_sheet, on_sheet, without_surroundings
from ocrcli.threshold import binarize

SHAPE = (480, 640)
STROKE = 6
SHEET: Corners = (120, 70, 540, 420)
ROWS = ("Milk and", "eggs 12", "BREAD")
INK = written(ROWS, SHAPE, origin=(165, 160), pitch=95)


def rotated(box: Corners, degrees: float) -> Mask:
    """A rectangle turned about its middle."""
    left, top, right, bottom = box
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    y, x = y - (top + bottom) / 2, x - (left + right) / 2
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return (np.abs(cos * x + sin * y) < (right - left) / 2) & (np.abs(cos * y - sin * x) < (bottom - top) / 2)


def table(level: float = 90) -> Floats:
    """Dark cloth with darker dots."""
    dots = np.random.default_rng(11).random((80, 107)) < 0.15
    return level * np.where(dots.repeat(6, axis=0).repeat(6, axis=1)[: SHAPE[0], : SHAPE[1]], 0.5, 1.0)


def on_table(sheet: Mask, ink: Grey = INK, level: float = 90) -> Grey:
    return np.where(sheet, photo(ink, noise=3), table(level).clip(0, 255)).astype(np.uint8)


def seen(grey: Grey) -> tuple[Region | None, Marks, Marks]:
    """The sheet, all marks, and those on the sheet."""
    dark = clean.darken(grey)
    paper = clean.background(dark)
    mask = binarize(clean.divide(dark, paper))
    marks, sheet = find_marks(mask), find_sheet(paper)
    return sheet, marks, on_sheet(marks, sheet, STROKE)


def without_outline(marks: Marks) -> Marks:
    """Without what is too large for a letter, such as the dark edge of the sheet, whose middle is on it."""
    return writing(marks, letter_height(marks, STROKE), STROKE)


def enlarged(region: Region) -> Mask:
    rows, columns = (np.arange(n) * small // n for n, small in zip(SHAPE, region.shape, strict=True))
    return region[rows][:, columns]


def shown(marks: Marks) -> Mask:
    return np.isin(marks.labels, marks.ids)


@pytest.mark.parametrize("degrees", [0, 8, -15])
@pytest.mark.parametrize("level", [40, 90, 130])
def test_a_sheet_on_a_table_is_found(degrees: float, level: float) -> None:
    drawn = rotated(SHEET, degrees)
    sheet, marks, kept = seen(on_table(drawn, level=level))
    assert sheet is not None
    found = enlarged(sheet)
    assert (found & ~drawn).sum() < 0.02 * drawn.sum()
    assert (found & drawn).sum() > 0.85 * drawn.sum()
    assert 0 < len(kept) < len(marks)


@pytest.mark.parametrize("degrees", [0, 8])
def test_writing_on_the_sheet_is_kept_and_the_table_is_not(degrees: float) -> None:
    drawn = rotated(SHEET, degrees)
    _, marks, kept = seen(on_table(drawn))
    assert (shown(marks) & ~drawn).sum() > 500
    kept = without_outline(kept)
    assert not (shown(kept) & ~drawn).any()
    assert (shown(kept) & (INK > 200)).sum() > 0.95 * (INK > 200).sum()


def test_the_sheet_may_reach_over_an_edge_of_the_photo() -> None:
    drawn = filled([(0, 0, 500, 480)], SHAPE)
    sheet, _, kept = seen(on_table(drawn, written(ROWS, SHAPE, origin=(60, 160), pitch=95)))
    assert sheet is not None
    assert sheet[0, 0]
    assert not sheet[:, -1].any()
    assert len(without_outline(kept))
    assert without_outline(kept).boxes[:, 2].max() <= 500


BLANK = np.zeros(SHAPE, np.uint8)


def vignette(darkest: float) -> Floats:
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    far = ((x / SHAPE[1] - 0.5) ** 2 + (y / SHAPE[0] - 0.5) ** 2) / 0.5
    return 1 - (1 - darkest) * far


SOFT = {
    "even": None,
    "gradient": gradient(SHAPE, 0.4),
    "vignette": vignette(0.5),
    "dark vignette": vignette(0.25),
}


@pytest.mark.parametrize("ink", [INK, BLANK], ids=["written", "blank"])
@pytest.mark.parametrize("light", SOFT.values(), ids=SOFT)
def test_soft_light_has_no_sheet(light: Floats | None, ink: Grey) -> None:
    assert find_sheet(clean.background(photo(ink, light, noise=2))) is None


@pytest.mark.parametrize("level", [1, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (480, 640)])
def test_a_constant_image_has_no_sheet(level: int, shape: tuple[int, int]) -> None:
    assert find_sheet(np.full(shape, level, np.uint8)) is None


def test_a_small_reflection_is_no_sheet() -> None:
    spot = filled([(300, 200, 360, 250)], SHAPE)
    assert find_sheet(clean.background(photo(BLANK, np.where(spot, 1.0, 0.6)))) is None


def test_a_frame_of_light_is_no_sheet() -> None:
    frame = filled([(60, 40, 580, 440)], SHAPE) & ~filled([(120, 90, 520, 390)], SHAPE)
    assert find_sheet(np.where(frame, 220, 90).astype(np.uint8)) is None


@pytest.mark.parametrize("darkness", [0.35, 0.6])
@pytest.mark.parametrize("flipped", [False, True])
def test_a_hard_shadow_takes_no_writing(darkness: float, flipped: bool) -> None:
    ink = written(("the quick brown fox", "jumps over the lazy", "DOG 4271 TIMES"), SHAPE, origin=(30, 140), pitch=110)
    light = shadow(SHAPE, darkness)
    sheet, marks, kept = seen(photo(ink, light[:, ::-1] if flipped else light, noise=2))
    assert sheet is not None  # the lit part is bright and sharply bounded
    letters = ink > 200
    assert (shown(kept) & letters).sum() == (shown(marks) & letters).sum() > 0.9 * letters.sum()


LEFT_HALF = np.arange(100)[None, :].repeat(100, axis=0) < 50


def row_of_marks(left: int, height: int, count: int = 4) -> list[Corners]:
    return [(left + 20 * i, 100, left + 20 * i + 10, 100 + height) for i in range(count)]


def split(*boxes: Corners) -> Marks:
    """Marks on a picture whose left half, to x = 200, is the sheet."""
    return on_sheet(marks_in([*boxes, (385, 385, 390, 390)]), LEFT_HALF, 4)


def test_marks_unlike_the_sheets_are_left_out() -> None:
    assert split(*row_of_marks(20, 30), *row_of_marks(250, 90)).ids.tolist() == [1, 2, 3, 4]
    assert split(*row_of_marks(20, 90), *row_of_marks(250, 30)).ids.tolist() == [1, 2, 3, 4]


def test_marks_like_the_sheets_are_writing_in_the_shadow() -> None:
    assert len(split(*row_of_marks(20, 30), *row_of_marks(250, 32))) == 9


def test_specks_off_the_sheet_are_left_out() -> None:
    assert split(*row_of_marks(20, 30), *row_of_marks(250, 3)).ids.tolist() == [1, 2, 3, 4]


def test_a_sheet_without_writing_takes_nothing() -> None:
    assert len(split(*row_of_marks(250, 30))) == 5
    assert len(split(*row_of_marks(20, 3), *row_of_marks(250, 30))) == 9


def test_no_sheet_and_no_marks() -> None:
    marks = marks_in(row_of_marks(20, 30))
    assert on_sheet(marks, None, 4) is marks
    none = find_marks(np.zeros((40, 40), bool))
    assert len(on_sheet(none, LEFT_HALF, 4)) == 0


@pytest.mark.parametrize("level", [30, 90])
def test_a_rough_table_is_whitened_and_the_writing_stays(level: float) -> None:
    grain = np.random.default_rng(5).normal(level, level / 3, SHAPE).clip(0, 255)
    grey = np.where(rotated(SHEET, 2), photo(INK, noise=3), grain).astype(np.uint8)
    paper = clean.background(grey)
    flat = clean.divide(grey, paper)
    cleared = without_surroundings(flat, paper, find_sheet(paper))
    assert (cleared[~rotated((110, 60, 550, 430), 2)] == 255).all()
    np.testing.assert_array_equal(cleared[INK > 0], flat[INK > 0])


def test_paper_in_a_shadow_is_not_whitened() -> None:
    grey = photo(INK, shadow(SHAPE), noise=3)
    paper = clean.background(grey)
    flat = clean.divide(grey, paper)
    half = np.zeros((48, 64), bool)
    half[:, :32] = True
    np.testing.assert_array_equal(without_surroundings(flat, paper, half), flat)
    np.testing.assert_array_equal(without_surroundings(flat, paper, None), flat)


def test_paper_in_a_shadow_is_not_whitened_with_the_table_beyond_it() -> None:
    grey = photo(INK, noise=3).astype(float)
    shaded, table = np.s_[SHAPE[0] // 2 :, SHAPE[1] // 2 :], np.s_[:, -SHAPE[1] // 8 :]
    grey[shaded] *= 0.55
    grey[table] = np.random.default_rng(5).normal(40, 14, grey[table].shape).clip(0, 255)
    paper = clean.background(grey.astype(np.uint8))
    flat = clean.divide(grey.astype(np.uint8), paper)
    lit = np.ones((48, 64), bool)  # as it is found where the shadow is as dark as a table
    lit[24:, 32:] = lit[:, -8:] = False
    cleared = without_surroundings(flat, paper, lit)
    middle = np.s_[SHAPE[0] // 2 : -10, SHAPE[1] // 2 : -SHAPE[1] // 8 - 10]
    np.testing.assert_array_equal(cleared[middle], flat[middle])
    assert (cleared[:, -SHAPE[1] // 8 + 10 :] == 255).mean() > 0.95


@settings(deadline=None)
@given(npst.arrays(bool, npst.array_shapes(min_dims=2, max_dims=2, max_side=12)), st.integers(1, 5))
def test_erosion_takes_what_is_near_to_a_gap_but_not_to_the_edge(region: Mask, pixels: int) -> None:
    y, x = np.indices(region.shape)
    gaps = np.argwhere(~region)
    near = [(np.abs(y - row) <= pixels) & (np.abs(x - column) <= pixels) for row, column in gaps]
    np.testing.assert_array_equal(eroded(region, pixels), ~np.any([np.zeros(region.shape, bool), *near], axis=0))
