"""Maps of the page model, drawn by hand."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from ocrcli.binarize.page_model import FOLD, Maps
from ocrcli.geometry.survey import rotation

X_HEIGHT = 20


def maps_of(
    lines: list[tuple[int, int, int]],
    degrees: float = 0.0,
    shape: tuple[int, int] = (400, 600),
    x_height: int = X_HEIGHT,
) -> Maps:
    """Maps of level lines (left, right, baseline), in pixels, that then sink by so much about the middle.

    Their ink lies evenly from a capital's height above the baseline to that, and more of it between x-height and
    baseline, so that its deviation from the middle is as that of writing.
    """
    height, width = shape
    core, ink = Image.new("L", (width, height)), Image.new("L", (width, height))
    middle = np.array([width, height]) / 2

    def corners(left: int, top: float, right: int, bottom: float) -> list[tuple[float, float]]:
        level = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float) - middle
        return [(float(x), float(y)) for x, y in level @ rotation(degrees).T + middle]

    for left, right, base in lines:
        ImageDraw.Draw(core).polygon(corners(left, base - x_height, right, base), fill=255)
        for at in range(left, right, x_height):
            ImageDraw.Draw(ink).polygon(corners(at, base - 1.2 * x_height, at + 4, base + 0.2 * x_height), fill=255)
    small = np.asarray(core.resize((width // FOLD, height // FOLD), Image.Resampling.BOX), np.float32) / np.float32(255)
    x, y = rotation(degrees) @ np.array([0.0, -1.0])
    up = np.stack([np.where(small > 0, x, 0), np.where(small > 0, y, 0)]).astype(np.float32)
    return Maps(np.asarray(ink), small, up)
