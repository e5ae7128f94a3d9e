"""Connected components of an ink mask. A *mark* is a component that may be writing.

All marks are stored together in arrays, one entry for each mark, so that one numpy expression computes a property of
all of them, without a Python loop over a thousand letters.
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
        parents: (n,) int32, id of the component that a mark was cut from; its own id if it was not cut.
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
        """All ink pixels of the marks, sorted by y: (p,) index of the mark, (p,) y and (p,) x."""
        index_of = np.full(int(self.labels.max(initial=0)) + 1, -1)
        index_of[self.ids] = np.arange(len(self))
        pixels = np.flatnonzero(self.labels)
        index = index_of[self.labels.ravel()[pixels]]
        pixels, index = pixels[index >= 0], index[index >= 0]
        y, x = np.divmod(pixels, self.labels.shape[1])
        return index, y, x

    def box(self, members: NDArray[np.intp]) -> tuple[int, int, int, int]:
        """Bounding box of some marks in pixels: left, top, right, bottom, the last two exclusive.

        Args:
            members: (n,) indices, n at least 1.
        """
        boxes = self.boxes[members]
        (left, top), (right, bottom) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
        return left, top, right, bottom

    def ink_of(self, index: int) -> NDArray[np.bool_]:
        """(h, w) bool, the ink of one mark, cropped to its box."""
        left, top, right, bottom = self.boxes[index]
        return np.asarray(self.labels[top:bottom, left:right] == self.ids[index])

    def keep(self, wanted: NDArray[np.bool_]) -> Marks:
        """Select the marks where `wanted`, (n,) bool, is True. `labels` still contains the other marks."""
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
    """Measure the box (n, 4) and the area (n,) in pixels of each connected component.

    Boxes are left, top, right, bottom, the last two exclusive.

    Args:
        runs: Runs of the ink.
        component: (r,) number of the component of each run, from 0.
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
    """Estimate the stroke width of the pen in pixels: the median length of the horizontal runs of ink.

    Most strokes of block letters are closer to vertical than to horizontal, so this is right except for the slant, and
    needs no distance transform.

    Args:
        mask: (h, w) bool, ink.

    Returns:
        1.0 or more.
    """
    lengths = runs_of(mask).lengths
    return float(np.median(lengths)) if len(lengths) else 1.0


MOST_COMPONENTS = 10_000
"""Largest number of components that are kept. No page has more; a photo of a carpet or a hedge has, and must not fill
the memory."""

SPECK_SHARE = 0.35
"""Share of the area of a dot of the pen (stroke width squared). A smaller mark is a speck."""


def without_specks(marks: Marks, stroke: float) -> Marks:
    """Remove specks, which are smaller than a dot of the pen; at most the `MOST_COMPONENTS` largest marks are kept.

    Args:
        marks: Marks of the page.
        stroke: Stroke width in pixels.
    """
    kept = marks.keep(marks.areas >= SPECK_SHARE * stroke**2)
    if len(kept) <= MOST_COMPONENTS:
        return kept
    largest = np.zeros(len(kept), bool)
    largest[np.argsort(-kept.areas, kind="stable")[:MOST_COMPONENTS]] = True
    return kept.keep(largest)


MOST_OF_A_LINE = 300
"""Largest number of marks in a text line: four times that of the line with most marks among 120 photos of pages."""

FEW_MARKS = 4
"""A line of up to so many marks may have only dots, dashes or quotes, if other lines of the page have letters."""

DUST_HEIGHT = 0.35
"""Least 80th percentile of the mark heights of a text line, in x-heights; below it, the line is dust. All lines of more
than 100 photos are above it; most lines of specks have 0.34 or less."""


def not_dust(lines: list[NDArray[np.intp]], marks: Marks, x_height: float) -> list[bool]:
    """Tell text lines from lines of dust, which have too many marks, or only marks far smaller than letters.

    Args:
        lines: For each line (n,) indices into `marks`; n may be 0.
        marks: Marks of the page.
        x_height: X-height of the page in pixels, according to the page model.

    Returns:
        For each line, whether it is a text line.
    """
    low = [not len(line) or float(np.percentile(marks.heights[line], 80)) < DUST_HEIGHT * x_height for line in lines]
    if all(low):
        return [False] * len(lines)
    return [
        0 < len(line) <= MOST_OF_A_LINE and (not is_low or len(line) <= FEW_MARKS)
        for line, is_low in zip(lines, low, strict=True)
    ]


def letter_sized(marks: Marks, height: float) -> Marks:
    """Keep the marks that are about as large as letters. Used where there is no page model to tell what is writing.

    Args:
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    longest = np.maximum(marks.widths, marks.heights)
    # A joined word is long, but not taller than its tallest letters.
    return marks.keep((longest >= 0.08 * height) & (marks.heights <= 4.5 * height))
