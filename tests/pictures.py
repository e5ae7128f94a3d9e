"""Small pictures and the bytes of image files, for the tests of what is loaded."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ocrcli.core.errors import InputError

HEIC = Path(__file__).parent / "data" / "note.heic"
"""`photo(written())`, turned left and with the orientation 6, as pillow-heif 1.8 writes it at quality 50."""
ORIENTATION = 0x0112
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM")


def picture() -> NDArray[np.uint8]:
    """(48, 80): an F in dark ink on a light ground, unlike itself under every turn and flip."""
    grey = np.full((48, 80), 230, np.uint8)
    grey[8:40, 8:16] = 20
    grey[8:16, 8:64] = 20
    grey[24:32, 8:40] = 20
    return grey


def encoded(image: Image.Image | NDArray[Any], file_format: str, **options: Any) -> bytes:
    """The bytes of an image file; `options` are those of Pillow."""
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    if file_format in ("JPEG", "WEBP"):
        options.setdefault("quality", 95)
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def exif(orientation: int, kind: int = 3, count: int = 1) -> bytes:
    """An EXIF block of one tag; `kind` 3 is a 16-bit integer, 2 is text."""
    tag = struct.pack(">HHIHH", ORIENTATION, kind, count, orientation, 0)
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + tag + bytes(4)


def error_of(load: Callable[[], object]) -> str:
    """The message of the `InputError` that `load` raises; always a single line."""
    with pytest.raises(InputError) as caught:
        load()
    message = str(caught.value)
    assert message.isprintable()
    return message


def assert_alike(grey: NDArray[np.uint8], expected: NDArray[Any], tolerance: int) -> None:
    """Raise unless a picture is (h, w) uint8, and no pixel further than that from what it should be."""
    assert grey.shape == expected.shape
    assert grey.dtype == np.uint8
    assert np.abs(grey.astype(int) - expected.astype(int)).max() <= tolerance


def png(values: NDArray[Any], colour_type: int, *extra_chunks: bytes) -> bytes:
    """A PNG of 16 bits per value, most of which Pillow reads but does not write; `values` is (h, w, n)."""

    def chunk(content: bytes) -> bytes:
        return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))

    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in values.astype(">u2"))
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    chunks = [header, *extra_chunks, b"IDAT" + zlib.compress(rows), b"IEND"]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, chunks))


def ink_on_nothing(level: int) -> Image.Image:
    """RGBA: ink of one grey level; what surrounds it is transparent, and black underneath."""
    inked = picture() < 100
    return Image.fromarray(np.dstack([inked * np.uint8(level)] * 3 + [inked * np.uint8(255)]))
