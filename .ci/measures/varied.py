"""The same photos taken a little otherwise: how much of what is read well on the development photos is chance.

Whatever was chosen with these photos in view fits them to the pixel. A photo that is a tenth smaller, or has a little
more around it, is new to every threshold, and as easy to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from measures.pages import HEAD, Result, result, summary
from measures.photos import FOLDERS, Photo, photos
from measures.runner import read, spread
from measures.text import Row

SMALLER, CROPPED, TURNED, FRAMED = 0.9, 0.008, 1.2, 0.02
"""Scale; share of the shorter side that is cut off at each side; degrees; width of a frame as a share of the longer."""

Photograph = Image.Image


def usual_colour(photo: Photograph) -> tuple[int, ...]:
    """The median colour of a photo."""
    pixels = np.asarray(photo.resize((64, 64))).reshape(-1, 3)
    return tuple(np.median(pixels, axis=0).astype(int).tolist())


def smaller(photo: Photograph) -> Photograph:
    """The photo scaled by `SMALLER`."""
    width, height = photo.size
    return photo.resize((round(width * SMALLER), round(height * SMALLER)), Image.Resampling.LANCZOS)


def cropped(photo: Photograph) -> Photograph:
    """The photo without `CROPPED` of it at each side."""
    return ImageOps.crop(photo, round(CROPPED * min(photo.size)))


def turned(photo: Photograph) -> Photograph:
    """The photo turned by `TURNED` degrees."""
    return photo.rotate(TURNED, Image.Resampling.BICUBIC, expand=True, fillcolor=usual_colour(photo))


def framed(photo: Photograph) -> Photograph:
    """The photo in a frame of its median colour."""
    return ImageOps.expand(photo, round(FRAMED * max(photo.size)), usual_colour(photo))


WAYS: dict[str, Callable[[Photograph], Photograph]] = {
    "as they are": lambda photo: photo,
    "scaled to nine tenths": smaller,
    "cropped by a hundredth": cropped,
    "turned by a degree": turned,
    "framed": framed,
}
"""Each changes a photo so that a person would hardly see it."""


def read_varied(reader: Any, photo: Photo) -> tuple[Result, ...]:
    """Read a photo in each of `WAYS`."""
    upright = Image.fromarray(photo.pixels())
    return tuple(result(photo, read(reader, np.asarray(way(upright)))) for way in WAYS.values())


def varied() -> Iterator[Row]:
    """The table: a row for each way, and one for all ways but the first."""
    yield HEAD
    found = list(spread(read_varied, [photo for folder in FOLDERS for photo in photos(folder)]))
    for name, own in zip(WAYS, zip(*found, strict=True), strict=True):
        yield summary(name, own)
    yield summary("all that are changed", [one for own in found for one in own[1:]])
