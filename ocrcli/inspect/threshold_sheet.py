"""The chart of threshold methods: the grey image and every method's mask, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocrcli.binarize.threshold import METHODS, binarize, level_of
from ocrcli.core.errors import InputError
from ocrcli.core.page import Page
from ocrcli.imaging.components import find_marks
from ocrcli.inspect.stages import mask_picture

PANEL = 640
"""Long side of one panel in pixels."""
CAPTION = 28
PANELS_ACROSS = 3


@dataclass(frozen=True)
class Comparison:
    """One method's result.

    Attributes:
        method: Its name.
        mask: (h, w) bool, ink; None where the method cannot decide.
        level: Grey level up to which all is ink; None where that differs from place to place.
        components: Number of connected components.
        page: What is read then; None if nothing.
    """

    method: str
    mask: NDArray[np.bool_] | None = None
    level: int | None = None
    components: int = 0
    page: Page | None = None


def compare(flat: NDArray[np.uint8], read: Callable[[str], Page | None]) -> list[Comparison]:
    """Apply every method.

    Args:
        flat: (h, w) uint8, dark ink on evenly white paper.
        read: Given a method's name, reads the page by it.
    """
    return [_applied(flat, method, read) for method in METHODS]


def _applied(flat: NDArray[np.uint8], method: str, read: Callable[[str], Page | None]) -> Comparison:
    try:
        mask = binarize(flat, method, quiet=True)
    except InputError:
        return Comparison(method)
    return Comparison(method, mask, level_of(flat, mask), len(find_marks(mask)), read(method))


def draw(grey: NDArray[np.uint8], results: list[Comparison], captions: Sequence[str]) -> NDArray[np.uint8]:
    """Draw the chart.

    Args:
        grey: (h, w) uint8, the photo.
        results: What `compare` found.
        captions: What stands above each of them.

    Returns:
        (H, W) uint8.
    """
    panels = [("grey", grey)]
    panels += [(caption, _picture(result, grey)) for caption, result in zip(captions, results, strict=True)]
    scale = PANEL / max(grey.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    rows = -(-len(panels) // PANELS_ACROSS)
    chart = Image.new("L", (PANELS_ACROSS * (size[0] + 8) + 8, rows * (size[1] + CAPTION + 8) + 8), 200)
    pen, font = ImageDraw.Draw(chart), ImageFont.load_default(18)
    for number, (caption, picture) in enumerate(panels):
        left = 8 + number % PANELS_ACROSS * (size[0] + 8)
        top = 8 + number // PANELS_ACROSS * (size[1] + CAPTION + 8)
        pen.text((left, top + 2), caption, fill=0, font=font)
        chart.paste(Image.fromarray(picture).resize(size, Image.Resampling.BOX), (left, top + CAPTION))
    return np.asarray(chart)


def _picture(result: Comparison, grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if result.mask is None:
        return np.full(grey.shape, 128, np.uint8)
    return mask_picture(result.mask)
