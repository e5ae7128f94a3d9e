"""Rows: fit the baseline and estimate the capital height of a text line from its marks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks
from ocrcli.imaging.statistics import weighted_quantiles

Floats = NDArray[np.float64]

MAX_HEIGHT = 1 / 3
"""Largest height of a letter, as a share of the long side of the image; a taller mark is a frame or a table edge."""

WEIGHTED_MIDDLE = 0.4
"""Quantile used for the typical letter height. It is below the median, since weighting by height favours tall marks."""

NEAR_LINE = 0.25
"""Distance from the baseline, in capital heights, within which a letter stands on it."""

BODY_HEIGHT = 0.6
"""Height of a mark, in typical letter heights, from which it may start a row. A smaller one (dot, quote, dash, low
letter) is attached to a row of letters near it."""

SEVERAL_LETTERS = 1.3
"""Width of a mark, in typical letter heights, above which it contains several letters."""

BASELINE_DEPTH = 1.4
"""Distance from the mean y of the ink of a joined word down to its baseline, in standard deviations of y; without
descenders it would be 1.7."""

TICK_HEIGHT, TICK_ASPECT = 0.62, 0.6
"""Largest height, in capital heights, and largest ratio of width to height of one stroke of a quotation mark."""


@dataclass(frozen=True)
class Row:
    """A text line with its marks.

    Attributes:
        marks: (n,) int, indices into `Marks`, from left to right.
        baseline: (c,) polynomial (highest power first), y of the baseline over x, in pixels.
        cap_height: Capital height in pixels.
    """

    marks: NDArray[np.intp]
    baseline: Floats
    cap_height: float

    def box(self, marks: Marks) -> tuple[int, int, int, int]:
        """Bounding box of its ink in pixels: left, top, right, bottom, the last two exclusive."""
        return marks.box(self.marks)


def letter_height(marks: Marks, stroke: float) -> float:
    """Typical letter height of the page in pixels: about the median height of marks without dots, dashes and specks.

    Each mark is weighted by its height, since there may be more specks of paper texture than letters.

    Args:
        marks: Marks of the page.
        stroke: Stroke width in pixels.
    """
    heights = marks.heights
    tall = np.sort(heights[(heights >= 2.5 * stroke) & (heights <= MAX_HEIGHT * max(marks.labels.shape))])
    if not len(tall):
        return max(1.0, 4 * stroke)
    return float(weighted_quantiles(tall, tall, WEIGHTED_MIDDLE)[0])


def measured_rows(members: list[NDArray[np.intp]], marks: Marks, height: float) -> list[Row]:
    """Make rows from groups of marks: fit the baseline and the capital height of each.

    Args:
        members: For each row (n,) indices into `marks`, n at least 1.
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    body = (marks.heights >= BODY_HEIGHT * height) & (marks.heights <= 3.0 * height)
    page_cap = _cap_height(marks.heights[body if body.any() else slice(None)])
    bottoms = _bottoms(marks, height)
    return [_measured(row, marks, bottoms, height, page_cap) for row in members]


