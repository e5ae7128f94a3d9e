"""Ink mask -> marks: connected components that may be writing.

Marks are kept as arrays, one row a mark, so that every question to all of them is one numpy
expression; a page of a thousand letters never costs a thousand Python calls here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ocrcli.runs import Runs, components_of, painted, runs_of


@dataclass(frozen=True)
class Marks:
    """Connected components of ink.

    Attributes:
        labels: (h, w) int32; 0 is paper, mark i has the value `ids[i]`.
        ids: (n,) int32.
        boxes: (n, 4) int32: left, top, right, bottom, the last two exclusive; pixels of `labels`.
        areas: (n,) int64, ink pixels.
        parents: (n,) int32, id of the component that a mark is all or, once cut, a piece of.
    """

    labels: NDArray[np.int32]
    ids: NDArray[np.int32]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int64]
    parents: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def widths(self) -> NDArray[np.int32]:
        """(n,) widths in pixels."""
        return self.boxes[:, 2] - self.boxes[:, 0]

    @property
    def heights(self) -> NDArray[np.int32]:
        """(n,) heights in pixels."""
        return self.boxes[:, 3] - self.boxes[:, 1]

    @cached_property
    def pixels(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Of every pixel of the marks' ink (p,) the mark's index, its y and its x, sorted by y."""
        index_of = np.full(int(self.labels.max(initial=0)) + 1, -1)
        index_of[self.ids] = np.arange(len(self))
        pixels = np.flatnonzero(self.labels)
        index = index_of[self.labels.ravel()[pixels]]
        pixels, index = pixels[index >= 0], index[index >= 0]
        y, x = np.divmod(pixels, self.labels.shape[1])
        return index, y, x

    def ink_of(self, index: int) -> NDArray[np.bool_]:
        """(h, w) ink of one mark in its own box."""
        left, top, right, bottom = self.boxes[index]
        return np.asarray(self.labels[top:bottom, left:right] == self.ids[index])

    def keep(self, wanted: NDArray[np.bool_]) -> Marks:
        """The marks where `wanted`, (n,) bool, is True. Labels of the others stay in the picture."""
        return Marks(self.labels, self.ids[wanted], self.boxes[wanted], self.areas[wanted], self.parents[wanted])


def find_marks(mask: NDArray[np.bool_]) -> Marks:
    """Label the connected components (8-connected) of an ink mask.

    Args:
        mask: (h, w) bool.
    """
    found = runs_of(mask)
    component = components_of(found)
    boxes, areas = measured(found, component)
    ids = np.arange(1, len(areas) + 1, dtype=np.int32)
    return Marks(painted(found, component + 1), ids, boxes, areas, ids)


