"""Bits of squared paper's lines go from the ink, also where the page is seen from aside; letters stay."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Floats, Grey, Mask, written

from ocrcli.components import find_marks
from ocrcli.squares import are_likely, without_squares
from ocrcli.threshold import binarize

SHAPE = (640, 960)
TEXT = ("Bring a lamp and some", "rope and a map with it", "and meet us at seven or", "come to the old harbour")
LETTERS = written(TEXT, SHAPE, origin=(60, 70), pitch=140)
LINE, PEN, PAPER = 165, 60, 250


def squares(fan: float, down: bool = True) -> Floats:
    """(h, w) 0 to 1, lines whose direction changes over the page by `fan` degrees, as where it is seen from aside."""
    height, width = SHAPE
    y, x = np.mgrid[0:height, 0:width].astype(float)
    lines = np.zeros(SHAPE)
    for wanted, along, over, length in ((True, x, y, height), (down, y, x, width)):
        for place in range(-200, length + 200, 40) if wanted else ():
            slope = np.tan(np.radians(fan * (place / length - 0.3)))
            lines = np.maximum(lines, np.clip(1.7 - np.abs(over - place - slope * along), 0, 1))
    return lines


def photographed(lines: Floats, pen: int = PEN) -> Grey:
    """Writing on lines that come and go with the light."""
    rng = np.random.default_rng(3)
    patches = np.kron(rng.uniform(0.75, 1.1, (16, 24)), np.ones((40, 40)))
    darkness = np.maximum(lines * (PAPER - LINE) * patches, LETTERS / 255.0 * (PAPER - pen))
    return np.clip(PAPER - darkness + rng.normal(0, 2, SHAPE), 0, 255).astype(np.uint8)


def inked(flat: Grey) -> Mask:
    return binarize(flat)


@pytest.mark.parametrize("fan", [0.0, 1.5, -1.5])
def test_bits_of_lines_go_and_letters_stay(fan: float) -> None:
    lines = squares(fan)
    flat = photographed(lines)
    letters, bits = LETTERS > 127, (lines > 0.5) & (LETTERS < 20)
    mask = (flat < 180) | letters
    assert (mask & bits).sum() > 0.1 * bits.sum()
    cleared = without_squares(mask, flat)
    assert cleared is not None
    assert not (cleared & ~mask).any()
    assert (cleared & bits).sum() < 0.1 * (mask & bits).sum()
    assert (cleared & letters).sum() > 0.97 * letters.sum()


def test_a_page_without_lines_stays_as_it_is() -> None:
    flat = photographed(np.zeros(SHAPE))
    assert without_squares(inked(flat), flat) is None
    assert not are_likely(find_marks(inked(flat)), 40.0)


def test_ruled_paper_is_left_to_what_knows_it_better() -> None:
    flat = photographed(squares(0.0, down=False))
    assert without_squares(inked(flat), flat) is None


def test_lines_as_dark_as_the_pen_are_left_alone() -> None:
    flat = photographed(squares(0.0), pen=LINE)
    np.testing.assert_array_equal(without_squares(inked(flat), flat), inked(flat))


def test_crosses_among_letters_show_that_lines_are_there() -> None:
    mask = LETTERS > 127
    for place in range(6):
        x = 40 + 150 * place
        mask[600:630, x + 14 : x + 16] = mask[614:616, x : x + 30] = True
    assert are_likely(find_marks(mask), 40.0)
    assert not are_likely(find_marks(np.zeros(SHAPE, bool)), 40.0)
