"""Cluster marks into rows from their boxes, without the page model.

Rows are followed from left to right: each mark joins the row whose course, extrapolated from its last few marks, is
nearest. So a row may be sloped or curved, and letters of different heights stay together. A projection profile of the
whole page would blur such rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import Marks
from ocrcli.layout.baselines import BODY_HEIGHT, SEVERAL_LETTERS, Row, ink_moments, measured_rows

Floats = NDArray[np.float64]

MAX_SLOPE_DEGREES = 12.0
"""Largest slope of rows that is searched, in degrees."""

COURSE_REACH = 0.62
"""Largest distance of the middle of a mark from the course of its row, in letter heights."""

SMALL_MARK_REACH = 0.8
"""Largest distance of a small mark from its row, in letter heights."""

SMALL_MARK_GAP = 3.0
"""Largest median gap between neighbours in a row of small marks only, in letter heights."""

SPARE = 0.4
"""Share of the difference in height of two marks by which their middles may differ without counting as a distance."""

RECENT = 5
"""Number of last marks from which the position of a row is estimated."""

LONGER = 8
"""Number of last marks from which the slope of a row is estimated."""

STEADY = 4.0
"""Spread of the last marks in x, in letter heights, at which their slope has half weight."""

STEEPEST = 0.4
"""Largest slope (dy/dx) of a row relative to the slope of the page."""


def cluster_rows(marks: Marks, height: float) -> list[Row]:
    """Cluster marks into rows, from top to bottom; marks far from every row are left out.

    Args:
        marks: Marks of the page.
        height: Typical letter height in pixels.
    """
    if not len(marks):
        return []
    body = np.flatnonzero((marks.heights >= BODY_HEIGHT * height) & (marks.heights <= 3.0 * height))
    if not len(body):
        body = np.arange(len(marks))
    slope = page_slope(marks.boxes[body], height)
    middles = _middles(marks, height, slope)
    rows = _merge(_follow(marks.boxes, middles, body, height), marks.boxes, middles, height)
    rest = np.setdiff1d(np.arange(len(marks)), body)
    rows = _attach(rows, rest, marks.boxes, height, slope)
    # Dashes or quotes may be a row without letters; a single small mark is a stain or an accent.
    longest = np.maximum(marks.heights, marks.widths)
    lost = np.setdiff1d(np.flatnonzero(longest >= BODY_HEIGHT / 2 * height), np.concatenate(rows).astype(np.intp))
    rows += [row for row in _follow(marks.boxes, middles, lost, height) if _are_near(marks.boxes[row], height)]
    rows.sort(key=lambda row: float(np.median(middles[row])))
    return measured_rows([np.array(row) for row in rows], marks, height)


def page_slope(boxes: NDArray[np.int32], height: float) -> float:
    """Estimate the slope (dy/dx) of the text lines of a page.

    It is the one of the candidate angles with the sharpest projection profile (Postl 1986), of the tops and bottoms of
    the letters, not of pixels.

    Args:
        boxes: (n, 4) int32.
        height: Typical letter height in pixels.
    """
    if len(boxes) < 4:
        return 0.0
    profiles = _profiles(np.concatenate([boxes, boxes]), np.concatenate([boxes[:, 1], boxes[:, 3]]), height)
    return float(SLOPES[np.argmax(profiles)])


SLOPES = np.array(sorted(np.tan(np.radians(np.arange(-MAX_SLOPE_DEGREES, MAX_SLOPE_DEGREES + 0.25, 0.5))), key=abs))
"""Candidate slopes (dy/dx), flattest first, so that the flattest of equally good ones is chosen."""


def _profiles(boxes: NDArray[np.int32], edges: NDArray[np.int32], height: float) -> Floats:
    """(slopes,) sharpness of the projection profile of edges, (n,), at the middles of their boxes, for each slope."""
    bins = max(1.0, height / 5)
    middle_x = (boxes[:, 0] + boxes[:, 2]) / 2

    return np.array([sharpness(edges - slope * middle_x, bins) for slope in SLOPES.tolist()])


def sharpness(across: Floats, bins: float) -> float:
    """Sharpness of a projection profile: the sum of squares over pairs of neighbouring bins (Postl 1986).

    Args:
        across: (n,) positions across the projection direction, in pixels, n at least 1.
        bins: Width of the profile's bins in pixels.
    """
    counts = np.bincount(((across - across.min()) / bins).astype(np.intp), minlength=2)
    return float(((counts[:-1] + counts[1:]) ** 2).sum())


def _are_near(boxes: NDArray[np.int32], height: float) -> bool:
    """Whether a row, sorted by left edges, has two or more marks, and most of them are close to the next one."""
    return len(boxes) > 1 and float(np.median(boxes[1:, 0] - boxes[:-1, 2])) < SMALL_MARK_GAP * height


def _middles(marks: Marks, height: float, slope: float) -> Floats:
    """(n,) y of the middles of the marks, corrected for the slope of the page.

    For a letter, it is the middle of the box. For a joined word, it is the mean of the ink: the descender of a g makes
    the box twice as high, but has little ink.
    """
    box = (marks.boxes[:, 1] + marks.boxes[:, 3]) / 2
    wide = marks.widths > SEVERAL_LETTERS * height
    middle = np.where(wide, ink_moments(marks, wide)[0], box)
    return np.asarray(middle - slope * (marks.boxes[:, 0] + marks.boxes[:, 2]) / 2)


def _apart(middles: Floats | float, heights: Floats | float, other_middles: Floats, other_heights: Floats) -> Floats:
    """Vertical distance of marks, less a tolerance for their difference in height; 0 or more.

    An l beside an o, or a p with its descender, has its middle elsewhere, but belongs to the same row.
    """
    spare = SPARE * np.abs(heights - other_heights)
    return np.asarray(np.maximum(np.abs(middles - other_middles) - spare, 0))


def _follow(boxes: NDArray[np.int32], middles: Floats, body: NDArray[np.intp], height: float) -> list[list[int]]:
    heights = (boxes[:, 3] - boxes[:, 1]).astype(float)
    across = (boxes[:, 0] + boxes[:, 2]) / 2
    order = body[np.argsort(boxes[body, 0], kind="stable")].tolist()
    rows: list[list[int]] = []
    courses = np.empty((len(order), 4))  # of each row the mean x, middle and height of its last marks, and its trend
    x_of, middle_of, height_of = across.tolist(), middles.tolist(), heights.tolist()
    for index in order:
        known = courses[: len(rows)]
        expected = known[:, 1] + known[:, 3] * (x_of[index] - known[:, 0])
        apart = _apart(middle_of[index], height_of[index], expected, known[:, 2])
        best = int(apart.argmin()) if rows else -1
        if rows and apart[best] < COURSE_REACH * height:
            rows[best].append(index)
        else:
            best = len(rows)
            rows.append([index])
        last = rows[best][-LONGER:]
        recent = last[-RECENT:]
        x, middle = (sum(value[i] for i in recent) / len(recent) for value in (x_of, middle_of))
        courses[best, :3] = x, middle, sum(height_of[i] for i in recent) / len(recent)
        courses[best, 3] = _trend([x_of[i] for i in last], [middle_of[i] for i in last], height)
    return rows


def _trend(x: list[float], y: list[float], height: float) -> float:
    """Slope of the last marks of a row, shrunk towards 0 if they are few, since letters differ in height."""
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mean_x) ** 2 for a in x)
    shared = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return min(STEEPEST, max(-STEEPEST, shared / (spread + (STEADY * height) ** 2)))


def _merge(rows: list[list[int]], boxes: NDArray[np.int32], middles: Floats, height: float) -> list[list[int]]:
    """Merge rows that overlap: two beginnings of one row, or a single capital that started its own row."""
    heights = (boxes[:, 3] - boxes[:, 1]).astype(float)
    rows = sorted(rows, key=len, reverse=True)
    merged: list[list[int]] = []
    levels: list[float] = []
    for row in rows:
        level = float(np.median(middles[row]))
        for number, target in enumerate(merged):
            if abs(level - levels[number]) > 3 * height:
                continue
            here, there = np.array(row), np.array(target)
            # Compare with the marks of the other row that are nearest in x.
            gaps = np.abs(boxes[here, 0][:, None] - boxes[there, 0][None, :])
            near = there[np.argsort(gaps, axis=1)[:, :3]]
            apart = _apart(middles[here][:, None], heights[here][:, None], middles[near], heights[near])
            if apart.mean() < COURSE_REACH * 0.7 * height:
                target.extend(row)
                levels[number] = float(np.median(middles[target]))
                break
        else:
            merged.append(list(row))
            levels.append(level)
    return merged


def _attach(
    rows: list[list[int]], rest: NDArray[np.intp], boxes: NDArray[np.int32], height: float, slope: float
) -> list[list[int]]:
    """Attach dots, dashes, commas and very tall marks to the row with the nearest letters."""
    if not len(rest) or not rows:
        return rows
    tilt = slope * (boxes[:, 0] + boxes[:, 2]) / 2
    tops, bottoms = boxes[:, 1] - tilt, boxes[:, 3] - tilt
    ordered = [np.array(row)[np.argsort(boxes[row, 0], kind="stable")] for row in rows]
    members = np.concatenate(ordered)
    number = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    # Running medians of tops and bottoms give the band of a row, so that one short letter does not matter.
    top = np.concatenate([_running_median(tops[row]) for row in ordered])
    bottom = np.concatenate([_running_median(bottoms[row]) for row in ordered])
    middles = ((tops + bottoms) / 2)[rest][:, None]
    apart_y = np.maximum(np.maximum(top[None] - middles, middles - bottom[None]), 0)
    lefts, rights = boxes[rest, 0][:, None], boxes[rest, 2][:, None]
    apart_x = np.maximum(boxes[members, 0][None] - rights, lefts - boxes[members, 2][None])
    distance = apart_y + 0.1 * np.maximum(apart_x - height, 0) + 0.001 * np.maximum(apart_x, 0)
    nearest = distance.argmin(axis=1)
    grown = [list(row) for row in rows]
    for index, best, far in zip(rest, nearest, distance.min(axis=1), strict=True):
        if far < SMALL_MARK_REACH * height:
            grown[number[best]].append(int(index))
    return grown


def _running_median(values: Floats) -> Floats:
    """Running median over each value and its two neighbours on each side."""
    padded = np.pad(values, 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1))
