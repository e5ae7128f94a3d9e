"""Curves as a hand draws them, and the pen that inks them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from models.recipe.synthesis.fields import Array, Float, chance, pick, smooth

Point = tuple[float, float]
"""x and y, in pixels."""

Curve = Float
"""(n, 2) float32 points x, y in pixels, in the order in which they are drawn."""

THICKEST = 255
"""Pixels of a stroke that OpenCV draws at most."""

FINE = 6.0
"""Pens thinner than this, in pixels, are drawn at twice the resolution: cv2's lines are whole pixels wide."""


def wobble(rng: np.random.Generator, curve: Curve, amount: float) -> Curve:
    """Move the points as an unsteady hand would: slow drift and little tremor, ``amount`` pixels large."""
    count = len(curve)
    drift = smooth(rng, count, 2, max(3.0, count / 3))
    tremor = smooth(rng, count, 2, max(2.0, count / 12)) * np.float32(0.3)
    return np.asarray(curve + (drift + tremor) * np.float32(amount), np.float32)


def segment(rng: np.random.Generator, start: Point, end: Point, loose: float = 1.0) -> Curve:
    """A stroke from one point to another that bows and wavers a little, ``loose`` times what is usual."""
    first, last = np.array(start, np.float32), np.array(end, np.float32)
    reach = last - first
    length = float(np.hypot(*reach))
    t = np.linspace(0, 1, int(np.clip(length / 8, 4, 60)), dtype=np.float32)[:, None]
    across = np.array([-reach[1], reach[0]], np.float32)
    bow = np.float32(rng.normal(0, 0.012 * loose))
    line = first + t * reach + np.sin(t * np.pi) * across * bow
    return wobble(rng, line, loose * min(0.006 * length + 0.3, 3.0))


def path(rng: np.random.Generator, corners: Sequence[Point] | Array, loose: float = 1.0) -> Curve:
    """One stroke through several corners, each of which is a little missed."""
    points = [np.asarray(corner, np.float32) for corner in corners]
    parts = [segment(rng, tuple(a), tuple(b), loose) for a, b in pairwise(points)]
    return np.concatenate(parts)


def ellipse(rng: np.random.Generator, middle: Point, axes: Point, turns: float = 1.0, loose: float = 1.0) -> Curve:
    """An ellipse that does not quite close, or overlaps; ``axes`` are half widths in pixels."""
    begin = rng.uniform(0, 2 * np.pi)
    total = 2 * np.pi * (turns + rng.normal(0, 0.04 * loose))
    t = np.linspace(0, total, int(np.clip(turns * max(axes) / 2, 16, 240)), dtype=np.float32)
    grow = 1 + np.linspace(0, rng.normal(0, 0.05 * loose), len(t), dtype=np.float32)
    lean = rng.normal(0, 0.06 * loose)
    x, y = np.cos(t + begin) * axes[0] * grow, np.sin(t + begin) * axes[1] * grow
    curve = np.stack([x + y * lean, y], 1) + np.array(middle, np.float32)
    return wobble(rng, curve, 0.03 * loose * min(axes))


def box(rng: np.random.Generator, area: Array, round_by: float = 0.0, loose: float = 1.0) -> list[Curve]:
    """A rectangle (left, top, right, bottom): four strokes or one, corners rounded by ``round_by`` pixels."""
    left, top, right, bottom = (float(edge) for edge in area)
    miss = min(right - left, bottom - top) * 0.04 * loose
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) + rng.normal(0, miss, (4, 2))
    if round_by > 1:
        reach = min(round_by, (right - left) / 2, (bottom - top) / 2)
        t = np.linspace(0, np.pi / 2, 7)
        middles = ((left, top, np.pi), (right, top, -np.pi / 2), (right, bottom, 0), (left, bottom, np.pi / 2))
        arcs = []
        for x, y, angle in middles:
            at = (x + np.sign((left + right) / 2 - x) * reach, y + np.sign((top + bottom) / 2 - y) * reach)
            arcs.append(np.stack([np.cos(t + angle), np.sin(t + angle)], 1) * reach + at)
        curve = np.concatenate([*arcs, arcs[0][:2]])
        return [wobble(rng, curve.astype(np.float32), miss)]
    if rng.random() < 0.4:
        return [path(rng, [*corners, corners[0] + rng.normal(0, miss, 2)], loose)]
    over = rng.uniform(-0.5, 1.5) * miss
    sides = []
    for k in range(4):
        start, end = corners[k], corners[(k + 1) % 4]
        way = (end - start) / max(float(np.hypot(*(end - start))), 1e-6)
        a, b = start - way * over, end + way * over
        sides.append(segment(rng, (a[0], a[1]), (b[0], b[1]), loose))
    return sides


