"""What is known of handwriting before a crop is seen: where letters stand, and which kind follows which.

Two styles of writing differ enough to be told apart: block capitals (large and small ones), and
mixed case. A page is in the one under which it reads best.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UPPER, LOWER, DIGIT, OTHER, START = range(5)
"""Kinds of characters; START is what comes before the first one of a row."""
KINDS = 5

NOT_A_LETTER = ""
"""The label of crops that hold a piece of a letter, several letters, or none."""

PLACE_SPREAD = 0.17
"""Capital heights; how far the ends of a letter usually are from where its class has them."""

MAX_OFF = 3.0
"""Spreads; farther off is no worse, since a badly fitted baseline must not outvote the crop."""

SMALL_CAPITAL = 0.62
"""Height of small capitals, written for lower case among block capitals, in capital heights."""

CAPITAL_TWINS = "ckopsuvwxyz"
"""Lower-case letters whose capitals have the same shape, so that only size tells them apart; among
block capitals they are small capitals."""

# Bottom and top of each class, in capital heights above the baseline, as print hands write them.
_PLACES = {
    "acemnorsuvwxz": (0.0, 0.62), "bdfhkl": (0.0, 1.0), "t": (0.0, 0.9), "i": (0.0, 0.9),
    "gpqy": (-0.35, 0.62), "j": (-0.35, 0.9), ".": (0.0, 0.14), ",": (-0.2, 0.15), "'`": (0.65, 1.0),
    '"': (0.65, 1.0), "^": (0.6, 1.0), "*": (0.4, 0.95), "-": (0.36, 0.48), "~": (0.35, 0.55),
    "_": (-0.08, 0.02), "=": (0.25, 0.6), ":": (0.05, 0.55), ";": (-0.2, 0.55), "+<>": (0.12, 0.72),
    "()[]{}|/\\": (-0.1, 1.05), "Q": (-0.1, 1.0), "$": (-0.1, 1.1),
}  # fmt: skip
PLACES = {char: place for chars, place in _PLACES.items() for char in chars}
"""Characters that do not stand on the baseline at capital height."""

# Probability of the next glyph's kind (columns: upper, lower, digit, other) after each kind (rows).
_START = {"mixed": (0.42, 0.35, 0.13, 0.10), "capitals": (0.72, 0.01, 0.17, 0.10)}
_WITHIN = {
    "mixed": (
        (0.45, 0.47, 0.03, 0.05),
        (0.01, 0.92, 0.01, 0.06),
        (0.04, 0.03, 0.80, 0.13),
        (0.15, 0.45, 0.20, 0.20),
    ),
    "capitals": (
        (0.93, 0.01, 0.02, 0.04),
        (0.50, 0.25, 0.10, 0.15),
        (0.05, 0.01, 0.82, 0.12),
        (0.45, 0.01, 0.29, 0.25),
    ),
}
_BETWEEN = {
    "mixed": (
        (0.40, 0.45, 0.08, 0.07),
        (0.15, 0.70, 0.07, 0.08),
        (0.18, 0.32, 0.42, 0.08),
        (0.25, 0.45, 0.20, 0.10),
    ),
    "capitals": (
        (0.87, 0.01, 0.07, 0.05),
        (0.60, 0.15, 0.15, 0.10),
        (0.34, 0.01, 0.57, 0.08),
        (0.60, 0.01, 0.25, 0.14),
    ),
}

STYLES = tuple(_START)


def kind_of(label: str) -> int:
    """The kind of a character."""
    return UPPER if label.isupper() else LOWER if label.islower() else DIGIT if label.isdigit() else OTHER


@cache
def transitions(style: str, space: bool) -> Floats:
    """Log-probabilities of the next glyph's kind.

    Args:
        style: One of `STYLES`.
        space: Whether a space comes between.

    Returns:
        (KINDS, KINDS), from row to column; nothing leads to START.
    """
    table = np.zeros((KINDS, KINDS))
    table[:START, :START] = (_BETWEEN if space else _WITHIN)[style]
    table[START, :START] = _START[style]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(table))


def place_scores(places: Floats, labels: tuple[str, ...], style: str) -> Floats:
    """Log-likelihood of each hypothesis' place for each class, up to a constant.

    Args:
        places: (m, 4) as in `Proposals.places`.
        labels: The classes.
        style: One of `STYLES`; block capitals may be small capitals.

    Returns:
        (m, classes), each at most 0; 0 for *not a letter*, which may be anywhere.
    """
    bottoms, lowest, tops, anywhere = _expected(labels, style)
    off_bottom = np.abs(places[:, 3:4] - bottoms)
    off_top = np.maximum(np.maximum(places[:, 1:2] - tops, lowest - places[:, 1:2]), 0)
    scores = sum(-0.5 * np.minimum(off / PLACE_SPREAD, MAX_OFF) ** 2 for off in (off_bottom, off_top))
    scores = np.asarray(scores)
    scores[:, anywhere] = 0
    return scores


@cache
def _expected(labels: tuple[str, ...], style: str) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Bottom, lowest and highest top of each class, and which of them may be anywhere."""
    bottoms, tops = np.array([PLACES.get(label, (0.0, 1.0)) for label in labels]).T
    small = style == "capitals"
    lowest = [SMALL_CAPITAL if small and label.isupper() else top for label, top in zip(labels, tops, strict=True)]
    return bottoms, np.array(lowest), tops, np.array([label == NOT_A_LETTER for label in labels])


def fold_small_capitals(log_p: Floats, labels: tuple[str, ...]) -> Floats:
    """Give the probability of a small letter that looks like its capital to the capital.

    Args:
        log_p: (m, classes) log-probabilities.
        labels: The classes.
    """
    small, capital = _twins(labels)
    folded = log_p.copy()
    folded[:, capital] = np.logaddexp(log_p[:, capital], log_p[:, small])
    folded[:, small] = -np.inf
    return folded


@cache
def _twins(labels: tuple[str, ...]) -> tuple[list[int], list[int]]:
    """Columns of the small letters that look like their capitals, and of these."""
    index = {label: number for number, label in enumerate(labels)}
    pairs = [(index[c], index[c.upper()]) for c in CAPITAL_TWINS if c in index and c.upper() in index]
    return [small for small, _ in pairs], [capital for _, capital in pairs]
