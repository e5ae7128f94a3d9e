"""Marks wider than a letter -> pieces, where touching letters may be parted.

Every place where a stroke between two letters may be is cut, and some where none is: which pieces are
put together again is decided later, by reading them. This is the over-segmentation of Casey and
Lecolinet (1996), "A survey of methods and strategies in character segmentation".
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks, stroke_width
from ocrcli.layout.baselines import Row

MIN_WIDTH = 0.72
"""Capital heights; what is narrower is one letter (an n) at most."""

MIN_HEIGHT = 0.35
"""Capital heights; what is lower is a dash, however long."""

THINNER_WITHIN = 0.3
"""Capital heights to either side within which a cut's column is thinner than others."""

MIN_DEPTH = 0.4
"""Stroke widths by which it is thinner, at least."""

MIN_PIECE = 0.16
"""Capital heights between two cuts, and from a cut to the end of the mark."""

THIN = 2.4
"""Stroke widths of ink that a cut may go through: one stroke, met at a slant."""

SLANTS = np.arange(-0.3, 0.75, 0.15)
"""Horizontal shift of a letter's top against its foot, as a share of its height, that are tried."""

MAX_SAMPLE = 60
"""Marks that the writing's slant is measured on."""


def over_segment(rows: list[Row], marks: Marks, stroke: float) -> tuple[list[Row], Marks]:
    """Cut the wide marks of every row.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        stroke: Width of the pen's strokes in pixels.

    Returns:
        The rows, now of pieces and of marks that were left whole, and the marks with the pieces at
        the end; `Marks.parents` tells which pieces were one mark.
    """
    wide = [
        (index, row.cap_height)
        for row in rows
        for index in row.marks.tolist()
        if marks.widths[index] > MIN_WIDTH * row.cap_height and marks.heights[index] > MIN_HEIGHT * row.cap_height
    ]
    if not wide:
        return rows, marks
    pixels = {index: _pixels(marks, index) for index, _ in wide}
    slant = _slant([pixels[index] for index, _ in wide[:: max(1, len(wide) // MAX_SAMPLE)]])
    labels = marks.labels.copy()
    next_id = int(marks.labels.max()) + 1
    ids: list[int] = []
    boxes: list[tuple[int, int, int, int]] = []
    areas: list[int] = []
    parents: list[int] = []
    pieces_of: dict[int, list[int]] = {}
    for index, cap_height in wide:
        y, x = pixels[index]
        across = x + slant * (y - y.mean())
        own = stroke_width(marks.ink_of(index))  # a page may hold a pencil and a marker
        cuts = cut_places(across, cap_height, max(stroke, own))
        if not len(cuts):
            continue
        piece = np.searchsorted(cuts, across)
        pieces_of[index] = []
        for number in range(len(cuts) + 1):
            inside = piece == number
            if not inside.any():
                continue
            ys, xs = y[inside], x[inside]
            labels[ys, xs] = next_id
            pieces_of[index].append(len(marks) + len(ids))
            ids.append(next_id)
            boxes.append((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
            areas.append(len(ys))
            parents.append(marks.parents[index])
            next_id += 1
    if not ids:
        return rows, marks
    grown = Marks(
        labels,
        np.concatenate([marks.ids, np.array(ids, np.int32)]),
        np.concatenate([marks.boxes, np.array(boxes, np.int32)]),
        np.concatenate([marks.areas, np.array(areas, np.int64)]),
        np.concatenate([marks.parents, np.array(parents, np.int32)]),
    )
    return [_with_pieces(row, pieces_of) for row in rows], grown


def cut_places(across: NDArray[np.float64], cap_height: float, stroke: float) -> NDArray[np.float64]:
    """Where to cut a mark: the thinnest columns between its letters.

    Args:
        across: (n,) x of the mark's pixels with the writing's slant taken out.
        cap_height: Capital height of the row in pixels.
        stroke: Width of the pen's strokes in pixels.

    Returns:
        (c,) ascending x of the cuts; few: a mark has about one for every third of a capital height.
    """
    low = across.min()
    profile = np.bincount((across - low).astype(np.intp)).astype(float)
    smooth = np.convolve(np.pad(profile, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    gap = max(2, round(MIN_PIECE * cap_height))
    depth = np.minimum(_highest_near(smooth, round(THINNER_WITHIN * cap_height)), 4 * stroke) - smooth
    allowed = (smooth <= THIN * stroke) & (depth >= MIN_DEPTH * stroke)
    allowed[:gap] = allowed[-gap:] = False
    # From the middle of a thin stretch, all else being equal: its ends are where the letters begin.
    places: list[int] = []
    order = np.flatnonzero(allowed)
    for place in order[np.argsort(-(depth[order] + 0.01 * _run_centre(allowed)[order]), kind="stable")].tolist():
        if all(abs(place - other) >= gap for other in places):
            places.append(place)
    return np.sort(np.array(places, float)) + low + 0.5


def _highest_near(profile: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """The lower of the two highest values within `reach` to the left and to the right."""
    padded = np.pad(profile, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach + 1).max(axis=1)
    return np.asarray(np.minimum(windows[: len(profile)], windows[reach : reach + len(profile)]))


def _run_centre(allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How far each True is from the nearest False."""
    index = np.arange(len(allowed))
    last = np.maximum.accumulate(np.where(allowed, -1, index))
    following = np.minimum.accumulate(np.where(allowed, len(allowed), index)[::-1])[::-1]
    return np.asarray(np.minimum(index - last, following - index), dtype=float)


def _pixels(marks: Marks, index: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    left, top = marks.boxes[index, :2].tolist()
    y, x = np.nonzero(marks.ink_of(index))
    return y + top, x + left


def _slant(samples: list[tuple[NDArray[np.intp], NDArray[np.intp]]]) -> float:
    """The shear under which upright strokes stand upright: columns then are full or empty."""

    def upright(slant: float) -> float:
        total = 0.0
        for y, x in samples:
            across = x + slant * (y - y.mean())
            counts = np.bincount((across - across.min()).astype(np.intp))
            total += float((counts.astype(float) ** 2).sum()) / len(y)
        return total

    return float(max(SLANTS[np.argsort(np.abs(SLANTS), kind="stable")], key=upright))


def _with_pieces(row: Row, pieces_of: dict[int, list[int]]) -> Row:
    members = [piece for index in row.marks.tolist() for piece in pieces_of.get(index, [index])]
    return replace(row, marks=np.array(members, np.intp))
