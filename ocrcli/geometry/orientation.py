"""Which way up a photo is, beyond what its EXIF orientation says.

The page model sees the photo turned all four ways. It was shown more upright pages than others, and so leans towards
whatever it is shown; over all four ways that cancels out. Whether text lines run across or down shows in their shape,
which of the two ways is up in the direction that the model gives them. Where that leaves doubt, a few lines are read
both ways by the line model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.geometry.survey import levelled
from ocrcli.layout.assign import nearest
from ocrcli.layout.cores import text_lines
from ocrcli.line_reader import LineReader
from ocrcli.page_model import Maps
from ocrcli.runs import runs_of
from ocrcli.strips import strip

SURE, LIKELY = 0.5, 0.3
"""Of the core map: a text line's zone, and what has a say in its direction."""

AS_IT_IS = 0.3
"""How much must speak for lines that run down: most photos come upright."""

CLEAR = 0.3
"""Of the directions' mean length, from which they alone tell which of two ways is up; else lines are read both ways."""

READ, UPRIGHT = 4.0, 0.05
"""What a nat of the reading counts beside the directions; and how much must speak for turning a photo upside down."""

PLAIN, LEGIBLE = 0.6, 0.1
"""The same of the photo as it is, and nats by which its lines must read more surely than upside down, from which it is
upright without a look from other sides: on the development pages 3 of 4 that are, and 1 of 190 that are not."""

DOUBT = 10
"""Characters by which few of them tell less than many."""

SAMPLE, GLIMPSED = 6, 2
"""Text lines that are read both ways, at most: where there is doubt, and to be sure that there is none."""

ENOUGH, LEAST = 200, 12
"""Pixels of a line's strip that are read, some 12 letters, at most; pixels of its ink, at least."""

HALF = 127
"""Of the ink map: from here on there is writing."""

SAYS = 4.0
"""Weight of the directions, beside the lines' shape, in whether lines run across or down."""

WAYS: NDArray[np.float64] = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)], float)
"""x and y of up where writing leans by 0 to 3 quarters clockwise."""


@dataclass(frozen=True)
class Turn:
    """Which way up a photo is, by its text lines.

    Attributes:
        degrees: 0, 90, 180 or 270, by which it must be turned clockwise for its writing to stand upright.
        clear: How much speaks against its being upside down then, 0 to 1.
    """

    degrees: int
    clear: float


def turn_of(views: Sequence[Maps]) -> Turn:
    """Which way up a photo is, by the shape and the direction of its text lines.

    Args:
        views: What the page model says of the photo turned clockwise by 0, 90, 180 and 270 degrees.
    """
    # Of the photo as it is: a view that is turned by k quarters shows writing that leans by k quarters more.
    votes = np.sum([np.roll(_votes(view), -quarters) for quarters, view in enumerate(views)], axis=0)
    votes = votes / max(sum(float(view.core[view.core > LIKELY].sum()) for view in views), 1.0)
    shape = sum((-1) ** quarters * _length(view) for quarters, view in enumerate(views))
    across = shape + SAYS * (abs(votes[0]) - abs(votes[1])) + AS_IT_IS
    leaning = (2 if votes[0] < 0 else 0) if across > 0 else (1 if votes[1] > 0 else 3)
    return Turn(-90 * leaning % 360, abs(float(votes[leaning % 2])))


def is_plainly_upright(view: Maps, reader: Callable[[], LineReader]) -> bool:
    """Whether a photo need not be seen from other sides.

    Args:
        view: What the page model says of the photo as it is.
        reader: Gives the line model.
    """
    says = float(_votes(view)[0]) / max(float(view.core[view.core > LIKELY].sum()), 1.0)
    return says > PLAIN and _length(view) > 0 and _legible([view], reader(), GLIMPSED)[0] > LEGIBLE


def upright(views: Sequence[Maps], reader: Callable[[], LineReader]) -> int:
    """Degrees, 0, 90, 180 or 270, by which a photo must be turned clockwise for its writing to stand upright.

    Args:
        views: As `turn_of` takes them.
        reader: Gives the line model, and is called only where the text lines alone do not tell.
    """
    turn = turn_of(views)
    if turn.clear > CLEAR:
        return turn.degrees
    over = (turn.degrees + 180) % 360
    as_turned, otherwise = _legible([views[turn.degrees // 90], views[over // 90]], reader(), SAMPLE)
    better = as_turned - otherwise
    down = -turn.clear - READ * better
    # Most photos come upright.
    return over if down > (-UPRIGHT if over == 0 else UPRIGHT) else turn.degrees


def _legible(views: Sequence[Maps], reader: LineReader, most: int) -> NDArray[np.float64]:
    """By how much text lines of views, so many at most of each, read more surely than upside down, in nats a character;
    (views,) shares of the mean over all of them."""
    better, written = np.zeros(len(views)), np.zeros(len(views))
    for number, view in enumerate(views):
        as_it_is, over = (_sureness(reader.log_probabilities(way)) for way in _both_ways(view, most))
        written[number] = min(len(as_it_is), len(over))
        if written[number]:
            better[number] = as_it_is.mean() - over.mean()
    return np.asarray(better * written / (written.sum() + DOUBT))


def _both_ways(view: Maps, most: int) -> tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]]:
    """Strips of the longest text lines of a view, as they are and upside down."""
    core, ink, _ = levelled(view)
    lines = sorted(text_lines(core), key=lambda line: -len(line.x))[:most]
    y, x = np.nonzero(ink > HALF)
    line_of, _ = nearest(y, x, lines)
    ways: tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]] = [], []
    for number in range(len(lines)):
        own = line_of == number
        if np.count_nonzero(own) < LEAST:
            continue
        top, bottom, left, right = y[own].min(), y[own].max(), x[own].min(), x[own].max()
        picture = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
        picture[y[own] - top, x[own] - left] = ink[y[own], x[own]]
        for way, seen in zip(ways, (picture, np.ascontiguousarray(picture[::-1, ::-1])), strict=True):
            found = strip(seen)
            if found is not None:
                way.append(found.image[:, :ENOUGH])
    return ways


def _sureness(log_p: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Log-probability of the likeliest character at each step that has one."""
    if not log_p:
        return np.zeros(0, np.float32)
    steps = np.concatenate(log_p)
    return np.asarray(steps.max(axis=1)[steps.argmax(axis=1) > 0])


def _votes(view: Maps) -> NDArray[np.float64]:
    """(4,) how much speaks for each of `WAYS`."""
    weight = np.where(view.core > LIKELY, view.core, 0)
    return WAYS @ np.array([(weight * view.up[0]).sum(), (weight * view.up[1]).sum()])


def _length(view: Maps) -> float:
    """How much longer text lines' zones are across than down, in logarithms, times the share that they cover."""
    core = view.core > SURE
    if not core.any():
        return 0.0
    across, down = (runs_of(np.ascontiguousarray(way)).lengths for way in (core, core.T))
    longer = float(np.log((across**2).sum() / across.sum()) - np.log((down**2).sum() / down.sum()))
    return longer * float(core.mean())
