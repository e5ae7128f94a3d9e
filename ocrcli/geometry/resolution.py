"""The resolution that a photo is surveyed and read at, from the height of its writing.

Writing may be as high as the photo, or a hundredth of it. The photo is surveyed small first, at several sizes at once
for little, and larger only where its writing is small.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.geometry.survey import Survey, survey
from ocrcli.page_model import PageModel
from ocrcli.sources import Photo, Source

GLANCE = 1024
"""Pixels of the longer side of the photo that is surveyed."""

SMALLER, LARGER = (512, 256, 128), 2048
"""The same where its writing is too large, or too small, to be seen well there."""

SMALL, LARGE = 5.0, 28.0
"""Pixels of x-height between which writing is seen well; the model has learnt from capitals of 8 to 52 pixels."""

MORE = 5.0
"""Times as much of the photo that text lines must cover at the next smaller size for their writing to be that large.

The grain of a paper on which one word is written in letters as high as a hand looks like small writing. On the
development pages it is 1 to 2, or more than 10.
"""

LEAST, WANTED = 14.0, 24.0
"""Pixels of x-height below which a photo that has more is loaded again, and how many it then gets."""


def surveyed(photo: Photo, source: Source, model: PageModel, turned: int | None = None) -> tuple[Photo, Survey | None]:
    """Survey a photo, and load it anew where its writing asks for more pixels.

    Args:
        photo: As it was loaded.
        source: Where from, should more of it be wanted.
        model: The page model.
        turned: Degrees by which it must be turned clockwise, if that is known.

    Returns:
        The photo, and how writing lies in it; None where there is none.
    """
    found = _survey(photo.grey, model, turned)
    if found is not None and found.x_height < LEAST and photo.scale > 1:
        more = source.load(round(max(photo.grey.shape) * min(photo.scale, WANTED / found.x_height)))
        return more, found.scaled(max(more.grey.shape) / max(photo.grey.shape))
    return photo, found


def _survey(grey: NDArray[np.uint8], model: PageModel, turned: int | None) -> Survey | None:
    """How writing lies in a photo, in its own pixels."""

    def at(side: int) -> Survey | None:
        small = reduced(grey, side)
        seen = survey(model.maps(small), turned)
        return seen and seen.scaled(max(grey.shape) / max(small.shape))

    best, height = at(GLANCE), GLANCE / max(grey.shape)
    for side in SMALLER:
        large = best is not None and best.x_height * height > LARGE
        smaller = at(side)
        if smaller is not None and (best is None or large or smaller.share > MORE * best.share):
            best, height = smaller, side / max(grey.shape)
    if best is None or best.x_height * GLANCE < SMALL * max(grey.shape):
        best = at(LARGER) or best
    return best


def reduced(grey: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(h, w) uint8 with at most so many pixels along its longer side; a smaller one as it is."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
