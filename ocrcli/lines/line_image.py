"""Makes the line image of a row: straightened, and scaled to a fixed height.

The centre line and the size of the writing are estimated from moments of the ink, which works for joined writing as
well as for block letters. Training imports this module too, so that line images are the same in training and in
reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

HEIGHT = 40
"""Pixels; height of a line image."""

SPREAD = 6.0
"""Pixels; standard deviation of the ink around the centre line, in y. Print in mixed case then has capitals of some 24
pixels, and ink more than 3.3 deviations away is outside of the line image."""

SLOPED_LENGTH = 14.0
"""Standard deviations; the slope is estimated for rows much longer than this, and shorter ones are taken as level."""

BENT_LENGTH = 80.0
"""Standard deviations; for rows longer than this, curvature is estimated too."""

MAX_WIDTH = 2400
"""Pixels; largest width of a line image. Longer rows are compressed."""

GEOMETRY = f"v1 height={HEIGHT} spread={SPREAD} bright-ink max=255"
"""Name of this kind of line image in the metadata of a model; a model with another one is refused."""

SOFT = 0.45
"""Pixels; Gaussian blur of the line image, because columns are moved by whole pixels and scans have jagged edges.
Between the best of 0, 0.4, 0.55 and 0.7 on the development pages."""


@dataclass(frozen=True)
class LineImage:
    """The line image of a row, and how it was made from the ink of the row.

    Attributes:
        image: (HEIGHT, w) uint8, bright ink on black.
        left: x of its left edge in the ink of the row.
        scale: Pixels of the ink of the row per pixel of the line image.
        course: Centre line: polynomial, highest power first, y over x in pixels of the ink of the row.
    """

    image: NDArray[np.uint8]
    left: int
    scale: float
    course: NDArray[np.float64]


def line_image_of(ink: NDArray[np.uint8]) -> LineImage | None:
    """Straighten and scale the ink of a row.

    Args:
        ink: (h, w) uint8, the ink of the row alone; 0 is paper.

    Returns:
        The line image; None if there is no ink.
    """
    columns = np.flatnonzero(ink.any(axis=0))
    if not len(columns):
        return None
    left, right = int(columns[0]), int(columns[-1]) + 1
    ink = ink[:, left:right]
    course, spread = _course(ink)
    scale = max(spread, 0.5) / SPREAD
    width = round(ink.shape[1] / scale)
    width = min(width, MAX_WIDTH)
    flat = _flattened(ink, course, HEIGHT * scale / 2)
    small = Image.fromarray(flat).resize((max(width, 1), HEIGHT), Image.Resampling.BILINEAR)
    small = small.filter(ImageFilter.GaussianBlur(SOFT))
    moved = _substituted(course, 1.0, -left)  # x from the edge of the whole ink
    return LineImage(_even(np.asarray(small)), left, ink.shape[1] / small.width, moved)


def _course(ink: NDArray[np.uint8]) -> tuple[NDArray[np.float64], float]:
    """Fit the centre line as a polynomial y over x; also the standard deviation of the ink around it, in pixels."""
    height, width = ink.shape
    weights = ink.sum(axis=0, dtype=np.float64)
    y = np.arange(height, dtype=np.float64)
    moments = y @ ink  # (w,) sum of y over the ink of each column
    total = weights.sum()
    squares = float((y**2) @ ink.sum(axis=1, dtype=np.float64))
    mean = float(moments.sum() / total)
    spread = float(np.sqrt(max(squares / total - mean**2, 0.25)))
    x = (np.arange(width) - (width - 1) / 2) / max(width - 1, 1) * 2  # -1 to 1
    powers = np.stack([np.ones(width), x, x**2 - 1 / 3])
    for _ in range(2):  # twice: a slope makes the first spread too large, and a large spread makes the slope too small
        basis = powers if width > BENT_LENGTH * spread else powers[:2]
        normal = (basis * weights) @ basis.T / total
        # Ridge regression in units of the spread: descenders at one end of a short word are not a slope.
        short = SLOPED_LENGTH * spread / width
        ridge = np.array([0.0, short**2, (1.5 * short) ** 2])[: len(basis)]
        solved = np.linalg.solve(normal + np.diag(ridge), basis @ moments / total)
        fitted = solved @ basis
        spread = float(np.sqrt(max((squares - 2 * fitted @ moments + (fitted**2) @ weights) / total, 0.25)))
    level, slope, bend = (*solved, 0.0)[:3]
    course = _substituted((bend, slope, level - bend / 3), 2 / max(width - 1, 1), -1.0)
    return course, spread


def _substituted(course: Sequence[float] | NDArray[np.float64], scale: float, shift: float) -> NDArray[np.float64]:
    """(3,) the polynomial a x² + b x + c with scale * x + shift in place of x."""
    a, b, c = course
    return np.array([a * scale**2, scale * (2 * a * shift + b), shift * (a * shift + b) + c])


def _flattened(ink: NDArray[np.uint8], course: NDArray[np.float64], half: float) -> NDArray[np.uint8]:
    """Straighten the band of `half` pixels above and below the centre line."""
    height, width = ink.shape
    middle = np.polyval(course, np.arange(width))
    reach = max(1, round(half))
    rows = np.round(middle - reach).astype(np.intp)[None, :] + np.arange(2 * reach)[:, None]
    inside = (rows >= 0) & (rows < height)
    band = ink[np.clip(rows, 0, height - 1), np.arange(width)[None, :]]
    return np.asarray(band * inside, np.uint8)


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Normalize the contrast: the 95th percentile of the ink becomes 255, and what is darker is clipped."""
    lit = image[image > 24]
    if not len(lit):
        return image
    counts = np.cumsum(np.bincount(lit, minlength=256))
    peak = int(np.searchsorted(counts, 0.95 * counts[-1]))
    return np.minimum(image.astype(np.uint16) * 255 // max(peak, 1), 255).astype(np.uint8)
