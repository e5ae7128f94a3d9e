"""Survey the writing of an upright photo: slope of the text lines, x-height and bounding box."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.binarize.page_model import FOLD, INK_LEVEL, Maps
from ocrcli.imaging.runs import runs_of
from ocrcli.imaging.statistics import weighted_quantiles
from ocrcli.layout.assign import nearest
from ocrcli.layout.cores import TextLine, text_lines

SURVEY_CORE = 0.5
"""Threshold of the core map, from which a pixel belongs to a text line."""

X_HEIGHT_DEVIATIONS = 2.5
"""X-height divided by the standard deviation of ink about the middle of its text line; also used for line images."""

STROKE_LENGTH = 3.0
"""Minimum length of a letter's strokes, in standard deviations as above."""

LEAST_CORE = 12
"""Minimum pixels of the core map that text lines cover; fewer are noise."""

FOLLOWED_DEGREES = 8.0
"""Maximum slope in degrees at which text lines can be followed from column to column."""

TELLING_LENGTH = 4.0
"""Minimum length in x-heights of a text line that counts for the slope."""


@dataclass(frozen=True)
class Survey:
    """Slope, x-height and place of the writing in an upright photo.

    Attributes:
        slope: Degrees by which text lines go down to the right, between -90 and 90.
        x_height: X-height in pixels of the photo.
        box: left, top, right, bottom of the text lines in pixels of the photo, after it is deskewed about its center.
        share: Share of the photo that text lines cover, weighted by the core map.
    """

    slope: float
    x_height: float
    box: tuple[float, float, float, float]
    share: float

    def scaled(self, factor: float) -> Survey:
        """The same survey for a photo that is larger by a factor."""
        left, top, right, bottom = (side * factor for side in self.box)
        return replace(self, x_height=self.x_height * factor, box=(left, top, right, bottom))


@dataclass(frozen=True, eq=False)
class View:
    """Maps of the page model for an image, with the text lines in them, which are computed once.

    Attributes:
        maps: Maps of the page model.
    """

    maps: Maps

    @cached_property
    def level(self) -> tuple[NDArray[np.float32], NDArray[np.uint8], float]:
        """Core map and ink map, rotated about the center so that text lines can be followed; and the angle.

        The angle is the slope that was removed, in degrees down to the right.
        """
        slope = _direction(self.maps.core)
        if abs(slope) <= FOLLOWED_DEGREES:
            return self.maps.core, self.maps.ink, 0.0
        return _level(self.maps.core, slope), _level(self.maps.ink, slope), slope

    @cached_property
    def lines(self) -> list[TextLine]:
        """Text lines, in pixels of the image."""
        return text_lines(self.maps.core)

    @cached_property
    def level_lines(self) -> list[TextLine]:
        """Text lines, in pixels of the rotated ink map of `level`."""
        return text_lines(self.level[0]) if self.level[2] else self.lines


def survey(view: View) -> Survey | None:
    """Survey the writing of an upright photo; None if there is no writing.

    Args:
        view: View of the photo.
    """
    core = view.maps.core > SURVEY_CORE
    if np.count_nonzero(core) < LEAST_CORE:
        return None
    _, ink, slope = view.level
    slope += _slope(view.level_lines)
    x_height = _spread(view.level_lines, ink) or FOLD * float(np.median(runs_of(np.ascontiguousarray(core.T)).lengths))
    y, x = np.nonzero(core)
    middle = (np.array(core.shape[::-1]) - 1) / 2
    places = (np.stack([x, y], axis=1) - middle) @ rotation(slope) + middle
    low, high = places.min(axis=0) * FOLD, (places.max(axis=0) + 1) * FOLD
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Survey(slope, x_height, box, float(view.maps.core[core].sum() / core.size))


def _direction(core: NDArray[np.float32]) -> float:
    """Rough slope of text lines in degrees down to the right, between -45 and 45.

    Cores are bars, and most of their outline is parallel to the text line, so the main axis of the structure tensor
    (Bigün and Granlund 1987) is perpendicular to it.
    """
    down, across = np.gradient(core)
    axis = 0.5 * np.arctan2(2 * float((across * down).sum()), float((across**2).sum() - (down**2).sum()))
    return float((np.degrees(axis) + 45) % 90 - 45)


def _level(values: NDArray[Any], slope: float) -> NDArray[Any]:
    """A map (h, w) rotated about its center so that text lines of this slope in degrees are horizontal."""
    return np.asarray(Image.fromarray(values).rotate(slope, Image.Resampling.BILINEAR, expand=True))


def _slope(lines: list[TextLine]) -> float:
    """Median slope of text lines in degrees, weighted by length; short lines do not count."""
    lines = [line for line in lines if np.ptp(line.x) > TELLING_LENGTH * line.x_height]
    if not lines:
        return 0.0
    slopes = np.array([np.polyfit(line.x, line.base, 1)[0] for line in lines])
    usual = weighted_quantiles(slopes, np.array([np.ptp(line.x) for line in lines]), 0.5)
    return float(np.degrees(np.arctan(usual[0])))


def _spread(lines: list[TextLine], ink: NDArray[np.uint8]) -> float:
    """X-height in pixels from the standard deviation of ink about the middle of its text line; 0 without lines.

    The height of a core is biased towards the usual size if writing is larger or smaller; ink has no such bias.
    """
    y, x = np.nonzero(ink > INK_LEVEL)
    line_of, _ = nearest(y, x, lines)
    deviations, letters = [0.0], [1e-9]
    for number, line in enumerate(lines):
        own = line_of == number
        dots = np.count_nonzero(own)
        if dots > LEAST_CORE:
            deviations.append(float(np.std(y[own] - line.middle_at(x[own].astype(float)))))
            # Weight: number of letters, up to a factor, that fit in the line's length and that its ink is enough for.
            letters.append(min(float(np.ptp(line.x)), dots / STROKE_LENGTH) / max(deviations[-1], 1.0))
    middle = weighted_quantiles(np.array(deviations), np.array(letters), 0.5)
    return X_HEIGHT_DEVIATIONS * float(middle[0])


def rotation(degrees: float) -> NDArray[np.float64]:
    """(2, 2) matrix that maps deskewed coordinates, as a column, to those of a photo with text lines of this slope."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])
