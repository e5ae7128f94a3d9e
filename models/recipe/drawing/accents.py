"""Accents on letters of pen ink: the hands that taught the line reader wrote none."""

from __future__ import annotations

import unicodedata

import numpy as np
from numpy.typing import NDArray

from models.recipe.handwriting.words import InkItem
from ocrcli.language.priors import PLACES

SMALL, CAPITAL = (PLACES["x"][1], 1.0), (1.0, 1.25)
"""Where a letter ends and where its accent does, in capital heights above the baseline."""

CEDILLA = 0.25
"""How far it hangs below the baseline, in capital heights."""

DOT = "\u0307"
"""What some people put over capital I as well."""

HASTY = 0.2
"""Share of the acute and grave accents that are no more than a dot."""

# Strokes of each accent in a box of width and height 1, y down from its top.
_SHAPES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "\u0300": (((0.1, 0.0), (0.9, 1.0)),),
    "\u0301": (((0.9, 0.0), (0.1, 1.0)),),
    "\u0302": (((0.0, 1.0), (0.5, 0.0), (1.0, 1.0)),),
    "\u0303": (((0.0, 0.9), (0.25, 0.1), (0.7, 0.9), (1.0, 0.1)),),
    DOT: (((0.5, 0.0), (0.53, 0.2)),),
    "\u0308": (((0.05, 0.0), (0.08, 0.2)), ((0.9, 0.0), (0.93, 0.2))),
    "\u0327": (((0.55, 0.0), (0.45, 0.4), (0.8, 0.6), (0.6, 1.0), (0.2, 0.9)),),
}


def split(character: str) -> tuple[str, str]:
    """A letter and its accent, as a combining character; the accent is empty where there is none to draw."""
    apart = unicodedata.normalize("NFD", character)
    return (apart[0], apart[1]) if len(apart) == 2 and apart[1] in _SHAPES else (character, "")


def accented(letter: InkItem, accent: str, rng: np.random.Generator) -> InkItem:
    """Write an accent on a letter.

    Args:
        letter: One letter of pen ink.
        accent: A combining character that `split` knows.
        rng: Source of chance: how steep, how large and how far from the letter it is.

    Returns:
        The letter with strokes of its accent; its height is no longer 128 units.
    """
    points, offsets = _dotless(letter) if letter.text in "ij" else (letter.points, letter.offsets)
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    ends, top = CAPITAL if letter.text.isupper() else SMALL
    unit = (high[1] - low[1]) / ends
    wide = max(high[0] - low[0], 0.3 * unit) * rng.uniform(0.35, 0.75)
    middle = (low[0] + high[0]) / 2 + rng.uniform(-0.3, 0.3) * wide
    if accent == "\u0327":
        start, tall = high[1], CEDILLA * unit
    else:
        tall = (top - ends) * unit * rng.uniform(0.5, 0.9)
        start = low[1] - (top - ends) * unit
    added = []
    hasty = accent in "\u0300\u0301" and rng.random() < HASTY
    for shape in _SHAPES[DOT if hasty else accent]:
        stroke = np.array(shape) + rng.normal(0, 0.08, (len(shape), 2))
        added.append(stroke * (wide, tall) + (middle - wide / 2, start))
    every = np.concatenate([points, *added])
    every -= every.min(axis=0)
    lengths = [*np.diff(offsets), *(len(stroke) for stroke in added)]
    ends_of = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    whole = unicodedata.normalize("NFC", letter.text + accent)
    return InkItem(np.rint(every).astype(np.int16), ends_of, whole, letter.writer)


def _dotless(letter: InkItem) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
    """Points and strokes of an i or j without its dot; all of them where no stroke is one."""
    strokes = np.split(letter.points, letter.offsets[1:-1])
    limit = letter.points[:, 1].min() + 0.4 * np.ptp(letter.points[:, 1])
    kept = [stroke for stroke in strokes if stroke[:, 1].max() > limit]
    if not kept:
        return letter.points, letter.offsets
    ends = np.concatenate([[0], np.cumsum([len(stroke) for stroke in kept])])
    return np.concatenate(kept), ends.astype(np.int32)
