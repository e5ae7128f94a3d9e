"""From a row's ink to the strip that the line reader sees: straight, of fixed height, of even size.

The row's course and the size of its writing come from moments of the ink itself, which a joined word has as
well as a row of block letters. Training imports this module too, so a model can only ever see what reading
shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

HEIGHT = 40
"""Height of a strip in pixels."""

SPREAD = 6.0
"""Pixels; standard deviation of the ink's height around the row's course. Mixed print then has capitals of some
24 pixels, and what is 3.3 deviations off the course falls outside."""

SLOPED_LENGTH = 14.0
"""Spreads; a row much longer than this tells its own slope, a shorter one is taken for level."""

BENT_LENGTH = 80.0
"""Spreads; a row longer than this tells how it bends."""

MAX_WIDTH = 2400
"""Pixels of the strip; what would be longer is compressed."""

GEOMETRY = f"v1 height={HEIGHT} spread={SPREAD} bright-ink max=255"
"""Names the strip in a model's metadata; a model made for another strip is refused."""

SOFT = 0.45
"""Pixels of the strip by which it is blurred: columns are moved by whole pixels, and scans have jagged edges. Between
the best of 0, 0.4, 0.55 and 0.7 on the development pages."""


@dataclass(frozen=True)
class LineImage:
    """A straightened row.

    Attributes:
        image: (HEIGHT, w) uint8, bright ink on black.
        left: x in the row's picture of the strip's left edge.
        scale: Pixels of the row's picture per pixel of the strip.
        course: Polynomial, highest power first: y of the row's middle over x, in pixels of its picture.
    """

    image: NDArray[np.uint8]
    left: int
    scale: float
    course: NDArray[np.float64]


def line_image_of(ink: NDArray[np.uint8]) -> LineImage | None:
    """Straighten and scale a row.

    Args:
        ink: (h, w) uint8, the row's own ink on 0.

    Returns:
        The strip; None where there is no ink.
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
    moved = np.asarray(np.poly1d(course)(np.poly1d([1.0, -left])).coeffs, float)  # x from the picture's own edge
    return LineImage(_even(np.asarray(small)), left, ink.shape[1] / small.width, moved)


def _course(ink: NDArray[np.uint8]) -> tuple[NDArray[np.float64], float]:
    """The row's middle over x as a polynomial, and the deviation of its ink from it in pixels."""
    height, width = ink.shape
    weights = ink.sum(axis=0, dtype=np.float64)
    y = np.arange(height, dtype=np.float64)
    moments = y @ ink  # (w,) sum of y over each column's ink
    total = weights.sum()
    squares = float((y**2) @ ink.sum(axis=1, dtype=np.float64))
    mean = float(moments.sum() / total)
    spread = float(np.sqrt(max(squares / total - mean**2, 0.25)))
    course = np.array([mean])
    x = (np.arange(width) - (width - 1) / 2) / max(width - 1, 1) * 2  # -1 to 1
    for _ in range(2):  # the slope makes the spread look larger than it is, and the spread holds the slope back
        basis = [np.ones(width), x] + ([x**2 - 1 / 3] if width > BENT_LENGTH * spread else [])
        matrix = np.stack(basis) * weights
        normal = matrix @ np.stack(basis).T / total
        # A ridge in units of the spread: descenders at one end of a short word are no slope.
        short = SLOPED_LENGTH * spread / width
        ridge = np.array([0.0, short**2, (1.5 * short) ** 2])[: len(basis)]
        solved = np.linalg.solve(normal + np.diag(ridge), np.stack(basis) @ moments / total)
        fitted = solved @ np.stack(basis)
        spread = float(np.sqrt(max((squares - 2 * fitted @ moments + (fitted**2) @ weights) / total, 0.25)))
    scaled = np.poly1d([2 / max(width - 1, 1), -1.0])
    parts = [np.poly1d([1.0]), scaled, scaled**2 - 1 / 3]
    course = np.asarray(sum((c * p for c, p in zip(solved, parts, strict=False)), np.poly1d([0.0])).coeffs, float)
    return course, spread


def _flattened(ink: NDArray[np.uint8], course: NDArray[np.float64], half: float) -> NDArray[np.uint8]:
    """The band of `half` pixels above and below the course, made straight."""
    height, width = ink.shape
    middle = np.polyval(course, np.arange(width))
    reach = max(1, round(half))
    rows = np.round(middle - reach).astype(np.intp)[None, :] + np.arange(2 * reach)[:, None]
    inside = (rows >= 0) & (rows < height)
    band = ink[np.clip(rows, 0, height - 1), np.arange(width)[None, :]]
    return np.asarray(band * inside, np.uint8)


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stretch the ink so that all but the darkest twentieth of it keeps its differences."""
    lit = image[image > 24]
    if not len(lit):
        return image
    counts = np.cumsum(np.bincount(lit, minlength=256))
    peak = int(np.searchsorted(counts, 0.95 * counts[-1]))
    return np.minimum(image.astype(np.uint16) * 255 // max(peak, 1), 255).astype(np.uint8)
