"""Where writing stands on a page: paragraphs, lists, columns, labels strewn about, tables; and what is drawn around it.

A page is made for a window of it, which a camera will see: what lies far outside is not written at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.style import log_uniform
from models.recipe.synthesis.hands import Hands
from models.recipe.synthesis.writing import Hand, Written, some_items, take_hand, write_line

Points = NDArray[np.float32]

KINDS = {"paragraph": 0.36, "list": 0.2, "columns": 0.12, "strewn": 0.18, "table": 0.08, "spaced": 0.06}


@dataclass(frozen=True)
class Drawn:
    """Pen strokes that are no writing: (n, 2) float32 each, in pixels, and their pen's width."""

    strokes: list[Points]
    pen: float


@dataclass(frozen=True)
class Arranged:
    """What is on the window of a page.

    Attributes:
        lines: Text lines.
        drawn: What is drawn beside them.
        pitch: Pixels from a text line to the next.
        start: Pixels from the window's top to the first one's baseline.
    """

    lines: list[Written]
    drawn: list[Drawn]
    pitch: float
    start: float


@dataclass(frozen=True)
class Block:
    """A column of text: its edges in pixels, the distance of its lines, the capital height."""

    left: float
    top: float
    right: float
    bottom: float
    pitch: float
    capital: float


def arrange(hands: Hands, width: int, height: int, capital: float, rng: np.random.Generator) -> Arranged:
    """Fill a window of a page.

    Args:
        hands: Whose writing.
        width: Of the window in pixels.
        height: Of it.
        capital: Pixels of a capital.
        rng: Source of chance.
    """
    kind = rng.choice(list(KINDS), p=list(KINDS.values()))
    hand = take_hand(hands, rng)
    pitch = capital * log_uniform(1.25, 3.6, rng.random() ** 1.3)
    start = float(rng.uniform(-0.5, 1.2)) * pitch
    left = float(rng.uniform(0.02, 0.35)) * width if rng.random() < 0.55 else -float(rng.uniform(2, 6)) * capital
    right = float(rng.uniform(0.6, 0.98)) * width if rng.random() < 0.45 else width + 3 * capital
    top = start + (float(rng.uniform(0, 0.5)) * height if rng.random() < 0.3 else 0)
    bottom = float(rng.uniform(0.4, 1)) * height if rng.random() < 0.3 else height + pitch
    whole = Block(left, top, right, bottom, pitch, capital)
    lines: list[Written] = []
    drawn: list[Drawn] = []
    if kind in ("paragraph", "list"):
        lines = _paragraph(whole, hand, hands, kind == "list", rng)
    elif kind == "columns":
        x = left
        while x < right:
            wide = float(rng.uniform(4, 16)) * capital
            shift = float(rng.uniform(-0.5, 0.5)) * pitch if rng.random() < 0.6 else 0.0
            own = pitch * float(rng.uniform(0.9, 1.1)) if rng.random() < 0.4 else pitch
            block = Block(x, top + shift, x + wide, bottom, own, capital * float(rng.uniform(0.85, 1.15)))
            other = hand if rng.random() < 0.8 else take_hand(hands, rng)
            lines += _paragraph(block, other, hands, bool(rng.random() < 0.3), rng)
            gutter = float(rng.uniform(1.6, 4)) * capital
            if rng.random() < 0.2:
                middle = x + wide + gutter / 2
                drawn.append(Drawn([wavering(np.array([[middle, top], [middle, bottom]]), rng)], _pen(hand, capital)))
            x += wide + gutter
    elif kind == "strewn":
        lines, drawn = _strewn(whole, hand, hands, width, height, rng)
    elif kind == "table":
        lines, drawn = _table(whole, hand, hands, rng)
    else:
        lines = _spaced(whole, hand, hands, rng)
    if rng.random() < 0.1 and lines:
        at = float(rng.uniform(-0.5, 0.6)) * width, float(rng.uniform(0, 1)) * height
        other = take_hand(hands, rng)
        size = capital * float(rng.uniform(0.7, 2.2))
        note = _line(other, hands, float(rng.uniform(3, 12)), size, at, float(rng.uniform(-0.15, 0.15)), rng)
        if not _crosses(note, lines):
            lines.append(note)
    drawn += _around(lines, hand, capital, rng)
    return Arranged(lines, drawn, pitch, start)


def _pen(hand: Hand, capital: float) -> float:
    return max(1.0, hand.pen * capital)


def _line(
    hand: Hand,
    hands: Hands,
    wide: float,
    capital: float,
    at: tuple[float, float],
    angle: float,
    rng: np.random.Generator,
) -> Written:
    items, gaps, text = some_items(hand, hands, wide, rng)
    return write_line(hand, items, gaps, capital, at, angle, rng, text)


def _paragraph(block: Block, hand: Hand, hands: Hands, is_list: bool, rng: np.random.Generator) -> list[Written]:
    lines: list[Written] = []
    slope = float(rng.normal(0, 0.012))
    ragged = float(rng.uniform(0, 0.5))
    capital, y = block.capital, block.top
    indent = 0.0
    heading = rng.random() < 0.2
    while y < block.bottom:
        size = capital
        if heading and not lines:
            size = capital * float(rng.uniform(1.1, 2.2))
            y += size - capital
        width = (block.right - block.left) * (1 - ragged * float(rng.random()))
        if is_list:
            width *= float(rng.uniform(0.3, 1))
        if rng.random() < 0.25:
            indent = float(rng.choice([0, 0, 1.5, 3, 5])) * capital
        if rng.random() < 0.06:
            y += block.pitch
            continue
        x = block.left + indent + float(rng.normal(0, 0.15)) * capital
        wide = max(1.5, (block.left + width - x) / size)
        angle = slope + float(rng.normal(0, 0.006))
        here = y + float(rng.normal(0, 0.04)) * block.pitch
        lines.append(_line(hand, hands, wide, size, (x, here), angle, rng))
        y += block.pitch * (float(rng.uniform(1.2, 2)) if rng.random() < 0.08 else 1)
    return lines


