"""The bytes of an image file -> an upright image, decoded no larger than reading needs.

The format is told by the first bytes and its one Pillow plugin is asked directly. `Image.open`
would load every plugin to say that a file is no image, let some of them start other programs
(Ghostscript for EPS), and bound the size of a photo by a setting of the whole process.
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
from ocrcli.sources.decoding.isolated import NEEDS, count_pdf_pages, decoded
from ocrcli.sources.decoding.kinds import ANIMATED, Readable, open_readable
from ocrcli.sources.decoding.limits import check_canvas, check_pixels
from ocrcli.sources.decoding.pixels import check_sides, fitted
from ocrcli.sources.decoding.tiff import count_tiff_pages

_DAMAGED = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error),
    RuntimeError,
)
"""What Pillow's plugins raise on damaged files: the first two almost always, the others seldom."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what makes the photo upright; any other value leaves it as it is."""


def decode(source: Readable | Image.Image, page: int, long_side: int, name: str) -> tuple[Image.Image, tuple[int, int]]:
    """Read, decode, reduce and turn upright.

    Args:
        source: What to load; a stream is read to its end. An image of Pillow's is not changed.
        page: Number of the page, from 1, in a file that has several.
        long_side: The wanted length of the longer side in pixels.
        name: What to call it in messages.

    Returns:
        The image, RGB or if it is grey L, and width and height of the upright photo at full resolution.

    Raises:
        InputError: If there is no such file, or it is not an image that can be read.
        MissingExtraError: If its format needs a package that is not installed.
    """
    if isinstance(source, Image.Image):
        with _told(source.format or "image", name):
            check_pixels(source, "image", source.size, name)
            source.load()  # so that no draft changes it
            return _upright(source, source.size, long_side, name)
    kind, stream = open_readable(source, name)
    with stream, _told(kind, name):
        image, size = _opened(kind, stream, page, long_side, name)
        return _upright(image, size, long_side, name)


def count_pages(kind: str, stream: BinaryIO, name: str) -> tuple[int, bool]:
    """How many pages a file has, and whether it is an animation, of which only the first frame is read.

    Args:
        kind: As `kinds.open_readable` tells it.
        stream: The file at its start.
        name: What to call it in messages.

    Raises:
        InputError: If it is damaged.
        MissingExtraError: If its format needs a package that is not installed.
    """
    if kind == "PDF":
        return count_pdf_pages(stream, name), False
    if kind not in ("Tiff", *ANIMATED):
        return 1, False
    with _told(kind, name):
        if kind == "Tiff":
            return count_tiff_pages(stream, name), False
        return 1, bool(getattr(_plugin(kind, stream), "is_animated", False))


@contextlib.contextmanager
def _told(kind: str, name: str) -> Iterator[None]:
    """The one place where Pillow's errors become one line."""
    with _quiet:
        try:
            yield
        except (Image.DecompressionBombError, MemoryError) as error:
            # Ours is checked before; this is the limit of Pillow's own plugins, or there is less memory than that.
            raise InputError(f"{name}: too many pixels for this computer; scale it down below 40 megapixels") from error
        except _DAMAGED as error:
            advice = "incomplete (truncated) or damaged; copy or send it again, or convert it to PNG"
            raise InputError(f"{name}: the {kind.upper()} data is {advice}") from error


class _Quiet:
    """Keeps Pillow's warnings in, while any thread decodes; they are about odd metadata, about pixels it raises.

    `warnings.catch_warnings` alone is not for threads: the first one to leave would restore what the
    second one took for the state before.
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


_quiet = _Quiet()


def _plugin(kind: str, stream: BinaryIO) -> Image.Image:
    importlib.import_module(f"PIL.{kind}ImagePlugin")
    return Image.OPEN[kind.upper()][0](stream, "")


def _opened(kind: str, stream: BinaryIO, page: int, long_side: int, name: str) -> tuple[Image.Image, tuple[int, int]]:
    """The image, which may still have to be loaded, and its size at full resolution."""
    if kind in NEEDS:
        return decoded(kind, stream, page, long_side, name)
    if kind == "WebP":
        check_canvas(stream, name)
    image = _plugin(kind, stream)
    if kind == "Tiff" and page > 1:
        image.seek(page - 1)
    size = image.size
    check_sides(size, long_side, name)
    # Of the factors 1, 2, 4 and 8 a draft of a JPEG takes the largest that makes no side shorter than asked for.
    drafted = image.draft(None, (long_side, 1) if size[0] > size[1] else (1, long_side))
    check_pixels(image, kind, size, name)
    image.load()
    return image, size if drafted else image.size  # a TIFF turns itself upright as it loads


def _upright(
    image: Image.Image, size: tuple[int, int], long_side: int, name: str
) -> tuple[Image.Image, tuple[int, int]]:
    check_sides(size, long_side, name)
    orientation = _orientation(image)
    # First small, then turned: each step leaves less to do for the next.
    upright = fitted(image, long_side)
    if orientation in _TURNS:
        upright = upright.transpose(_TURNS[orientation])
    return upright, size[::-1] if orientation in (5, 6, 7, 8) else size


def _orientation(image: Image.Image) -> Any:
    """The EXIF orientation, whatever it says; 1 (upright) if it is missing or unreadable."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except _DAMAGED:
        return 1
