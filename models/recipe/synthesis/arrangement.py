"""Where writing stands on a page: paragraphs, lists, columns, labels strewn about, tables.

A page is made for a window of it, which a camera will see: what lies far outside is not written at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.recipe.drawing.style import log_uniform
from models.recipe.synthesis.frames import Drawing, arrow, drawn_beside, framed, pen_width, wavering
from models.recipe.synthesis.hands import Hands
from models.recipe.synthesis.writing import Hand, TextLine, some_items, take_hand, write_line

KINDS = {"paragraph": 0.36, "list": 0.2, "columns": 0.12, "strewn": 0.18, "table": 0.08, "spaced": 0.06}


@dataclass(frozen=True)
class Arranged:
    """What is on the window of a page.

    Attributes:
        lines: Text lines.
        drawn: What is drawn beside them.
        pitch: Pixels from a text line to the next.
        start: Pixels from the window's top to the first one's baseline.
    """

    lines: list[TextLine]
    drawn: list[Drawing]
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
    lines: list[TextLine] = []
    drawn: list[Drawing] = []
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
                drawn.append(
                    Drawing([wavering(np.array([[middle, top], [middle, bottom]]), rng)], pen_width(hand.pen, capital))
                )
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
    drawn += drawn_beside([line.box for line in lines], pen_width(hand.pen, capital), capital, rng)
    return Arranged(lines, drawn, pitch, start)


def _line(
    hand: Hand,
    hands: Hands,
    wide: float,
    capital: float,
    at: tuple[float, float],
    angle: float,
    rng: np.random.Generator,
) -> TextLine:
    items, gaps, text = some_items(hand, hands, wide, rng)
    return write_line(hand, items, gaps, capital, at, angle, rng, text)


def _paragraph(block: Block, hand: Hand, hands: Hands, is_list: bool, rng: np.random.Generator) -> list[TextLine]:
    lines: list[TextLine] = []
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
) -> tuple[list[TextLine], list[Drawing]]:
    """Labels of one to three lines about the window, some of them in boxes, some joined by arrows."""
    capital = block.capital
    lines: list[TextLine] = []
    drawn: list[Drawing] = []
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
            drawn.append(Drawing(framed(around, capital, rng), pen_width(hand.pen, capital)))
    for one, other in pairwise(middles):
        if rng.random() < 0.35:
            drawn.append(
                Drawing(
                    arrow(one * 0.7 + other * 0.3, one * 0.3 + other * 0.7, capital, rng), pen_width(hand.pen, capital)
                )
            )
    return lines, drawn


def _table(block: Block, hand: Hand, hands: Hands, rng: np.random.Generator) -> tuple[list[TextLine], list[Drawing]]:
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
    return lines, [Drawing(strokes, pen_width(hand.pen, capital))] if strokes else []


def _spaced(block: Block, hand: Hand, hands: Hands, rng: np.random.Generator) -> list[TextLine]:
    """Rows of letters or words that stand far apart, as on an alphabet sheet."""
    lines, y = [], block.top
    gap = float(rng.uniform(0.8, 2.2))
    while y < block.bottom:
        items, gaps, _ = some_items(hand, hands, (block.right - block.left) / block.capital / 2, rng)
        gaps = [gap * float(rng.uniform(0.7, 1.3)) for _ in gaps]
        lines.append(write_line(hand, items, gaps, block.capital, (block.left, y), float(rng.normal(0, 0.01)), rng))
        y += max(block.pitch, 1.6 * block.capital)
    return lines


def _crosses(line: TextLine, others: list[TextLine]) -> bool:
    left, top, right, bottom = line.box
    return any(
        left < box[2] and right > box[0] and top < box[3] and bottom > box[1] for box in (other.box for other in others)
    )
