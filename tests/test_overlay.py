"""What was read, drawn over the photo."""

from __future__ import annotations

import numpy as np
import pytest

from ocrcli.overlay import colour_of, draw_boxes
from ocrcli.page import Box, Glyph, Line, Page, Word

WHITE = np.full((120, 200, 3), 255, np.uint8)
BOX = Box(60, 40, 90, 100)


def page_of(*glyphs: Glyph, width: int = 200, height: int = 120) -> Page:
    return Page((Line((Word(glyphs),)),), width, height)


def test_colours_run_from_red_to_green() -> None:
    doubtful, unsure, sure = (colour_of(confidence) for confidence in (0.2, 0.75, 1.0))
    assert doubtful[0] > 2 * doubtful[1]
    assert sure[1] > 2 * sure[0]
    assert len({doubtful, unsure, sure}) == 3
    assert doubtful[1] < unsure[1] < sure[1]
    assert sure[0] < unsure[0]


@pytest.mark.parametrize("confidence", [0, 0.25, 0.5, 0.6, 0.75, 0.9, 1])
def test_every_confidence_has_a_colour(confidence: float) -> None:
    colour = colour_of(confidence)
    assert len(colour) == 3
    assert all(isinstance(part, int) and 0 <= part <= 255 for part in colour)


def test_a_guess_is_as_red_as_anything_worse() -> None:
    assert colour_of(0.5) == colour_of(0.1) == colour_of(0)


@pytest.mark.parametrize("confidence", [0.1, 0.75, 1.0])
def test_a_box_is_drawn_around_the_glyph_in_the_colour_of_its_confidence(confidence: float) -> None:
    drawn = draw_boxes(WHITE, page_of(Glyph("A", confidence, BOX)))
    assert drawn.shape == WHITE.shape
    assert drawn.dtype == np.uint8
    coloured = (drawn == colour_of(confidence)).all(axis=2)
    assert coloured[BOX.top + 10 : BOX.bottom - 10, BOX.left].all()
    assert coloured[BOX.bottom, BOX.left + 5 : BOX.right - 5].all()
    inside = drawn[BOX.top + 15 : BOX.bottom - 5, BOX.left + 5 : BOX.right - 5]
    assert (inside == 255).all()


def test_other_confidences_look_different() -> None:
    sure, unsure = (draw_boxes(WHITE, page_of(Glyph("A", p, BOX))) for p in (1.0, 0.6))
    assert (sure != unsure).any()


def test_the_reading_is_written_above_the_box() -> None:
    one, other = (draw_boxes(WHITE, page_of(Glyph(text, 0.9, BOX))) for text in "MI")
    changed = np.flatnonzero((one != other).any(axis=(1, 2)))
    assert len(changed)
    assert changed.max() <= BOX.top + 3


@pytest.mark.parametrize("scale", [0.5, 2])
def test_boxes_follow_the_scale_of_the_picture(scale: float) -> None:
    picture = np.full((round(120 * scale), round(200 * scale), 3), 255, np.uint8)
    drawn = draw_boxes(picture, page_of(Glyph("A", 1.0, BOX)))
    assert drawn.shape == picture.shape
    rows, columns = np.nonzero((drawn == colour_of(1.0)).all(axis=2))
    assert columns.min() == pytest.approx(BOX.left * scale, abs=2)
    assert columns.max() == pytest.approx(BOX.right * scale, abs=2)
    assert rows.max() == pytest.approx(BOX.bottom * scale, abs=2)


def test_the_photo_is_not_changed() -> None:
    before = WHITE.copy()
    draw_boxes(WHITE, page_of(Glyph("A", 0.3, BOX)))
    np.testing.assert_array_equal(WHITE, before)


def test_an_empty_page_leaves_the_photo_as_it_is() -> None:
    np.testing.assert_array_equal(draw_boxes(WHITE, Page((), 200, 120)), WHITE)


def test_glyphs_at_the_edges_and_of_any_text_are_drawn() -> None:
    glyphs = [
        Glyph("é", 0.1, Box(0, 0, 1, 1)),
        Glyph("日", 0.5, Box(195, 110, 200, 120)),
        Glyph("[", 0.9, Box(0, 0, 200, 120)),
    ]
    assert draw_boxes(WHITE, page_of(*glyphs)).shape == WHITE.shape


def test_a_photo_far_larger_than_the_picture() -> None:
    tiny = Glyph("x", 0.9, Box(1000, 1000, 1003, 1004))
    drawn = draw_boxes(WHITE, page_of(tiny, width=4000, height=2400))
    assert (drawn != WHITE).any()
