"""A path, bytes, a stream, an array or an image of Pillow's -> an upright photo at the scale of reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.core.printable import printable
from ocrcli.sources.decoding.decode import decode
from ocrcli.sources.decoding.kinds import Readable
from ocrcli.sources.decoding.pixels import fitted, from_array, grey_of


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """An upright photo, decoded at the scale that reading needs.

    Attributes:
        name: What to call it in messages; holds no control characters.
        grey: (h, w) uint8, upright.
        width: Of the upright photo at full resolution, in pixels.
        height: Of the upright photo at full resolution, in pixels.
        course: (3, 3) projective map from pixels of `grey` to those of the photo at full resolution, where `grey` is
            not simply the photo made smaller.
    """

    name: str
    grey: NDArray[np.uint8]
    width: int
    height: int
    course: NDArray[np.float64] | None = None

    @property
    def scale(self) -> float:
        """Full-resolution pixels per pixel of `grey`, by the long side: there rounding does least."""
        return max(self.width, self.height) / max(self.grey.shape)

    @property
    def to_full(self) -> NDArray[np.float64]:
        """(3, 3) projective map from pixels of `grey` to those of the photo at full resolution."""
        return np.diag([self.scale, self.scale, 1.0]) if self.course is None else self.course

    def full_size(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """A box in pixels of `grey` as one in pixels of the photo at full resolution, within it and never empty.

        Args:
            box: left, top, right, bottom, the last two exclusive.
        """
        left, top, right, bottom = box
        if self.course is None:
            scale = self.scale
            left, top, right, bottom = (round(value * scale) for value in box)
        else:
            corners = self.course @ np.array([(left, right, right, left), (top, top, bottom, bottom), (1, 1, 1, 1)])
            x, y = corners[:2] / corners[2]
            left, top, right, bottom = (round(float(v)) for v in (x.min(), y.min(), x.max(), y.max()))
        left, top = min(max(left, 0), self.width - 1), min(max(top, 0), self.height - 1)
        return left, top, max(min(right, self.width), left + 1), max(min(bottom, self.height), top + 1)

    def turned(self, degrees: int) -> Photo:
        """The photo turned clockwise by 0, 90, 180 or 270 degrees."""
        width, height = (self.width, self.height) if degrees % 180 == 0 else (self.height, self.width)
        return replace(self, grey=turned(self.grey, degrees), width=width, height=height)


def turned(image: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """Turn a picture clockwise, as `Page.turned` says that it was turned for reading.

    Args:
        image: (h, w) or (h, w, 3) uint8.
        degrees: 0, 90, 180 or 270.

    Returns:
        (h, w) or (w, h), and the same channels.
    """
    return np.ascontiguousarray(np.rot90(image, -degrees // 90))


def load_photo(source: Readable | Image.Image, long_side: int, *, name: str | None = None, page: int = 1) -> Photo:
    """Load a photo in grey for reading; of an animation the first frame.

    A page of a PDF has no size in pixels: it counts as one of the size that it is drawn at, `long_side`.

    Args:
        source: What to load. A stream is read to its end; an image of Pillow's stays as it is.
        long_side: The wanted length of the longer side in pixels. The result is up to `SLACK` times
            as long, or shorter if the photo is: nothing is enlarged.
        name: What to call it in messages, "-" for standard input; by default the path or the
            stream's own name.
        page: Number of the page, from 1, of a PDF or TIFF.

    Raises:
        InputError: If there is no such file or page, or it is not an image that can be read.
        MissingExtraError: If its format needs a package that is not installed.
    """
    name = _name(source, name)
    image, (width, height) = decode(source, page, long_side, name)
    return Photo(name, np.array(grey_of(image)), width, height)


def load_colour(
    source: Readable | Image.Image, long_side: int, *, name: str | None = None, page: int = 1
) -> NDArray[np.uint8]:
    """Load a photo in colour, to draw on; arguments and errors are those of `load_photo`.

    Returns:
        (h, w, 3) uint8 RGB, upright; as large as `Photo.grey` for the same `long_side`.
    """
    image, _ = decode(source, page, long_side, _name(source, name))
    return np.array(image.convert("RGB"))


def photo_from_array(array: NDArray[Any], long_side: int, name: str = "<array>") -> Photo:
    """Make a photo of pixels that are already in memory.

    Args:
        array: (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA, upright; bool, uint8, uint16, or floats
            from 0 to 1. It is copied.
        long_side: As in `load_photo`.
        name: What to call it in messages.

    Raises:
        InputError: If it is anything else.
    """
    name = printable(name)
    image = from_array(array, long_side, name)
    return Photo(name, np.array(grey_of(fitted(image, long_side))), *image.size)


def colour_from_array(array: NDArray[Any], long_side: int, name: str = "<array>") -> NDArray[np.uint8]:
    """(h, w, 3) uint8 RGB of pixels in memory, to draw on; the rest is as in `photo_from_array`."""
    return np.array(fitted(from_array(array, long_side, printable(name)), long_side).convert("RGB"))


def _name(source: Readable | Image.Image, name: str | None) -> str:
    if name is not None:
        return "<stdin>" if name == "-" else printable(name)
    if isinstance(source, str | Path):
        return printable(str(source))
    if isinstance(source, Image.Image):
        return printable(str(getattr(source, "filename", "") or "<image>"))
    return "<bytes>" if isinstance(source, bytes) else printable(str(getattr(source, "name", "<stream>")))
