"""The resolution that a photo is surveyed and read at, from the height of its writing.

Writing may be as high as the photo, or a hundredth of it. The photo is surveyed small first, at several sizes at once
for little, and larger only where its writing is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.geometry import orientation
from ocrcli.geometry.survey import Survey, survey
from ocrcli.page_model import PageModel
from ocrcli.sources import Photo, Source
from ocrcli.sources import turned as rotated

GLIMPSE, GLANCE = 512, 1024
"""Pixels of the longer side of a photo that tells which way is up, and of one whose writing is small."""

SIDES = (512, 256, 128, 1024, 2048)
"""The same of the photos that are surveyed, the last two only where no other showed writing well."""

SMALL, CLEAR, LARGE = 5.0, 9.0, 28.0
"""Pixels of x-height from which writing is seen at all, and seen well, up to the last; the model has learnt from
capitals of 8 to 52 pixels."""

MORE = 5.0
"""Times as much of the photo that text lines must cover at a smaller size for their writing to be that large: the grain
of a paper on which one word is written in letters as high as a hand looks like small writing. On the development pages
it is 1 to 2, or more than 10."""

LEAST, WANTED = 14.0, 24.0
"""Pixels of x-height below which a photo that has more is loaded again, and how many it then gets."""


@dataclass(frozen=True)
class Surveyed:
    """A photo whose writing was surveyed.

    Attributes:
        photo: Upright.
        turned: Degrees by which it was turned clockwise for that.
        found: How its writing lies; None where there is none.
    """

    photo: Photo
    turned: int
    found: Survey | None


def surveyed(photo: Photo, source: Source, model: PageModel, turned: int | None = None) -> Surveyed:
    """Turn a photo upright, survey it, and load it anew where its writing asks for more pixels.

    Args:
        photo: As it was loaded.
        source: Where from, should more of it be wanted.
        model: The page model.
        turned: Degrees by which it must be turned clockwise, if that is known.
    """
    if turned is None:
        turned = _turn(photo.grey, model)
    upright = photo.turned(turned)
    found = _survey(upright.grey, model)
    if found is not None and found.x_height < LEAST and photo.scale > 1:
        more = source.load(round(max(photo.grey.shape) * min(photo.scale, WANTED / found.x_height))).turned(turned)
        return Surveyed(more, turned, found.scaled(max(more.grey.shape) / max(photo.grey.shape)))
    return Surveyed(upright, turned, found)


def _turn(grey: NDArray[np.uint8], model: PageModel) -> int:
    """Degrees by which a photo must be turned, seen small, or larger where its writing is too small for that."""
    for side in (GLIMPSE, GLANCE):
        small = reduced(grey, side)
        views = [model.maps(rotated(small, degrees)) for degrees in (0, 90, 180, 270)]
        degrees = orientation.turn_of(views)
        found = survey(views[degrees // 90])
        if found is not None and found.x_height > SMALL:
            break
    return degrees


def _survey(grey: NDArray[np.uint8], model: PageModel) -> Survey | None:
    """How writing lies in an upright photo, in its own pixels."""
    best, best_side = None, 0
    for side in SIDES:
        small = reduced(grey, side)
        seen = survey(model.maps(small))
        if seen is None:
            continue
        seen = seen.scaled(max(grey.shape) / max(small.shape))
        too_large = best is not None and best.x_height * best_side > LARGE * max(grey.shape)
        too_small = best is not None and best.x_height * best_side < CLEAR * max(grey.shape)
        larger = best is not None and seen.share > MORE * best.share
        if best is None or (larger or too_large if side < best_side else too_small and MORE * seen.share > best.share):
            best, best_side = seen, side
        if side == SIDES[2] and best.x_height * best_side >= CLEAR * max(grey.shape):
            break
    return best


def reduced(grey: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(h, w) uint8 with at most so many pixels along its longer side; a smaller one as it is."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
