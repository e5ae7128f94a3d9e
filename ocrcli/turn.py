"""Which way up a photo is, beyond what its EXIF orientation says.

Whether rows run across the picture or down it shows in the marks' boxes, whose tops and bottoms line up along
rows. Which of the two ways is up shows in the letters: first in a sample of them, which the classifier sees
both ways up; where that is not clear, as in joined writing, in a few rows, which are read both ways.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli import baselines, glyphs, proposals
from ocrcli import rows as rows_module
from ocrcli.baselines import Row
from ocrcli.classifier import Classifier
from ocrcli.components import Marks

SAMPLE = 64
"""Marks that are shown to the classifier, one batch for each turn."""

MAX_ASPECT = 8.0
"""Longer side by shorter side; what is slimmer is a drawn line."""

CLEAR_ROWS = 0.3
"""Log-odds of rows across the picture from which they alone decide. Notes have 0.4 to 4; a grid of single letters,
whose columns line up as well, has less."""

LIKELY_ROWS = 0.1
"""Log-odds that decide where the letters do not."""

NEIGHBOURS = 0.5
"""Weight of the gaps between neighbours against what lines up."""

OBLONG, WORDS = 0.45, 2.0
"""Mean logarithm of width by height of a page's marks from which on it tells something, and the weight of the rest. Of
the development pages with letters that stand alone it is -0.6 to 0.4, of those with joined ones 0.5 to 1.2."""

FAR = 4.0
"""Lengths of a mark from which on a neighbour is none."""

CLEAR_LETTERS = -0.7
"""Mean log-probability of the likeliest letter from which a sample is of single letters, one way up or another."""

SINGLE_LETTERS = -1.3
"""That mean from which the sample alone may decide which way is up; joined words have less."""

CLEAR_UP = 0.15
"""By how much that mean must be higher one way up than the other, too."""

CLEAR_DEVIATIONS = 2.0
"""How many standard errors that difference must be from 0."""

LEAST = np.log(0.02)
"""Log-probability below which a crop is none of the letters, however little."""

SURE_PAGE = 0.93
"""Confidence of a page from which it is upright: upside down the clearest letters have less."""

LIKELY_PAGE = 0.82
"""Confidence that only clear letters have upside down."""

SAMPLE_MARKS = 40
"""Marks in the rows that are read both ways, at least, if there are so many."""

LONG = 32
"""Marks of a row that is read both ways, at most, if there are enough shorter ones."""

SURER = 0.05
"""By how much the mean confidence of rows read as a whole must be higher upside down."""

BETTER = 0.15
"""Log-score per mark by which the rows must read better the other way up."""


@dataclass(frozen=True)
class Sample:
    """Marks of a page that may be letters.

    Attributes:
        boxes: (n, 4) int32, of all such marks.
        side: Typical length of the marks' longer side in pixels.
        crops: (m, 32, 32) uint8 of at most `SAMPLE` of them, evenly spread.
    """

    boxes: NDArray[np.int32]
    side: float
    crops: NDArray[np.uint8]


def take_sample(marks: Marks, stroke: float, ink: NDArray[np.uint8]) -> Sample:
    """Choose marks of the size that most ink is in.

    Args:
        marks: Marks of the page; rules that take writing to be upright must not have been applied.
        stroke: Width of the pen's strokes in pixels.
        ink: (h, w) uint8, 0 paper to 255 ink.
    """
    height, width = marks.labels.shape
    longest = np.maximum(marks.widths, marks.heights)
    left, top, right, bottom = marks.boxes.T
    inside = (left > 0) & (top > 0) & (right < width) & (bottom < height)
    fit = (longest >= 2.5 * stroke) & (longest <= max(height, width) / 3) & (marks.areas >= 3 * stroke**2)
    fit &= longest <= MAX_ASPECT * np.minimum(marks.widths, marks.heights)
    chosen = np.flatnonzero(inside & fit)
    sides = np.sort(longest[chosen]).astype(float)
    weight = np.cumsum(sides)
    side = float(sides[np.searchsorted(weight, weight[-1] / 2)]) if len(sides) else 1.0
    chosen = chosen[(longest[chosen] > 0.45 * side) & (longest[chosen] < 2.2 * side)]
    some = chosen[np.linspace(0, len(chosen) - 1, min(SAMPLE, len(chosen))).round().astype(int)]
    crops = np.zeros((len(some), glyphs.SIZE, glyphs.SIZE), np.uint8)
    for number, index in enumerate(some.tolist()):
        x0, y0, x1, y1 = marks.boxes[index].tolist()
        area = np.s_[y0 - 1 : y1 + 1, x0 - 1 : x1 + 1]
        crops[number] = glyphs.crop(ink[area], proposals.grown(marks.labels[area] == marks.ids[index]))
    return Sample(marks.boxes[chosen], side, crops)


def rows_across(sample: Sample) -> float:
    """Log-odds, not calibrated, that rows run across the picture and not down it.

    Letters' tops and bottoms line up along a row, and the nearest neighbour beside a letter is nearer than the one
    above or below it. Joined words are longer than they are high.
    """
    boxes, down = sample.boxes, sample.boxes[:, [1, 0, 3, 2]]
    if len(boxes) < 2:
        return 0.0
    aligned = np.log(rows_module.alignment(boxes, sample.side) / rows_module.alignment(down, sample.side))
    gaps = np.log(_mean_gap(down, sample.side) / _mean_gap(boxes, sample.side))
    longer = elongation(boxes)
    words = np.sign(longer) * max(0.0, abs(longer) - OBLONG)
    return float(aligned + NEIGHBOURS * gaps + WORDS * words)


def elongation(boxes: NDArray[np.int32]) -> float:
    """Mean logarithm of width by height of (n, 4) boxes, one or more."""
    return float(np.log((boxes[:, 2] - boxes[:, 0]) / (boxes[:, 3] - boxes[:, 1])).mean())


def _mean_gap(boxes: NDArray[np.int32], side: float) -> float:
    """Mean gap in x to the nearest mark that shares some y, over some marks."""
    some = np.linspace(0, len(boxes) - 1, min(SAMPLE, len(boxes))).round().astype(int)
    left, top, right, bottom = (column[None] for column in boxes.T)
    x0, y0, x1, y1 = (column[:, None] for column in boxes[some].T)
    gaps = np.maximum(np.maximum(left - x1, x0 - right), 0).astype(float)
    gaps[np.maximum(top - y1, y0 - bottom) >= 0] = np.inf
    gaps[np.arange(len(some)), some] = np.inf
    return float(np.minimum(gaps.min(axis=1), FAR * side).mean()) + side / 10


def is_sideways(sample: Sample, classifier: Classifier) -> bool:
    """Whether rows run down the picture, and not across it."""
    odds = rows_across(sample)
    if abs(odds) >= CLEAR_ROWS or not len(sample.crops):
        return odds < -LIKELY_ROWS
    means = letters_by_turn(sample.crops, (0, 90, 180, 270), classifier).mean(axis=1)
    if means.max() > CLEAR_LETTERS:
        return int(means.argmax()) % 2 == 1
    return odds < -LIKELY_ROWS


def letters_by_turn(crops: NDArray[np.uint8], degrees: tuple[int, ...], classifier: Classifier) -> NDArray[np.float32]:
    """(turns, n) log-probability of the likeliest letter or digit of (n, 32, 32) crops, turned clockwise by degrees."""
    letters = np.flatnonzero([label.isalnum() for label in classifier.labels])
    turns = [np.rot90(crops, -turn // 90, axes=(1, 2)) for turn in degrees]
    best = [classifier.log_probabilities(some)[:, letters].max(axis=1) for some in turns]
    return np.maximum(np.stack(best), LEAST)


def is_surely_upright(sample: Sample, confidence: float, classifier: Classifier) -> bool:
    """Whether rows that run across the picture need not be read upside down to know that they are not.

    Args:
        sample: Marks of the page.
        confidence: Mean confidence of the page's letters as it was read.
        classifier: The letter model.
    """
    if confidence >= SURE_PAGE or not len(sample.crops):
        return confidence >= SURE_PAGE
    upright, other = letters_by_turn(sample.crops, (0, 180), classifier)
    better = upright - other
    error = float(np.sqrt((better**2).sum())) / len(better)
    if upright.mean() > SINGLE_LETTERS and better.mean() > max(CLEAR_UP, CLEAR_DEVIATIONS * error):
        return True
    return confidence >= LIKELY_PAGE and bool(better.mean() > 0)


def some(rows: list[Row]) -> list[int]:
    """Numbers of a few rows that together have `SAMPLE_MARKS` marks, to be read both ways."""
    lengths = np.array([len(row.marks) for row in rows])
    order = np.lexsort([np.abs(LONG - lengths), lengths > LONG])
    return order[: int(np.searchsorted(np.cumsum(lengths[order]), SAMPLE_MARKS)) + 1].tolist()


def upside_down(rows: list[Row], marks: Marks, ink: NDArray[np.uint8]) -> tuple[list[Row], Marks, NDArray[np.uint8]]:
    """Rows, marks and (h, w) uint8 ink of the picture turned by 180 degrees; baselines are found anew."""
    height, width = marks.labels.shape
    boxes = np.array([width, height, width, height], np.int32) - marks.boxes[:, [2, 3, 0, 1]]
    turned_marks = replace(marks, labels=marks.labels[::-1, ::-1], boxes=boxes)
    return [baselines.refitted(row, turned_marks) for row in rows], turned_marks, ink[::-1, ::-1]
