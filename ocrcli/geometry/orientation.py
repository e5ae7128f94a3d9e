"""Which way up a photo is, beyond what its EXIF orientation says.

The page model sees the photo turned all four ways. It was shown more upright pages than others, and so leans towards
whatever it is shown; over all four ways that cancels out. Whether text lines run across or down shows in their shape,
which of the two ways is up in the direction that the model gives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.baselines import letter_height
from ocrcli.classifier import Classifier
from ocrcli.components import find_marks, stroke_width
from ocrcli.glyphs import brightened, fitted
from ocrcli.page_model import Maps
from ocrcli.runs import runs_of

SURE, LIKELY = 0.5, 0.3
"""Of the core map: a text line's zone, and what has a say in its direction."""

AS_IT_IS = 0.3
"""How much must speak for lines that run down: most photos come upright."""

OVER = 0.2
"""Of the directions' mean length, from which a page is upside down: where the model is of two minds, it stays as it
is."""

CLEAR = 0.3
"""The same from which the directions alone tell which of two ways is up; else letters are looked at."""

BETTER = 0.12
"""Nats by which letters must be likelier one way up, in the mean, to tell."""

SAMPLE, LEAST, FLOOR = 48, 8, -4.0
"""Letters that are looked at; pixels of height that they have at least; log-probability below which one is none."""

HALF = 127
"""Of the ink map: from here on there is writing."""

SAYS = 4.0
"""Weight of the directions, beside the lines' shape, in whether lines run across or down."""

WAYS: NDArray[np.float64] = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)], float)
"""x and y of up where writing leans by 0 to 3 quarters clockwise."""


@dataclass(frozen=True)
class Turn:
    """Which way up a photo is.

    Attributes:
        degrees: 0, 90, 180 or 270, by which it must be turned clockwise for its writing to stand upright.
        sure: Whether that is clear. If not, it may be upside down then.
    """

    degrees: int
    sure: bool


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
    leaning = (2 if votes[0] < -OVER else 0) if across > 0 else (1 if votes[1] > 0 else 3)
    return Turn(-90 * leaning % 360, abs(float(votes[leaning % 2])) > CLEAR)


def reads_better_upside_down(ink: NDArray[np.uint8], classifier: Classifier) -> float:
    """By how much the letters of a page are likelier upside down, in nats, in the mean over a sample of them.

    Args:
        ink: (h, w) uint8, 255 where there is writing, as it stands.
        classifier: The letter model.
    """
    marks = find_marks(ink > HALF)
    if not len(marks):
        return 0.0
    height = letter_height(marks, stroke_width(ink > HALF))
    tall = (marks.heights > 0.6 * height) & (marks.heights < 2 * height) & (marks.widths < 1.6 * height)
    chosen = np.flatnonzero(tall & (marks.heights >= LEAST))
    chosen = chosen[np.argsort(-marks.areas[chosen], kind="stable")[:SAMPLE]]
    if not len(chosen):
        return 0.0
    crops = []
    for index in chosen.tolist():
        left, top, right, bottom = marks.boxes[index]
        crops.append(fitted(ink[top:bottom, left:right], marks.ink_of(index)))
    upright = brightened(np.stack(crops))
    letters = np.array([label != "" for label in classifier.labels])
    likeliest = [
        np.maximum(classifier.log_probabilities(np.ascontiguousarray(way))[:, letters].max(axis=1), FLOOR).mean()
        for way in (upright, upright[:, ::-1, ::-1])
    ]
    return float(likeliest[1] - likeliest[0])


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
