"""Over-segmentation: cuts marks that are wider than a letter into pieces.

A mark is cut wherever there may be a connection between two letters, and also in some other places. Wrong cuts are
undone later, when the letter classifier scores the pieces and their combinations (Casey and Lecolinet 1996, "A survey
of methods and strategies in character segmentation").
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks, stroke_width
from ocrcli.layout.baselines import Row

MIN_WIDTH = 0.72
"""Capital heights; a mark narrower than this is at most one letter (an n) and is not cut."""

MIN_HEIGHT = 0.35
"""Capital heights; a mark lower than this is a dash of any length and is not cut."""

THINNER_WITHIN = 0.3
"""Capital heights; how far to each side the column of a cut is compared with others: it must have less ink."""

MIN_DEPTH = 0.4
"""Stroke widths; how much less ink it must have, at least."""

MIN_PIECE = 0.16
"""Capital heights; smallest distance between two cuts, and from a cut to the end of the mark."""

THIN = 2.4
"""Stroke widths; most ink that a cut may go through: one stroke, crossed at an angle."""

SLANTS = np.arange(-0.3, 0.75, 0.15)
"""Slants that are tried: horizontal shift of the top of a letter relative to its foot, as a share of its height."""

MAX_SAMPLE = 60
"""Largest number of marks that the slant of the writing is measured on."""


def over_segment(rows: list[Row], marks: Marks, stroke: float) -> tuple[list[Row], Marks]:
    """Cut the wide marks of every row.

    Args:
        rows: Rows of the page.
        marks: Marks of the page.
        stroke: Stroke width of the pen in pixels.

    Returns:
        The rows with pieces in place of the marks that were cut, and the marks with the pieces added at the end.
        `Marks.parents` tells which pieces come from one mark.
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
        own = stroke_width(marks.ink_of(index))  # a page may have strokes of a pencil and of a marker
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
    """Find the places to cut a mark: columns with less ink than their neighbours.

    Args:
        across: (n,) x of the pixels of the mark, with the slant removed.
        cap_height: Capital height of the row in pixels.
        stroke: Stroke width of the pen in pixels.

    Returns:
        (c,) ascending x of the cuts, about one for each third of a capital height.
    """
    low = across.min()
    profile = np.bincount((across - low).astype(np.intp)).astype(float)
    smooth = np.convolve(np.pad(profile, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    gap = max(2, round(MIN_PIECE * cap_height))
    depth = np.minimum(_highest_near(smooth, round(THINNER_WITHIN * cap_height)), 4 * stroke) - smooth
    allowed = (smooth <= THIN * stroke) & (depth >= MIN_DEPTH * stroke)
    allowed[:gap] = allowed[-gap:] = False
    # Where depths are equal, prefer the middle of a thin part: the letters begin at its ends.
    places: list[int] = []
    order = np.flatnonzero(allowed)
    for place in order[np.argsort(-(depth[order] + 0.01 * _run_centre(allowed)[order]), kind="stable")].tolist():
        if all(abs(place - other) >= gap for other in places):
            places.append(place)
    return np.sort(np.array(places, float)) + low + 0.5


def _highest_near(profile: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """For each value, the lower of two maxima: within `reach` to the left, and to the right."""
    padded = np.pad(profile, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach + 1).max(axis=1)
    return np.asarray(np.minimum(windows[: len(profile)], windows[reach : reach + len(profile)]))


def _run_centre(allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distance of each True from the nearest False."""
    index = np.arange(len(allowed))
    last = np.maximum.accumulate(np.where(allowed, -1, index))
    following = np.minimum.accumulate(np.where(allowed, len(allowed), index)[::-1])[::-1]
    return np.asarray(np.minimum(index - last, following - index), dtype=float)


def _pixels(marks: Marks, index: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    left, top = marks.boxes[index, :2].tolist()
    y, x = np.nonzero(marks.ink_of(index))
    return y + top, x + left


def _slant(samples: list[tuple[NDArray[np.intp], NDArray[np.intp]]]) -> float:
    """Estimate the slant: without it, strokes are upright, and columns are either full or empty."""

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
