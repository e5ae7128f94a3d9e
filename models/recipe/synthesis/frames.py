"""What a pen draws beside writing that is no writing: frames, underlines, arrows, braces."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Drawing:
    """Pen strokes that are no writing: (n, 2) float32 each, in pixels, and their pen's width."""

    strokes: list[Points]
    pen: float


def pen_width(share: float, capital: float) -> float:
    """Pixels of a pen that is ``share`` of a capital's height wide, 1 at least."""
    return max(1.0, share * capital)


def drawn_beside(boxes: list[Box], pen: float, capital: float, rng: np.random.Generator) -> list[Drawing]:
    """Underlines, frames, arrows, brackets and rules beside text lines.

    Args:
        boxes: Left, top, right, bottom of each line in pixels.
        pen: Its width in pixels.
        capital: Pixels of a capital.
        rng: Source of chance.
    """
    drawn: list[Drawing] = []
    busy = rng.random() < 0.4
    for box in boxes:
        left, top, right, bottom = box
        u = rng.random()
        if u < 0.06:
            y = bottom - float(rng.uniform(-0.1, 0.3)) * capital
            ends = np.array(
                [[left + float(rng.normal(0, 0.3)) * capital, y], [right, y + float(rng.normal(0, 0.1)) * capital]]
            )
            drawn.append(Drawing([wavering(ends, rng)], pen))
        elif busy and u < 0.14:
            drawn.append(Drawing(framed(np.array(box), capital, rng), pen * float(rng.uniform(0.7, 1.5))))
        elif busy and u < 0.2:
            start = np.array([right + 0.4 * capital, (top + bottom) / 2])
            end = start + np.array([rng.uniform(1, 6), rng.normal(0, 2)]) * capital
            if rng.random() < 0.5:
                start, end = end, start
            drawn.append(Drawing(arrow(start, end, capital, rng), pen))
        elif busy and u < 0.23:
            x = left - float(rng.uniform(0.3, 1.2)) * capital
            drawn.append(Drawing([_brace(x, top, bottom + float(rng.uniform(0, 3)) * capital, rng)], pen))
    return drawn


def wavering(ends: NDArray[np.floating], rng: np.random.Generator) -> Points:
    """A line as drawn by hand through (k, 2) corners."""
    parts = []
    for one, other in pairwise(ends):
        length = float(np.hypot(*(other - one)))
        count = max(2, int(length / 12))
        t = np.linspace(0, 1, count)[:, None]
        across = np.array([-(other - one)[1], (other - one)[0]]) / max(length, 1)
        sway = np.sin(t * rng.uniform(2, 9) + rng.uniform(0, 6)) * rng.normal(0, 0.01 * length**0.8)
        parts.append(one + t * (other - one) + sway * across)
    return np.concatenate(parts).astype(np.float32)


def framed(box: NDArray[np.floating], capital: float, rng: np.random.Generator) -> list[Points]:
    """A box, ellipse or bubble around left, top, right, bottom."""
    pad = capital * rng.uniform(0.1, 0.9, 4)
    left, top, right, bottom = box + pad * np.array([-1, -1, 1, 1])
    if rng.random() < 0.6:
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]])
        corners = corners + rng.normal(0, 0.06 * capital, corners.shape)
        return [wavering(corners, rng)]
    t = np.linspace(0, 2 * np.pi * float(rng.uniform(0.95, 1.1)), 40) + rng.uniform(0, 6)
    middle, half = np.array([left + right, top + bottom]) / 2, np.array([right - left, bottom - top]) / 2 * 1.15
    power = float(rng.choice([1.0, 0.6]))
    around = np.stack(
        [np.sign(np.cos(t)) * np.abs(np.cos(t)) ** power, np.sign(np.sin(t)) * np.abs(np.sin(t)) ** power]
    )
    return [(middle + around.T * half).astype(np.float32)]


def arrow(
    start: NDArray[np.floating], end: NDArray[np.floating], capital: float, rng: np.random.Generator
) -> list[Points]:
    """A line, mostly with a head at its end."""
    strokes = [wavering(np.array([start, end]), rng)]
    if rng.random() < 0.8:
        back = (start - end) / max(float(np.hypot(*(start - end))), 1) * capital * float(rng.uniform(0.25, 0.6))
        for turn in (0.5, -0.5):
            cos, sin = np.cos(turn), np.sin(turn)
            tip = end + np.array([cos * back[0] - sin * back[1], sin * back[0] + cos * back[1]])
            strokes.append(wavering(np.array([end, tip]), rng))
    return strokes


def _brace(x: float, top: float, bottom: float, rng: np.random.Generator) -> Points:
    wide = float(rng.uniform(0.05, 0.15)) * (bottom - top)
    t = np.linspace(0, 1, 30)
    bent = np.where(t < 0.5, np.sqrt(np.clip(1 - (4 * t - 1) ** 2, 0, 1)), np.sqrt(np.clip(1 - (4 * t - 3) ** 2, 0, 1)))
    return np.stack([x - wide * bent, top + t * (bottom - top)], axis=1).astype(np.float32)
