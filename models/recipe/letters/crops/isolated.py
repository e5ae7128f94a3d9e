"""A photographed letter without what else is in its picture: the ruled line it stands on, bits of its neighbours.

Reading takes these away before a letter is cut out, by what the rest of the page is like; a picture of one letter has
no rest of the page.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.render import SQUARE, picture_crop

SLENDER = 5.0
"""Times its thickness that a ruled line is long, at least."""

ACROSS, DOWN = 0.6, 0.8
"""Shares of the picture's width and height that a ruled line and a margin's line cross, at least."""

ASIDE, HIGH = 0.2, 0.25
"""A margin's line stands within this share of the picture's width from its side, and beside something of at least this
share of its height: else it is a 1 or an l."""

INK = 0.63
"""Threshold in units of Otsu's, a little below that of `render.picture_crop`: no part may come apart here."""

HOLLOW = 0.15
"""Share of its box that a corner of a form covers, at most, where it stands around something as high as `HIGH`."""

OVER, BESIDE, NEAR = 0.3, 0.5, 0.3
"""Share of a mark's width that is over the letter, of its height that is beside it, and how far off that may be in
letter sizes: the dot of an i, the loose bar of an E."""

ABOVE, ASKEW = 0.5, 0.5
"""A dot hangs over its letter by at most this share of the letter's height, and is at most this share of its own size
to the side: an i that leans."""

STEM, UPRIGHT = 0.7, 1.5
"""What is under a ring that is the larger part is an i's stem, if it has this share of the ring's height and is so many
times as high as wide."""


def isolated(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Keep the letter or digit in the middle of it all, with its dot and its loose strokes.

    Args:
        image: (h, w) uint8, bright ink on black. Of letters and digits none but an i with a ring has a part below its
            largest one; of signs some have, so this is not for them.

    Returns:
        (h, w) uint8, black where the rest was.
    """
    otsu, _ = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = (image > INK * otsu).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    x, y, width, height, area = stats.T.astype(np.float64)
    down, across = image.shape
    level = (width > SLENDER * height) & (width > ACROSS * across)
    upright = (height > SLENDER * width) & (height > DOWN * down)
    corner = (area < HOLLOW * width * height) & (width > ACROSS * across) & (height > ACROSS * down)
    other = ~level & ~upright & ~corner & (height > HIGH * down)
    other[0] = False  # the ground
    aside = (x + width < ASIDE * across) | (x > (1 - ASIDE) * across)
    line = level | ((upright & aside | corner) & other.any())
    line[0] = True
    main = int(np.where(line, 0, area).argmax())
    if count < 3 or line[main]:
        return image
    left, top, right, bottom = x[main], y[main], x[main] + width[main], y[main] + height[main]
    over = np.minimum(right, x + width) - np.maximum(left, x) > OVER * width
    apart = np.maximum(x - right, left - x - width)
    beside = np.minimum(bottom, y + height) - np.maximum(top, y) > BESIDE * height
    near = over | (beside & (apart < NEAR * max(width[main], height[main])))
    dot = (top - y - height >= 0) & (top - y - height < ABOVE * height[main])
    dot &= apart < ASKEW * np.maximum(width, height)
    stem = over & (height > STEM * height[main]) & (height > UPRIGHT * width) & (y - bottom < ABOVE * height[main])
    kept = ((near & (y < bottom - 1)) | dot | stem) & ~line
    kept[main] = True
    return np.where(cv2.dilate(kept[labels].astype(np.uint8), SQUARE) > 0, image, 0).astype(np.uint8)


def isolated_crops(images: Iterable[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Crops (n, 32, 32) of photographed letters, each without what else is in its picture."""
    return np.stack([picture_crop(isolated(image)) for image in images])
