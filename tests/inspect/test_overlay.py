"""What was read, drawn over the photo."""

from __future__ import annotations

import numpy as np
import pytest

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.inspect.overlay import colour_of, draw_boxes, label_size, width_of, with_legend

WHITE = np.full((120, 200, 3), 255, np.uint8)
BOX = Box(60, 40, 90, 100)


def page_of(*glyphs: Glyph, width: int = 200, height: int = 120) -> Page:
    return Page((Line((Word(glyphs),)),), width, height)


def test_colours_run_from_red_to_blue_green() -> None:
    doubtful, unsure, sure = (colour_of(confidence) for confidence in (0.2, 0.75, 1.0))
    assert doubtful[0] > 2 * doubtful[1]
    assert sure[1] > 2 * sure[0]
    assert sure[0] < unsure[0]


@pytest.mark.parametrize(
    "seen",
    [
        np.array([[0.299, 0.587, 0.114]] * 3),  # grey alone
        np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),  # without red
        np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),  # without green
    ],
    ids=["grey", "protanopia", "deuteranopia"],
)
def test_colours_differ_for_those_who_see_fewer(seen: np.ndarray) -> None:
    """Matrices of Machado, Oliveira and Fernandes (2009)."""
    doubtful, unsure, sure = (seen @ np.array(colour_of(confidence)) for confidence in (0.2, 0.75, 1.0))
    for one, other in ((doubtful, unsure), (unsure, sure)):
        assert np.abs(one - other).max() > 50


def test_boxes_differ_by_their_width_too() -> None:
    assert [width_of(confidence) for confidence in (1.0, 0.9, 0.89, 0.6, 0.59, 0.0)] == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("long_side", [800, 2000, 4000])
def test_labels_can_be_read_where_the_whole_picture_is_on_a_screen(long_side: int) -> None:
    on_screen = 1000 / long_side
    assert label_size(5, long_side) * on_screen >= 11
    assert label_size(500, long_side) * on_screen <= 34
    assert label_size(long_side / 25, long_side) == long_side / 50


def test_a_legend_stands_below_the_picture() -> None:
    picture = np.full((300, 900, 3), 200, np.uint8)
    drawn = with_legend(picture)
    assert drawn.shape[1:] == (900, 3)
    np.testing.assert_array_equal(drawn[:300], picture)
    strip = drawn[300:]
    for number, confidence in enumerate((1.0, 0.7, 0.3)):
        third = strip[:, number * 300 : (number + 1) * 300]
        assert (third == colour_of(confidence)).all(axis=2).any()
        assert (third.max(axis=2) < 60).sum() > 100  # words in black


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
