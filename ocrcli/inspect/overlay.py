"""What was read, drawn over the photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocrcli.core.page import Page

Colour = tuple[int, int, int]

SURE_COLOUR: Colour = (0, 114, 120)
UNSURE_COLOUR: Colour = (225, 150, 0)
DOUBTFUL_COLOUR: Colour = (190, 20, 60)
"""Blue-green, bright orange, dark red: who sees no red or no green tells them apart, too, and boxes differ by width."""

BANDS = ((0.9, 1, "sure: 0.90 and more"), (0.6, 2, "unsure: 0.60 to 0.90"), (0.0, 3, "doubtful: below 0.60"))
"""From which confidence on, how many times as wide the box is, and what the legend says."""


def colour_of(confidence: float) -> Colour:
    """Red at 0.5 and below, through orange at 0.75, to blue-green at 1."""
    share = float(np.clip((confidence - 0.5) / 0.5, 0, 1))
    first = share < 0.5
    low, high = (DOUBTFUL_COLOUR, UNSURE_COLOUR) if first else (UNSURE_COLOUR, SURE_COLOUR)
    part = share * 2 - (0 if first else 1)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return red, green, blue


def width_of(confidence: float) -> int:
    """How many times as wide as that of a sure letter a letter's box is drawn: the eye finds it without its colour."""
    return next(times for least, times, _ in BANDS if confidence >= least or least == 0.0)


def draw_boxes(picture: NDArray[np.uint8], page: Page) -> NDArray[np.uint8]:
    """Draw every glyph's box and reading, in the colour and width of its confidence.

    Args:
        picture: (h, w, 3) uint8, the upright photo at any scale.
        page: What was read on it.

    Returns:
        (h, w, 3) uint8, a new picture.
    """
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    scale = image.width / page.width
    for line in page.lines:
        height = float(np.median([g.box.height for g in line.glyphs])) * scale
        font = ImageFont.load_default(label_size(height, max(image.size)))
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
    """Size of a label in pixels: half of its letters' height, but to be read where the whole picture is on a screen.

    Args:
        height: Of the letters, in pixels of the picture.
        long_side: Of the picture.
    """
    return float(np.clip(height * 0.5, max(10.0, long_side / 90), max(10.0, long_side / 30)))


def with_legend(drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Add a strip below that says what colours and widths mean.

    Args:
        drawn: (h, w, 3) uint8, as `draw_boxes` gives it.

    Returns:
        (h + strip, w, 3) uint8.
    """
    width = drawn.shape[1]
    size = float(np.clip(width / 45, 8, 40))
    font, pad = ImageFont.load_default(size), round(size)
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
