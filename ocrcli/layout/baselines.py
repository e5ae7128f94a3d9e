"""A row of marks: the line that it stands on, and how high its capitals are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks
from ocrcli.imaging.statistics import weighted_quantiles

Floats = NDArray[np.float64]

MAX_HEIGHT = 1 / 3
"""Share of the long side; a taller mark is a frame or a table's edge."""

WEIGHTED_MIDDLE = 0.4
"""Below the middle, for marks that count by their height favour the tall ones."""

NEAR_LINE = 0.25
"""Capital heights from the line within which a letter counts as standing on it."""

BODY_HEIGHT = 0.6
"""Letter heights; a smaller mark (dot, quote, dash, low letter) joins a row but never founds one
that a letter's row runs through."""

SEVERAL_LETTERS = 1.3
"""Letter heights; a wider mark holds several letters."""

BASELINE_DEPTH = 1.4
"""Standard deviations of its ink's height from a joined word's middle to its line; 1.7 were there no tails."""

TICK_HEIGHT, TICK_ASPECT = 0.62, 0.6
"""Capital heights, and width over height, up to which a mark is one stroke of a quote."""


@dataclass(frozen=True)
class Row:
    """One written row.

    Attributes:
        marks: (n,) int, indices into `Marks`, from left to right.
        baseline: (c,) polynomial (highest power first) of the baseline's y over x, in pixels.
        cap_height: Height of a capital letter in pixels.
    """

    marks: NDArray[np.intp]
    baseline: Floats
    cap_height: float

    def box(self, marks: Marks) -> tuple[int, int, int, int]:
        """left, top, right, bottom of its ink in pixels, the last two exclusive."""
        boxes = marks.boxes[self.marks]
        (left, top), (right, bottom) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
        return left, top, right, bottom


def letter_height(marks: Marks, stroke: float) -> float:
    """Typical height of a letter in pixels: near the median of what is no dot, dash or speck.

    Each mark counts by its height, since paper's texture may have more specks than the page letters.

    Args:
        marks: Marks of the page.
        stroke: Width of the pen's strokes in pixels.
    """
    heights = marks.heights
    tall = np.sort(heights[(heights >= 2.5 * stroke) & (heights <= MAX_HEIGHT * max(marks.labels.shape))])
    if not len(tall):
        return max(1.0, 4 * stroke)
    return float(weighted_quantiles(tall, tall, WEIGHTED_MIDDLE)[0])


