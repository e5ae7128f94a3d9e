"""Deskew: crop the photo to its writing, make text lines horizontal, and scale them to a fixed x-height."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from ocrcli.geometry.survey import Survey, rotation
from ocrcli.sources import Photo

X_HEIGHT = 24.0
"""X-height in pixels of the image for reading; capitals have some 40. Chosen from 16, 20 and 24 on half of `wild/`."""

PAGE_MARGIN = 3.0
"""Margin around the text lines, in x-heights: for ascenders, descenders, and letters missed at the left or right."""

LEVEL_DEGREES = 0.3
"""Maximum slope in degrees that is not corrected."""

MOST_PIXELS = 5_000_000
"""Maximum number of pixels of the image for reading; a larger page is scaled down."""


def deskewed(photo: Photo, found: Survey) -> Photo:
    """Crop, deskew and scale a photo for reading.

    Args:
        photo: The upright photo.
        found: Survey of its writing, in pixels of `photo.grey`.
    """
    height, width = photo.grey.shape
    slope = found.slope if abs(found.slope) > LEVEL_DEGREES else 0.0
    margin = PAGE_MARGIN * found.x_height
    left, top, right, bottom = found.box
    if not slope:
        left, top, right, bottom = (
            max(left - margin, 0),
            max(top - margin, 0),
            min(right + margin, width),
            min(bottom + margin, height),
        )
    else:
        left, top, right, bottom = left - margin, top - margin, right + margin, bottom + margin
    scale = min(X_HEIGHT / found.x_height, (MOST_PIXELS / max((right - left) * (bottom - top), 1)) ** 0.5)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    scaled = Image.fromarray(photo.grey).resize(
        size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BILINEAR
    )
    across, down = size[0] / width, size[1] / height
    shape = max(1, round((right - left) * across)), max(1, round((bottom - top) * down))
    # Maps pixels of the image for reading to those of the scaled photo, which is rotated about its center.
    middle = np.array([size[0] / 2, size[1] / 2])
    turn = rotation(slope)
    shift = turn @ (np.array([left * across, top * down]) - middle) + middle
    matrix = np.concatenate([turn, shift[:, None]], axis=1)
    if slope:
        edge = int(np.median(photo.grey[:: max(1, height // 64), :: max(1, width // 64)]))
        image = scaled.transform(
            shape, Image.Transform.AFFINE, matrix.ravel().tolist(), Image.Resampling.BILINEAR, fillcolor=edge
        )
    else:
        x, y = round(shift[0]), round(shift[1])
        matrix = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
        image = scaled.crop((x, y, min(x + shape[0], size[0]), min(y + shape[1], size[1])))
    to_photo = np.diag([1 / across, 1 / down, 1.0]) @ np.concatenate([matrix, [[0.0, 0.0, 1.0]]])
    return replace(photo, grey=np.asarray(image), course=photo.to_full @ to_photo)


def size_error(photo: Photo, found: Survey, image: Photo, again: Survey | None) -> float:
    """How many times larger the writing is in the image for reading than it was taken for; 1 if none is seen there.

    Args:
        photo: The upright photo.
        found: Survey of its writing.
        image: The image for reading, `deskewed(photo, found)`.
        again: Survey of the writing in that image.
    """
    if again is None:
        return 1.0
    scale = (np.linalg.det(photo.to_full) / np.linalg.det(image.to_full)) ** 0.5
    return float(again.x_height / (found.x_height * scale))
