"""A sheet that was photographed from aside -> the sheet as seen from above.

Seen from below or above, rows stay side by side and each has letters of its own size; nothing need be done. Seen from
aside, rows run together, and letters at one end are smaller than at the other; then the outline of the sheet, where it
shows, says how to put it right.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.sheet import Region
from ocrcli.sources import Photo

Corners = NDArray[np.float64]

UNEQUAL = 1.2
"""Left by right side, or right by left, from which the sheet is put right. Without that, one of the course-work photos
loses a twelfth of its letters at 1.3, and another a third at 1.8; with it, none loses more than a few in a hundred."""

FILLED = 0.95
"""Share of the outline of four corners that the sheet fills, and the other way round; else it is no sheet."""

INSIDE = 0.015
"""Share of the picture's sides by which all corners are within it: of a sheet that is cut off nothing can be said."""


def corners_of(region: Region) -> Corners | None:
    """The corners of a sheet that is seen at an angle.

    Args:
        region: (h, w) bool, where the sheet is.

    Returns:
        (4, 2) x and y from the upper left one clockwise, as shares of the picture's sides; None where the sheet need
        not be put right, or cannot.
    """
    corners, area = outline(region)
    shares = corners / region.shape[::-1]
    if shares.min() < INSIDE or shares.max() > 1 - INSIDE:
        return None
    sides = _sides(corners)
    if max(sides[1] / sides[3], sides[3] / sides[1]) < UNEQUAL:
        return None
    return shares if FILLED < region.sum() / area < 1 / FILLED else None


def outline(region: Region) -> tuple[Corners, float]:
    """The outermost pixels of a region along both diagonals, from the upper left one clockwise, (4, 2) x and y, and the
    area between them, 1 or more."""
    y, x = np.nonzero(region)
    outer = [np.argmin(x + y), np.argmax(x - y), np.argmax(x + y), np.argmin(x - y)]
    corners = np.column_stack([x[outer], y[outer]]).astype(np.float64) + 0.5
    following = np.roll(corners, -1, axis=0)
    area = abs((corners[:, 0] * following[:, 1] - following[:, 0] * corners[:, 1]).sum()) / 2
    return corners, max(float(area), 1.0)


def rectified(photo: Photo, corners: Corners) -> Photo:
    """The sheet alone, as seen from above.

    Args:
        photo: The photo.
        corners: As `corners_of` gives them.
    """
    height, width = photo.grey.shape
    at = corners * (width, height)
    sides = _sides(at)
    across, down = round(max(sides[0], sides[2])), round(max(sides[1], sides[3]))
    course = homography(np.array([(0, 0), (across, 0), (across, down), (0, down)], float), at)
    return warped(photo, (across, down), course)


def warped(photo: Photo, size: tuple[int, int], course: NDArray[np.float64], beyond: int = 0) -> Photo:
    """The photo as a projective map shows it.

    Args:
        photo: The photo.
        size: Width and height of the new picture in pixels.
        course: (3, 3) from pixels of the new picture to those of the photo.
        beyond: Grey level of what was not on the photo.
    """
    image = Image.fromarray(photo.grey).transform(
        size, Image.Transform.PERSPECTIVE, course.ravel()[:8].tolist(), Image.Resampling.BICUBIC, fillcolor=beyond
    )
    return replace(photo, grey=np.asarray(image), course=photo.to_full @ course)


def _sides(corners: Corners) -> NDArray[np.float64]:
    """(4,) lengths from each corner to the next: the upper, right, lower and left side."""
    return np.asarray(np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1))


def homography(source: Corners, target: Corners) -> NDArray[np.float64]:
    """The projective map that takes four points to four others (Hartley and Zisserman 2004, section 4.1).

    Args:
        source: (4, 2) x and y, no three of them on a line.
        target: (4, 2) likewise.

    Returns:
        (3, 3); points are (x, y, 1), up to a factor.
    """
    rows, values = [], []
    for (x, y), (u, v) in zip(source.tolist(), target.tolist(), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1.0).reshape(3, 3)
