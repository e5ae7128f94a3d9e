"""What hands draw on notes that is not writing: boxes, arrows, underlines, tables, trees, curves, scribbles."""

from __future__ import annotations

import cv2
import numpy as np

from models.recipe.synthesis.doodles import DOODLES
from models.recipe.synthesis.fields import Array, Float, chance, log_uniform, pick, smooth
from models.recipe.synthesis.shapes import Curve, Point, arrow_strokes, box, ellipse, inked, path, segment, wobble

Area = tuple[float, float, float, float]
"""left, top, right, bottom in pixels."""


def arrow(rng: np.random.Generator, height: int, width: int, start: Point, end: Point, pen: float) -> Float:
    """An arrow from ``start`` to ``end`` (x, y), as (height, width) float32 ink; ``pen`` is its width in pixels."""
    return inked(rng, height, width, arrow_strokes(rng, start, end, pen), pen)


def frame_around(rng: np.random.Generator, height: int, width: int, box_: Area, pen: float) -> Float:
    """What is drawn around words: a box, an ellipse, a bubble, brackets; or a line below.

    Args:
        rng: Source of chance.
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.
        box_: What is framed: left, top, right, bottom in pixels.
        pen: Its width in pixels.

    Returns:
        (height, width) float32 alpha of the ink; it keeps clear of the box, mostly.
    """
    left, top, right, bottom = box_
    tall, wide = bottom - top, right - left
    room = tall * rng.uniform(0.1, 0.5) + pen
    area = np.array([left - room, top - room, right + room, bottom + room])
    kind = pick(
        rng, {"box": 0.34, "rounded": 0.12, "ellipse": 0.2, "underline": 0.22, "bubble": 0.06, "brackets": 0.06}
    )
    if kind == "box":
        curves = box(rng, area)
        if chance(rng, 0.1):
            curves += box(rng, area + np.array([-2, -2, 2, 2]) * pen)
    elif kind == "rounded":
        curves = box(rng, area, room + tall * rng.uniform(0.1, 0.5))
    elif kind == "ellipse":
        axes = (wide / 2 * rng.uniform(1.1, 1.35) + room, tall / 2 * rng.uniform(1.1, 1.4) + room)
        turns = 1.0 if chance(rng, 0.8) else rng.uniform(1.5, 3)
        curves = [ellipse(rng, ((left + right) / 2, (top + bottom) / 2), axes, turns)]
    elif kind == "underline":
        curves = _underline(rng, left - room * 0.3, right + room * 0.3, bottom + room * 0.6, pen)
    elif kind == "bubble":
        curves = [_cloud(rng, area)]
    else:
        bow = room * rng.uniform(0.5, 2)
        curves = [
            path(rng, [(area[0] + bow, area[1]), (area[0], area[1]), (area[0], area[3]), (area[0] + bow, area[3])])
        ]
        curves.append(
            path(rng, [(area[2] - bow, area[1]), (area[2], area[1]), (area[2], area[3]), (area[2] - bow, area[3])])
        )
    return inked(rng, height, width, curves, pen)


def _underline(rng: np.random.Generator, left: float, right: float, y: float, pen: float) -> list[Curve]:
    """One or two lines below a word, or a wave."""
    slope = (right - left) * rng.normal(0, 0.012)
    if chance(rng, 0.15):
        x = np.linspace(left, right, 80, dtype=np.float32)
        wave = np.sin((x - left) / max(pen * rng.uniform(2, 5), 1)) * pen * rng.uniform(0.8, 2)
        return [wobble(rng, np.stack([x, y + wave], 1).astype(np.float32), pen * 0.5)]
    lines = [segment(rng, (left, y), (right, y + slope))]
    if chance(rng, 0.25):
        below = y + pen * rng.uniform(2, 4)
        lines.append(segment(rng, (left + rng.normal(0, 3 * pen), below), (right, below + slope)))
    return lines


def _cloud(rng: np.random.Generator, area: Array) -> Curve:
    """A thought's bubble: an outline of small arcs."""
    t = np.linspace(0, 2 * np.pi, 160, dtype=np.float32)
    bumps = 1 + np.abs(np.sin(t * int(rng.integers(5, 10)) / 2 + 1)) * 0.14
    half = (area[2:] - area[:2]) / 2
    outline = np.stack([np.cos(t), np.sin(t)], 1) * half * bumps[:, None] * 1.15 + area[:2] + half
    return wobble(rng, outline.astype(np.float32), half.min() * 0.05)


