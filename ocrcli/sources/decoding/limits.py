"""Limits on the memory and time of opening one file; docs/inputs.md has the table.

Together they keep a process with loaded models below 1 GB, whatever the header of a file says.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from PIL import Image

from ocrcli.core.errors import InputError

MAX_PIXELS = 300_000_000
"""Largest number of pixels. No phone takes larger photos: a larger one is a mistake or an attack on the memory."""

DECODED_BYTES = 650_000_000
"""Memory limit of the decoded image and its copies, in this process."""

DECODER_BYTES = 650_000_000
"""Memory limit of the process that decodes a HEIC photo or a PDF page."""

DECODER_SECONDS = 15
"""Limit of processor time of that process, in seconds."""

DEADLINE = 60.0
"""Limit of wall-clock time of that process, in seconds."""

PIPE_BYTES = 100_000_000
"""Largest input that is kept in memory because it can be read only once: standard input, pipes, downloads."""

MAX_PAGES = 10_000
"""Largest number of pages of one file: more is a mistake or an attack on the time."""

MAX_ENTRIES = 1_000_000
"""Largest number of entries in all directories of a TIFF, which are read to count its pages."""

SCANNED = 6_000_000_000
"""Largest product of pixels and scans of a progressive JPEG: each scan processes all pixels, and a file of one megabyte
can hold thousands of scans."""

_STORED = {"1": 1, "L": 1, "P": 1}
"""Mode -> bytes for each pixel in Pillow; 2 in the modes of 16 bits, 4 in all others."""


def check_pixels(image: Image.Image, kind: str, full: tuple[int, int], name: str) -> None:
    """Check that decoding an image does not take too much memory.

    Args:
        image: The image, opened but not decoded; a JPEG after its draft.
        kind: Its format, as `kinds.format_of` returns it.
        full: Width and height at full resolution.
        name: Name for messages.

    Raises:
        InputError: If it takes too much; the message says how many pixels such a file may have.
    """
    reduced = image.width * image.height / (full[0] * full[1] or 1)
    each = bytes_per_pixel(image) * reduced + _decoder_bytes(image, kind, name)
    _refuse(full, DECODED_BYTES / each, kind, name)


def check_canvas(stream: BinaryIO, name: str) -> None:
    """Check the canvas of a WebP before it is opened, because its decoder allocates the memory when it opens the file.

    Args:
        stream: The file at its start; it is there again when this returns.
        name: Name for messages.

    Raises:
        InputError: If the canvas is too large, as in `check_pixels`.
    """
    head = stream.read(30)
    stream.seek(0)
    size = (0, 0)
    if head[12:16] == b"VP8X":
        size = (int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1)
    elif head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    elif head[12:16] == b"VP8 ":
        size = (int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF)
    _refuse(size, DECODED_BYTES / (12 + 4), "WebP", name)


def bytes_per_pixel(image: Image.Image) -> int:
    """Bytes per pixel of a decoded image together with its largest copy on the way to RGB."""
    stored = 2 if image.mode.startswith("I;") else _STORED.get(image.mode, 4)
    if image.mode in ("L", "RGB", "F") or image.mode.startswith("I"):  # downscaled without a full-size copy
        return stored
    if image.has_transparency_data:  # copies: as RGBA, and with premultiplied alpha
        return stored + (4 if image.mode == "RGBA" else 8)
    return stored + 4 + (0 if image.mode in ("1", "P") else 4)


def _refuse(size: tuple[int, int], most: float, kind: str, name: str) -> None:
    most = min(most, MAX_PIXELS)
    if size[0] * size[1] > most:
        advice = f"scale it down to {most / 10**6:.0f} megapixels"
        raise InputError(
            f"{name}: {size[0]} x {size[1]} pixels are too many for a {kind.upper()} of this kind; {advice}"
        )


def _decoder_bytes(image: Image.Image, kind: str, name: str) -> float:
    """Bytes of memory of the decoder itself, per pixel at full resolution."""
    if kind == "WebP":
        return 12  # two canvases of an animation, and one frame
    if kind == "Tiff":
        bits = getattr(image, "tag_v2", {}).get(258, (8,))
        return min(sum(bits), 256) / 8  # a file may be one strip
    if kind == "Jpeg":
        return _coefficients(image, name)
    tiles = getattr(image, "tile", None)
    return 0 if not tiles or tiles[0][0] in ("raw", "zip", "gif") else 8  # the rest are decoders written in Python


def _coefficients(image: Image.Image, name: str) -> float:
    """Bytes per pixel of a JPEG's coefficients, which the decoder keeps for progressive files and separate scans.

    Raises:
        InputError: If it has so many scans that decoding takes minutes.
    """
    layers: list[tuple[int, int, int, int]] = list(getattr(image, "layer", []))
    stream: BinaryIO = getattr(image, "fp")  # noqa: B009  not every image has one
    place = stream.tell()
    try:
        if first_scan(stream) == len(layers) and not image.info.get("progressive"):
            return 0
        scans = _count(stream, b"\xff\xda")
    finally:
        stream.seek(place)
    if scans * image.width * image.height > SCANNED:
        raise InputError(f"{name}: {scans} scans are too many for a JPEG file; save it again")
    widest, highest = (max((layer[side] for layer in layers), default=1) or 1 for side in (1, 2))
    return 2 * sum(layer[1] * layer[2] for layer in layers) / (widest * highest)


def first_scan(stream: BinaryIO) -> int:
    """The number of colour components in the first scan of a JPEG; 0 if there is no scan."""
    stream.seek(2)
    while head := stream.read(4):
        if len(head) < 4 or head[0] != 0xFF:
            return 0
        if head[1] == 0xFF:  # a byte of padding
            stream.seek(-3, 1)
            continue
        if head[1] == 0xDA:
            return (stream.read(1) or b"\0")[0]
        stream.seek(max(struct.unpack(">H", head[2:])[0] - 2, 0), 1)
    return 0


def _count(stream: BinaryIO, what: bytes) -> int:
    """How often two bytes occur in a stream; a pair that is split between two reads is missed."""
    stream.seek(0)
    return sum(block.count(what) for block in iter(lambda: stream.read(1 << 20), b""))
