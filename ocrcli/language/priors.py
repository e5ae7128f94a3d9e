"""Priors of handwriting: height and position of each character, and which kind of character follows which.

There are two styles of writing: block capitals (large and small ones), and mixed case. The style with
the best score is chosen.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UPPER, LOWER, DIGIT, OTHER, START = range(5)
"""Kinds of characters; START stands before the first character of a row."""
KINDS = 5

NOT_A_LETTER = ""
"""Label of the class for crops of a part of a letter, several letters, or no letter."""

PLACE_SPREAD = 0.17
"""Standard deviation of the bottom and top of a letter from the place of its class, in capital heights."""

MAX_OFF = 3.0
"""Maximum deviation that counts, in `PLACE_SPREAD`: a badly fitted baseline must not outweigh the crop."""

SMALL_CAPITAL = 0.62
"""Height of small capitals, which stand for lower case in block capitals, in capital heights."""

CAPITAL_TWINS = "ckopsuvwxyz"
"""Lower-case letters of the same shape as their capitals, which differ only in size; in block capitals they are small
capitals."""

# Bottom and top of each class, in capital heights above the baseline, as print hands write them.
_PLACES = {
    "acemnorsuvwxz": (0.0, 0.62), "bdfhkl": (0.0, 1.0), "t": (0.0, 0.9), "i": (0.0, 0.9),
    "gpqy": (-0.35, 0.62), "j": (-0.35, 0.9), ".": (0.0, 0.14), ",": (-0.2, 0.15), "'`": (0.65, 1.0),
    '"': (0.65, 1.0), "^": (0.6, 1.0), "*": (0.4, 0.95), "-": (0.36, 0.48), "~": (0.35, 0.55),
    "_": (-0.08, 0.02), "=": (0.25, 0.6), ":": (0.05, 0.55), ";": (-0.2, 0.55), "+<>": (0.12, 0.72),
    "()[]{}|/\\": (-0.1, 1.05), "Q": (-0.1, 1.0), "$": (-0.1, 1.1),
}  # fmt: skip
PLACES = {char: place for chars, place in _PLACES.items() for char in chars}
"""Bottom and top of each character that does not reach from the baseline to the capital height."""

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
    """Log-probabilities of the kind of the next glyph, given the kind of this one.

    Args:
        style: One of `STYLES`.
        space: Whether there is a space between the two.

    Returns:
        (KINDS, KINDS), from row to column; START follows nothing.
    """
    table = np.zeros((KINDS, KINDS))
    table[:START, :START] = (_BETWEEN if space else _WITHIN)[style]
    table[START, :START] = _START[style]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(table))


def place_scores(places: Floats, labels: tuple[str, ...], style: str) -> Floats:
    """Log-likelihood of the height and position of each hypothesis for each class, up to a constant.

    Args:
        places: (m, 4) as in `Proposals.places`.
        labels: The classes.
        style: One of `STYLES`; in block capitals, capitals may be small capitals.

    Returns:
        (m, classes), each at most 0; 0 for *not a letter*, which has no expected place.
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
    """Bottom, lowest and highest top of each class, and which classes have no expected place."""
    bottoms, tops = np.array([PLACES.get(label, (0.0, 1.0)) for label in labels]).T
    small = style == "capitals"
    lowest = [SMALL_CAPITAL if small and label.isupper() else top for label, top in zip(labels, tops, strict=True)]
    return bottoms, np.array(lowest), tops, np.array([label == NOT_A_LETTER for label in labels])


def fold_small_capitals(log_p: Floats, labels: tuple[str, ...]) -> Floats:
    """Move the probability of lower-case letters that look like their capitals to the capitals.

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
    """Columns of the lower-case letters that look like their capitals, and columns of these capitals."""
    index = {label: number for number, label in enumerate(labels)}
    pairs = [(index[c], index[c.upper()]) for c in CAPITAL_TWINS if c in index and c.upper() in index]
    return [small for small, _ in pairs], [capital for _, capital in pairs]