def _head(rng: np.random.Generator, tail: Point, tip: Point, size: float) -> list[Curve]:
    """An arrow's head at ``tip``, open or closed, ``size`` pixels long."""
    back = np.arctan2(tail[1] - tip[1], tail[0] - tip[0])
    sides = [back + rng.uniform(0.3, 0.7), back - rng.uniform(0.3, 0.7)]
    ends = [(tip[0] + np.cos(a) * size * rng.uniform(0.8, 1.2), tip[1] + np.sin(a) * size) for a in sides]
    if chance(rng, 0.25):
        return [path(rng, [ends[0], tip, ends[1], ends[0]])]
    return [path(rng, [ends[0], tip, ends[1]])] if chance(rng, 0.5) else [segment(rng, tip, end) for end in ends]


def arrow_strokes(rng: np.random.Generator, start: Point, end: Point, pen: float) -> list[Curve]:
    """Strokes of an arrow: straight, bowed or with a corner; sometimes two heads, or two shafts."""
    reach = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    size = float(np.clip(reach * rng.uniform(0.08, 0.25), 2.5 * pen, 14 * pen))
    kind = pick(rng, {"straight": 0.5, "bowed": 0.3, "corner": 0.2})
    if kind == "straight":
        shaft = segment(rng, start, end, 1.5)
    elif kind == "corner":
        shaft = path(rng, [start, (end[0], start[1]) if chance(rng, 0.5) else (start[0], end[1]), end])
    else:
        t = np.linspace(0, 1, 30, dtype=np.float32)[:, None]
        first, last = np.array(start, np.float32), np.array(end, np.float32)
        side = np.array([-(last - first)[1], (last - first)[0]]) * rng.uniform(0.1, 0.5) * rng.choice([-1, 1])
        shaft = wobble(rng, (first + t * (last - first) + np.sin(t * np.pi) * side).astype(np.float32), pen * 0.4)
    near = shaft[max(0, len(shaft) - 1 - len(shaft) // 5)]
    curves = [shaft, *_head(rng, (near[0], near[1]), end, size)]
    if chance(rng, 0.1):
        curves += _head(rng, (shaft[len(shaft) // 5][0], shaft[len(shaft) // 5][1]), start, size)
    if kind == "straight" and chance(rng, 0.12):
        curves.append(shaft + rng.normal(0, 2 * pen, 2).astype(np.float32))
    return curves


def inked(rng: np.random.Generator, height: int, width: int, curves: Sequence[Curve], pen: float) -> Float:
    """Draw curves with a round pen.

    Args:
        rng: Source of chance: ink flows unevenly.
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.
        curves: Strokes; what leaves the picture is cut.
        pen: Its width in pixels.

    Returns:
        (height, width) float32 alpha of the ink.
    """
    alpha = np.zeros((height, width), np.float32)
    if not curves:
        return alpha
    every = np.concatenate(curves)
    pad = pen + 3
    left, top = (int(max(0, edge)) for edge in np.floor(every.min(axis=0) - pad))
    right, bottom = (int(edge) for edge in np.minimum(np.ceil(every.max(axis=0) + pad), (width, height)))
    if right <= left or bottom <= top:
        return alpha
    zoom = 2 if pen < FINE else 1
    canvas = np.zeros(((bottom - top) * zoom, (right - left) * zoom), np.uint8)
    corner = np.array([left, top], np.float32)
    thick = min(max(1, round(pen * zoom)), THICKEST)
    for curve in curves:
        points = np.clip(((curve - corner + 0.5) * zoom - 0.5) * 8, -(2**17), 2**17)
        press = 255 if rng.random() < 0.7 else int(rng.integers(190, 256))
        cv2.polylines(canvas, [points.astype(np.int32)], False, press, thick, cv2.LINE_AA, 3)
    if zoom > 1:
        canvas = cv2.resize(canvas, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    # A pen finer than the thinnest line that can be drawn leaves a fainter one.
    alpha[top:bottom, left:right] = canvas.astype(np.float32) * np.float32(min(1.0, pen * zoom) / 255)
    return alpha
