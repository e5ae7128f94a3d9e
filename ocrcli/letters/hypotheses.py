"""Proposes hypotheses: sequences of neighbouring marks of a row that may be one glyph.

A letter may have several marks: the bar of an E may be separate, an i has a dot, an = is two dashes. So every sequence
of neighbours that may belong together is a hypothesis. The letter classifier scores them, and `ocrcli.letters.decode`
chooses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks
from ocrcli.imaging.runs import dilated
from ocrcli.layout.baselines import Row
from ocrcli.letters import letter_crop

MOST_MARKS = 5
"""Largest number of marks in a hypothesis: an E may have four separate strokes, and a W may be cut into five pieces.
So a row of n marks has at most 5 n hypotheses; after the check of geometry there are 1.5 per letter in print, and some
4 in joined writing."""

CUT_BOND = 0.5
"""Log-odds that two neighbouring pieces of one mark belong to one glyph: most cuts go through a letter."""

QUOTE_BOND = 0.0
"""Log-odds, at least, that two high strokes side by side are one double quote: 0, so that other scores decide."""

MAX_JOIN_WIDTH = 1.6
"""Capital heights; largest width of a hypothesis of several marks (an M or a W may have 1.5)."""


@dataclass(frozen=True)
class Hypothesis:
    """A sequence of neighbouring marks of a row that may be one glyph.

    Attributes:
        first: Position in the row of the first mark.
        last: Position of the last mark; equal to `first` for a single mark.
        box: left, top, right, bottom in pixels of the working image, the last two exclusive.
    """

    first: int
    last: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class RowHypotheses:
    """All hypotheses of a row.

    Attributes:
        ids: (n,) mark ids in reading order.
        parents: (n,) the connected component that each mark is, or is a piece of.
        hypotheses: All single marks, and the sequences of marks that may be one glyph.
        bonds: (n - 1,) log-odds that a mark and the next one belong to one glyph, by geometry alone.
        places: (m, 4) left, top, right, bottom of each hypothesis in capital heights; x from the
            row's first mark, y upward from the baseline.
    """

    ids: NDArray[np.int32]
    parents: NDArray[np.int32]
    hypotheses: tuple[Hypothesis, ...]
    bonds: NDArray[np.float64]
    places: NDArray[np.float64]

    @property
    def sizes(self) -> NDArray[np.float32]:
        """(m, 2) float32 width and height of each hypothesis in capital heights."""
        p = self.places
        return np.stack([p[:, 2] - p[:, 0], p[:, 1] - p[:, 3]], axis=1).astype(np.float32)


def propose_hypotheses(row: Row, marks: Marks) -> RowHypotheses:
    """List all hypotheses of a row.

    Args:
        row: The row.
        marks: Marks of the page.
    """
    middles = (marks.boxes[row.marks, 0] + marks.boxes[row.marks, 2]) / 2
    members = row.marks[np.argsort(middles, kind="stable")]
    boxes = marks.boxes[members]
    parents = marks.parents[members]
    bonds = np.where(parents[1:] == parents[:-1], CUT_BOND, _bonds(boxes, row.cap_height))
    bonds = np.where(_quotes(boxes, row), np.maximum(bonds, QUOTE_BOND), bonds)
    found = []
    for first in range(len(members)):
        for last in range(first, min(first + MOST_MARKS, len(members))):
            if last > first and bonds[last - 1] < MIN_BOND:
                break
            box = marks.box(members[first : last + 1])
            if last > first and box[2] - box[0] > MAX_JOIN_WIDTH * row.cap_height:
                break
            found.append(Hypothesis(first, last, box))
    return RowHypotheses(marks.ids[members], parents, tuple(found), bonds, _places(found, row))


MIN_BOND = -6.5
"""Log-odds; neighbours with a lower bond are never in one hypothesis."""


def _bonds(boxes: NDArray[np.int32], cap_height: float) -> NDArray[np.float64]:
    """(n - 1,) log-odds that a mark and the next one belong to one glyph.

    Overlap in x increases them (a dot over its stem). A gap, a large distance in y, or two marks that are both as tall
    as letters decrease them. The weights were chosen on the development pages.
    """
    left, right = boxes[:-1].astype(float), boxes[1:].astype(float)
    overlap = np.minimum(left[:, 2], right[:, 2]) - np.maximum(left[:, 0], right[:, 0])
    widths = np.minimum(left[:, 2] - left[:, 0], right[:, 2] - right[:, 0])
    share = np.clip(overlap, 0, None) / np.maximum(widths, 1)
    gap = np.clip(-overlap, 0, None) / cap_height
    both_tall = np.minimum(left[:, 3] - left[:, 1], right[:, 3] - right[:, 1]) > 0.6 * cap_height
    apart_y = np.maximum(left[:, 1], right[:, 1]) - np.minimum(left[:, 3], right[:, 3])
    return -3.5 + 7.0 * share - 16.0 * gap - 1.5 * both_tall - 4.0 * np.clip(apart_y / cap_height - 0.5, 0, None)


def _quotes(boxes: NDArray[np.int32], row: Row) -> NDArray[np.bool_]:
    """(n - 1,) whether a mark and the next one are short strokes side by side, high above the baseline."""
    base = np.polyval(row.baseline, (boxes[:, 0] + boxes[:, 2]) / 2)
    height, width = boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]
    high = (base - boxes[:, 3] > 0.4 * row.cap_height) & (height < 0.6 * row.cap_height) & (width <= height)
    gap = boxes[1:, 0] - boxes[:-1, 2]
    alike = np.abs(boxes[1:, 3] - boxes[:-1, 3]) < 0.25 * row.cap_height
    return high[1:] & high[:-1] & alike & (gap < 0.4 * row.cap_height)


def _places(found: list[Hypothesis], row: Row) -> NDArray[np.float64]:
    boxes = np.array([h.box for h in found], float).reshape(-1, 4)
    base = np.polyval(row.baseline, (boxes[:, 0] + boxes[:, 2]) / 2)
    places = np.empty_like(boxes)
    origin = boxes[:, 0].min() if len(boxes) else 0.0
    places[:, 0] = boxes[:, 0] - origin
    places[:, 1] = base - boxes[:, 1]
    places[:, 2] = boxes[:, 2] - origin
    places[:, 3] = base - boxes[:, 3]
    return places / row.cap_height


def crops(proposals: RowHypotheses, marks: Marks, ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Make the crop of each hypothesis, without the ink of its neighbours.

    Args:
        proposals: Hypotheses of a row.
        marks: Marks of the page.
        ink: (h, w) uint8, 0 paper to 255 ink.

    Returns:
        (m, 32, 32) uint8.
    """
    out = np.zeros((len(proposals.hypotheses), letter_crop.SIZE, letter_crop.SIZE), np.uint8)
    for number, hypothesis in enumerate(proposals.hypotheses):
        left, top, right, bottom = hypothesis.box
        # One pixel more on each side: the anti-aliased edge of the strokes.
        area = np.s_[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
        labels = marks.labels[area]
        own = labels == proposals.ids[hypothesis.first]
        for position in range(hypothesis.first + 1, hypothesis.last + 1):
            own |= labels == proposals.ids[position]
        out[number] = letter_crop.fitted(ink[area], dilated(own))
    return letter_crop.brightened(out)
