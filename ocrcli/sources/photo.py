"""The photo that is read: upright and grey, loaded from a path, bytes, a stream, an array or a Pillow image."""

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
    """An upright photo in grey, at the resolution for reading.

    Attributes:
        name: Name for messages, without control characters.
        grey: (h, w) uint8, upright.
        width: Width of the upright photo at full resolution, in pixels.
        height: Height of the upright photo at full resolution, in pixels.
        course: (3, 3) float64 projective transform from pixels of `grey` to pixels of the photo at full resolution;
            None if `grey` is the whole photo, only scaled.
    """

    name: str
    grey: NDArray[np.uint8]
    width: int
    height: int
    course: NDArray[np.float64] | None = None

    @property
    def scale(self) -> float:
        """Full-resolution pixels per pixel of `grey`, from the long side, where rounding matters least."""
        return max(self.width, self.height) / max(self.grey.shape)

    @property
    def to_full(self) -> NDArray[np.float64]:
        """(3, 3) float64 projective transform from pixels of `grey` to pixels of the photo at full resolution."""
        return np.diag([self.scale, self.scale, 1.0]) if self.course is None else self.course

    def full_size(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Transform a box from pixels of `grey` to pixels of the photo at full resolution.

        Args:
            box: left, top, right, bottom; right and bottom exclusive.

        Returns:
            The bounding box in the photo, clipped to it and never empty.
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
    """Turn an image clockwise, for example by `Page.turned`.

    Args:
        image: (h, w) or (h, w, 3) uint8.
        degrees: 0, 90, 180 or 270.

    Returns:
        (h, w) or (w, h), and the same channels.
    """
    return np.ascontiguousarray(np.rot90(image, -degrees // 90))


def load_photo(source: Readable | Image.Image, long_side: int, *, name: str | None = None, page: int = 1) -> Photo:
    """Load a photo in grey for reading; of an animation the first frame.

    A page of a PDF has no size in pixels: it is rendered with `long_side` pixels, which then count as full resolution.

    Args:
        source: What to load. A stream is read to its end; a Pillow image is not changed.
        long_side: Wanted longer side in pixels. The result may be up to `SLACK` times as long, and it is shorter if the
            photo is: photos are never enlarged here.
        name: Name for messages, "-" for standard input; by default the path or the name of the stream.
        page: Number of the page of a PDF or TIFF, from 1.

    Raises:
        InputError: If there is no such file or page, or it is not a readable image.
        MissingExtraError: If its format needs a package that is not installed.

    Examples:
        >>> load_photo("note.jpg", 2000).grey.shape  # doctest: +SKIP
        (2000, 1500)
    """
    name = _name(source, name)
    image, (width, height) = decode(source, page, long_side, name)
    return Photo(name, np.array(grey_of(image)), width, height)


def load_colour(
    source: Readable | Image.Image, long_side: int, *, name: str | None = None, page: int = 1
) -> NDArray[np.uint8]:
    """Load a photo in colour, to draw on it; arguments and errors are those of `load_photo`.

    Returns:
        (h, w, 3) uint8 RGB, upright; as large as `Photo.grey` for the same `long_side`.
    """
    image, _ = decode(source, page, long_side, _name(source, name))
    return np.array(image.convert("RGB"))


def photo_from_array(array: NDArray[Any], long_side: int, name: str = "<array>") -> Photo:
    """Make a photo from an array of pixels.

    Args:
        array: (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA, upright; bool, uint8, uint16, or floats
            from 0 to 1. It is copied.
        long_side: As in `load_photo`.
        name: Name for messages.

    Raises:
        InputError: If the array has another shape, type or range.

    Examples:
        >>> photo_from_array(np.zeros((100, 200), np.uint8), 2000).width
        200
    """
    name = printable(name)
    image = from_array(array, long_side, name)
    return Photo(name, np.array(grey_of(fitted(image, long_side))), *image.size)


def colour_from_array(array: NDArray[Any], long_side: int, name: str = "<array>") -> NDArray[np.uint8]:
    """(h, w, 3) uint8 RGB image of an array, to draw on it; arguments and errors are those of `photo_from_array`."""
    return np.array(fitted(from_array(array, long_side, printable(name)), long_side).convert("RGB"))


def _name(source: Readable | Image.Image, name: str | None) -> str:
    if name is not None:
        return "<stdin>" if name == "-" else printable(name)
    if isinstance(source, str | Path):
        return printable(str(source))
    if isinstance(source, Image.Image):
        return printable(str(getattr(source, "filename", "") or "<image>"))
    return "<bytes>" if isinstance(source, bytes) else printable(str(getattr(source, "name", "<stream>")))
