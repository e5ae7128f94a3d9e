"""Squared paper seen from aside, whose lines are neither level nor parallel, and come and go with the light.

Over the whole page no direction fits such lines, but within a tile they are straight and even. Of lines as dark as
half of the writing only bits were taken for ink, crosses and dashes and what touches letters; those bits are erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrcli import threshold
from ocrcli.components import Marks, usual
from ocrcli.rules import THICKER, transposed
from ocrcli.runs import Ints, darkest, holding, runs_of

TILE = 320
"""Pixels of a tile's side; three lines of narrow ruled paper, and so short that they hardly bend."""

STEEPEST, STEP = 6.0, 0.5
"""Degrees off level up to which lines are looked for, and from one trial to the next."""

SAMPLED = 4
"""Only every so many columns are looked at."""

COVER = 0.5
"""Share of a tile's width by which two rows of pixels on a line have more ink than those off it. Letters' bars that
line up have less."""

APART = 6
"""Pixels off a line where nothing of it is left, and the next one has not begun."""

LINES = 3
"""Of a tile, at least."""

EVEN = 0.15
"""Share of their distance by which the distances of a tile's lines may differ from whole numbers of it."""

BESIDE = 1.5
"""Pixels off its course within which a line's ink lies."""

THIN, LONG, BITS = 0.33, 0.35, 5
"""Thickness of a mark against the page's usual (area by the sum of the sides), its longer side in letter heights, and
how many such marks show that lines were taken for ink. Pages without lines have 0 to 3."""

PALER = 30
"""Grey levels by which lines must be paler than writing to be told from it."""


@dataclass(frozen=True)
class Tile:
    """A part of the page with lines from left to right.

    Attributes:
        top: Its first row.
        bottom: The row after its last.
        left: Its first column.
        right: The column after its last.
        slope: Of the lines.
        places: (n,) y of each at the tile's left edge, from its top.
    """

    top: int
    bottom: int
    left: int
    right: int
    slope: float
    places: NDArray[np.float64]


def are_likely(marks: Marks, height: float) -> bool:
    """Whether bits of lines are among the marks of a page.

    Args:
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    if not len(marks):
        return False
    thickness = marks.areas / (marks.widths + marks.heights)
    long = np.maximum(marks.widths, marks.heights) > LONG * height
    return bool(((thickness < THIN * usual(thickness, marks)) & long).sum() >= BITS)


def without_squares(mask: NDArray[np.bool_], flat: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Erase the bits of lines; None where the paper is not squared.

    Args:
        mask: (h, w) bool, ink.
        flat: (h, w) uint8, the picture that it was made from, dark ink on evenly white paper.
    """
    faint = flat < threshold.faint_level(flat)
    turned = transposed(faint)
    level, upright = list(_tiles_with_lines(faint)), list(_tiles_with_lines(turned))
    if not (level and upright):
        return None
    cleared = _without_upright(transposed(mask), turned, np.ascontiguousarray(flat.T), _on_lines(faint, level))
    return _without_upright(transposed(cleared), faint, flat, _on_lines(turned, upright))


def _without_upright(
    mask: NDArray[np.bool_], faint: NDArray[np.bool_], flat: NDArray[np.uint8], on_line: Ints
) -> NDArray[np.bool_]:
    """Erase the bits of lines that run from top to bottom: a row's run of such ink is as short as the line is thick.

    Args:
        mask: (h, w) bool, ink.
        faint: (h, w) bool, whatever is darker than paper.
        flat: (h, w) uint8, the grey levels.
        on_line: (n,) flat indices of pixels on lines.
    """
    every, inked = runs_of(faint), runs_of(mask)
    lines = every.keep(holding(every, on_line))
    thickest = THICKER * float(np.median(lines.lengths)) + 1
    touched = holding(inked, on_line)
    if touched.all():
        return mask
    levels = darkest(inked, flat)
    line_level = float(np.median(darkest(lines.keep(lines.lengths <= thickest), flat)))
    ink_level = float(np.median(levels[~touched]))
    if line_level - ink_level < PALER:
        return mask
    bits = touched & (inked.lengths <= thickest) & (levels > (line_level + ink_level) / 2)
    return inked.keep(~bits).mask()


def _on_lines(faint: NDArray[np.bool_], tiles: Iterable[Tile]) -> Ints:
    """(n,) flat indices, in the transposed page, of the pixels on lines from left to right.

    Args:
        faint: (h, w) bool, whatever is darker than paper.
        tiles: Those with lines.
    """
    found = []
    for tile in tiles:
        y, x = np.nonzero(faint[tile.top : tile.bottom, tile.left : tile.right])
        near = np.abs((y - tile.slope * x)[:, None] - tile.places).min(axis=1) <= BESIDE
        found.append((x[near] + tile.left) * len(faint) + y[near] + tile.top)
    return np.concatenate(found)


def _tiles_with_lines(faint: NDArray[np.bool_]) -> Iterator[Tile]:
    """The tiles of about `TILE` pixels in which there are lines from left to right, of (h, w) bool."""
    rows, columns = (np.linspace(0, side, max(1, round(side / TILE)) + 1).astype(int).tolist() for side in faint.shape)
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            lines = _lines(faint[top:bottom, left:right])
            if lines is not None:
                yield Tile(top, bottom, left, right, *lines)


def _lines(tile: NDArray[np.bool_]) -> tuple[float, NDArray[np.float64]] | None:
    """Slope of a tile's lines and y of each at its left edge; None where there are no even lines.

    The slope is that of the sharpest projection profile (Postl 1986).
    """
    y, x = np.nonzero(tile[:, ::SAMPLED])
    if not len(y):
        return None
    slopes = np.tan(np.radians(np.arange(-STEEPEST, STEEPEST + STEP, STEP)))
    room = int(np.ceil(slopes[-1] * tile.shape[1])) + 1
    profiles = [np.bincount((y - slope * SAMPLED * x + room).astype(np.intp)) for slope in slopes.tolist()]
    best = int(np.argmax([(profile.astype(float) ** 2).sum() for profile in profiles]))
    pairs = np.convolve(profiles[best], [1, 1])  # a line lies between two rows of pixels
    around = np.lib.stride_tricks.sliding_window_view(np.pad(pairs, APART), 2 * APART + 1)
    stands_out = pairs - np.maximum(around[:, 0], around[:, -1])  # letters are not so low
    peaks = np.flatnonzero((around.argmax(axis=1) == APART) & (stands_out > COVER * tile.shape[1] / SAMPLED))
    gaps = np.diff(peaks)
    if len(peaks) < LINES or (np.abs(gaps / gaps.min() - np.round(gaps / gaps.min())) > EVEN).any():
        return None
    return float(slopes[best]), np.asarray(peaks - room, np.float64)
