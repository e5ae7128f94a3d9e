"""From ink to the 32x32 crop that the letter classifier sees.

Training imports this module too, so a model can only ever see what reading shows it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = 32
"""Side of a crop in pixels."""

INNER = 26
"""Length of the glyph's longer side within the crop; the rest is margin."""

GEOMETRY = f"v1 size={SIZE} inner={INNER} centred bright-ink max=255"
"""Names the crop in a model's metadata; a model made for another crop is refused."""


def crop(ink: NDArray[np.uint8], mask: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    """Fit a glyph's ink into a 32x32 crop.

    The aspect ratio is kept, the ink is centred, and the darkest ink becomes 255, so that neither
    the size of the writing nor the pressure of the pen reaches the classifier.

    Args:
        ink: (h, w) uint8, the tight box of the glyph; 0 is paper, 255 is full ink.
        mask: (h, w) bool, the pixels that belong to the glyph; other ink is left out.

    Returns:
        (32, 32) uint8, bright ink on black.

    Raises:
        ValueError: If the box is empty or the mask has another shape.
    """
    return brightened(fitted(ink, mask)[None])[0]


def brightened(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The second half of `crop`, for many at once: the darkest ink of each of (n, 32, 32) uint8 becomes 255."""
    peaks = np.maximum(crops.max(axis=(1, 2)), 1).astype(np.uint16)[:, None, None]
    return ((crops.astype(np.uint16) * 255 + peaks // 2) // peaks).astype(np.uint8)


def fitted(ink: NDArray[np.uint8], mask: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    """The first half of `crop`, with the same arguments and errors: (32, 32) uint8, as dark as it is."""
    if ink.ndim != 2 or 0 in ink.shape:
        raise ValueError(f"a crop needs a box with pixels, not one of shape {ink.shape}")
    if mask is not None:
        if mask.shape != ink.shape:
            raise ValueError(f"mask {mask.shape} and ink {ink.shape} differ in shape")
        ink = ink * mask
    height, width = ink.shape
    scale = INNER / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Pillow's bilinear filter widens with the reduction, so every source pixel counts (area average).
    # Plain buffers in and out: numpy's and Pillow's own conversions take longer than the resizing.
    image = Image.frombuffer("L", (width, height), np.ascontiguousarray(ink), "raw", "L", 0, 1)
    small = np.frombuffer(image.resize(size, Image.Resampling.BILINEAR).tobytes(), np.uint8).reshape(size[::-1])
    out = np.zeros((SIZE, SIZE), np.uint8)
    top, left = (SIZE - size[1]) // 2, (SIZE - size[0]) // 2
    out[top : top + size[1], left : left + size[0]] = small
    return out
