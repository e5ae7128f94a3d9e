"""Drawing of boxes and readings over the photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocrcli.core.page import Page
from ocrcli.inspect.labels import label_font

Colour = tuple[int, int, int]

SURE_COLOUR: Colour = (0, 114, 120)
UNSURE_COLOUR: Colour = (225, 150, 0)
DOUBTFUL_COLOUR: Colour = (190, 20, 60)
"""Blue-green, bright orange, dark red: distinct for colour-blind people, too. Boxes also differ by line width."""

BANDS = ((0.9, 1, "sure: 0.90 and more"), (0.6, 2, "unsure: 0.60 to 0.90"), (0.0, 3, "doubtful: below 0.60"))
"""Smallest confidence, line width as a multiple, and text of the legend."""


def colour_of(confidence: float) -> Colour:
    """The colour of a confidence: from red at 0.5 and below, through orange at 0.75, to blue-green at 1."""
    share = float(np.clip((confidence - 0.5) / 0.5, 0, 1))
    first = share < 0.5
    low, high = (DOUBTFUL_COLOUR, UNSURE_COLOUR) if first else (UNSURE_COLOUR, SURE_COLOUR)
    part = share * 2 - (0 if first else 1)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return red, green, blue


def width_of(confidence: float) -> int:
    """The line width of a box, as a multiple of that of a sure letter, so that it can be found without colour.

    Examples:
        >>> width_of(0.95), width_of(0.5)
        (1, 3)
    """
    return next(times for least, times, _ in BANDS if confidence >= least or least == 0.0)


def draw_boxes(picture: NDArray[np.uint8], page: Page) -> NDArray[np.uint8]:
    """Draw the box and the text of every glyph; colour and line width show its confidence.

    Args:
        picture: (h, w, 3) uint8 RGB, the upright photo at any scale.
        page: The page that was read on it.

    Returns:
        (h, w, 3) uint8, a new image.
    """
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    scale = image.width / page.width
    for line in page.lines:
        height = float(np.median([g.box.height for g in line.glyphs])) * scale
        font = label_font(label_size(height, max(image.size)))
        for glyph in line.glyphs:
            box, colour = glyph.box, colour_of(glyph.confidence)
            left, top = box.left * scale, box.top * scale
            right, bottom = max(box.right * scale, left + 2), max(box.bottom * scale, top + 2)
            width = _pen(image.width) * width_of(glyph.confidence)
            draw.rectangle((left, top, right, bottom), outline=colour, width=width)
            draw.text(
                (left, top - 1), glyph.text, fill=colour, font=font, anchor="lb",
                stroke_width=max(1, _pen(image.width)), stroke_fill="white",
            )  # fmt: skip
    return np.asarray(image)


def label_size(height: float, long_side: int) -> float:
    """Font size of labels in pixels: half the height of the letters, but legible when the whole picture is on a screen.

    Args:
        height: Height of the letters in pixels.
        long_side: Longer side of the picture in pixels.
    """
    return float(np.clip(height * 0.5, max(10.0, long_side / 90), max(10.0, long_side / 30)))


def with_legend(drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Add a legend of colours and line widths below the picture.

    Args:
        drawn: (h, w, 3) uint8, from `draw_boxes`.

    Returns:
        (h + strip, w, 3) uint8.
    """
    width = drawn.shape[1]
    size = float(np.clip(width / 45, 8, 40))
    font, pad = label_font(size), round(size)
    strip = Image.new("RGB", (width, 2 * pad + round(size)), "white")
    draw = ImageDraw.Draw(strip)
    for number, (least, times, text) in enumerate(BANDS):
        left, top = pad + number * width // len(BANDS), pad
        sample = (left, top, left + pad, top + pad)
        draw.rectangle(sample, outline=colour_of((least + 0.1) if least else 0.3), width=_pen(width) * times)
        draw.text((left + 1.5 * pad, top), text, fill="black", font=font, anchor="lt")
    return np.concatenate([drawn, np.asarray(strip)])


def _pen(width: int) -> int:
    return max(1, round(width / 900))
