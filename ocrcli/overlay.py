"""What was read, drawn over the photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocrcli.page import Page

Colour = tuple[int, int, int]

SURE: Colour = (0, 140, 60)
UNSURE: Colour = (215, 130, 0)
DOUBTFUL: Colour = (205, 20, 30)


def colour_of(confidence: float) -> Colour:
    """Red at 0.5 and below, through orange at 0.75, to green at 1."""
    share = float(np.clip((confidence - 0.5) / 0.5, 0, 1))
    low, high, part = (DOUBTFUL, UNSURE, share * 2) if share < 0.5 else (UNSURE, SURE, share * 2 - 1)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return red, green, blue


def draw_boxes(picture: NDArray[np.uint8], page: Page) -> NDArray[np.uint8]:
    """Draw every glyph's box and reading, in the colour of its confidence.

    Args:
        picture: (h, w, 3) uint8, the upright photo at any scale.
        page: What was read on it.

    Returns:
        (h, w, 3) uint8, a new picture.
    """
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    scale = image.width / page.width
    line_width = max(1, round(image.width / 900))
    for line in page.lines:
        size = float(np.clip(np.median([g.box.height for g in line.glyphs]) * scale * 0.45, 10, 60))
        font = ImageFont.load_default(size)
        for glyph in line.glyphs:
            box, colour = glyph.box, colour_of(glyph.confidence)
            left, top = box.left * scale, box.top * scale
            right, bottom = max(box.right * scale, left + 2), max(box.bottom * scale, top + 2)
            draw.rectangle((left, top, right, bottom), outline=colour, width=line_width)
            draw.text(
                (left, top - 1), glyph.text, fill=colour, font=font, anchor="lb",
                stroke_width=max(1, line_width), stroke_fill="white",
            )  # fmt: skip
    return np.asarray(image)
