"""A photographed letter without what else is in its picture: the ruled line it stands on, bits of its neighbours.

Reading takes these away before a letter is cut out, by what the rest of the page is like; a picture of one letter has
no rest of the page.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.render import SQUARE

SLENDER = 5.0
"""Times its width that a mark is long before it may be a line."""

LONG = 1.4
"""Times the letter's longer side that a line is long."""

INK = 0.63
"""Threshold in units of Otsu's, as `render.picture_crop` has it for an average picture."""

OVER, BESIDE, NEAR = 0.3, 0.5, 0.3
"""Share of a mark's width that is over the letter, of its height that is beside it, and how far off that may be in
letter sizes: the dot of an i, the loose bar of an E."""


def lone(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Keep the letter or digit in the middle of it all, with its dot and its loose strokes.

    Args:
        image: (h, w) uint8, bright ink on black. Of letters and digits none has a part below its largest one; of
            signs some have, so this is not for them.

    Returns:
        (h, w) uint8, black where the rest was.
    """
    otsu, _ = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = (image > INK * otsu).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    x, y, width, height, area = stats.T.astype(np.float64)
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    slender = longer > SLENDER * shorter
    slender[0] = True  # the ground
    main = int(np.where(slender, 0, area).argmax())
    if count < 3 or slender[main]:  # nothing else is there, or a 1
        return image
    left, top, right, bottom = x[main], y[main], x[main] + width[main], y[main] + height[main]
    over = np.minimum(right, x + width) - np.maximum(left, x) > OVER * width
    apart = np.maximum(x - right, left - x - width)
    level = np.minimum(bottom, y + height) - np.maximum(top, y) > BESIDE * height
    near = over | (level & (apart < NEAR * longer[main]))
    kept = near & (y < bottom - 1) & ~(slender & (longer > LONG * longer[main]))
    kept[0], kept[main] = False, True
    return np.where(cv2.dilate(kept[labels].astype(np.uint8), SQUARE) > 0, image, 0).astype(np.uint8)
