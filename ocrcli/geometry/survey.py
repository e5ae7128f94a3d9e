"""How writing lies in a photo: which way is up, how it slopes, how high it is, where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.layout.cores import text_lines
from ocrcli.page_model import FOLD, Maps
from ocrcli.runs import runs_of

SURE = 0.5
"""Of the core map: from here on a text line runs there."""

LEAST = 12
"""Pixels of the core map that a text line covers at least; fewer are noise."""

FOLLOWED = 20.0
"""Degrees of slope up to which text lines can be followed from column to column."""

LONG = 4.0
"""X-heights; a shorter line does not tell how lines slope."""


@dataclass(frozen=True)
class Survey:
    """How writing lies in a photo.

    Attributes:
        turned: Degrees, 0, 90, 180 or 270, by which the photo must be turned clockwise for its writing to stand upright, or nearly so.
        slope: Degrees by which text lines sink to the right then, between -45 and 45.
        x_height: Of its small letters, in pixels of the photo.
        box: left, top, right, bottom of the text lines in pixels of the photo, once it is turned and made level about its middle.
    """

    turned: int
    slope: float
    x_height: float
    box: tuple[float, float, float, float]

    def scaled(self, factor: float) -> Survey:
        """The same of a photo so many times as large."""
        left, top, right, bottom = (side * factor for side in self.box)
        return replace(self, x_height=self.x_height * factor, box=(left, top, right, bottom))


def survey(maps: Maps, turned: int | None = None) -> Survey | None:
    """Survey the writing of a photo; None where there is none.

    Args:
        maps: What the page model says of it.
        turned: By how much it must be turned, if that is known.
    """
    core = maps.core > SURE
    if np.count_nonzero(core) < LEAST:
        return None
    up = maps.up[:, core]
    # Each pixel votes for a quarter, as strongly as its direction is sure.
    quarter = np.round(np.arctan2(up[0], -up[1]) / (np.pi / 2)).astype(int) % 4
    votes = np.bincount(quarter, np.hypot(up[0], up[1]), minlength=4)
    # Quarters, clockwise, by which the writing leans.
    leaning = int(votes.argmax()) if turned is None else -turned // 90 % 4
    turned = -90 * leaning % 360
    upright = np.rot90(core, -turned // 90)
    slope = _slope(np.rot90(maps.core, -turned // 90), up[:, quarter == leaning], leaning)
    heights = runs_of(np.ascontiguousarray(upright.T)).lengths
    x_height = FOLD * float(np.median(np.repeat(heights, heights))) * float(np.cos(np.radians(slope)))
    y, x = np.nonzero(upright)
    middle = (np.array(upright.shape[::-1]) - 1) / 2
    level = (np.stack([x, y], axis=1) - middle) @ rotation(slope) + middle
    low, high = np.quantile(level, (0.0, 1.0), axis=0) * FOLD
    return Survey(turned, slope, x_height, (float(low[0]), float(low[1]), float(high[0]) + FOLD, float(high[1]) + FOLD))


def _slope(core: NDArray[np.float32], up: NDArray[np.float32], leaning: int) -> float:
    """Degrees by which text lines sink to the right.

    The model says it to within some degrees; where lines are then level enough to be followed, their own course says it better.

    Args:
        core: (h, w) core map, turned.
        up: (2, n) the directions that voted for this turn.
        leaning: Quarters, clockwise, by which they lean.
    """
    total = up.sum(axis=1)
    if not up.size or not np.hypot(*total):
        return 0.0
    slope = (float(np.degrees(np.arctan2(total[0], -total[1]))) - 90 * leaning + 180) % 360 - 180
    if abs(slope) > FOLLOWED:
        return slope
    lines = [line for line in text_lines(core) if np.ptp(line.x) > LONG * line.x_height]
    if not lines:
        return slope
    lengths = np.array([np.ptp(line.x) for line in lines])
    slopes = np.array([np.polyfit(line.x, line.base, 1)[0] for line in lines])
    order = np.argsort(slopes)
    middle = np.searchsorted(np.cumsum(lengths[order]), lengths.sum() / 2)
    return float(np.degrees(np.arctan(slopes[order[middle]])))


def rotation(degrees: float) -> NDArray[np.float64]:
    """(2, 2) matrix that takes level coordinates, as a column, to those of a photo whose lines sink by so much."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])