def _strewn(
    block: Block, hand: Hand, hands: Hands, width: int, height: int, rng: np.random.Generator
) -> tuple[list[Written], list[Drawn]]:
    """Labels of one to three lines about the window, some of them in boxes, some joined by arrows."""
    capital = block.capital
    lines: list[Written] = []
    drawn: list[Drawn] = []
    middles = []
    for _ in range(int(rng.integers(3, 14))):
        size = capital * float(np.exp(rng.normal(0, 0.25)))
        x, y = float(rng.uniform(-0.2, 0.95)) * width, float(rng.uniform(0.02, 1.05)) * height
        angle = float(rng.normal(0, 0.04))
        label = []
        wide = float(rng.uniform(1, 9))
        for number in range(int(rng.choice([1, 1, 1, 2, 3]))):
            at = x + float(rng.uniform(-0.5, 0.5)) * size, y + number * 1.5 * size
            label.append(_line(hand, hands, wide, size, at, angle, rng))
        if any(_crosses(line, lines) for line in label):
            continue
        lines += label
        boxes = np.array([line.box for line in label])
        around = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
        middles.append((around[:2] + around[2:]) / 2)
        if rng.random() < 0.45:
            drawn.append(Drawn(framed(around, capital, rng), _pen(hand, capital)))
    for one, other in pairwise(middles):
        if rng.random() < 0.35:
            drawn.append(
                Drawn(arrow(one * 0.7 + other * 0.3, one * 0.3 + other * 0.7, capital, rng), _pen(hand, capital))
            )
    return lines, drawn


def _table(block: Block, hand: Hand, hands: Hands, rng: np.random.Generator) -> tuple[list[Written], list[Drawn]]:
    capital, lines, strokes = block.capital, [], []
    tall = capital * float(rng.uniform(1.5, 3))
    ruled = rng.random() < 0.65
    x = block.left
    edges = []
    while x < block.right:
        wide = float(rng.uniform(2, 9)) * capital
        y = block.top
        while y < block.bottom:
            if rng.random() < 0.85:
                at = x + 0.4 * capital, y + float(rng.normal(0, 0.06)) * capital
                lines.append(_line(hand, hands, max(0.8, wide / capital - 2.5), capital, at, 0.0, rng))
            y += tall
        edges.append(x)
        x += wide
    if ruled:
        strokes += [wavering(np.array([[x, block.top - tall], [x, block.bottom]]), rng) for x in edges]
        y = block.top + 0.4 * (tall - capital)
        while y < block.bottom:
            strokes.append(wavering(np.array([[edges[0], y], [block.right, y]]), rng))
            y += tall
    return lines, [Drawn(strokes, _pen(hand, capital))] if strokes else []


def _spaced(block: Block, hand: Hand, hands: Hands, rng: np.random.Generator) -> list[Written]:
    """Rows of letters or words that stand far apart, as on an alphabet sheet."""
    lines, y = [], block.top
    gap = float(rng.uniform(0.8, 2.2))
    while y < block.bottom:
        items, gaps, _ = some_items(hand, hands, (block.right - block.left) / block.capital / 2, rng)
        gaps = [gap * float(rng.uniform(0.7, 1.3)) for _ in gaps]
        lines.append(write_line(hand, items, gaps, block.capital, (block.left, y), float(rng.normal(0, 0.01)), rng))
        y += max(block.pitch, 1.6 * block.capital)
    return lines


def _crosses(line: Written, others: list[Written]) -> bool:
    left, top, right, bottom = line.box
    return any(
        left < box[2] and right > box[0] and top < box[3] and bottom > box[1] for box in (other.box for other in others)
    )


def _around(lines: list[Written], hand: Hand, capital: float, rng: np.random.Generator) -> list[Drawn]:
    """Underlines, frames, arrows, brackets and rules beside text lines."""
    drawn: list[Drawn] = []
    pen = _pen(hand, capital)
    busy = rng.random() < 0.4
    for line in lines:
        left, top, right, bottom = line.box
        u = rng.random()
        if u < 0.06:
            y = bottom - float(rng.uniform(-0.1, 0.3)) * capital
            ends = np.array(
                [[left + float(rng.normal(0, 0.3)) * capital, y], [right, y + float(rng.normal(0, 0.1)) * capital]]
            )
            drawn.append(Drawn([wavering(ends, rng)] * 1, pen))
        elif busy and u < 0.14:
            drawn.append(Drawn(framed(np.array(line.box), capital, rng), pen * float(rng.uniform(0.7, 1.5))))
        elif busy and u < 0.2:
            start = np.array([right + 0.4 * capital, (top + bottom) / 2])
            end = start + np.array([rng.uniform(1, 6), rng.normal(0, 2)]) * capital
            if rng.random() < 0.5:
                start, end = end, start
            drawn.append(Drawn(arrow(start, end, capital, rng), pen))
        elif busy and u < 0.23:
            x = left - float(rng.uniform(0.3, 1.2)) * capital
            drawn.append(Drawn([_brace(x, top, bottom + float(rng.uniform(0, 3)) * capital, rng)], pen))
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
