"""Words of pen ink that were struck out."""

from __future__ import annotations

import numpy as np

from models.recipe.drawing.signs import UNITS, WRITER
from models.recipe.drawing.text_lines import X_HEIGHT, Part
from models.recipe.handwriting.words import InkItem, size_of
from models.recipe.synthesis.drawing import strike_curves
from ocrcli.lines.struck import STRUCK

SHARE = 0.08
"""Of the rows of pen ink that have a word struck out; people strike out less."""


def some_struck(parts: list[Part], text: str, rng: np.random.Generator) -> tuple[list[Part], str]:
    """Strike out one word, some of the time.

    Args:
        parts: A row of pen ink, in the order of its text.
        text: What it says; the part of one item of several characters is one word.
        rng: Source of chance.

    Returns:
        The parts with the strokes through the word, and the text with `STRUCK` after it, or in its place where it can
        no longer be read.
    """
    words = text.split(" ")
    if rng.random() >= SHARE or len(words) < 2:
        return parts, text
    chosen = int(rng.integers(len(words)))
    owned = _parts_of(parts, words)[chosen]
    low = min(part.x for part in owned)
    high = max(part.x + size_of(part.item)[0] * part.scale for part in owned)
    tall = X_HEIGHT if words[chosen].islower() else 1.0
    curves, legible = strike_curves(rng, (low * UNITS, -tall * UNITS, high * UNITS, 0.0))
    words[chosen] = words[chosen] * legible + STRUCK
    points = np.concatenate(curves)
    corner = points.min(axis=0)
    offsets = np.cumsum([0, *(len(curve) for curve in curves)]).astype(np.int32)
    item = InkItem(np.rint(points - corner).astype(np.int16), offsets, "", WRITER)
    stroke = Part(item, 1 / UNITS, corner[0] / UNITS, float(points[:, 1].max()) / UNITS)
    return [stroke, *parts], " ".join(words)


def _parts_of(parts: list[Part], words: list[str]) -> list[list[Part]]:
    """The parts of each word."""
    left, found = list(parts), []
    for word in words:
        owned, length = [], 0
        while length < len(word):
            owned.append(left.pop(0))
            length += len(owned[-1].item.text)
        found.append(owned)
    return found
