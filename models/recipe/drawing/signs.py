"""Signs of notes that no hand of the pen ink wrote: arrows, bullets, ticks, boxes, circled digits, currencies.

Each is drawn from a few strokes, as hasty and as crooked as people draw them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.recipe.handwriting.words import CIRCLED, InkItem

Rng = np.random.Generator
Stroke = NDArray[np.float64]

UNITS = 128.0
"""Height of a capital in units of the ink."""

CROOKED = 0.06
"""Standard deviation of a stroke's corners, in sizes of the sign."""

MOST_CORNERS = 9
"""Points of a stroke of straight lines; one with more is round."""

WRITER = -1
"""Number of the writer of a drawn sign, who is nobody."""


def _line(*points: tuple[float, float]) -> Stroke:
    return np.array(points, float)


def _ring(rng: Rng, turns: float = 1.05) -> Stroke:
    """A circle in a box of width and height 1, not quite closed or a little more than that."""
    begin = rng.uniform(0, 2 * np.pi)
    angle = begin + np.linspace(0, 2 * np.pi * turns * rng.uniform(0.92, 1.12), 20) * (-1 if rng.random() < 0.8 else 1)
    return np.stack([0.5 + 0.5 * np.cos(angle), 0.5 + 0.5 * np.sin(angle)], axis=1)


def _right(rng: Rng) -> list[Stroke]:
    """An arrow to the right, 2 wide and 1 high."""
    tip, back = rng.uniform(0.25, 0.6), rng.uniform(0.25, 0.5)
    head = _line((2 - tip, 0.5 - back), (2, 0.5), (2 - tip, 0.5 + back))
    if rng.random() < 0.3:  # in one go
        return [_line((0, 0.5), (2, 0.5), *head[::2][:1], (2, 0.5), *head[::2][1:])]
    return [_line((0, 0.5), (1, 0.5), (2, 0.5)), head]


def _left(rng: Rng) -> list[Stroke]:
    return [stroke * (-1, 1) + (2, 0) for stroke in _right(rng)]


def _bullet(rng: Rng) -> list[Stroke]:
    """A dot that is filled by going round."""
    ring = _ring(rng, turns=rng.uniform(1, 2.5))
    return [0.5 + (ring - 0.5) * np.linspace(rng.uniform(0.2, 0.9), 1, len(ring))[:, None]]


def _tick(rng: Rng) -> list[Stroke]:
    low, long = rng.uniform(0.25, 0.45), rng.uniform(0.8, 1.3)
    return [_line((0, rng.uniform(0.4, 0.7)), (low, 1), (long, rng.uniform(-0.1, 0.1)))]


def _cross(rng: Rng) -> list[Stroke]:
    wide = rng.uniform(0.7, 1.0)
    return [_line((0, 0), (wide, 1)), _line((wide, 0), (0, 1))]


def _box(rng: Rng) -> list[Stroke]:
    wide, gap = rng.uniform(0.8, 1.25), rng.uniform(-0.1, 0.1)
    corners = [(0.0, 0.0), (0.0, 1.0), (wide, 1.0), (wide, 0.0), (gap * wide, 0.0)]
    if rng.random() < 0.2:
        return [_line(*corners[:3]), _line((0, 0), (wide, 0), (wide, 1))]
    return [_line(*(corners if rng.random() < 0.7 else [(x, 1 - y) for x, y in corners]))]


def _ticked(rng: Rng) -> list[Stroke]:
    inner = _tick(rng) if rng.random() < 0.6 else _cross(rng)
    grown = rng.uniform(0.6, 1.3)
    moved = np.array([rng.uniform(0, 0.3), 1 - grown - rng.uniform(-0.1, 0.2)])
    return [*_box(rng), *(stroke * grown + moved for stroke in inner)]


def _at_most(rng: Rng) -> list[Stroke]:
    bar = rng.uniform(0.85, 1.0)
    return [_line((0.9, 0), (0, 0.4), (0.9, 0.75)), _line((0, bar), (0.9, bar + rng.uniform(-0.05, 0.1)))]


def _at_least(rng: Rng) -> list[Stroke]:
    return [stroke * (-1, 1) + (0.9, 0) for stroke in _at_most(rng)]


def _divided(rng: Rng) -> list[Stroke]:
    dot = _bullet(rng)[0] * 0.14
    return [_line((0, 0.5), (1, 0.5)), *(dot + np.array(place) for place in ((0.43, 0.05), (0.43, 0.8)))]


