"""Decoding of image files with Pillow to upright images, no larger than reading needs.

The format is detected from the first bytes, and only the Pillow plugin of that format is used. `Image.open` would load
every plugin before it rejects a file, let some plugins start other programs (Ghostscript for EPS), and limit the size
of a photo by a setting of the whole process.
"""

from __future__ import annotations

import contextlib
import importlib
import struct
import threading
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import ExifTags, Image

from ocrcli.core.errors import InputError
from ocrcli.sources.decoding.isolated import NEEDS, count_pdf_pages, decode_isolated
from ocrcli.sources.decoding.kinds import ANIMATED, Readable, open_readable
from ocrcli.sources.decoding.limits import check_canvas, check_pixels
from ocrcli.sources.decoding.pixels import check_sides, fitted
from ocrcli.sources.decoding.tiff import count_tiff_pages

_DAMAGED = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error),
    RuntimeError,
)
"""Exceptions that Pillow's plugins raise on damaged files: mostly the first two, the others rarely."""

_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> the transposition that makes the photo upright; any other value changes nothing."""


def decode(source: Readable | Image.Image, page: int, long_side: int, name: str) -> tuple[Image.Image, tuple[int, int]]:
    """Read and decode an image, downscale it and turn it upright.

    Args:
        source: What to load; a stream is read to its end. A Pillow image is not changed.
        page: Number of the page, from 1, in a file of several pages.
        long_side: Wanted longer side in pixels.
        name: Name for messages.

    Returns:
        The image, in mode L if it is grey, else RGB; and width and height of the upright photo at full resolution.

    Raises:
        InputError: If there is no such file, or it is not a readable image.
        MissingExtraError: If its format needs a package that is not installed.
    """
    if isinstance(source, Image.Image):
        with _decoding_errors(source.format or "image", name):
            check_pixels(source, "image", source.size, name)
            source.load()  # now, so that a draft does not change the caller's image
            return _upright(source, source.size, long_side, name)
    kind, stream = open_readable(source, name)
    with stream, _decoding_errors(kind, name):
        image, size = _decoded(kind, stream, page, long_side, name)
        return _upright(image, size, long_side, name)


def count_pages(kind: str, stream: BinaryIO, name: str) -> tuple[int, bool]:
    """Count the pages of a file, and tell whether it is an animation, of which only the first frame is read.

    Args:
        kind: The format, as `kinds.open_readable` returns it.
        stream: The file, at its start.
        name: Name for messages.

    Raises:
        InputError: If it is damaged.
        MissingExtraError: If its format needs a package that is not installed.
    """
    if kind == "PDF":
        return count_pdf_pages(stream, name), False
    if kind not in ("Tiff", *ANIMATED):
        return 1, False
    with _decoding_errors(kind, name):
        if kind == "Tiff":
            return count_tiff_pages(stream, name), False
        return 1, bool(getattr(_open_with_plugin(kind, stream), "is_animated", False))


@contextlib.contextmanager
def _decoding_errors(kind: str, name: str) -> Iterator[None]:
    """Turn Pillow's errors into an `InputError` with one line."""
    with _silenced_warnings:
        try:
            yield
        except (Image.DecompressionBombError, MemoryError) as error:
            # Our own limit was checked before: this is a limit inside Pillow, or the computer has less memory.
            raise InputError(f"{name}: too many pixels for this computer; scale it down below 40 megapixels") from error
        except _DAMAGED as error:
            advice = "incomplete (truncated) or damaged; copy or send it again, or convert it to PNG"
            raise InputError(f"{name}: the {kind.upper()} data is {advice}") from error


class _SilencedWarnings:
    """Context that silences Pillow's warnings about odd metadata while any thread decodes; damaged pixels raise.

    `warnings.catch_warnings` alone is not safe with threads: the thread that leaves first would restore the filters
    while another one still decodes.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=r"(PIL|pi_heif|ocrcli)(\.|$)")  # not those of other threads
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._filters.__exit__(None, None, None)


_silenced_warnings = _SilencedWarnings()


def _open_with_plugin(kind: str, stream: BinaryIO) -> Image.Image:
    importlib.import_module(f"PIL.{kind}ImagePlugin")
    return Image.OPEN[kind.upper()][0](stream, "")


def _decoded(kind: str, stream: BinaryIO, page: int, long_side: int, name: str) -> tuple[Image.Image, tuple[int, int]]:
    """Decode the image; return it with its width and height at full resolution."""
    if kind in NEEDS:
        return decode_isolated(kind, stream, page, long_side, name)
    if kind == "WebP":
        check_canvas(stream, name)
    image = _open_with_plugin(kind, stream)
    if kind == "Tiff" and page > 1:
        image.seek(page - 1)
    size = image.size
    check_sides(size, long_side, name)
    # A JPEG draft downscales by the largest factor of 1, 2, 4, 8 that leaves the sides at least as long as asked.
    drafted = image.draft(None, (long_side, 1) if size[0] > size[1] else (1, long_side))
    check_pixels(image, kind, size, name)
    image.load()
    return image, size if drafted else image.size  # Pillow turns a TIFF upright while loading, so read the size again


def _upright(
    image: Image.Image, size: tuple[int, int], long_side: int, name: str
) -> tuple[Image.Image, tuple[int, int]]:
    check_sides(size, long_side, name)
    orientation = _orientation(image)
    # Downscale first, so that less has to be turned.
    upright = fitted(image, long_side)
    if orientation in _TRANSPOSES:
        upright = upright.transpose(_TRANSPOSES[orientation])
    return upright, size[::-1] if orientation in (5, 6, 7, 8) else size


def _orientation(image: Image.Image) -> Any:
    """The EXIF orientation as stored; 1 (upright) if it is missing or unreadable."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except _DAMAGED:
        return 1
