"""The drawings themselves, each in a given area (left, top, right, bottom) and with a pen of a given width."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from models.recipe.synthesis.fields import Array, Float, chance
from models.recipe.synthesis.shapes import Curve, arrow_strokes, box, ellipse, path, segment, wobble

Drawn = tuple[list[Curve], list[Curve]]
"""Strokes, and outlines that are filled."""


def _table(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """Lines across and down, with or without an outline."""
    rows, columns = int(rng.integers(2, 8)), int(rng.integers(2, 6))
    x = np.linspace(area[0], area[2], columns + 1) + rng.normal(0, (area[2] - area[0]) * 0.01, columns + 1)
    y = np.linspace(area[1], area[3], rows + 1) + rng.normal(0, (area[3] - area[1]) * 0.01, rows + 1)
    if chance(rng, 0.3):
        x, y = x[1:-1], y[1:-1]
    lines = [segment(rng, (area[0], at), (area[2], at + rng.normal(0, pen))) for at in y]
    return lines + [segment(rng, (at, area[1]), (at + rng.normal(0, pen), area[3])) for at in x], []


def _boxes(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """Boxes and ellipses that arrows join: a flow chart, a wire frame without words."""
    count = int(rng.integers(1, 6))
    size = (area[2:] - area[:2]) * rng.uniform(0.15, 0.35, 2)
    places = rng.uniform(area[:2], np.maximum(area[2:] - size, area[:2] + 1), (count, 2))
    curves: list[Curve] = []
    for place in places:
        if chance(rng, 0.25):
            curves.append(ellipse(rng, (place[0] + size[0] / 2, place[1] + size[1] / 2), (size[0] / 2, size[1] / 2)))
        else:
            curves += box(rng, np.concatenate([place, place + size]), size.min() * 0.3 if chance(rng, 0.3) else 0.0)
    for a, b in zip(places + size / 2, (places + size / 2)[1:], strict=False):
        start, end = a + (b - a) * 0.3, a + (b - a) * 0.7
        curves += arrow_strokes(rng, (start[0], start[1]), (end[0], end[1]), pen)
    return curves, []


def _checks(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """A column of boxes to tick, some of them ticked."""
    count = int(rng.integers(1, 9))
    side = (area[3] - area[1]) / count * rng.uniform(0.4, 0.7)
    curves: list[Curve] = []
    for y in np.linspace(area[1], area[3], count, endpoint=False):
        x = area[0] + rng.normal(0, side * 0.1)
        curves += box(rng, np.array([x, y, x + side, y + side]))
        if chance(rng, 0.4):
            tick = np.array([[0.15, 0.45], [0.4, 0.85], [1.2, -0.2]]) * side + (x, y)
            curves.append(path(rng, tick))
    return curves, []


def _tree(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """A root, its branches, theirs; with circles at the nodes or none."""
    radius = float(np.clip((area[3] - area[1]) * 0.07, pen, 40)) if chance(rng, 0.6) else 0.0
    levels = [1, int(rng.integers(2, 4)), int(rng.integers(3, 7))]
    tall = area[3] - area[1]
    nodes = [
        [((k + 0.5) / n * (area[2] - area[0]) + area[0], area[1] + tall * (0.1 + 0.4 * level)) for k in range(n)]
        for level, n in enumerate(levels)
    ]
    curves = [ellipse(rng, at, (radius, radius)) for row in nodes for at in row if radius]
    for above, below in pairwise(nodes):
        for k, (x, y) in enumerate(below):
            px, py = above[k * len(above) // len(below)]
            reach = np.array([x - px, y - py])
            gap = reach / max(float(np.hypot(*reach)), 1) * radius
            curves.append(segment(rng, (px + gap[0], py + gap[1]), (x - gap[0], y - gap[1])))
    return curves, []


def _axes(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """Two axes with a curve or points, and ticks."""
    left, top, right, bottom = (float(edge) for edge in area)
    curves = arrow_strokes(rng, (left, bottom), (right, bottom), pen) + arrow_strokes(
        rng, (left, bottom), (left, top), pen
    )
    x = np.linspace(left, right, 60, dtype=np.float32)
    t = (x - left) / max(right - left, 1)
    shapes = (np.sin(t * rng.uniform(3, 14)) * 0.3 + 0.5, t**2, 1 - np.exp(-4 * t), np.exp(-(((t - 0.5) * 5) ** 2)))
    for _ in range(int(rng.integers(1, 3))):
        shape = shapes[rng.integers(len(shapes))]
        y = bottom - shape * (bottom - top) * rng.uniform(0.4, 0.9)
        curves.append(wobble(rng, np.stack([x, y], 1).astype(np.float32), pen))
    for at in np.linspace(left, right, int(rng.integers(3, 9)))[1:-1]:
        curves.append(segment(rng, (at, bottom - 2 * pen), (at, bottom + 2 * pen)))
    return curves, []


def _spiral(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """A spiral."""
    t = np.linspace(0, 2 * np.pi * rng.uniform(2, 7), 240, dtype=np.float32)
    half = (area[2:] - area[:2]) / 2
    curve = np.stack([np.cos(t), np.sin(t)], 1) * (t / t[-1])[:, None] * half + area[:2] + half
    return [wobble(rng, curve.astype(np.float32), half.min() * 0.04)], []


def _zigzag(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """A zigzag, from wide to scribbled over and over."""
    count = int(rng.integers(5, 50))
    t = np.linspace(0, 1, count)
    side = np.where(np.arange(count) % 2, 1, 0)
    x = area[0] + t * (area[2] - area[0]) + rng.normal(0, 2 * pen, count)
    y = np.where(side, area[3], area[1]) + rng.normal(0, (area[3] - area[1]) * 0.06, count)
    return [path(rng, np.stack([x, y], 1), 1.5)], []


def _hatching(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """Parallel strokes, once or crossed."""
    apart, middle, half = pen * rng.uniform(2, 8), (area[:2] + area[2:]) / 2, (area[2:] - area[:2]) / 2
    curves: list[Curve] = []
    for turn in (0.6, -0.7) if chance(rng, 0.3) else (0.6,):
        angle = turn + rng.normal(0, 0.3)
        way, side = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        for at in np.arange(-half.min(), half.min(), apart)[:80]:
            reach = np.sqrt(max(half.min() ** 2 - at**2, 1)) * rng.uniform(0.85, 1.1)
            start, end = middle + side * at - way * reach, middle + side * at + way * reach
            curves.append(segment(rng, (start[0], start[1]), (end[0], end[1])))
    return curves, []


def _filled(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """A shape coloured in: a blob, a bar, a star, a heart."""
    half = (area[2:] - area[:2]) / 2 * rng.uniform(0.2, 0.6)
    middle = (area[:2] + area[2:]) / 2
    t = np.linspace(0, 2 * np.pi, 60, dtype=np.float32)
    kind = int(rng.integers(4))
    if kind == 0:
        outline = np.stack([np.cos(t), np.sin(t)], 1)
    elif kind == 1:
        outline = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
    elif kind == 2:
        corner = np.linspace(0, 2 * np.pi, 11)
        outline = np.stack([np.sin(corner), -np.cos(corner)], 1) * np.where(np.arange(11) % 2, 0.4, 1)[:, None]
    else:
        heart = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        outline = np.stack([np.sin(t) ** 3, -heart / 16], 1)
    shape = wobble(rng, (outline * half + middle).astype(np.float32), half.min() * 0.05)
    return ([shape], []) if chance(rng, 0.4) else ([], [shape])


def _scribble(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """A pen tried out: a wild line without end."""
    count = int(rng.integers(30, 160))
    turns = np.cumsum(rng.normal(0.3, 0.5, count))
    steps = np.stack([np.cos(turns), np.sin(turns)], 1) * (area[3] - area[1]) * rng.uniform(0.05, 0.15)
    walk = np.cumsum(steps, 0)
    walk = (walk - walk.min(0)) / max(float(np.ptp(walk, 0).max()), 1) * (area[3] - area[1])
    return [(walk + area[:2]).astype(np.float32)], []


def _stamp(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """A rubber stamp or a seal: rings with a star or bars inside."""
    radius = float((area[2:] - area[:2]).min() / 2)
    middle = (area[:2] + area[2:]) / 2
    t = np.linspace(0, 2 * np.pi, 90)
    around = np.stack([np.cos(t), np.sin(t)], 1)
    curves = [(around * radius * k + middle).astype(np.float32) for k in (1.0, rng.uniform(0.6, 0.92))]
    curves += [
        np.array([[-0.5 * radius, y], [0.5 * radius, y]], np.float32) + middle.astype(np.float32)
        for y in np.linspace(-0.3, 0.3, int(rng.integers(0, 4))) * radius
    ]
    if chance(rng, 0.5):
        spokes = np.linspace(0, 2 * np.pi, int(rng.integers(12, 50)), endpoint=False)
        for a in spokes:  # letters around the rim, as one sees them from afar
            way = np.array([np.cos(a), np.sin(a)])
            curves.append((np.stack([way * 0.74, way * rng.uniform(0.8, 0.9)]) * radius + middle).astype(np.float32))
    return curves, []


def _waves(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """Wavy lines one below the other, as one draws text that is to come, or water."""
    x = np.linspace(area[0], area[2], 160, dtype=np.float32)
    long, high = (area[2] - area[0]) / rng.uniform(4, 25), pen * rng.uniform(0.6, 4)
    rows = np.linspace(area[1], area[3], int(rng.integers(1, 7)))
    lines = [np.stack([x, y + np.sin(x / long * 2 * np.pi + rng.uniform(0, 6)) * high], 1) for y in rows]
    return [wobble(rng, line.astype(np.float32), pen) for line in lines], []


def _brace(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """A long bracket or brace beside lines."""
    left, top, right, bottom = (float(edge) for edge in area)
    deep = min(right - left, (bottom - top) * 0.2) * rng.choice([-1, 1])
    if chance(rng, 0.4):
        corners = [(left + deep, top), (left, top), (left, bottom), (left + deep, bottom)]
        return [path(rng, corners)], []
    t = np.linspace(-1, 1, 80, dtype=np.float32)
    shape: Float = np.tanh((1 - np.abs(t)) * 8) * 0.5 + 0.5 * np.exp(-np.abs(t) * 12)
    curve = np.stack([left + shape * deep, (top + bottom) / 2 + t * (bottom - top) / 2], 1)
    return [wobble(rng, curve.astype(np.float32), pen)], []


def _arrows(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """One arrow or several."""
    curves: list[Curve] = []
    for _ in range(int(rng.integers(1, 4))):
        a, b = rng.uniform(area[:2], np.maximum(area[2:], area[:2] + 1), (2, 2))
        curves += arrow_strokes(rng, (a[0], a[1]), (b[0], b[1]), pen)
    return curves, []


def _rule(rng: np.random.Generator, area: Array, pen: float) -> Drawn:
    """A line across, freehand or along a ruler, as one parts what was written."""
    loose, y = (0.05 if chance(rng, 0.5) else 1.5), float(area[1])
    if chance(rng, 0.3):
        return [segment(rng, (area[0], area[1]), (area[0], area[3]), loose)], []
    return [segment(rng, (area[0] - 100, y), (area[2] + 100, y + rng.normal(0, 4)), loose)], []


DOODLES = {
    "table": _table,
    "boxes": _boxes,
    "checks": _checks,
    "tree": _tree,
    "axes": _axes,
    "spiral": _spiral,
    "zigzag": _zigzag,
    "hatching": _hatching,
    "filled": _filled,
    "scribble": _scribble,
    "stamp": _stamp,
    "waves": _waves,
    "brace": _brace,
    "arrows": _arrows,
    "rule": _rule,
}
"""Every kind of drawing: it takes chance, an area and a pen's width, and gives strokes and outlines to fill."""
