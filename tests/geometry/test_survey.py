"""How writing lies in a photo, from maps that are drawn by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seen import X_HEIGHT, maps_of

from ocrcli.binarize.page_model import FOLD, Maps
from ocrcli.geometry.orientation import (
    CLEAR_LEAD,
    ReadView,
    evidence,
    evidence_of_reading,
    is_plainly_upright,
    lead,
)
from ocrcli.geometry.survey import Survey, View, survey


def turned(maps: Maps, quarters: int) -> Maps:
    """The same photo turned clockwise by so many quarters."""
    ink, core = (np.ascontiguousarray(np.rot90(part, -quarters)) for part in (maps.ink, maps.core))
    up = np.rot90(maps.up, -quarters, axes=(1, 2))
    for _ in range(quarters):
        up = np.stack([-up[1], up[0]])
    return Maps(ink, core, up)


LINES = [(60, 540, 120), (60, 500, 200), (60, 520, 280)]


def found(maps: Maps) -> Survey:
    seen = survey(View(maps))
    assert seen is not None
    return seen


def test_where_nothing_is_written_there_is_no_survey() -> None:
    nothing = Maps(np.zeros((64, 96), np.uint8), np.zeros((16, 24), np.float32), np.zeros((2, 16, 24), np.float32))
    assert survey(View(nothing)) is None
    speck = nothing.core.copy()
    speck[4:6, 4:6] = 1
    assert survey(View(replace(nothing, core=speck))) is None


class Silent:
    """A line model that reads nothing."""

    def log_probabilities(self, strips: list[np.ndarray]) -> list[np.ndarray]:
        return [np.log(np.tile([0.98, 0.01, 0.01], (30, 1))).astype(np.float32) for _ in strips]


def turn_of(views: list[Maps], reader: Any = Silent) -> int:
    """Degrees that most speaks for."""
    seen = [View(maps) for maps in views]
    read = evidence_of_reading([ReadView(view, reader) for view in seen])
    return 90 * int((evidence(seen) + read).argmax())


@pytest.mark.parametrize("quarters", range(4))
def test_directions_and_shape_put_writing_upright(quarters: int) -> None:
    leaning = turned(maps_of(LINES), quarters)
    views = [turned(leaning, more) for more in range(4)]
    assert turn_of(views) == -90 * quarters % 360
    assert lead(evidence([View(maps) for maps in views])) > CLEAR_LEAD


def test_nothing_speaks_for_turning_a_photo_without_writing() -> None:
    nothing = Maps(np.zeros((64, 96), np.uint8), np.zeros((16, 24), np.float32), np.zeros((2, 16, 24), np.float32))
    nats = evidence([View(nothing)] * 4) + evidence_of_reading([ReadView(View(nothing), Silent)] * 4)
    assert np.ptp(nats) == 0
    assert lead(nats) == 0


def test_a_model_that_takes_all_for_upright_turns_nothing() -> None:
    """Its leaning towards what it is shown cancels out over the four ways."""
    ways = [turned(maps_of(LINES), quarters) for quarters in range(4)]
    up = [np.stack([0 * way.core, -1.0 * (way.core > 0)]).astype(np.float32) for way in ways]
    assert turn_of([replace(way, up=leaning) for way, leaning in zip(ways, up, strict=True)]) == 0


class Reads:
    """A line model that is sure of strips whose ink is heavier above than below, and unsure of others."""

    def log_probabilities(self, strips: list[np.ndarray]) -> list[np.ndarray]:
        found = []
        for strip in strips:
            heavier_above = strip[: len(strip) // 2].sum() > strip[len(strip) // 2 :].sum()
            steps = np.full((30, 3), -9.0, np.float32)
            steps[:, 1] = -0.01 if heavier_above else -0.8
            found.append(steps)
        return found


def two_minded(quarters: int) -> list[Maps]:
    """The four views of writing whose direction nobody knows; it leans by so many quarters.

    There is more ink at the upper ends of its letters.
    """
    maps = maps_of(LINES)
    ink = maps.ink.copy()
    for left, right, base in LINES:
        ink[base - X_HEIGHT - 3 : base - X_HEIGHT + 3, left:right] = 255
    leaning = turned(Maps(ink, maps.core, maps.up), quarters)
    return [turned(replace(leaning, up=0 * leaning.up), more) for more in range(4)]


@pytest.mark.parametrize("quarters", range(4))
def test_reading_tells_where_directions_do_not(quarters: int) -> None:
    assert turn_of(two_minded(quarters), Reads) == -90 * quarters % 360


def test_only_an_upright_photo_is_plainly_upright() -> None:
    view = replace(two_minded(0)[0], up=maps_of(LINES).up)
    assert is_plainly_upright(ReadView(View(view), Reads))
    assert not any(is_plainly_upright(ReadView(View(turned(view, quarters)), Reads)) for quarters in (1, 2, 3))
    as_if_upright = replace(turned(view, 2), up=view.up)  # the model takes it for upright, and the reading does not
    assert not is_plainly_upright(ReadView(View(as_if_upright), Reads))


@given(st.floats(-12, 12))
def test_the_slope_is_found(degrees: float) -> None:
    seen = found(maps_of(LINES, degrees))
    assert seen.slope == pytest.approx(degrees, abs=0.6)
    assert seen.box == pytest.approx((60, 100, 540, 280), abs=4 * FOLD)


@pytest.mark.parametrize("degrees", [-40.0, -30.0, 30.0, 40.0])
def test_a_steep_slope_is_told_by_which_way_is_up(degrees: float) -> None:
    seen = found(maps_of([(150, 450, 150), (150, 450, 230)], degrees))
    assert seen.slope == pytest.approx(degrees, abs=2)


@pytest.mark.parametrize("x_height", [12, 20, 32])
def test_the_x_height_grows_with_the_writing(x_height: int) -> None:
    seen = found(maps_of([(60, 540, 120), (60, 540, 260)], x_height=x_height))
    assert seen.x_height == pytest.approx(x_height, rel=0.25)


def test_without_ink_the_core_tells_the_x_height() -> None:
    maps = maps_of(LINES)
    seen = found(replace(maps, ink=np.zeros_like(maps.ink)))
    assert seen.x_height == pytest.approx(X_HEIGHT, abs=FOLD)


def test_a_survey_of_a_larger_photo_is_as_much_larger() -> None:
    seen = found(maps_of(LINES, 3.0))
    larger = seen.scaled(2.5)
    assert larger.x_height == 2.5 * seen.x_height
    assert larger.box == tuple(2.5 * side for side in seen.box)
    assert (larger.slope, larger.share) == (seen.slope, seen.share)


def test_the_share_grows_with_the_lines() -> None:
    assert 0 < found(maps_of(LINES[:1])).share < found(maps_of(LINES)).share < 1