def measured(runs: Runs, component: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Box (n, 4) and area (n,) of every component; boxes are left, top, right, bottom, the last two exclusive.

    Args:
        runs: The ink.
        component: (r,) the component of each run, from 0.
    """
    areas = np.bincount(component, runs.lengths).astype(np.int64)
    left, top = np.full((2, len(areas)), np.iinfo(np.int32).max)
    right, bottom = np.zeros((2, len(areas)), np.intp)
    for ufunc, side, ends in (
        (np.minimum, left, runs.starts),
        (np.minimum, top, runs.rows),
        (np.maximum, right, runs.ends),
        (np.maximum, bottom, runs.rows + 1),
    ):
        ufunc.at(side, component, ends)  # far slower where the types differ
    return np.stack([left, top, right, bottom], axis=1).astype(np.int32), areas


def stroke_width(mask: NDArray[np.bool_]) -> float:
    """Typical width of the pen's strokes in pixels.

    Most strokes of print are nearer to upright than to level, so the median length of horizontal runs
    of ink says it to within their slant, without a distance transform.

    Args:
        mask: (h, w) bool, ink.

    Returns:
        The median run of ink, 1.0 or more.
    """
    lengths = runs_of(mask).lengths
    return float(np.median(lengths)) if len(lengths) else 1.0


def usual(values: NDArray[np.float64], marks: Marks, some: NDArray[np.intp] | slice = slice(None)) -> float:
    """Half of the ink of some marks is in those with this value or a higher one.

    Args:
        values: (n,) of all marks.
        marks: One mark or more.
        some: Which of them.
    """
    values, areas = values[some], marks.areas[some]
    order = np.argsort(values)
    inked = np.cumsum(areas[order])
    return float(values[order[np.searchsorted(inked, inked[-1] / 2)]])


MAX_MARKS = 10_000
"""More than any page holds; a carpet or a hedge has more, and must not exhaust the memory."""


def writing(marks: Marks, height: float, stroke: float) -> Marks:
    """Leave out what is surely not writing.

    Args:
        marks: Marks of the page.
        height: Typical letter height in pixels.
        stroke: Width of the pen's strokes in pixels.

    Returns:
        Marks without specks, solid blocks, what is far too large for a letter, and what leans on the picture's edge.
    """
    rows, columns = marks.labels.shape
    left, top, right, bottom = marks.boxes.T
    longest = np.maximum(marks.widths, marks.heights)
    speck = (marks.areas < 0.35 * stroke**2) | (longest < 0.08 * height)
    # A joined word is long but no taller than its tallest letters.
    too_large = (marks.heights > 4.5 * height) | (marks.widths > 0.7 * columns)
    # So is an underline, but flat; the area alone would take a word of thin joined strokes for one.
    flat = marks.heights < np.maximum(0.5 * height, 0.1 * marks.widths)
    level = flat & (marks.widths > 3.5 * height) & (marks.areas < 1.6 * stroke * marks.widths)
    # A bracket is as tall, but bent.
    upright = (marks.heights > 2.3 * height) & (marks.widths < 0.15 * marks.heights)
    at_edge = (left == 0) | (top == 0) | (right == columns) | (bottom == rows)
    # A letter may be cut by the edge; a strip of table or shadow is long and lies along it.
    strip = at_edge & ((longest > 2.2 * height) | (marks.areas > 0.8 * height**2))
    kept = marks.keep(~(speck | too_large | level | upright | strip | _solid(marks, height, stroke)))
    kept = kept.keep(~_frames(kept, height))
    if len(kept) <= MAX_MARKS:
        return kept
    largest = np.zeros(len(kept), bool)
    largest[np.argsort(-kept.areas, kind="stable")[:MAX_MARKS]] = True
    return kept.keep(largest)


FILLED, THICK, STOUT, EVEN = 0.7, 1.6, 0.4, 0.75
"""Of a solid block: share of its box that is ink; its shorter side at least, in strokes and as a share of the longer;
shortest row of ink as a share of the longest."""


def _solid(marks: Marks, height: float, stroke: float) -> NDArray[np.bool_]:
    """(n,) bool: blocks without strokes and with straight sides, such as the shadow beside a pad of paper.

    A dash, a stop and an l of a thick pen are as solid, but lower or slimmer; a letter with closed loops is less even.
    """
    solid = np.zeros(len(marks), bool)
    shorter, longer = np.minimum(marks.widths, marks.heights), np.maximum(marks.widths, marks.heights)
    stout = (longer > 0.6 * height) & (shorter > np.maximum(THICK * stroke, STOUT * longer))
    for index in np.flatnonzero(stout & (marks.areas > FILLED * marks.widths * marks.heights)).tolist():
        ink = marks.ink_of(index)
        across = ink.sum(axis=1)
        low, high = np.quantile(across, (0.1, 0.9))
        gaps = np.count_nonzero(ink[:, 1:] & ~ink[:, :-1]) + np.count_nonzero(ink[:, 0]) - len(ink)
        solid[index] = low > max(EVEN * high, THICK * stroke) and gaps < 0.1 * len(ink)
    return solid


EDGE, DRAWN = 0.2, 0.75
"""Share of an outline's shorter side that its lines may stray inwards, and share of each side that they cover."""


def _frames(marks: Marks, height: float) -> NDArray[np.bool_]:
    """(n,) bool: outlines drawn around letters, boxes and balloons, whose own box holds several of them; and empty
    boxes, a form's fields, whose ink runs along all four sides of their own box."""
    frames = np.zeros(len(marks), bool)
    letters = marks.boxes[marks.heights > 0.5 * height]
    hollow = marks.areas < 0.25 * marks.widths * marks.heights
    for index in np.flatnonzero(hollow & (marks.widths > 2 * height) & (marks.heights > 1.3 * height)).tolist():
        left, top, right, bottom = marks.boxes[index]
        within = (letters[:, 0] > left) & (letters[:, 1] > top) & (letters[:, 2] < right) & (letters[:, 3] < bottom)
        frames[index] = within.sum() >= 2 or _is_box(marks.ink_of(index))
    return frames


def _is_box(ink: NDArray[np.bool_]) -> bool:
    """Whether (h, w) bool ink runs along all four sides of the picture."""
    edge = max(2, round(EDGE * min(ink.shape)))
    sides = (ink[:edge].any(axis=0), ink[-edge:].any(axis=0), ink[:, :edge].any(axis=1), ink[:, -edge:].any(axis=1))
    return all(side.mean() > DRAWN for side in sides)
