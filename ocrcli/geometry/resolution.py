"""The resolution that a photo is surveyed and read at, from the height of its writing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.geometry.survey import Survey, survey
from ocrcli.page_model import PageModel
from ocrcli.sources import Photo, Source

GLANCE = 1024
"""Pixels of the longer side of the photo that is surveyed."""

SMALL = 5.0
"""Pixels of x-height in it below which it is surveyed again at twice the size."""

LEAST, WANTED = 12.0, 20.0
"""Pixels of x-height below which a photo that has more is loaded again, and how many it then gets."""


def surveyed(
    photo: Photo, source: Source, model: PageModel, turned: int | None = None
) -> tuple[Photo, Survey | None]:
    """Survey a photo, and load it anew where its writing asks for more pixels.

    Args:
        photo: As it was loaded.
        source: Where from, should more of it be wanted.
        model: The page model.
        turned: Degrees by which it must be turned clockwise, if that is known.

    Returns:
        The photo, and how writing lies in it; None where there is none.
    """
    found = _survey(photo.grey, GLANCE, model, turned)
    if found is None or found.x_height * GLANCE < SMALL * max(photo.grey.shape):
        found = _survey(photo.grey, 2 * GLANCE, model, turned) or found
    if found is not None and found.x_height < LEAST and photo.scale > 1:
        more = source.load(round(max(photo.grey.shape) * min(photo.scale, WANTED / found.x_height)))
        return more, found.scaled(max(more.grey.shape) / max(photo.grey.shape))
    return photo, found


def _survey(grey: NDArray[np.uint8], side: int, model: PageModel, turned: int | None) -> Survey | None:
    small = reduced(grey, side)
    found = survey(model.maps(small), turned)
    return found and found.scaled(max(grey.shape) / max(small.shape))


def reduced(grey: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(h, w) uint8 with at most so many pixels along its longer side; a smaller one as it is."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
