"""The font of all labels in pictures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FONT = Path(__file__).with_name("labels.ttf")
"""A subset of DejaVu Sans; the font that comes with Pillow has no accents. Made by ``pyftsubset DejaVuSans.ttf
--unicodes=U+20-7E,U+A0-17F,U+2010-2026,U+20AC,U+2190-2193,U+2264-2265,U+2460-2468,U+2610-2612,U+2713,U+2717
--layout-features='' --no-hinting --desubroutinize --output-file=labels.ttf``, a program of fonttools."""


@lru_cache(maxsize=64)
def label_font(size: float) -> ImageFont.FreeTypeFont:
    """Load the font of labels, which has all characters that the models read.

    Args:
        size: Font size in pixels.
    """
    return ImageFont.truetype(FONT, size)
