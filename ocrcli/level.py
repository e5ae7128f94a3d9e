"""Rows that run aslant over the photo -> a photo in which they are level.

Rows are followed a little up and down (`rows`), and a photo that lies on its side is turned by quarters (`turn`). What
lies between, a sheet turned by 30 degrees, is seen from its letters, and the photo is turned by as much.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.components import Marks
from ocrcli.rectify import Corners, homography, warped
from ocrcli.rows import sharpness
from ocrcli.sources import Photo

ASLANT = 6.0
"""Degrees from level, or from upright, up to which rows are found, and their letters read, as they are."""

CLEARLY = 1.4
"""Times as well as along the best of those directions that letters must line up aslant: where they run aslant it is
three times as well, in short rows half as much, and on the level development pages no better."""

SMALL, LARGE = 0.5, 3.0
"""Letter heights; the size of marks that tell."""

ENOUGH = 15
"""Marks that tell, at least."""

STEP, FINE = 1.0, 0.25
"""Degrees between the directions that are tried, and then between those around the best."""


def slant_of(marks: Marks, height: float) -> float:
    """Degrees by which rows sink to the right, between -90 and 90; 0 where they can be found as they are.

    The direction of the sharpest projection profile of the marks' middles (Postl 1986).

    Args:
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    longest = np.maximum(marks.heights, marks.widths)
    boxes = marks.boxes[(longest > SMALL * height) & (longest < LARGE * height)]
    if len(boxes) < ENOUGH:
        return 0.0
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    tried = np.arange(-90, 90, STEP)
    along = _sharpnesses(x, y, tried, height)
    found = (np.abs(tried) <= ASLANT) | (np.abs(tried) >= 90 - ASLANT)
    aslant = np.where(found, 0.0, along)
    if aslant.max() < CLEARLY * along[found].max():
        return 0.0
    near = float(tried[aslant.argmax()]) + np.arange(-STEP, STEP + FINE / 2, FINE)
    return float(near[_sharpnesses(x, y, near, height).argmax()])


def _sharpnesses(
    x: NDArray[np.float64], y: NDArray[np.float64], degrees: NDArray[np.float64], height: float
) -> NDArray[np.float64]:
    """How sharp the points' profile across each direction is."""
    return np.array([sharpness(y * np.cos(a) - x * np.sin(a), height / 4) for a in np.radians(degrees).tolist()])


def levelled(photo: Photo, degrees: float) -> Photo:
    """The photo turned so that rows which sink by so much run level; what was not on it is as its edge is.

    Args:
        photo: As it was taken.
        degrees: As `slant_of` gives them.
    """
    height, width = photo.grey.shape
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cos, sin], [-sin, cos]])
    corners: Corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    turned = corners @ turn.T
    low = turned.min(axis=0)
    across, down = np.ceil(np.ptp(turned, axis=0)).astype(int).tolist()
    course = homography(turned - low, corners)
    edge = np.concatenate([photo.grey[0], photo.grey[-1], photo.grey[:, 0], photo.grey[:, -1]])
    return warped(photo, (across, down), course, beyond=int(np.median(edge)))
