"""Pen ink: its points moved as hands differ, and drawn with a round pen.

The geometry is that of Simard, Steinkraus and Platt (2003), "Best practices for convolutional neural
networks applied to visual document analysis": affine change and a smooth elastic field. It acts on the
points, before the pen draws, so that the pen's width stays free.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.style import Style

SHIFT = 4
"""Fractional bits of cv2's coordinates."""

PASSES = 3
"""Over a stroke's corners: each reaches one point farther."""

Array = NDArray[Any]


def affine(style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """A random (2, 2) float32 matrix: stretch, then slant, then rotation."""
    u = rng.uniform(-1, 1, 4)
    angle = np.deg2rad(style.rotation) * u[0]
    cos, sin = np.cos(angle), np.sin(angle)
    shear = style.slant * u[1] * abs(u[1])  # mostly slight
    wide, tall = np.exp(style.stretch * u[2]), np.exp(style.stretch * 0.5 * u[3])
    turn = np.array([[cos, -sin], [sin, cos]])
    return (turn @ np.array([[wide, -shear * tall], [0, tall]])).astype(np.float32)


def bend(points: NDArray[np.float32], amplitude: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Shift (n, 2) points, in capital heights, along two smooth random waves."""
    waves = rng.uniform(-1, 1, (2, 2)).astype(np.float32) * 7
    phase = rng.uniform(0, 2 * np.pi, 2).astype(np.float32)
    size = (amplitude * rng.uniform(-1, 1, 2)).astype(np.float32)
    return points + np.sin(points @ waves + phase) * size


def hasten(points: NDArray[np.float32], ends: NDArray[Any], haste: float) -> NDArray[np.float32]:
    """Cut the corners of (n, 2) points in place, a stroke's ends excepted; sharpen them where ``haste`` is negative.

    Args:
        points: The strokes end to end.
        ends: (k,) where each stroke ends.
        haste: How much of each corner goes.
    """
    inner = np.ones(len(points), bool)
    inner[np.concatenate([[0], ends[:-1], ends - 1])] = False
    within = np.flatnonzero(inner)
    for _ in range(PASSES):
        cut = (points[within - 1] + points[within + 1]) / 2 - points[within]
        points[within] += np.float32(haste) * cut
    return points


def longer_side(points: Array) -> float:
    """The longer side of (m, 2) points."""
    return float(np.ptp(points, axis=0).max())


def place_points(
    points: NDArray[np.float32], offsets: NDArray[np.int32], style: Style, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Warp one character's points.

    Args:
        points: (m, 2) float32 in capital heights.
        offsets: (k + 1,) int32, the strokes within ``points``.
        style: How much to warp.
        rng: Source of chance.

    Returns:
        (m, 2) float32 in capital heights.
    """
    placed = points.copy()
    if style.haste:
        placed = hasten(placed, offsets[1:], rng.uniform(-0.25, 1) * style.haste)
    if style.loose and len(offsets) > 2:
        shifts = rng.normal(0, style.loose * min(1.0, longer_side(points)), (len(offsets) - 1, 2)).astype(np.float32)
        placed += np.repeat(shifts, np.diff(offsets), axis=0)
    if style.wobble:
        placed = bend(placed, style.wobble, rng)
    return np.asarray(placed @ affine(style, rng).T, np.float32)


def draw(
    placed: NDArray[np.float32],
    offsets: NDArray[np.int32],
    scale: float,
    width: int,
    style: Style,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Draw (m, 2) points, in capital heights, with a round pen; returns a uint8 canvas with a margin.

    Args:
        placed: (m, 2) float32 in capital heights.
        offsets: (k + 1,) int32, the strokes within ``placed``.
        scale: Pixels per capital height.
        width: Pen width in pixels.
        style: How likely gaps and intruders are.
        rng: Source of chance.
    """
    low = placed.min(axis=0)
    margin = width + 5
    pixels = (placed - low) * scale + (margin + rng.random(2))
    across, down = (pixels.max(axis=0) + margin + 1).astype(int)
    canvas = np.zeros((down, across), np.uint8)
    fixed = draw_strokes(canvas, pixels, offsets, width)
    if rng.random() < 0.08 * style.accident:
        spot = fixed[rng.integers(len(fixed))]
        cv2.circle(canvas, (int(spot[0]), int(spot[1])), int((0.4 + 0.3 * width) * 16), 0, -1, cv2.LINE_AA, SHIFT)
    if rng.random() < 0.06 * style.accident:
        intrude(canvas, scale, width, margin, rng)
    return canvas


def draw_strokes(
    canvas: NDArray[np.uint8], pixels: NDArray[np.floating], offsets: NDArray[np.integer], width: int
) -> NDArray[np.int32]:
    """Draw strokes with a round pen, in place.

    Args:
        canvas: (h, w) uint8.
        pixels: (m, 2) points in pixels.
        offsets: (k + 1,) the strokes within ``pixels``.
        width: Pen width in pixels.

    Returns:
        (m, 2) int32, the points as cv2 takes them, with `SHIFT` bits behind the point.
    """
    fixed = np.round(pixels * (1 << SHIFT)).astype(np.int32)
    for start, stop in pairwise(offsets):
        stroke = fixed[start:stop]
        if stop - start == 1:
            stroke = np.concatenate([stroke, stroke + 4])  # cv2 draws nothing for a line without length
        cv2.polylines(canvas, [stroke], False, 255, width, cv2.LINE_AA, SHIFT)
    return fixed


def intrude(canvas: NDArray[np.uint8], scale: float, width: int, margin: int, rng: np.random.Generator) -> None:
    """Draw, in place, a bit of a neighbour at the left or right edge of the glyph."""
    height, across = canvas.shape
    length = scale * rng.uniform(0.05, 0.25)
    x = margin - width / 2 if rng.random() < 0.5 else across - margin + width / 2
    y = rng.uniform(margin, max(margin + 1, height - margin))
    angle = rng.uniform(0, np.pi)
    end = (round(x + length * np.cos(angle) * 0.5), round(y + length * np.sin(angle)))
    cv2.line(canvas, (round(x), round(y)), end, 255, width, cv2.LINE_AA)
