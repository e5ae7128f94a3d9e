"""How writing lies in an upright photo: how it slopes, how high it is, where it is."""

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
"""Of the core map: from here on a text line runs there."""

X_HEIGHT_DEVIATIONS = 2.5
"""Times the standard deviation of ink about the middle of its line: the x-height. `strips` goes by the same measure."""

STROKE_LENGTH = 3.0
"""Length of a letter's strokes at least, in standard deviations as above."""

LEAST_CORE = 12
"""Pixels of the core map that a text line covers at least; fewer are noise."""

FOLLOWED_DEGREES = 8.0
"""Degrees of slope up to which text lines can be followed from column to column."""

TELLING_LENGTH = 4.0
"""X-heights; a shorter line does not tell how lines slope."""


@dataclass(frozen=True)
class Survey:
    """How writing lies in an upright photo.

    Attributes:
        slope: Degrees by which text lines sink to the right, between -90 and 90.
        x_height: Of its small letters, in pixels of the photo.
        box: left, top, right, bottom of the text lines in pixels of the photo, once it is made
            level about its middle.
        share: Of the photo that text lines cover, weighed by how sure that is.
    """

    slope: float
    x_height: float
    box: tuple[float, float, float, float]
    share: float

    def scaled(self, factor: float) -> Survey:
        """The same of a photo so many times as large."""
        left, top, right, bottom = (side * factor for side in self.box)
        return replace(self, x_height=self.x_height * factor, box=(left, top, right, bottom))


@dataclass(frozen=True, eq=False)
class View:
    """What the page model says of a photo, and the text lines in that, which are followed once.

    Attributes:
        maps: What it says.
    """

    maps: Maps

    @cached_property
    def level(self) -> tuple[NDArray[np.float32], NDArray[np.uint8], float]:
        """Core map and ink, turned about the photo's middle so far that its text lines can be followed.

        The third: by how many degrees they had sunk to the right before.
        """
        slope = _direction(self.maps.core)
        if abs(slope) <= FOLLOWED_DEGREES:
            return self.maps.core, self.maps.ink, 0.0
        return _level(self.maps.core, slope), _level(self.maps.ink, slope), slope

    @cached_property
    def lines(self) -> list[TextLine]:
        """Text lines, in pixels of the ink that was made level."""
        return text_lines(self.level[0])


def survey(view: View) -> Survey | None:
    """Survey the writing of an upright photo; None where there is none.

    Args:
        view: What the page model says of it.
    """
    core = view.maps.core > SURVEY_CORE
    if np.count_nonzero(core) < LEAST_CORE:
        return None
    _, ink, slope = view.level
    slope += _slope(view.lines)
    x_height = _spread(view.lines, ink) or FOLD * float(np.median(runs_of(np.ascontiguousarray(core.T)).lengths))
    y, x = np.nonzero(core)
    middle = (np.array(core.shape[::-1]) - 1) / 2
    places = (np.stack([x, y], axis=1) - middle) @ rotation(slope) + middle
    low, high = places.min(axis=0) * FOLD, (places.max(axis=0) + 1) * FOLD
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Survey(slope, x_height, box, float(view.maps.core[core].sum() / core.size))


def _direction(core: NDArray[np.float32]) -> float:
    """Degrees by which text lines sink to the right, to within some degrees, between -45 and 45.

    Cores are bars, and most of their outline runs along the line: the main axis of the structure tensor (Bigün and
    Granlund 1987) is across it.
    """
    down, across = np.gradient(core)
    axis = 0.5 * np.arctan2(2 * float((across * down).sum()), float((across**2).sum() - (down**2).sum()))
    return float((np.degrees(axis) + 45) % 90 - 45)


def _level(values: NDArray[Any], slope: float) -> NDArray[Any]:
    """A map (h, w) turned about its middle so that lines that sink by so many degrees are level."""
    return np.asarray(Image.fromarray(values).rotate(slope, Image.Resampling.BILINEAR, expand=True))


def _slope(lines: list[TextLine]) -> float:
    """Degrees by which lines sink that can be followed, by those that are long enough to tell."""
    lines = [line for line in lines if np.ptp(line.x) > TELLING_LENGTH * line.x_height]
    if not lines:
        return 0.0
    slopes = np.array([np.polyfit(line.x, line.base, 1)[0] for line in lines])
    usual = weighted_quantiles(slopes, np.array([np.ptp(line.x) for line in lines]), 0.5)
    return float(np.degrees(np.arctan(usual[0])))


def _spread(lines: list[TextLine], ink: NDArray[np.uint8]) -> float:
    """X-height in pixels by how far ink lies from the middle of its line; 0 where there are no lines.

    A core is learnt, and where writing is larger or smaller than usual it errs towards the usual; ink does not.
    """
    y, x = np.nonzero(ink > INK_LEVEL)
    line_of, _ = nearest(y, x, lines)
    deviations, letters = [0.0], [1e-9]
    for number, line in enumerate(lines):
        own = line_of == number
        dots = np.count_nonzero(own)
        if dots > LEAST_CORE:
            deviations.append(float(np.std(y[own] - line.middle_at(x[own].astype(float)))))
            # So many letters find room there, and of so many the ink could be, or a multiple of that.
            letters.append(min(float(np.ptp(line.x)), dots / STROKE_LENGTH) / max(deviations[-1], 1.0))
    middle = weighted_quantiles(np.array(deviations), np.array(letters), 0.5)
    return X_HEIGHT_DEVIATIONS * float(middle[0])


def rotation(degrees: float) -> NDArray[np.float64]:
    """(2, 2) matrix that takes level coordinates, as a column, to those of a photo whose lines sink by so much."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])
