"""Makes the crops of 32x32 pixels for the letter classifier.

Training imports this module too, so that crops are the same in training and in reading.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = 32
"""Pixels; width and height of a crop."""

INNER = 26
"""Pixels; length of the longer side of the glyph in the crop. The rest is margin."""

GEOMETRY = f"v1 size={SIZE} inner={INNER} centred bright-ink max=255"
"""Name of this kind of crop in the metadata of a model; a model with another one is refused."""


def crop(ink: NDArray[np.uint8], mask: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    """Fit a glyph's ink into a 32x32 crop.

    The aspect ratio is kept, the ink is centred, and the darkest ink becomes 255, so that the crop does not depend on
    the size of the writing or the pressure of the pen.

    Args:
        ink: (h, w) uint8, the bounding box of the glyph; 0 is paper, 255 is full ink.
        mask: (h, w) bool, the pixels that belong to the glyph; other ink is left out.

    Returns:
        (32, 32) uint8, bright ink on black.

    Raises:
        ValueError: If the box is empty or the mask has another shape.
    """
    return brightened(fitted(ink, mask)[None])[0]


def brightened(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Second step of `crop`, for many crops, (n, 32, 32) uint8: the darkest ink of each becomes 255."""
    peaks = np.maximum(crops.max(axis=(1, 2)), 1).astype(np.uint16)[:, None, None]
    return ((crops.astype(np.uint16) * 255 + peaks // 2) // peaks).astype(np.uint8)


def fitted(ink: NDArray[np.uint8], mask: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    """First step of `crop`, with the same arguments and errors: (32, 32) uint8 with the grey values of the ink."""
    if ink.ndim != 2 or 0 in ink.shape:
        raise ValueError(f"a crop needs a box with pixels, not one of shape {ink.shape}")
    if mask is not None:
        if mask.shape != ink.shape:
            raise ValueError(f"mask {mask.shape} and ink {ink.shape} differ in shape")
        ink = ink * mask
    height, width = ink.shape
    scale = INNER / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Pillow's bilinear filter is wider for a stronger reduction, so that every source pixel counts (area average).
    # Raw buffers: the conversions between numpy and Pillow would take longer than the resizing.
    image = Image.frombuffer("L", (width, height), np.ascontiguousarray(ink), "raw", "L", 0, 1)
    small = np.frombuffer(image.resize(size, Image.Resampling.BILINEAR).tobytes(), np.uint8).reshape(size[::-1])
    out = np.zeros((SIZE, SIZE), np.uint8)
    top, left = (SIZE - size[1]) // 2, (SIZE - size[0]) // 2
    out[top : top + size[1], left : left + size[0]] = small
    return out
