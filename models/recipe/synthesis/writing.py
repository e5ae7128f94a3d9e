"""Rows of writing in one hand, as strokes and pictures in the page's pixels, with the line that they stand on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.strokes import affine, bend, hasten
from models.recipe.drawing.style import Style, log_uniform
from models.recipe.drawing.text_lines import X_HEIGHT, lay_out
from models.recipe.handwriting.words import InkItem, PhotoItem, extent, size_of
from models.recipe.synthesis.hands import Hands, strokes_of

Points = NDArray[np.float32]

STYLE = Style(slant=0.4, rotation=2.0, stretch=0.25, wobble=0.04, loose=0.02, haste=0.5)

PENS = {"fine": (0.03, 0.09), "usual": (0.06, 0.13), "marker": (0.11, 0.19)}
"""Pen widths in capital heights."""

SIGNS = "()[]{}.,:;!?-+=/&%$#*'\"<>"

SPACE = 0.55
"""Capital heights of the narrowest gap between words."""

WIDE_LETTERS = 2.5
"""Times as far as letters that words stand apart at least, so that few can take the one gap for the other."""


@dataclass(frozen=True)
class Raster:
    """A picture of ink: (h, w) uint8 bright ink, and the (2, 3) matrix from its pixels to the page's."""

    ink: NDArray[np.uint8]
    matrix: Points


