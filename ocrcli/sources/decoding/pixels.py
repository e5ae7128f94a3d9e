"""Conversion of images of any bit depth and colour mode to grey or RGB, downscaled for reading."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from ocrcli.core.errors import InputError
from ocrcli.core.shrink import SLACK, shrunk

MIN_SIDE = 8
"""Smallest side in pixels after downscaling; a smaller photo cannot hold a text line."""

DARKEST = 0.5
"""Weight of the darkest colour channel in grey; the rest is luminance. Chosen from 0, 0.5 and 1 on the development
pages."""

FAINT_CHANNEL = 32
"""Grey levels. A transparent image that differs from white by less than this has light ink, for dark paper."""


def check_sides(size: tuple[int, int], long_side: int, name: str) -> None:
    """Check that an image is large enough to hold writing.

    Args:
        size: Width and height in pixels.
        long_side: Wanted longer side in pixels.
        name: Name for messages.

    Raises:
        InputError: If it is too small.
    """
    if min(size) * min(1, long_side / max(*size, 1)) < MIN_SIDE:
        pixels = f"{size[0]} x {size[1]} pixels"
        raise InputError(f"{name}: {pixels} are too small to hold writing; take a larger photo")


def fitted(image: Image.Image, long_side: int) -> Image.Image:
    """Convert an image to L if it is grey, else to RGB, and downscale it in the order that takes the least memory.

    Args:
        image: An image in any mode; transparent pixels become paper.
        long_side: As in `ocrcli.core.shrink.shrunk`.
    """
    if _is_deep(image):
        return shrunk(painted(_averaged(image, long_side)), long_side)
    if image.has_transparency_data:
        return painted(shrunk(_with_opacity(image), long_side))
    return shrunk(painted(image), long_side)


def painted(image: Image.Image) -> Image.Image:
    """Convert an image to L if it is grey, else to RGB, at full size; transparent pixels become paper."""
    if _is_deep(image):
        image = Image.fromarray(eight_bits(np.asarray(image)))
    elif image.has_transparency_data:
        image = _on_paper(_with_opacity(image))
    return image if image.mode in ("L", "RGB") else image.convert("L" if image.mode in ("1", "LA") else "RGB")


def grey_of(image: Image.Image) -> Image.Image:
    """Convert RGB to grey so that ink of any colour is darker than the paper.

    Luminance alone hides red ink on a blue sheet, and makes coloured pens as pale as ruled lines. Every pen is dark in
    at least one channel, so the result is half luminance and half the darkest channel (`DARKEST`).

    Args:
        image: RGB; an image in mode L is returned unchanged.
    """
    if image.mode == "L":
        return image
    red, green, blue = image.split()
    return Image.blend(image.convert("L"), ImageChops.darker(ImageChops.darker(red, green), blue), DARKEST)


def _is_deep(image: Image.Image) -> bool:
    """Whether the pixels are floats or integers of more than 8 bits."""
    return image.mode == "F" or image.mode.startswith("I")


def _with_opacity(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGBA" else image.convert("RGBA")


def _averaged(image: Image.Image, long_side: int) -> Image.Image:
    """Downscale an image of high bit depth by averaging squares of pixels, one band at a time to save memory.

    Args:
        image: In a mode for which `_is_deep` holds.
        long_side: The squares are as large as possible while the result stays at least `SLACK` times this long.
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
    """Paste an RGBA image on white paper, or on black if it is hardly visible on white."""
    for paper in ("white", "black"):
        sheet = Image.new("RGB", ink.size, paper)
        sheet.paste(ink, mask=ink)
        if np.ptp(np.asarray(sheet.convert("L"))) >= FAINT_CHANNEL:
            break
    return sheet


def eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale integers of any bit depth, floats or booleans to uint8, 0 to 255; the shape stays.

    White is the largest value of the smallest common bit depth that holds all values. So a 12-bit scan stored in 16
    bits does not become black, and the noise of a blank page is not stretched until it looks like ink. Values outside
    every depth are stretched to 0 to 255; NaN and infinite values count as 0.

    Examples:
        >>> eight_bits(np.array([0.0, 0.5, 1.0])).tolist()
        [0, 128, 255]
    """
    values = np.nan_to_num(values, posinf=0, neginf=0)
    whites = (1,) if values.dtype.kind in "bf" else (255, 1023, 4095, 16383, 65535)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= whites[-1]:
        low, high = 0.0, next(white for white in whites if high <= white)
    scaled = (values.astype(np.float32) - low) * (255 / ((high - low) or 1))
    return scaled.round().astype(np.uint8)


def from_array(array: NDArray[Any], long_side: int, name: str) -> Image.Image:
    """Check an array of pixels and convert it to a Pillow image at full size.

    Args:
        array: As in `ocrcli.sources.photo_from_array`.
        long_side: Wanted longer side in pixels.
        name: Name for messages.

    Raises:
        InputError: If its shape, type or range is not that of an image.
    """
    pixels = np.asarray(array)
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[2] in (3, 4)):
        raise InputError(f"{name}: shape {pixels.shape}; give (h, w), (h, w, 3) or (h, w, 4)")
    height, width = pixels.shape[:2]
    check_sides((width, height), long_side, name)
    if pixels.dtype.kind == "f":
        # Cubic resampling overshoots a little, which is allowed; NaN fails this comparison, too.
        if not (pixels.min() >= -0.1 and pixels.max() <= 1.1):
            raise InputError(f"{name}: floats outside 0 to 1; scale them to that range")
        pixels = pixels.clip(0, 1)
    elif pixels.dtype not in (np.bool_, np.uint8, np.uint16):
        raise InputError(f"{name}: {pixels.dtype} values; give uint8, uint16, bool or floats from 0 to 1")
    return Image.fromarray(pixels if pixels.dtype == np.uint8 else eight_bits(pixels))
