"""Which way up a photo is, beyond what its EXIF orientation says.

The page model sees the photo turned all four ways. It was shown more upright pages than others, and so leans towards
whatever it is shown; over all four ways that cancels out. Whether text lines run across or down shows in their shape,
which of the two ways is up in the direction that the model gives them; and a few lines are read by the line model, as
they are and upside down. A linear model weighs the four.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ocrcli.binarize.page_model import INK_LEVEL, Maps
from ocrcli.geometry.survey import SURVEY_CORE, View
from ocrcli.imaging.runs import runs_of
from ocrcli.layout.assign import nearest
from ocrcli.lines.line_image import line_image_of
from ocrcli.lines.line_model import LineModel

VOTING_CORE = 0.3
"""Of the core map: what has a say in which way is up."""

DIRECTION, SHAPE, BOTH_WAYS, SURENESS = 4.0, 0.7, 3.6, 4.6
"""Nats that speak for a way up for each unit of: the directions' sum over the cores' sum; how much longer cores are
across than down (`_length`); by how much lines are read more surely than upside down, and how surely, in nats a
character. Fitted to half of the development pages in four turns each, as seen at both sizes; of the other half all are
then told right."""

UPRIGHT_PRIOR = 0.5
"""The same for a photo as it is: most photos come upright."""

CLEAR_LEAD = 2.0
"""By how much the best way must be ahead, that the photo need not be seen larger."""

PLAIN_VOTE, LEGIBLE_NATS = 0.6, 0.1
"""Of the directions' mean in the photo as it is, and nats by which its lines must read more surely than upside down,
from which it is upright without a look from other sides: on the development pages 3 of 4 that are, and 1 of 190 that
are not."""

DOUBT_CHARACTERS = 10
"""Characters by which few of them tell less than many."""

SAMPLE_LINES, GLIMPSED_LINES = 6, 2
"""Text lines that are read both ways, at most: of each of four views, and to be sure that one is enough."""

LINE_PIXELS, LEAST_INK = 200, 12
"""Pixels of a line's strip that are read, some 12 letters, at most; pixels of its ink, at least."""

WAYS: NDArray[np.float64] = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)], float)
"""x and y of up where writing leans by 0 to 3 quarters clockwise."""


def evidence(views: Sequence[View], reader: Callable[[], LineModel]) -> NDArray[np.float64]:
    """(4,) nats that speak for turning a photo clockwise by 0, 90, 180 and 270 degrees.

    Args:
        views: What the page model says of the photo turned so.
        reader: Gives the line model.
    """
    # Of the photo as it is: a view that is turned by k quarters shows writing that leans by k quarters more, and what
    # leans by k is upright after 4 - k more.
    votes = np.sum([np.roll(_votes(view.maps), -quarters) for quarters, view in enumerate(views)], axis=0)
    directions = votes[[0, 3, 2, 1]] / max(sum(_mass(view.maps) for view in views), 1.0)
    lengths = np.array([_length(view.maps) for view in views])
    shapes = (lengths + np.roll(lengths, 2) - np.roll(lengths, 1) - np.roll(lengths, 3)) / 2
    both_ways, sureness = np.array([_legible(view, reader(), SAMPLE_LINES) for view in views]).T
    return np.asarray(DIRECTION * directions + SHAPE * shapes + BOTH_WAYS * both_ways + SURENESS * sureness)


def lead(nats: NDArray[np.float64]) -> float:
    """By how much the best way is ahead of the next.

    Args:
        nats: (4,) what speaks for each.
    """
    second, first = np.sort(nats)[-2:]
    return float(first - second)


def is_plainly_upright(view: View, reader: Callable[[], LineModel]) -> bool:
    """Whether a photo need not be seen from other sides.

    Args:
        view: What the page model says of the photo as it is.
        reader: Gives the line model.
    """
    says = float(_votes(view.maps)[0]) / max(_mass(view.maps), 1.0)
    return says > PLAIN_VOTE and _length(view.maps) > 0 and _legible(view, reader(), GLIMPSED_LINES)[0] > LEGIBLE_NATS


def _legible(view: View, reader: LineModel, most: int) -> tuple[float, float]:
    """By how much text lines of a view read more surely than upside down, and how surely they read, from 0 on.

    Of so many lines at most; in nats a character, less where there are few characters.
    """
    strips = _strips(view, most)
    log_p = reader.log_probabilities([way[:, :LINE_PIXELS] for way in (*strips, *map(_upside_down, strips))])
    as_it_is, over = _sureness(log_p[: len(strips)]), _sureness(log_p[len(strips) :])
    read = min(len(as_it_is), len(over))
    if not read:
        return 0.0, 0.0
    share = read / (read + DOUBT_CHARACTERS)
    return float(as_it_is.mean() - over.mean()) * share, float(as_it_is.mean() + 1) * share


def _upside_down(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(image[::-1, ::-1])


def _strips(view: View, most: int) -> list[NDArray[np.uint8]]:
    """Strips of the longest text lines of a view, so many at most."""
    _, ink, _ = view.level
    lines = sorted(view.lines, key=lambda line: -len(line.x))[:most]
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
    """Log-probability of the likeliest character at each step that has one."""
    if not log_p:
        return np.zeros(0, np.float32)
    steps = np.concatenate(log_p)
    return np.asarray(steps.max(axis=1)[steps.argmax(axis=1) > 0])


def _mass(maps: Maps) -> float:
    """How much of it there are cores on."""
    return float(maps.core[maps.core > VOTING_CORE].sum())


def _votes(maps: Maps) -> NDArray[np.float64]:
    """(4,) how much speaks for each of `WAYS`."""
    weight = np.where(maps.core > VOTING_CORE, maps.core, 0)
    return WAYS @ np.array([(weight * maps.up[0]).sum(), (weight * maps.up[1]).sum()])


def _length(maps: Maps) -> float:
    """How much longer text lines' zones are across than down, in logarithms, times the share that they cover."""
    core = maps.core > SURVEY_CORE
    if not core.any():
        return 0.0
    across, down = (runs_of(np.ascontiguousarray(way)).lengths for way in (core, core.T))
    longer = float(np.log((across**2).sum() / across.sum()) - np.log((down**2).sum() / down.sum()))
    return longer * float(core.mean())
