"""A note on a busy ground (a rug, bricks, a table with a cup on it) -> the note alone.

There is more ink around such a note than on it: it would be taken for noise, or for writing, and tells the wrong tone
of ink. But paper is smooth once its own thin strokes are filled, and its edge is sharp.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocrcli import sheet
from ocrcli.rectify import outline
from ocrcli.runs import largest
from ocrcli.sheet import Region
from ocrcli.sources import Photo

STEP = 10
"""Grey levels between neighbours of the small picture, were the paper white, from which on there is an edge."""

SHARE = (0.1, 0.85)
"""Of the photo; what is larger fills it."""

SOLID = 0.95
"""Share of its own row and column hull that a note fills."""

FILLED = (0.85, 1.15)
"""Its area against that of its four corners."""

BRIGHTER = 1.3
"""Times as bright as what is around it."""

BUSY = 0.2
"""Share of what is around it that has edges: a plain table, or the half of a page that lies in the shade, has less than
0.18, a table with a cup on it 0.24, bricks 0.42."""

RIM = 4
"""Pixels of the small picture; a note that comes as near to the photo's edge may be a part of a page."""


def note_of(paper: NDArray[np.uint8]) -> Region | None:
    """Find a smooth, bright sheet of four corners among other things.

    Args:
        paper: (h, w) uint8, the photo's background without dark ink (`ocrcli.clean.background`).

    Returns:
        (h', w') bool, at a smaller scale; None where there is none, or nothing but it.
    """
    small = sheet.shrunk(paper).astype(np.int32)
    step = np.zeros_like(small)
    step[:, 1:] = np.abs(np.diff(small, axis=1))
    step[1:] = np.maximum(step[1:], np.abs(np.diff(small, axis=0)))
    smooth = 255 * step < STEP * small
    found = ~sheet.eroded(~largest(sheet.eroded(smooth, 1)), 1)
    hull = sheet.hull_of(found)
    if not SHARE[0] < hull.mean() < SHARE[1] or found.sum() < SOLID * hull.sum():
        return None
    if not FILLED[0] < hull.sum() / outline(hull)[1] < FILLED[1]:
        return None
    rim = np.ones_like(hull)
    rim[RIM:-RIM, RIM:-RIM] = False
    if (hull & rim).any() or np.median(small[hull]) < BRIGHTER * np.median(small[~hull]):
        return None
    return hull if 1 - smooth[sheet.eroded(~hull, RIM)].mean() > BUSY else None


def cut_out(photo: Photo, note: Region) -> Photo:
    """The part of the photo that holds a note; what is beside the note there gets the note's own tone.

    Args:
        photo: The photo.
        note: As `note_of` gives it.
    """
    on = sheet.enlarged(note, photo.grey.shape)
    rows, columns = np.flatnonzero(on.any(axis=1)), np.flatnonzero(on.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    part, inside = photo.grey[top:bottom, left:right], on[top:bottom, left:right]
    grey = np.where(inside, part, np.uint8(np.median(part[inside])))
    moved = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], float)
    return replace(photo, grey=grey, course=photo.to_full @ moved)
