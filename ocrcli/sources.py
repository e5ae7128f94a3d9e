"""A path, bytes or a stream -> an upright image, decoded no larger than reading needs.

The format is told by the first bytes and its one Pillow plugin is asked directly. `Image.open`
would load every plugin to say that a file is no image, let some of them start other programs
(Ghostscript for EPS), and bound the size of a photo by a setting of the whole process.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from ocrcli.errors import InputError
from ocrcli.printable import printable

Source = str | Path | bytes | BinaryIO
"""A path, the bytes of an image file, or a buffered binary stream of them."""

MAX_PIXELS = 300_000_000
"""More than any phone takes; more still is a mistake, or meant to exhaust the memory. TIFF and WebP
have Pillow's own limit: the plugins apply `PIL.Image.MAX_IMAGE_PIXELS`."""

MIN_SIDE = 8
"""Pixels at reading scale; a photo that is smaller on a side cannot hold a row of writing."""

SLACK = 1.3
"""An image is reduced only if its long side is more than this many times the wanted one."""

FAINT = 32
"""Grey levels; ink that differs less from white than this was not meant for white paper."""

_SIGNATURE = re.compile(
    rb"(?P<Jpeg>\xff\xd8\xff)|(?P<Png>\x89PNG\r\n\x1a\n)|(?P<WebP>RIFF.{4}WEBP)"
    rb"|(?P<Tiff>II[*+]\0|MM\0[*+])"
    rb"|(?P<Bmp>BM.{13}\0\0\0)"  # the high bytes of the header's size: text starts with "BM", too
    rb"|(?P<Gif>GIF8[79]a)|(?P<Ppm>P[1-6]\s)"
    rb"|(?P<AVIF>.{4}ftypavi[fs])|(?P<HEIC>.{4}ftyp(?:hei|hev|mif1|msf1))"
    rb"|(?P<JXL>\xff\x0a|\0{3}\x0cJXL\x20)|(?P<PDF>%PDF-)",
    re.DOTALL,
)
"""What the first bytes of a file say; each group is the name of a format."""

_READABLE = ("Jpeg", "Png", "WebP", "Tiff", "Bmp", "Gif", "Ppm")
"""The formats that are read, spelt as in the names of Pillow's plugins; the others are refused."""

_DAMAGED = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error)
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


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """An upright photo, decoded at the scale that reading needs.

    Attributes:
        name: What to call it in messages; holds no control characters.
        grey: (h, w) uint8, upright.
        width: Of the upright photo at full resolution, in pixels.
        height: Of the upright photo at full resolution, in pixels.
    """

    name: str
    grey: NDArray[np.uint8]
    width: int
    height: int

    @property
    def scale(self) -> float:
        """Full-resolution pixels per pixel of `grey`, by the long side: there rounding does least."""
        return max(self.width, self.height) / max(self.grey.shape)


def load_photo(source: Source, long_side: int, *, name: str | None = None) -> Photo:
    """Load a photo in grey for reading; of several pages or frames, the first.

    Args:
        source: What to load. A stream is read to its end.
        long_side: The wanted length of the longer side in pixels. The result is up to `SLACK` times
            as long, or shorter if the photo is: nothing is enlarged.
        name: What to call it in messages, "-" for standard input; by default the path or the
            stream's own name.

    Raises:
        InputError: If there is no such file, or it is not an image that can be read.
    """
    name = _name(source, name)
    image, (width, height) = _open_upright(source, long_side, "L", name)
    return Photo(name, np.array(image), width, height)


def load_colour(source: Source, long_side: int, *, name: str | None = None) -> NDArray[np.uint8]:
    """Load a photo in colour, to draw on; arguments and errors are those of `load_photo`.

    Returns:
        (h, w, 3) uint8 RGB, upright; as large as `Photo.grey` for the same `long_side`.
    """
    image, _ = _open_upright(source, long_side, "RGB", _name(source, name))
    return np.array(image)


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
    pixels, name = np.asarray(array), printable(name)
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[2] in (3, 4)):
        raise InputError(f"{name}: shape {pixels.shape}; give (h, w), (h, w, 3) or (h, w, 4)")
    height, width = pixels.shape[:2]
    _check_sides((width, height), long_side, name)
    if pixels.dtype.kind == "f":
        # Resampling with cubic weights overshoots a little; NaN fails this comparison, too.
        if not (pixels.min() >= -0.1 and pixels.max() <= 1.1):
            raise InputError(f"{name}: floats beyond 0 to 1; scale them to that range")
        pixels = pixels.clip(0, 1)
    elif pixels.dtype not in (np.bool_, np.uint8, np.uint16):
        raise InputError(f"{name}: {pixels.dtype} values; give uint8, uint16, bool or floats from 0 to 1")
    image = Image.fromarray(pixels if pixels.dtype == np.uint8 else _eight_bits(pixels))
    return Photo(name, np.array(_shrunk(_painted(image, "L"), long_side)), width, height)


def _name(source: Source, name: str | None) -> str:
    if name is None:
        unnamed = "<bytes>" if isinstance(source, bytes) else "<stream>"
        return printable(str(source if isinstance(source, str | Path) else getattr(source, "name", unnamed)))
    return "<stdin>" if name == "-" else printable(name)