@dataclass(frozen=True)
class TextLine:
    """One text line.

    Attributes:
        strokes: Each (n, 2) float32, pixels of the page, x and y, y down.
        pen: Width of the pen in pixels.
        rasters: What of it is pictures.
        baseline: (k, 2) float32 points of its baseline, left to right.
        x_height: Pixels from the baseline to the top of small letters.
        text: What it says; "" where that is not known.
    """

    strokes: list[Points]
    pen: float
    rasters: list[Raster]
    baseline: Points
    x_height: float
    text: str = ""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of its body, capitals included, in pixels."""
        capital = self.x_height / X_HEIGHT
        left, top = self.baseline.min(axis=0).tolist()
        right, bottom = self.baseline.max(axis=0).tolist()
        return left, top - capital, right, bottom + 0.35 * capital


@dataclass(frozen=True)
class Hand:
    """One person with one pen.

    Attributes:
        words: Pen ink or pictures of words; empty for one who writes letter by letter.
        letters: Samples of each character; empty for one who writes words.
        case: Of one who writes letter by letter: "upper", "mixed" or "codes".
        matrix: (2, 2) slant and stretch.
        pen: Width in capital heights.
        haste: How much of its corners the pen cuts off.
        wobble: Amplitude of the elastic field in capital heights.
        spread: Capital heights between words, and between letters.
    """

    words: list[InkItem] | list[PhotoItem]
    letters: dict[str, list[InkItem]]
    case: str
    matrix: Points
    pen: float
    haste: float
    wobble: float
    spread: tuple[float, float]


def take_hand(hands: Hands, rng: np.random.Generator) -> Hand:
    """Somebody who writes, by chance: half of them words of pen ink, a third letter by letter, the others pictures."""
    u = rng.random()
    words: list[InkItem] | list[PhotoItem] = []
    letters: dict[str, list[InkItem]] = {}
    if u < 0.46:
        words = hands.words[rng.integers(len(hands.words))]
    elif u < 0.8:
        letters = hands.letters[rng.integers(len(hands.letters))]
    elif u < 0.92:
        words = hands.photos[rng.integers(len(hands.photos))]
    else:
        words = hands.rows[rng.integers(len(hands.rows))]
    case = rng.choice(["upper", "mixed", "codes"], p=[0.45, 0.3, 0.25])
    pen = rng.choice(list(PENS), p=[0.35, 0.45, 0.2])
    return Hand(
        words,
        letters,
        case,
        affine(STYLE, rng),
        log_uniform(*PENS[pen], rng.random()),
        float(rng.uniform(-0.2, 1) * STYLE.haste),
        float(rng.uniform(0, STYLE.wobble)),
        (float(rng.uniform(SPACE, 1.1)), float(rng.uniform(0.06, 0.3) if rng.random() < 0.85 else rng.uniform(0.3, 1))),
    )


def some_items(
    hand: Hand, hands: Hands, width: float, rng: np.random.Generator
) -> tuple[list[InkItem | PhotoItem], list[float], str]:
    """Items that fill about so many capital heights, the gap after each in capital heights, and what they say.

    That is "" of one whose letters stand as far apart as words.
    """
    items: list[InkItem | PhotoItem] = []
    gaps: list[float] = []
    text: list[str] = []
    across = 0.0
    while across < width and len(items) < 200:
        if hand.words:
            item = hand.words[rng.integers(len(hand.words))]
            new: list[InkItem | PhotoItem] = [item]
        else:
            new = _spelled(hand, hands, rng)
        for item in new:
            low, high = extent(item.text)
            wide, tall = size_of(item)
            across += wide * min((high - low) / max(tall, 1), 0.9 * max(len(item.text), 0.6) / max(wide, 1))
            items.append(item)
            gaps.append(hand.spread[1] * float(rng.uniform(0.6, 1.4)))
            across += gaps[-1]
        text.append("".join(item.text for item in new))
        if not hand.words and rng.random() < 0.03:
            continue
        text.append(" ")
        gaps[-1:] = [hand.spread[0] * float(rng.uniform(0.8, 1.6)) * (1 if rng.random() < 0.97 else 2)]
        across += hand.spread[0]
    if len(items) > 1 and across > 1.15 * width and hand.words:
        items, gaps, text = items[:-1], gaps[:-1], text[:-2]
    apart = bool(hand.letters) and WIDE_LETTERS * hand.spread[1] > hand.spread[0]
    return items, gaps, "" if apart else "".join(text).strip()


def _spelled(hand: Hand, hands: Hands, rng: np.random.Generator) -> list[InkItem | PhotoItem]:
    """One word, letter by letter, of the characters that the hand has."""
    word = hands.texts[rng.integers(len(hands.texts))]
    if hand.case == "upper":
        word = word.upper() if rng.random() < 0.85 else _code(rng)
    elif hand.case == "codes" or rng.random() < 0.1:
        word = _code(rng)
    elif rng.random() < 0.3:
        word = word.capitalize()
    found: list[InkItem | PhotoItem] = []
    for char in word:
        samples = hand.letters.get(char) or hand.letters.get(char.swapcase())
        if samples:
            found.append(samples[rng.integers(len(samples))])
    if not found:
        samples = hand.letters[list(hand.letters)[rng.integers(len(hand.letters))]]
        found = [samples[rng.integers(len(samples))]]
    return found


def _code(rng: np.random.Generator) -> str:
    """Digits, amounts, signs."""
    length = int(rng.integers(1, 7))
    digits = "".join(str(d) for d in rng.integers(0, 10, length))
    if rng.random() < 0.35:
        sign = SIGNS[rng.integers(len(SIGNS))]
        at = int(rng.integers(0, length + 1))
        digits = digits[:at] + sign + digits[at:]
    return digits


def write_line(
    hand: Hand,
    items: list[InkItem | PhotoItem],
    gaps: list[float],
    capital: float,
    start: tuple[float, float],
    angle: float,
    rng: np.random.Generator,
    text: str = "",
) -> TextLine:
    """Write items on a line.

    Args:
        hand: Whose.
        items: One or more.
        gaps: After each, in capital heights.
        capital: Pixels of a capital.
        start: x and y of where its baseline begins, in pixels.
        angle: Of its baseline, in radians, clockwise.
        rng: Source of chance.
        text: What it says, if that is known.
    """
    parts = lay_out(items, gaps, rng)
    matrix, pixels = hand.matrix, np.float32(capital)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    origin = np.array(start, np.float32)
    rasters, strokes = [], []
    for part in parts:
        if isinstance(part.item, PhotoItem):
            height = part.item.ink.shape[0]
            corner = np.array([part.x, part.bottom - height * part.scale], np.float32) * pixels
            shape = np.eye(2, dtype=np.float32) * np.float32(part.scale * capital)
            shift = corner @ turn + origin
            rasters.append(Raster(part.item.ink, np.concatenate([turn.T @ shape, shift[:, None]], axis=1)))
            continue
        height = int(part.item.points[:, 1].max())
        for stroke in strokes_of(part.item):
            points = stroke.astype(np.float32) * np.float32(part.scale)
            points += np.array([part.x, part.bottom - height * part.scale], np.float32)
            strokes.append(points)
    right = parts[-1].x + size_of(parts[-1].item)[0] * parts[-1].scale
    base = np.stack([np.linspace(0, right, max(2, int(right / 2))), np.zeros(max(2, int(right / 2)))], axis=1)
    if strokes:
        lengths = [len(stroke) for stroke in strokes]
        every = np.concatenate(strokes)
        if hand.haste > 0.05:
            every = hasten(every, np.cumsum(lengths), hand.haste)
        if hand.wobble:
            every = bend(every, hand.wobble, rng)
        every = (every @ matrix.T * pixels) @ turn + origin
        strokes = np.split(every.astype(np.float32), np.cumsum(lengths)[:-1])
    along = base.astype(np.float32) @ (matrix.T if strokes else np.eye(2, dtype=np.float32))
    baseline = (along * pixels) @ turn + origin
    tall = float(matrix[1, 1]) if strokes else 1.0
    pen = max(1.0, hand.pen * capital * float(np.exp(rng.normal(0, 0.05))))
    return TextLine(strokes, pen, rasters, baseline.astype(np.float32), X_HEIGHT * tall * capital, text)
