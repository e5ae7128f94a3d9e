"""Where the sheet of paper is on a photo that shows more than the sheet.

Wood grain, cloth and a table's edge are ink to any threshold. What lies off the sheet is left out,
unless it looks like the writing on it: then the border that was found is a shadow's, not the sheet's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.components import Marks
from ocrcli.runs import largest
from ocrcli.threshold import otsu_level

Region = NDArray[np.bool_]

SIDE = 256
"""The sheet is looked for on an image of at least this long a side."""

MIN_SHARE, MAX_SHARE = 0.12, 0.97
"""Of the photo; a smaller bright spot is a reflection, a larger one leaves nothing out."""

MIN_RATIO = 1.15
"""How much brighter the sheet is than what is around it."""

MIN_SOLIDITY = 0.9
"""Share of its own row and column hull that a sheet fills; a shadow or a vignette fills less."""

MIN_SHARPNESS = 0.45
"""Share of that brightness that is lost within a few pixels of the edge; a vignette or a soft shadow
loses a quarter there, a sheet two thirds and more."""

MARGIN = 1 / 150
"""Share of the long side by which a mark must be inside the sheet's edge."""

ROUGHER = 3.5
"""How many times rougher than the sheet its surroundings are, in the photo's own light, where they are surely no paper:
tables are 5 times as rough and more, paper in a shadow is hardly rougher than the rest."""

SPARSE = 4
"""Every so many rows and columns are looked at to tell how rough something is."""

SEVERAL = 2
"""Marks as tall as letters that must be off the sheet before they are compared: one may be a pencil."""

ALIKE = 0.75
"""Median heights of the marks on and off the sheet, smaller by larger, from which both are writing."""


def find_sheet(paper: NDArray[np.uint8]) -> Region | None:
    """Find a bright, compact, sharply bounded region.

    Args:
        paper: (h, w) uint8, the photo's background without the ink (`ocrcli.clean.background`).

    Returns:
        (h', w') bool, at a smaller scale; None where the photo shows nothing but the sheet.
    """
    small = shrunk(paper)
    if int(np.ptp(small)) == 0:
        return None
    sheet = largest(small > otsu_level(small))
    hull = hull_of(sheet)
    if not MIN_SHARE < hull.mean() < MAX_SHARE or sheet.sum() < MIN_SOLIDITY * hull.sum():
        return None
    inside, outside = float(np.median(small[sheet])), float(np.median(small[~hull]))
    if inside < MIN_RATIO * outside or _step(small, hull) < MIN_SHARPNESS * (inside - outside):
        return None
    return eroded(hull, max(1, round(max(hull.shape) * MARGIN)))


def shrunk(paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The (h, w) uint8 paper reduced to the small picture on which a sheet is looked for, uint8."""
    factor = max(1, max(paper.shape) // SIDE)
    return np.asarray(Image.fromarray(paper).reduce(factor))


def hull_of(region: Region) -> Region:
    """The (h, w) bool region without its bays: rows and columns filled from the first to the last True."""
    return _spans(region) & _spans(region.T).T


def _spans(region: Region) -> Region:
    """Fill each row from its first to its last True."""
    from_left = np.maximum.accumulate(region, axis=1)
    from_right = np.maximum.accumulate(region[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(from_left & from_right)


def _step(paper: NDArray[np.uint8], hull: Region) -> float:
    """Grey levels between a band of three pixels within the edge and one as wide beyond it."""
    within = hull & ~eroded(hull, 3)
    beyond = eroded(~hull, 1) & ~eroded(~hull, 4)
    return float(paper[within].mean() - paper[beyond].mean()) if within.any() and beyond.any() else 0.0


def eroded(region: Region, pixels: int) -> Region:
    """Binary erosion of an (h, w) bool region by ``pixels``; the picture's own edge is no edge of it."""
    off, window = ~region, 2 * pixels + 1
    for _ in range(2):  # along the rows, then, turned, along the columns
        before = np.cumsum(np.pad(off, ((0, 0), (pixels + 1, pixels))), axis=1, dtype=np.int32)
        off = (before[:, window:] > before[:, :-window]).T
    return ~off


def without_surroundings(flat: NDArray[np.uint8], paper: NDArray[np.uint8], sheet: Region | None) -> NDArray[np.uint8]:
    """Whiten what lies around the sheet if it is a rough table, whose grain would pass for paper's noise or for ink.

    Part of what was found to be around it may be paper in a shadow, which is another tone than the table beyond it: the
    lighter and the darker half are judged each by itself.

    Args:
        flat: (h, w) uint8, dark ink on evenly white paper (`ocrcli.clean.divide`).
        paper: (h, w) uint8, the photo's background without the ink (`ocrcli.clean.background`).
        sheet: What `find_sheet` found.

    Returns:
        (h, w) uint8.
    """
    if sheet is None or sheet.all():
        return flat
    region = enlarged(sheet, flat.shape)
    seen, tone = (image[::SPARSE, ::SPARSE] for image in (flat, paper))
    on = region[::SPARSE, ::SPARSE]
    level = otsu_level(tone[~on])
    usual = _grain(seen[on], tone[on])
    for lighter in (True, False):
        part = ~on & ((tone > level) == lighter)
        if _grain(seen[part], tone[part]) > ROUGHER * usual:
            flat = np.where(~region & ((paper > level) == lighter), np.uint8(255), flat)
    return flat


def _grain(flat: NDArray[np.uint8], paper: NDArray[np.uint8]) -> float:
    """How far a quarter of (n,) pixels are below the median; 0 where there are none.

    In the photo's own light, for what was dim has been made brighter, and its noise with it.
    """
    if not len(flat):
        return 0.0
    return max(float(np.subtract(*np.percentile(flat, (50, 25)))), 1.0) * float(np.median(paper))


def ink_on_sheet(mask: NDArray[np.bool_], sheet: Region | None) -> NDArray[np.bool_]:
    """The ink on the sheet, where there is one: a table's grain must not pass for the pen's stroke.

    Args:
        mask: (h, w) bool, ink.
        sheet: What `find_sheet` found.
    """
    if sheet is None:
        return mask
    return mask & enlarged(sheet, mask.shape)


def enlarged(sheet: Region, shape: tuple[int, ...]) -> Region:
    """The sheet at the size of a picture of this (h, w)."""
    image = Image.fromarray(sheet.view(np.uint8)).resize((shape[1], shape[0]), Image.Resampling.NEAREST)
    return np.asarray(image).view(bool)


def on_sheet(marks: Marks, sheet: Region | None, stroke: float) -> Marks:
    """Leave out the marks off the sheet, if there is a sheet and they are not writing like the others.

    Args:
        marks: Marks of the page.
        sheet: What `find_sheet` found.
        stroke: Width of the pen's strokes in pixels.
    """
    if sheet is None or not len(marks):
        return marks
    height, width = marks.labels.shape
    x = (marks.boxes[:, 0] + marks.boxes[:, 2]) * sheet.shape[1] // (2 * width)
    y = (marks.boxes[:, 1] + marks.boxes[:, 3]) * sheet.shape[0] // (2 * height)
    inside = sheet[np.minimum(y, sheet.shape[0] - 1), np.minimum(x, sheet.shape[1] - 1)]
    tall = marks.heights >= 2.5 * stroke
    if not (inside & tall).any():
        return marks
    if (~inside & tall).sum() >= SEVERAL:
        on, off = (float(np.median(marks.heights[where & tall])) for where in (inside, ~inside))
        if min(on, off) > ALIKE * max(on, off):
            return marks
    return marks.keep(inside)
