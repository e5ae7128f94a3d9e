"""Comparison of the threshold methods: the grey image and the mask of every method side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocrcli.binarize.threshold import METHODS, binarize, level_of
from ocrcli.core.errors import InputError
from ocrcli.core.page import Page
from ocrcli.imaging.components import find_marks
from ocrcli.inspect.labels import label_font
from ocrcli.inspect.stages import mask_picture

PANEL = 640
"""Longer side of one panel in pixels."""
CAPTION = 28
PANELS_ACROSS = 3


@dataclass(frozen=True)
class Comparison:
    """The result of one threshold method.

    Attributes:
        method: Name of the method.
        mask: (h, w) bool, True for ink; None if the method fails.
        level: The threshold: grey levels up to it are ink; None for a local method.
        components: Number of connected components.
        page: The page that is read with this mask; None if no writing is found.
    """

    method: str
    mask: NDArray[np.bool_] | None = None
    level: int | None = None
    components: int = 0
    page: Page | None = None


def compare(flat: NDArray[np.uint8], read: Callable[[str], Page | None]) -> list[Comparison]:
    """Apply every threshold method.

    Args:
        flat: (h, w) uint8, dark ink on evenly white paper.
        read: Function that reads the page with the method of a name.
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
        results: The results of `compare`.
        captions: A caption for each result.

    Returns:
        (H, W) uint8.
    """
    panels = [("grey", grey)]
    panels += [(caption, _picture(result, grey)) for caption, result in zip(captions, results, strict=True)]
    scale = PANEL / max(grey.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    rows = -(-len(panels) // PANELS_ACROSS)
    chart = Image.new("L", (PANELS_ACROSS * (size[0] + 8) + 8, rows * (size[1] + CAPTION + 8) + 8), 200)
    pen, font = ImageDraw.Draw(chart), label_font(18)
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
