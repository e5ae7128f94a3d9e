"""Detect the orientation of a photo: 0, 90, 180 or 270 degrees, beyond its EXIF orientation.

The page model sees the photo in all four orientations. It was trained on more upright pages than others, so it is
biased to call each of them upright; over all four, this bias cancels out. The shape of the text lines shows whether
they are horizontal or vertical, and the up direction of the page model shows which side is up. The line recognizer also
reads a few lines, as they are and upside down. A linear model combines these four features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ocrcli.binarize.page_model import INK_LEVEL, Maps
from ocrcli.geometry.survey import SURVEY_CORE, View
from ocrcli.imaging.runs import runs_of
from ocrcli.layout.assign import nearest
from ocrcli.lines.line_image import line_image_of
from ocrcli.lines.line_model import LineModel

VOTING_CORE = 0.3
"""Minimum value of the core map of pixels whose up direction counts."""

DIRECTION, SHAPE, BOTH_WAYS, SURENESS = 4.0, 0.7, 1.5, 5.5
"""Weights of the four features, in nats for each unit: sum of the up directions divided by the sum of the cores; how
much longer cores are horizontally than vertically (`_length`); how much more certain the line recognizer is than upside
down; and how certain it is, both in nats a character. The first two were fitted on half of the development pages, each
in four orientations and at both sizes, the others again on all of them when the line recognizer changed."""

FULL_SIZE = 14.0
"""Weight, in nats for each unit of `legibility`, of reading at full size where the four features leave doubt. Of 77
such photos (29 of the development pages in four orientations, 48 of csafe) 76 are right with 12 to 24, 67 with 4."""

UPRIGHT_PRIOR = 0.5
"""Prior for the photo as it is, in nats: most photos are upright."""

CLEAR_LEAD = 2.0
"""Minimum lead of the best orientation over the second, in nats; with less, a larger view is used too, and with less
than that in both, the photo is read at full size. On the development pages all that is decided without is right."""

PLAIN_VOTE, LEGIBLE_NATS = 0.6, 0.1
"""Minimum mean of the up directions of the photo as it is, and minimum nats by which its lines are read with more
certainty than upside down, from which it is upright without seeing the other orientations: of 128 development pages in
four orientations, 43 of the upright ones pass, and none of the others."""

DOUBT_CHARACTERS = 10
"""Shrinkage: with n characters read, the evidence is multiplied by n / (n + this)."""

SAMPLE_LINES, GLIMPSED_LINES = 6, 2
"""Maximum number of text lines read: in each of four views, and to check whether one view is enough."""

GLIMPSED_PIXELS, READ_PIXELS, LEAST_INK = 200, 1000, 12
"""Maximum width in pixels of a line image that is read, some 12 letters, and where a photo in doubt is read at full
size; minimum number of its ink pixels."""

WAYS: NDArray[np.float64] = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)], float)
"""x and y of the up direction of writing that is rotated by 0 to 3 quarter turns clockwise."""


@dataclass(frozen=True, eq=False)
class ReadView:
    """A view with a few text lines that are read both ways, once, when that is asked for.

    Attributes:
        view: The view.
        reader: Loads the line recognizer.
    """

    view: View
    reader: Callable[[], LineModel]

    @cached_property
    def glimpsed(self) -> tuple[float, float]:
        """How much more certain the line recognizer is for the view than upside down, and how certain it is.

        Both are in nats a character, shrunk where there are few characters; the second is the mean log-probability
        plus 1. At most `GLIMPSED_LINES` text lines are read.
        """
        return self._read(GLIMPSED_LINES)

    @cached_property
    def legible(self) -> tuple[float, float]:
        """The same from at most `SAMPLE_LINES` text lines."""
        return self._read(SAMPLE_LINES) if len(self.view.level_lines) > GLIMPSED_LINES else self.glimpsed

    def _read(self, most: int) -> tuple[float, float]:
        strips = _strips(self.view, most)
        ways = [way[:, :GLIMPSED_PIXELS] for way in (*strips, *map(_upside_down, strips))]
        log_p = self.reader().log_probabilities(ways)
        as_it_is, over = _sureness(log_p[: len(strips)]), _sureness(log_p[len(strips) :])
        read = min(len(as_it_is), len(over))
        if not read:
            return 0.0, 0.0
        return _shrunk(float(as_it_is.mean() - over.mean()), read), _shrunk(float(as_it_is.mean() + 1), read)


def evidence(views: Sequence[View]) -> NDArray[np.float64]:
    """(4,) evidence in nats of the maps for turning a photo clockwise by 0, 90, 180 and 270 degrees.

    Args:
        views: Views of the photo turned by these angles.
    """
    maps = [view.maps for view in views]
    # Convert to votes for the photo as it is: a view turned by k quarter turns shows writing rotated by k quarter turns
    # more, and writing rotated by k is upright after 4 - k more.
    votes = np.sum([np.roll(_votes(seen), -quarters) for quarters, seen in enumerate(maps)], axis=0)
    directions = votes[[0, 3, 2, 1]] / max(sum(map(_mass, maps)), 1.0)
    lengths = np.array([_length(seen) for seen in maps])
    shapes = (lengths + np.roll(lengths, 2) - np.roll(lengths, 1) - np.roll(lengths, 3)) / 2
    return np.asarray(DIRECTION * directions + SHAPE * shapes)


def evidence_of_reading(views: Sequence[ReadView]) -> NDArray[np.float64]:
    """(4,) evidence in nats, beyond that of the maps, of how certain a few text lines are read; as `evidence`."""
    both_ways, sureness = np.array([view.legible for view in views]).T
    return np.asarray(BOTH_WAYS * both_ways + SURENESS * sureness)


def lead(nats: NDArray[np.float64]) -> float:
    """Lead of the best orientation over the second, in nats.

    Args:
        nats: (4,) evidence for each orientation.
    """
    second, first = np.sort(nats)[-2:]
    return float(first - second)


def is_plainly_upright(view: ReadView) -> bool:
    """Whether a photo is clearly upright, so that the other orientations need not be seen.

    Args:
        view: View of the photo as it is.
    """
    maps = view.view.maps
    says = float(_votes(maps)[0]) / max(_mass(maps), 1.0)
    return says > PLAIN_VOTE and _length(maps) > 0 and view.glimpsed[0] > LEGIBLE_NATS


def legibility(view: View, reader: LineModel, width: int = GLIMPSED_PIXELS) -> float:
    """How certain the line recognizer is of a few text lines of a view, in nats a character; 0 if it reads nothing.

    It is the mean log-probability plus 1, shrunk where there are few characters.

    Args:
        view: View of an upright photo.
        reader: The line recognizer.
        width: Maximum width in pixels of a line image that is read.
    """
    sureness = _sureness(reader.log_probabilities([strip[:, :width] for strip in _strips(view, SAMPLE_LINES)]))
    return _shrunk(float(sureness.mean() + 1), len(sureness)) if len(sureness) else 0.0


def _shrunk(nats: float, characters: int) -> float:
    return nats * characters / (characters + DOUBT_CHARACTERS)


def _upside_down(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(image[::-1, ::-1])


def _strips(view: View, most: int) -> list[NDArray[np.uint8]]:
    """Line images of the longest text lines of a view, at most `most`."""
    _, ink, _ = view.level
    lines = sorted(view.level_lines, key=lambda line: -len(line.x))[:most]
    y, x = np.nonzero(ink > INK_LEVEL)
    line_of, _ = nearest(y, x, lines)
    strips = []
    for number in range(len(lines)):
        own = line_of == number
        if np.count_nonzero(own) < LEAST_INK:
            continue
        top, bottom, left, right = y[own].min(), y[own].max(), x[own].min(), x[own].max()
        picture = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
        picture[y[own] - top, x[own] - left] = ink[y[own], x[own]]
        if (found := line_image_of(picture)) is not None:
            strips.append(found.image)
    return strips


def _sureness(log_p: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Log-probability of the best character at each step whose best class is not the blank."""
    if not log_p:
        return np.zeros(0, np.float32)
    steps = np.concatenate(log_p)
    return np.asarray(steps.max(axis=1)[steps.argmax(axis=1) > 0])


def _mass(maps: Maps) -> float:
    """Sum of the core map where it is above `VOTING_CORE`."""
    return float(maps.core[maps.core > VOTING_CORE].sum())


def _votes(maps: Maps) -> NDArray[np.float64]:
    """(4,) votes for each of `WAYS`: sums of the up directions, weighted by the core map."""
    weight = np.where(maps.core > VOTING_CORE, maps.core, 0)
    return WAYS @ np.array([(weight * maps.up[0]).sum(), (weight * maps.up[1]).sum()])


def _length(maps: Maps) -> float:
    """Log ratio of the horizontal to the vertical run length of cores, times the share of the image that they cover."""
    core = maps.core > SURVEY_CORE
    if not core.any():
        return 0.0
    across, down = (runs_of(np.ascontiguousarray(way)).lengths for way in (core, core.T))
    longer = float(np.log((across**2).sum() / across.sum()) - np.log((down**2).sum() / down.sum()))
    return longer * float(core.mean())
