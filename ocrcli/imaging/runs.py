"""Horizontal runs of ink, and which of them hang together.

A page has twenty times fewer runs than pixels of ink, and a hundred times fewer than pixels: what can be asked of runs
is asked of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Runs:
    """Horizontal runs of True in a mask, from top to bottom and from left to right.

    Attributes:
        shape: Height and width of the mask.
        rows: (n,) row of each run.
        starts: (n,) its first column.
        ends: (n,) the column after its last.
    """

    shape: tuple[int, int]
    rows: Ints
    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def lengths(self) -> Ints:
        """(n,) pixels of each run."""
        return self.ends - self.starts

    def keep(self, wanted: NDArray[np.bool_]) -> Runs:
        """The runs where ``wanted``, (n,) bool, is True."""
        return Runs(self.shape, self.rows[wanted], self.starts[wanted], self.ends[wanted])

    def pixels(self) -> Ints:
        """(p,) flat indices of all their pixels, run after run."""
        lengths = self.lengths
        before = np.cumsum(lengths) - lengths
        return np.arange(lengths.sum()) + np.repeat(self.rows * self.shape[1] + self.starts - before, lengths)

    def mask(self) -> NDArray[np.bool_]:
        """(h, w) bool, the inverse of `runs_of`."""
        mask = np.zeros(self.shape, bool)
        mask.ravel()[self.pixels()] = True
        return mask


def runs_of(mask: NDArray[np.bool_]) -> Runs:
    """The horizontal runs of True in (h, w) bool."""
    height, width = mask.shape
    padded = np.zeros(height * (width + 1) + 1, bool)
    padded[1:].reshape(height, width + 1)[:, :-1] = mask
    # One False after each row and one before all: every run has a step up and a step down.
    steps = np.flatnonzero(padded[1:] != padded[:-1])
    rows, starts = np.divmod(steps[::2], width + 1)
    return Runs((height, width), rows, starts, steps[1::2] - rows * (width + 1))


def components_of(runs: Runs) -> Ints:
    """(n,) number of the 8-connected component that each run belongs to, from 0, by the place of its first run."""
    return connected(*neighbours(runs), len(runs))


def connected(upper: Ints, lower: Ints, count: int) -> Ints:
    """(count,) number of the component that each of so many things belongs to, from 0, by the place of its first.

    Equivalences of runs are resolved as by He, Chao and Suzuki (2008, "A run-based two-scan labeling algorithm"), for
    all runs at once: roots hook on to smaller roots, and paths are halved (Shiloach and Vishkin 1982).

    Args:
        upper: (p,) one of each pair that hangs together.
        lower: (p,) the other.
        count: How many there are.
    """
    parents = np.arange(count)
    while len(upper):
        high, low = np.maximum(upper, lower), np.minimum(upper, lower)
        np.minimum.at(parents, high, low)
        parents = _flattened(parents)
        upper, lower = parents[upper], parents[lower]
        apart = upper != lower
        upper, lower = upper[apart], lower[apart]
    is_root = parents == np.arange(count)
    return np.asarray((np.cumsum(is_root) - 1)[parents])


def neighbours(runs: Runs) -> tuple[Ints, Ints]:
    """(p,) and (p,) indices of all pairs of runs that touch, at corners too, one in the row above the other's."""
    span = runs.shape[1] + 2  # a run's key never reaches those of the next row
    keys = runs.rows * span
    above = keys - span
    first = np.searchsorted(keys + runs.ends, above + runs.starts, side="left")
    after = np.searchsorted(keys + runs.starts, above + runs.ends, side="right")
    counts = np.maximum(after - first, 0)
    lower = np.repeat(np.arange(len(runs)), counts)
    upper = np.arange(len(lower)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    return upper, lower


def _flattened(parents: Ints) -> Ints:
    """Every run's root."""
    while True:
        grandparents = parents[parents]
        if np.array_equal(grandparents, parents):
            return parents
        parents = grandparents


def runs_holding(runs: Runs, pixels: Ints) -> NDArray[np.bool_]:
    """(n,) whether each run holds one of the pixels, (p,) flat indices, of which some may be in no run."""
    firsts = runs.rows * runs.shape[1] + runs.starts
    run = np.searchsorted(firsts, pixels, side="right") - 1
    pixels, run = pixels[run >= 0], run[run >= 0]
    held = np.zeros(len(runs), bool)
    held[run[pixels - firsts[run] < runs.lengths[run]]] = True
    return held


def paint_runs(runs: Runs, values: Ints) -> NDArray[np.int32]:
    """(h, w) int32 picture of runs, each in its own of (n,) values; 0 elsewhere."""
    picture = np.zeros(runs.shape, np.int32)
    picture.ravel()[runs.pixels()] = np.repeat(values, runs.lengths)
    return picture


def darkest_of_runs(runs: Runs, grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n,) the lowest level of each run in a picture, (h, w) uint8."""
    if not len(runs):
        return np.empty(0, np.uint8)
    lengths = runs.lengths
    return np.minimum.reduceat(grey.ravel()[runs.pixels()], np.cumsum(lengths) - lengths)


def dilated(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A 3x3 dilation; plain shifts are several times faster than scipy on arrays this small."""
    wide = mask.copy()
    wide[:, 1:] |= mask[:, :-1]
    wide[:, :-1] |= mask[:, 1:]
    tall = wide.copy()
    tall[1:] |= wide[:-1]
    tall[:-1] |= wide[1:]
    return tall
