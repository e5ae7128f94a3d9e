"""Pixels of any depth and colour -> grey or RGB, no larger than reading needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from ocrcli.core.errors import InputError
from ocrcli.core.shrink import SLACK, shrunk

MIN_SIDE = 8
"""Pixels at reading scale; a photo that is smaller on a side cannot hold a row of writing."""

DARKEST = 0.5
"""Share of the darkest colour in grey; the rest is brightness. Of 0, 0.5 and 1, chosen on the development pages."""

FAINT_CHANNEL = 32
"""Grey levels; ink that differs less from white than this was not meant for white paper."""


def check_sides(size: tuple[int, int], long_side: int, name: str) -> None:
    """Refuse what is too small to hold writing.

    Args:
        size: Two sides in pixels.
        long_side: The wanted length of the longer one.
        name: What to call the picture.

    Raises:
        InputError: If it is.
    """
    if min(size) * min(1, long_side / max(*size, 1)) < MIN_SIDE:
        pixels = f"{size[0]} x {size[1]} pixels"
        raise InputError(f"{name}: {pixels} are too small to hold writing; take a larger photo")


def fitted(image: Image.Image, long_side: int) -> Image.Image:
    """Convert to RGB, or L what is grey, and reduce; what would be large on the way there is reduced first.

    Args:
        image: In any mode; transparent pixels become paper.
        long_side: As in `ocrcli.core.shrink.shrunk`.
    """
    if _is_deep(image):
        return shrunk(painted(_averaged(image, long_side)), long_side)
    if image.has_transparency_data:
        return painted(shrunk(_with_opacity(image), long_side))
    return shrunk(painted(image), long_side)


def painted(image: Image.Image) -> Image.Image:
    """Convert to RGB, or L what is grey, at full size; transparent pixels become paper."""
    if _is_deep(image):
        image = Image.fromarray(eight_bits(np.asarray(image)))
    elif image.has_transparency_data:
        image = _on_paper(_with_opacity(image))
    return image if image.mode in ("L", "RGB") else image.convert("L" if image.mode in ("1", "LA") else "RGB")


def grey_of(image: Image.Image) -> Image.Image:
    """A colour photo in grey, where ink of any colour is darker than paper.

    Brightness alone hides red ink on a blue sheet, and makes coloured pens as pale as ruled lines. Each pen is dark in
    one of the colours at least: half of the grey is the darkest of the three.

    Args:
        image: RGB; L stays as it is.
    """
    if image.mode == "L":
        return image
    red, green, blue = image.split()
    return Image.blend(image.convert("L"), ImageChops.darker(ImageChops.darker(red, green), blue), DARKEST)


def _is_deep(image: Image.Image) -> bool:
    """Whether its pixels are floats, or integers of more than 8 bits."""
    return image.mode == "F" or image.mode.startswith("I")


def _with_opacity(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGBA" else image.convert("RGBA")


def _averaged(image: Image.Image, long_side: int) -> Image.Image:
    """Deep pixels, averaged in squares as large as `long_side` allows: a band at a time, so that no copy is large.

    Args:
        image: Of a deep mode.
        long_side: The result is at least `SLACK` times as long, or the image itself.
    """
    side = int(max(image.size) / (long_side * SLACK))
    if side < 2 or min(image.size) < side:
        return image
    width, height = image.width // side, image.height // side
    small = np.empty((height, width), np.float32)
    for row in range(height):
        band = np.asarray(image.crop((0, row * side, width * side, (row + 1) * side)))
        small[row] = band.reshape(side, width, side).mean(axis=(0, 2), dtype=np.float64)
    whole = small if image.mode == "F" else small.round().astype(np.int32)
    return Image.fromarray(whole)


def _on_paper(ink: Image.Image) -> Image.Image:
    """Lay an RGBA image on white paper, or on black if hardly any of it shows on white."""
    for paper in ("white", "black"):
        sheet = Image.new("RGB", ink.size, paper)
        sheet.paste(ink, mask=ink)
        if np.ptp(np.asarray(sheet.convert("L"))) >= FAINT_CHANNEL:
            break
    return sheet


def eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale integers of any depth, floats or booleans to 0 to 255; the shape stays.

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


def from_array(array: NDArray[Any], long_side: int, name: str) -> Image.Image:
    """Check an array of pixels and make an image of it, at full size.

    Args:
        array: As in `ocrcli.sources.photo_from_array`.
        long_side: The wanted length of the longer side in pixels.
        name: What to call it in messages.

    Raises:
        InputError: If it is no picture.
    """
    pixels = np.asarray(array)
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[2] in (3, 4)):
        raise InputError(f"{name}: shape {pixels.shape}; give (h, w), (h, w, 3) or (h, w, 4)")
    height, width = pixels.shape[:2]
    check_sides((width, height), long_side, name)
    if pixels.dtype.kind == "f":
        # Resampling with cubic weights overshoots a little; NaN fails this comparison, too.
        if not (pixels.min() >= -0.1 and pixels.max() <= 1.1):
            raise InputError(f"{name}: floats beyond 0 to 1; scale them to that range")
        pixels = pixels.clip(0, 1)
    elif pixels.dtype not in (np.bool_, np.uint8, np.uint16):
        raise InputError(f"{name}: {pixels.dtype} values; give uint8, uint16, bool or floats from 0 to 1")
    return Image.fromarray(pixels if pixels.dtype == np.uint8 else eight_bits(pixels))
