"""A photo is read at the resolution that its writing asks for."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrcli import resolution
from ocrcli.reading import Reader
from ocrcli.sources import source_of

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def note(height: int, size: tuple[int, int] = (1200, 900)) -> np.ndarray:
    """(h, w) uint8: rows of upright strokes with a bar, `height` pixels high."""
    grey = np.full(size[::-1], 220, np.uint8)
    pen = max(2, height // 8)
    for top in range(height, size[1] - 2 * height, 2 * height):
        for left in range(height, size[0] - height, height):
            grey[top : top + height, left : left + pen] = 40
            grey[top : top + pen, left : left + height // 2] = 40
    return grey


@pytest.mark.parametrize("height", [20, 40, 80, 160])
def test_the_height_of_writing_shows_at_a_glance(height: int) -> None:
    assert resolution.letter_height(note(height)) == pytest.approx(height, rel=0.25, abs=4)


def joined(height: int) -> np.ndarray:
    """(h, w) uint8: rows of long zigzags, `height` pixels high."""
    grey = np.full((1200, 900), 220, np.uint8)
    rng = np.random.default_rng(1)
    for top in range(height, 1200 - 2 * height, 2 * height):
        left = int(rng.integers(10, 60))
        while left < 900 - 6 * height:
            length = int(rng.integers(3, 6)) * height
            x = np.arange(length)
            for thick in range(5):
                grey[top + np.abs(x % height - height // 2) + thick, left + x] = 40
            left += length + height
    return grey


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_joined_words_have_the_same_height_on_their_sides(turns: int) -> None:
    upright = resolution.letter_height(joined(60))
    assert 25 < upright < 75
    assert resolution.letter_height(np.rot90(joined(60), turns)) == pytest.approx(upright, rel=0.15)


@pytest.mark.parametrize("grey", [np.full((400, 300), 200, np.uint8), np.zeros((9, 400), np.uint8)])
def test_where_nothing_is_written_a_photo_stays_as_it_is(grey: np.ndarray) -> None:
    assert resolution.letter_height(grey) == 0
    photo = source_of(grey).load(2000)
    assert resolution.fitted(photo, source_of(grey)) is photo


@pytest.mark.parametrize(("height", "factor"), [(40, 1), (90, 1), (130, 2), (200, 3)])
def test_tall_writing_is_read_smaller(height: int, factor: int) -> None:
    source = source_of(note(height, (1200, 1800)))
    photo = source.load(2000)
    fitted = resolution.fitted(photo, source)
    assert fitted.grey.shape == (1800 // factor, 1200 // factor)
    assert (fitted.width, fitted.height) == (1200, 1800)


def test_small_writing_is_loaded_again_with_more_pixels_and_never_more_than_there_are() -> None:
    stream = io.BytesIO()
    Image.fromarray(note(48, (3000, 2400))).save(stream, "PNG")
    source = source_of(stream.getvalue())
    photo = source.load(900)
    fitted = resolution.fitted(photo, source)
    assert max(photo.grey.shape) < 1.5 * 900
    assert max(photo.grey.shape) < max(fitted.grey.shape) <= 3000
    whole = source.load(3000)
    assert resolution.fitted(whole, source) is whole


def test_boxes_are_those_of_the_photo_whatever_it_was_read_at() -> None:
    image = Image.open(EXAMPLES / "todo_list.jpg").convert("L")
    large = image.resize((image.width * 2, image.height * 2), Image.Resampling.LANCZOS)
    first, second = (Reader().read(np.asarray(picture)) for picture in (image, large))
    assert first.text == second.text
    one, two = (page.lines[0].words[0].box for page in (first, second))
    assert [two.left, two.top, two.right, two.bottom] == pytest.approx(
        [2 * one.left, 2 * one.top, 2 * one.right, 2 * one.bottom], abs=0.02 * large.width
    )
