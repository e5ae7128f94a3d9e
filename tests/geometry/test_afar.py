"""Text lines that only a small view of a photo shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn import photo, written
from seen import X_HEIGHT, maps_of

from ocrcli import Reader
from ocrcli.binarize.page_model import FOLD
from ocrcli.geometry.afar import completed, with_room
from ocrcli.geometry.deskew import PAGE_MARGIN
from ocrcli.geometry.survey import View, survey

REDUCTION = 4
TO_SMALL = np.diag([1 / REDUCTION, 1 / REDUCTION, 1.0])
NEAR = [(60, 540, 320), (60, 500, 380)]
HEADLINE = (40, 560, 160)


def from_afar(lines: list[tuple[int, int, int]], x_height: int = 3 * X_HEIGHT) -> View:
    """What a view shows that is smaller by REDUCTION."""
    small = [(left // REDUCTION, right // REDUCTION, base // REDUCTION) for left, right, base in lines]
    return View(maps_of(small, shape=(400 // REDUCTION, 600 // REDUCTION), x_height=x_height // REDUCTION))


def test_a_line_that_only_the_small_view_shows_is_added() -> None:
    near = View(maps_of(NEAR))
    view = completed(near, from_afar([HEADLINE]), TO_SMALL)
    assert len(view.lines) == len(near.lines) + 1
    headline = view.lines[0]
    assert headline.x_height == pytest.approx(3 * X_HEIGHT, rel=0.3)
    assert headline.base.mean() == pytest.approx(HEADLINE[2], abs=3 * FOLD)
    assert view.maps.ink[100:160].any()
    assert not near.maps.ink[100:160].any()
    same = np.s_[240:]
    assert np.array_equal(view.maps.ink[same], near.maps.ink[same])


def test_lines_that_are_known_stay_as_they_are() -> None:
    near = View(maps_of(NEAR))
    assert completed(near, from_afar(NEAR, X_HEIGHT), TO_SMALL) is near


def test_what_is_faint_or_short_from_afar_is_not_added() -> None:
    near = View(maps_of(NEAR))
    clear = from_afar([HEADLINE])
    faint = View(replace(clear.maps, core=clear.maps.core * np.float32(0.7)))
    assert completed(near, faint, TO_SMALL) is near
    assert completed(near, from_afar([(40, 160, 160)]), TO_SMALL) is near


def test_the_box_makes_room_for_a_line_outside_and_no_other() -> None:
    found = survey(View(maps_of(NEAR)))
    assert found is not None
    larger = with_room(found, from_afar([HEADLINE]), REDUCTION)
    margin = PAGE_MARGIN * found.x_height
    assert larger.box[1] - margin < HEADLINE[2] - 3 * X_HEIGHT
    assert larger.box[3] == found.box[3]
    assert with_room(found, from_afar(NEAR, X_HEIGHT), REDUCTION) == found


def test_a_headline_as_high_as_a_hand_is_read_above_small_writing(reader: Reader) -> None:
    shape = 900, 1400
    small = written(["THE QUICK BROWN FOX", "jumps over the lazy dog", "and runs 42 miles"], shape, origin=(80, 520))
    large = written(["LAZY DOG"], shape, size=220, origin=(60, 320))
    read = reader.read(photo(np.maximum(small, large))).text
    assert read.splitlines()[0] == "LAZY DOG"
    assert "QUICK BROWN FOX" in read