def measured_rows(members: list[NDArray[np.intp]], marks: Marks, height: float) -> list[Row]:
    """Fit line and capital height of rows whose marks are known.

    Args:
        members: For each row (n,) indices into `marks`; none empty.
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    body = (marks.heights >= BODY_HEIGHT * height) & (marks.heights <= 3.0 * height)
    page_cap = _cap_height(marks.heights[body if body.any() else slice(None)])
    bottoms = _bottoms(marks, height)
    return [_measured(row, marks, bottoms, height, page_cap) for row in members]


def ink_moments(marks: Marks, wanted: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """(n,) mean and (n,) standard deviation of y over the ink of each mark that is wanted, (n,) bool; else 0."""
    mean, deviation = np.zeros((2, len(marks)))
    for index in np.flatnonzero(wanted).tolist():
        ink = np.count_nonzero(marks.ink_of(index), axis=1)
        y = marks.boxes[index, 1] + np.arange(len(ink))
        total = max(ink.sum(), 1)
        mean[index] = ink @ y / total
        deviation[index] = np.sqrt(ink @ (y - mean[index]) ** 2 / total)
    return mean, deviation


def _bottoms(marks: Marks, height: float) -> Floats:
    """(n,) y of what each mark stands on: a joined word does not stand on the tail of its g."""
    wide = marks.widths > SEVERAL_LETTERS * height
    mean, deviation = ink_moments(marks, wide)
    foot = np.minimum(marks.boxes[:, 3], mean + BASELINE_DEPTH * deviation)
    return np.asarray(np.where(wide, foot, marks.boxes[:, 3]), float)


def _cap_height(heights: NDArray[np.int32]) -> float:
    """Height of capitals and ascenders: what one letter in five exceeds, brackets and joined rows aside."""
    if not len(heights):
        return 1.0
    return float(np.percentile(heights[heights <= 2.2 * np.median(heights)], 80))


def _measured(row: NDArray[np.intp], marks: Marks, bottoms: Floats, height: float, page_cap: float) -> Row:
    row = row[np.argsort(marks.boxes[row, 0], kind="stable")]
    if are_ticks(row, marks, page_cap):
        # Quotes alone in a row have no letter beside them to tell that they hang from its height.
        hung = float(np.median(marks.boxes[row, 1])) + page_cap
        return Row(row, np.array([hung]), page_cap)
    letters = row[marks.heights[row] >= BODY_HEIGHT * height]
    if not len(letters):
        letters = row
    own = _cap_height(marks.heights[letters])
    # A short row may hold no tall letter ("see you"): the page then knows better.
    weight = min(1.0, len(letters) / 8)
    cap = weight * own + (1 - weight) * float(np.clip(own, 0.8 * page_cap, 1.25 * page_cap))
    x = (marks.boxes[letters, 0] + marks.boxes[letters, 2]) / 2
    return Row(row, fit_baseline(x, bottoms[letters], cap), cap)


def are_ticks(row: NDArray[np.intp], marks: Marks, cap_height: float) -> bool:
    """Whether a row's marks are short upright strokes, all of them, as those of `"` are.

    Args:
        row: (n,) indices into `marks`.
        marks: Marks of the page.
        cap_height: Of the page's letters.
    """
    widths, heights = marks.widths[row], marks.heights[row]
    return bool(len(row) > 1 and heights.max() < TICK_HEIGHT * cap_height and np.median(widths / heights) < TICK_ASPECT)


def refitted(row: Row, marks: Marks) -> Row:
    """A row whose marks have moved, with its baseline found anew; its capital height stays."""
    members = row.marks[np.argsort(marks.boxes[row.marks, 0], kind="stable")]
    letters = members[marks.heights[members] >= BODY_HEIGHT / 2 * row.cap_height]
    letters = letters if len(letters) else members
    x = (marks.boxes[letters, 0] + marks.boxes[letters, 2]) / 2
    return replace(row, marks=members, baseline=fit_baseline(x, marks.boxes[letters, 3].astype(float), row.cap_height))


def fit_baseline(x: Floats, bottoms: Floats, cap_height: float) -> Floats:
    """Fit the line that letters stand on, past descenders and floating letters.

    The median of all pairs' slopes (Theil 1950, Sen 1968) bears a third of outliers; least squares
    on the letters that stand near that line follow, with a bend where enough of them tell one.

    Args:
        x: (n,) middles of the letters in pixels.
        bottoms: (n,) lower ends in pixels.
        cap_height: In pixels.

    Returns:
        Polynomial, highest power first, as `numpy.polyval` takes it.
    """
    slope = 0.0
    if len(x) >= 3 and np.ptp(x) > cap_height:
        first, second = np.triu_indices(len(x), 1)
        run = x[second] - x[first]
        far = np.abs(run) > 0.5 * cap_height  # neighbours' slopes are all wobble
        slope = float(np.median((bottoms[second] - bottoms[first])[far] / run[far]))
    line = np.array([slope, float(np.median(bottoms - slope * x))])
    for degree, enough in ((1, 4), (2, 12), (2, 12)):
        near = np.abs(bottoms - np.polyval(line, x)) < NEAR_LINE * cap_height
        if near.sum() >= enough and np.ptp(x[near]) > 4 * degree * cap_height:
            line = np.asarray(np.polyfit(x[near], bottoms[near], degree))
    return line