def strike_out(rng: np.random.Generator, height: int, width: int, box_: Area, pen: float) -> Float:
    """What crosses a word out: lines, a zigzag, a cross or a scribble through ``box_`` (left, top, right, bottom).

    Returns:
        (height, width) float32 alpha of the ink.
    """
    left, top, right, bottom = box_
    tall, wide = bottom - top, right - left
    middle = (top + bottom) / 2 + rng.normal(0, 0.06) * tall
    over = tall * rng.uniform(-0.05, 0.3)
    kind = pick(rng, {"line": 0.45, "double": 0.15, "zigzag": 0.2, "cross": 0.08, "scribble": 0.12})
    if kind in ("line", "double"):
        lean = tall * rng.normal(0, 0.12)
        shifts = (0.0,) if kind == "line" else (-tall * 0.12, tall * rng.uniform(0.05, 0.15))
        ends = [((left - over, middle + s - lean), (right + over, middle + s + lean)) for s in shifts]
        curves = [segment(rng, a, b, 1.5) for a, b in ends]
    elif kind == "cross":
        curves = [segment(rng, (left, top), (right, bottom), 1.5), segment(rng, (left, bottom), (right, top), 1.5)]
    elif kind == "zigzag":
        count = max(4, int(wide / tall * rng.uniform(1.5, 5)))
        x = np.linspace(left - over, right + over, count) + rng.normal(0, tall * 0.05, count)
        y = middle + np.where(np.arange(count) % 2, 1, -1) * tall * rng.uniform(0.15, 0.5, count)
        curves = [path(rng, np.stack([x, y], 1), 1.5)]
    else:
        t = np.linspace(0, 1, 200, dtype=np.float32)
        loops = t * 2 * np.pi * max(3.0, wide / tall * rng.uniform(2, 6))
        x = left + t * wide + np.cos(loops) * tall * 0.3
        y = middle + np.sin(loops) * tall * rng.uniform(0.3, 0.5)
        curves = [wobble(rng, np.stack([x, y], 1).astype(np.float32), tall * 0.1)]
    return inked(rng, height, width, curves, pen)


def highlight(rng: np.random.Generator, height: int, width: int, box_: Area) -> Float:
    """A highlighter's broad stripes over ``box_`` (left, top, right, bottom), as (height, width) float32 alpha.

    It is see-through: paper and ink below are to be multiplied by its colour where it lies.
    """
    left, top, right, bottom = box_
    tall = bottom - top
    count = int(rng.integers(1, 4))
    broad = tall * rng.uniform(0.9, 1.4) / count
    middles = top + (np.arange(count) + 0.5) * tall / count
    ends = rng.normal(0, tall * 0.2, (count, 2))
    stripes = [segment(rng, (left + a, y), (right + b, y)) for y, (a, b) in zip(middles, ends, strict=True)]
    alpha = inked(rng, height, width, stripes, broad)
    return np.asarray(alpha * np.float32(rng.uniform(0.5, 1)), np.float32)


def doodle(rng: np.random.Generator, height: int, width: int, pen: float, kind: str | None = None) -> Float:
    """Something drawn somewhere on a page that is not writing.

    Args:
        rng: Source of chance.
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.
        pen: Its width in pixels.
        kind: One of `doodles.DOODLES`; chance decides if it is not given.

    Returns:
        (height, width) float32 alpha of the ink.
    """
    kind = kind or str(rng.choice(list(DOODLES)))
    side = min(height, width)
    long = max(side * log_uniform(rng, 0.1, 0.8), min(12 * pen, side))
    size = long * np.array([rng.uniform(0.7, 1.6), rng.uniform(0.6, 1.2)])
    corner = rng.uniform(-0.05, 1, 2) * np.maximum(np.array([width, height]) - size * 0.9, 1)
    strokes, filled = DOODLES[kind](rng, np.concatenate([corner, corner + size]), pen)
    alpha = inked(rng, height, width, [*strokes, *filled], pen)
    for outline in filled:
        canvas = np.zeros((height, width), np.uint8)
        cv2.fillPoly(canvas, [(outline * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)
        patchy = np.clip(rng.uniform(0.5, 1.1) + smooth(rng, height, width, max(4.0, 3 * pen)) * np.float32(0.15), 0, 1)
        np.maximum(alpha, canvas.astype(np.float32) / 255 * patchy, out=alpha)
    return alpha