def _open_upright(source: Source, long_side: int, mode: str, name: str) -> tuple[Image.Image, tuple[int, int]]:
    """Read, decode, reduce and turn upright; the one place where Pillow's errors are caught.

    Returns:
        The image in `mode`, and width and height of the upright photo at full resolution.
    """
    kind, data = _read(source, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about odd metadata; about pixels, Pillow raises
        try:
            importlib.import_module(f"PIL.{kind}ImagePlugin")
            image: Image.Image = Image.OPEN[kind.upper()][0](io.BytesIO(data), "")
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            _check_sides(image.size, long_side, name)
            width, height = _decode(image, long_side, mode)
            orientation = _orientation(image)
            # First grey, then small, then turned: each step leaves less to do for the next.
            upright = _shrunk(_painted(image, mode), long_side)
        except (Image.DecompressionBombError, MemoryError) as error:
            raise InputError(f"{name}: too many pixels; scale it down below 100 megapixels") from error
        except _DAMAGED as error:
            advice = "incomplete (truncated) or damaged; copy or send it again, or convert it to PNG"
            raise InputError(f"{name}: the {kind.upper()} data is {advice}") from error
    if orientation in _TURNS:
        upright = upright.transpose(_TURNS[orientation])
    return upright, (height, width) if orientation in (5, 6, 7, 8) else (width, height)


def _read(source: Source, name: str) -> tuple[str, bytes]:
    """The one of `_READABLE` that it is, and all of it; what is no image is not read to its end."""
    try:
        with _stream(source) as stream:
            head = stream.read(32)
            return _format(head, name), head + stream.read()
    except FileNotFoundError as error:
        raise InputError(f"{name}: no such file; check the name") from error
    except IsADirectoryError as error:
        raise InputError(f"{name}: is a folder; name the photos in it") from error
    except PermissionError as error:
        raise InputError(f"{name}: permission denied; make the file readable for you") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{name}: cannot be read ({reason}); copy it elsewhere and try again") from error


def _stream(source: Source) -> contextlib.AbstractContextManager[BinaryIO]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if not isinstance(source, str | Path):
        return contextlib.nullcontext(source)
    if Path(source).is_dir():
        raise IsADirectoryError  # to open it would say "permission denied" on Windows
    return Path(source).open("rb")


def _format(head: bytes, name: str) -> str:
    """The one of `_READABLE` that a file starts like."""
    if not head:
        raise InputError(f"{name}: the file is empty; copy or send it again")
    match = _SIGNATURE.match(head)
    if match is None:
        raise InputError(f"{name}: not an image; give a JPEG, PNG, WebP, TIFF, BMP, GIF or PPM file")
    kind = str(match.lastgroup)
    if kind not in _READABLE:
        raise InputError(f"{name}: {kind} files are not supported; convert it to JPEG or PNG first")
    return kind


def _check_sides(size: tuple[int, int], long_side: int, name: str) -> None:
    if min(size) * min(1, long_side / max(*size, 1)) < MIN_SIDE:
        pixels = f"{size[0]} x {size[1]} pixels"
        raise InputError(f"{name}: {pixels} are too small to hold writing; take a larger photo")


def _decode(image: Image.Image, long_side: int, mode: str) -> tuple[int, int]:
    """Load the pixels: of a JPEG as few as `long_side` allows; return the size at full resolution."""
    size = image.size
    # Of the factors 1, 2, 4 and 8 a draft takes the largest that makes no side shorter than asked for.
    drafted = image.draft(mode, (long_side, 1) if size[0] > size[1] else (1, long_side))
    image.load()
    return size if drafted else image.size  # a TIFF turns itself upright as it loads


def _orientation(image: Image.Image) -> Any:
    """The EXIF orientation, whatever it says; 1 (upright) if it is missing or unreadable."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except _DAMAGED:
        return 1


def _painted(image: Image.Image, mode: str) -> Image.Image:
    """Convert to `mode` from any; transparent pixels become paper."""
    if image.mode == "F" or image.mode.startswith("I"):
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    elif image.has_transparency_data:
        image = _on_paper(image.convert("RGBA"))
    elif image.mode == "LAB":  # Pillow converts it to nothing but RGB
        image = image.convert("RGB")
    return image.convert(mode)


def _on_paper(ink: Image.Image) -> Image.Image:
    """Lay an RGBA image on white paper, or on black if hardly any of it shows on white."""
    for paper in ("white", "black"):
        sheet = Image.new("RGB", ink.size, paper)
        sheet.paste(ink, mask=ink)
        if np.ptp(np.asarray(sheet.convert("L"))) >= FAINT:
            break
    return sheet


def _eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale integers of any depth, floats or booleans to 0 to 255.

    White is the largest value of the smallest usual depth that holds all values: a 12-bit scan in 16
    bits does not end black, nor is the noise of a blank page stretched until it looks like ink.
    Values beyond any depth are stretched; infinite ones and NaN count as 0.
    """
    values = np.nan_to_num(values, posinf=0, neginf=0)
    whites = (1,) if values.dtype.kind in "bf" else (255, 1023, 4095, 16383, 65535)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= whites[-1]:
        low, high = 0.0, next(white for white in whites if high <= white)
    scaled = (values.astype(np.float32) - low) * (255 / ((high - low) or 1))
    return scaled.round().astype(np.uint8)


def _shrunk(image: Image.Image, long_side: int) -> Image.Image:
    share = long_side / max(image.size)
    if share * SLACK >= 1:
        return image
    return image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.BOX)
