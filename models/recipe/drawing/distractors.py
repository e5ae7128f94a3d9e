"""What a page holds besides writing: stretches of ruled lines, blots, the texture of paper, wide shadows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.render import cut, weather
from models.recipe.drawing.style import Style, log_uniform

STYLE = Style(photo=0.8)

Canvas = NDArray[np.uint8]


def ruled(capital: float, rng: np.random.Generator) -> Canvas:
    """A stretch of line, longer than any dash, crossed by others or with bits of letters on it."""
    length = capital * rng.uniform(1.3, 4.0)
    width = max(1, round(capital * log_uniform(0.02, 0.1, rng.random())))
    rise = length * rng.uniform(-0.05, 0.05)
    canvas = np.zeros((int(abs(rise) + capital * 0.8) + 2 * width + 12, int(length) + 12), np.uint8)
    middle = canvas.shape[0] / 2
    start, end = (5, round(middle - rise / 2)), (5 + round(length), round(middle + rise / 2))
    cv2.line(canvas, start, end, 255, width, cv2.LINE_AA)
    for _ in range(rng.integers(1, 4)):
        x = 5 + length * rng.uniform(0.05, 0.95)
        reach = capital * rng.uniform(0.1, 0.4)
        ends = [(round(x + rng.uniform(-3, 3)), round(middle + side * reach * rng.random())) for side in (-1, 1)]
        cv2.line(canvas, ends[0], ends[1], 255, width, cv2.LINE_AA)
    return canvas if rng.random() < 0.8 else np.ascontiguousarray(canvas.T)


def blot(capital: float, rng: np.random.Generator) -> Canvas:
    """A filled patch with an uneven edge, larger than a full stop."""
    side = capital * rng.uniform(0.4, 1.6)
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, 14)))
    radii = side / 2 * rng.uniform(0.5, 1, len(angles))
    edge = np.column_stack([np.cos(angles) * radii * rng.uniform(0.5, 1.5), np.sin(angles) * radii])
    edge = edge - edge.min(axis=0) + 5
    canvas = np.zeros((int(edge[:, 1].max()) + 6, int(edge[:, 0].max()) + 6), np.uint8)
    cv2.fillPoly(canvas, [np.rint(edge).astype(np.int32)], 255, cv2.LINE_AA)
    return canvas


def texture(capital: float, rng: np.random.Generator) -> Canvas:
    """What a threshold makes of rough paper: scattered spots that touch one another."""
    height, width = (max(8, int(capital * rng.uniform(0.4, 1.6))) for _ in range(2))
    noise = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), rng.uniform(0.8, 2.5))
    spots = noise > np.quantile(noise, rng.uniform(0.5, 0.8))
    return np.pad((spots * 255).astype(np.uint8), 5)


KINDS = (ruled, blot, texture)


def distractors(count: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Draw and photograph what is no letter.

    Args:
        count: How many.
        rng: Source of chance.

    Returns:
        Crops (count, 32, 32) uint8 and sizes (count, 2) float32 in capital heights.
    """
    crops = np.zeros((count, 32, 32), np.uint8)
    sizes = np.zeros((count, 2), np.float32)
    for row in range(count):
        capital = log_uniform(18, 60, rng.random())
        ink, noise = weather(KINDS[row % len(KINDS)](capital, rng), STYLE, rng)
        crops[row], (across, down) = cut(ink, 12 + 4 * noise, rng.uniform(0.6, 1.1), bool(rng.random() < 0.85))
        sizes[row] = across / capital, down / capital
    return crops, sizes