def ink_moments(marks: Marks, wanted: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """(n,) mean and (n,) standard deviation of y of the ink of each mark where `wanted`, (n,) bool; 0 elsewhere."""
    mean, deviation = np.zeros((2, len(marks)))
    for index in np.flatnonzero(wanted).tolist():
        ink = np.count_nonzero(marks.ink_of(index), axis=1)
        y = marks.boxes[index, 1] + np.arange(len(ink))
        total = max(ink.sum(), 1)
        mean[index] = ink @ y / total
        deviation[index] = np.sqrt(ink @ (y - mean[index]) ** 2 / total)
    return mean, deviation


def _bottoms(marks: Marks, height: float) -> Floats:
    """(n,) y where each mark stands on the baseline; for a joined word, this is not the descender of its g."""
    wide = marks.widths > SEVERAL_LETTERS * height
    mean, deviation = ink_moments(marks, wide)
    foot = np.minimum(marks.boxes[:, 3], mean + BASELINE_DEPTH * deviation)
    return np.asarray(np.where(wide, foot, marks.boxes[:, 3]), float)


def _cap_height(heights: NDArray[np.int32]) -> float:
    """Height of capitals and ascenders: the 80th percentile, without very tall marks (brackets, marks of two rows)."""
    if not len(heights):
        return 1.0
    return float(np.percentile(heights[heights <= 2.2 * np.median(heights)], 80))


def _measured(row: NDArray[np.intp], marks: Marks, bottoms: Floats, height: float, page_cap: float) -> Row:
    row = row[np.argsort(marks.boxes[row, 0], kind="stable")]
    if are_ticks(row, marks, page_cap):
        # A row of quotation marks alone: no letter shows that they hang from the capital height.
        hung = float(np.median(marks.boxes[row, 1])) + page_cap
        return Row(row, np.array([hung]), page_cap)
    letters = row[marks.heights[row] >= BODY_HEIGHT * height]
    if not len(letters):
        letters = row
    own = _cap_height(marks.heights[letters])
    # A short row may have no tall letter ("see you"): then the capital height of the page is more reliable.
    weight = min(1.0, len(letters) / 8)
    cap = weight * own + (1 - weight) * float(np.clip(own, 0.8 * page_cap, 1.25 * page_cap))
    x = (marks.boxes[letters, 0] + marks.boxes[letters, 2]) / 2
    return Row(row, fit_baseline(x, bottoms[letters], cap), cap)


def are_ticks(row: NDArray[np.intp], marks: Marks, cap_height: float) -> bool:
    """Whether all marks of a row are short upright strokes, as of `"`.

    Args:
        row: (n,) indices into `marks`.
        marks: Marks of the page.
        cap_height: Capital height of the page in pixels.
    """
    widths, heights = marks.widths[row], marks.heights[row]
    return bool(len(row) > 1 and heights.max() < TICK_HEIGHT * cap_height and np.median(widths / heights) < TICK_ASPECT)


def refitted(row: Row, marks: Marks) -> Row:
    """Fit the baseline of a row again after its marks have changed; its capital height stays."""
    members = row.marks[np.argsort(marks.boxes[row.marks, 0], kind="stable")]
    letters = members[marks.heights[members] >= BODY_HEIGHT / 2 * row.cap_height]
    letters = letters if len(letters) else members
    x = (marks.boxes[letters, 0] + marks.boxes[letters, 2]) / 2
    return replace(row, marks=members, baseline=fit_baseline(x, marks.boxes[letters, 3].astype(float), row.cap_height))


def fit_baseline(x: Floats, bottoms: Floats, cap_height: float) -> Floats:
    """Fit a baseline, robust to descenders and raised letters.

    The first fit is the median slope of all pairs of letters (Theil 1950, Sen 1968), which tolerates a third of
    outliers. Then least squares are fitted to the letters near that line, with a quadratic term if they are enough.

    Args:
        x: (n,) x of the middles of the letters, in pixels.
        bottoms: (n,) y of their lower ends, in pixels.
        cap_height: Capital height in pixels.

    Returns:
        (c,) polynomial, highest power first, as for `numpy.polyval`.
    """
    slope = 0.0
    if len(x) >= 3 and np.ptp(x) > cap_height:
        first, second = np.triu_indices(len(x), 1)
        run = x[second] - x[first]
        far = np.abs(run) > 0.5 * cap_height  # slopes between close letters are mostly noise
        slope = float(np.median((bottoms[second] - bottoms[first])[far] / run[far]))
    line = np.array([slope, float(np.median(bottoms - slope * x))])
    for degree, enough in ((1, 4), (2, 12), (2, 12)):
        near = np.abs(bottoms - np.polyval(line, x)) < NEAR_LINE * cap_height
        if near.sum() >= enough and np.ptp(x[near]) > 4 * degree * cap_height:
            line = np.asarray(np.polyfit(x[near], bottoms[near], degree))
    return line
