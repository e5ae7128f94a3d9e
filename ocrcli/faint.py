"""Rows in a far fainter pen than the page's: pencil beside a marker.

One level for a page lies in the middle between its paper and its darkest pen, where the strokes of a faint pen are
broken, or lost. A row that was found in spite of that tells how dark its own pen is, and gets a level of its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli import threshold
from ocrcli.baselines import Row
from ocrcli.components import Marks
from ocrcli.pale import mean_levels
from ocrcli.runs import components_of, runs_of

MIDDLE = 0.6
"""Share of a row's mean darkness at which its own level lies. The middle of a stroke is darker than its mean: this is
about half of that, and about where Otsu's level is on a page with one pen."""

LEAST = 0.35
"""Share of the page's level that a row's may come down to: fainter than that is the grain of paper."""

ABOVE, BELOW, BESIDE = 1.4, 0.5, 3.0
"""Capital heights over and under a row's baseline, and beyond its ends, in which more of its ink is looked for."""

NET, UPRIGHTS = 0.8, 3
"""A net is so high, in shares of the height around a row, and has so many strokes side by side all the way."""

MARKS = 3
"""Marks that a row must have for its ink to be trusted."""


def with_faint_rows(
    mask: NDArray[np.bool_], flat: NDArray[np.uint8], rows: list[Row], marks: Marks
) -> NDArray[np.bool_] | None:
    """The ink of a page with all that its faint rows have; None where no row is faint.

    A row is faint whose ink, what was found of it, is on the average nearer to paper than the page's level.

    Args:
        mask: (h, w) bool, ink by the page's own level.
        flat: (h, w) uint8, dark ink on evenly white paper.
        rows: Rows of the page.
        marks: Marks of the page.
    """
    if not rows:
        return None
    level, paper = threshold.levels(flat)
    darkness = paper - mean_levels(marks, flat)
    fuller = None
    for row in rows:
        mean = float(np.average(darkness[row.marks], weights=marks.areas[row.marks]))
        if len(row.marks) < MARKS or mean > paper - level:
            continue
        top, bottom, left, right = _band(row, marks, mask.shape)
        own_level = paper - round(max(MIDDLE * mean, LEAST * (paper - level)))
        own = threshold.hysteresis(flat[top:bottom, left:right], own_level, paper)
        if is_net(own):
            continue
        fuller = mask.copy() if fuller is None else fuller
        fuller[top:bottom, left:right] |= own
    return fuller


def is_net(ink: NDArray[np.bool_]) -> bool:
    """Whether ink that hangs together fills the height around a row: bits of squared paper's lines passed for writing.

    Args:
        ink: (h, w) bool.
    """
    runs = runs_of(ink)
    height = len(ink)
    strips, times = np.unique(components_of(runs) * height + runs.rows, return_counts=True)
    return bool((np.bincount(strips[times >= UPRIGHTS] // height, minlength=1) > NET * height).any())


def _band(row: Row, marks: Marks, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of the part of the page that a row may fill."""
    left = marks.boxes[row.marks, 0].min() - BESIDE * row.cap_height
    right = marks.boxes[row.marks, 2].max() + BESIDE * row.cap_height
    base = np.polyval(row.baseline, marks.boxes[row.marks, ::2])
    top, bottom = base.min() - ABOVE * row.cap_height, base.max() + BELOW * row.cap_height
    return max(0, int(top)), min(shape[0], int(bottom)), max(0, int(left)), min(shape[1], int(right))