def _euro(rng: Rng) -> list[Stroke]:
    angle = np.linspace(-0.8, -2 * np.pi + 0.8, 14)
    bow = np.stack([0.6 + 0.42 * np.cos(angle), 0.5 + 0.5 * np.sin(angle)], axis=1)
    first, second = rng.uniform(0.32, 0.42), rng.uniform(0.55, 0.66)
    return [bow, _line((0, first), (0.7, first)), _line((0, second), (0.65, second))]


def _pound(rng: Rng) -> list[Stroke]:
    stem = _line((0.85, 0.15), (0.65, 0), (0.4, 0.1), (0.35, 0.5), (0.38, 0.8), (0.05, 0.98), (0.4, 0.93), (0.85, 1))
    return [stem, _line((0.1, 0.52), (0.65, 0.5 + rng.uniform(-0.04, 0.04)))]


_DRAWN: dict[str, tuple[Callable[[Rng], list[Stroke]], tuple[float, float], tuple[float, float]]] = {
    # What draws it; the lowest and highest size, and place of the middle, both in capital heights.
    "→": (_right, (0.3, 0.7), (0.3, 0.55)),
    "←": (_left, (0.3, 0.7), (0.3, 0.55)),
    "•": (_bullet, (0.08, 0.3), (0.25, 0.55)),
    "✓": (_tick, (0.6, 1.2), (0.4, 0.6)),
    "☐": (_box, (0.7, 1.2), (0.4, 0.55)),
    "☑": (_ticked, (0.7, 1.2), (0.4, 0.55)),
    "≤": (_at_most, (0.5, 0.9), (0.35, 0.5)),
    "≥": (_at_least, (0.5, 0.9), (0.35, 0.5)),
    "÷": (_divided, (0.5, 0.8), (0.35, 0.5)),
    "€": (_euro, (0.8, 1.1), (0.45, 0.52)),
    "£": (_pound, (0.9, 1.1), (0.45, 0.52)),
}

DRAWN = (*_DRAWN, *CIRCLED)
"""The signs that are drawn here."""


def digit_of(sign: str) -> str:
    """The digit in a circled digit; another sign as it is."""
    return unicodedata.normalize("NFKC", sign)


def draw_sign(sign: str, digits: Sequence[InkItem], rng: Rng) -> InkItem:
    """Draw a sign with a capital's height of 128 units, y down from the capitals' top.

    Args:
        sign: One of `DRAWN`.
        digits: Pen ink of the digit in a circled digit; not used for other signs.
        rng: Source of chance.

    Raises:
        KeyError: If the sign is not known.
    """
    if sign in CIRCLED:
        strokes, sizes, places = _circled(digits[int(rng.integers(len(digits)))], rng), (1.1, 1.5), (0.45, 0.55)
    else:
        shape, sizes, places = _DRAWN[sign]
        strokes = [_crooked(stroke, rng) for stroke in shape(rng)]
    points = np.concatenate(strokes) * rng.uniform(*sizes)
    points -= points.min(axis=0)
    offsets = np.cumsum([0, *(len(stroke) for stroke in strokes)]).astype(np.int32)
    middle, half = rng.uniform(*places), float(points[:, 1].max()) / 2
    return InkItem(np.rint(points * UNITS).astype(np.int16), offsets, sign, WRITER, (middle - half, middle + half))


def _crooked(stroke: Stroke, rng: Rng) -> Stroke:
    """Move the corners of a stroke; a round one becomes an oval."""
    if len(stroke) <= MOST_CORNERS:
        return stroke + rng.normal(0, CROOKED, stroke.shape)
    return stroke @ (np.eye(2) + rng.normal(0, 2 * CROOKED, (2, 2))) + rng.normal(0, CROOKED / 6, stroke.shape)


def _circled(digit: InkItem, rng: Rng) -> list[Stroke]:
    """A digit in a circle that is 1 high."""
    inside = np.split(digit.points.astype(float), digit.offsets[1:-1])
    low, extent = digit.points.min(axis=0), np.maximum(np.ptp(digit.points, axis=0), 1)
    middle = 0.5 + rng.normal(0, 0.04, 2)
    scale = rng.uniform(0.5, 0.8) / extent[1]
    return [*((stroke - low - extent / 2) * scale + middle for stroke in inside), _crooked(_ring(rng), rng)]
