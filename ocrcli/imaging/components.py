"""Ink mask -> marks: connected components that may be writing.

Marks are kept as arrays, one row a mark, so that every question to all of them is one numpy
expression; a page of a thousand letters never costs a thousand Python calls here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.runs import Runs, components_of, paint_runs, runs_of


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
    return Marks(paint_runs(found, component + 1), ids, boxes, areas, ids)


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


MOST_COMPONENTS = 10_000
"""More than any page holds; a carpet or a hedge has more, and must not exhaust the memory."""

SPECK_SHARE = 0.35
"""Of a pen's dot: a smaller mark is a speck."""


def without_specks(marks: Marks, stroke: float) -> Marks:
    """Leave out what is smaller than the pen could make it, and of more marks than any page holds the smallest.

    Args:
        marks: Marks of the page.
        stroke: Width of the pen's strokes in pixels.
    """
    kept = marks.keep(marks.areas >= SPECK_SHARE * stroke**2)
    if len(kept) <= MOST_COMPONENTS:
        return kept
    largest = np.zeros(len(kept), bool)
    largest[np.argsort(-kept.areas, kind="stable")[:MOST_COMPONENTS]] = True
    return kept.keep(largest)


MOST_OF_A_LINE = 300
"""Marks of a text line at most: four times those of the fullest line among 120 photos of pages."""

FEW_MARKS = 4
"""Marks of a line up to which they may be dots, dashes or quotes alone, if other lines are written."""

DUST_HEIGHT = 0.35
"""X-heights that one mark in five of a line exceeds, unless it is dust: so do all lines of more than 100 photos;
most lines of specks reach 0.34 or less."""


def not_dust(lines: list[NDArray[np.intp]], marks: Marks, x_height: float) -> list[bool]:
    """Which text lines are more than specks: so many that no line holds them, or all far smaller than its letters.

    Args:
        lines: For each (n,) indices into `marks`, maybe none.
        marks: Marks of the page.
        x_height: Of its letters in pixels, as the page model sees it.
    """
    low = [not len(line) or float(np.percentile(marks.heights[line], 80)) < DUST_HEIGHT * x_height for line in lines]
    if all(low):
        return [False] * len(lines)
    return [
        0 < len(line) <= MOST_OF_A_LINE and (not is_low or len(line) <= FEW_MARKS)
        for line, is_low in zip(lines, low, strict=True)
    ]


def letter_sized(marks: Marks, height: float) -> Marks:
    """Leave out what no letter is as small or as large as: the baseline without a page model has nothing else to go by.

    Args:
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    longest = np.maximum(marks.widths, marks.heights)
    # A joined word is long but no taller than its tallest letters.
    return marks.keep((longest >= 0.08 * height) & (marks.heights <= 4.5 * height))
