"""Finds the spaces between words, from the gaps between marks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrcli.letters.hypotheses import RowHypotheses
from ocrcli.letters.row_reading import ReadGlyph

Floats = NDArray[np.float64]

SPACE_EXTRA = 0.3
"""Capital heights; how much wider than the usual gap between letters a space is, at least. The gap within words is 0 to
0.7, depending on the writer; the extra width of a space varies far less."""

ENOUGH_GAPS = 6
"""Number of gaps that a row needs to have its own usual gap; with fewer, the median of the page counts too."""

SEARCH = 0.15
"""Share of the split within which it moves, to the middle of the widest range without gaps."""

UNSURE_GAP = 0.35
"""Capital heights; a gap closer to the split than this is uncertain."""

GAP_SLOPE = 12.0
"""Log-odds of a space per capital height above the split, as measured on the development pages."""

APART_GAP, ENOUGH_GLYPHS = 0.45, 4
"""Letters are far apart if their median gap is larger than this, in letter heights; needs at least this many glyphs.
Chosen on the development pages."""

DOUBLED = "=-_"
"""Two equal ones of these are never separated by a space, whatever the gap: `==`, `--`, `__`."""


def space_odds(rows: list[RowHypotheses]) -> list[Floats]:
    """Log-odds of a space before each mark, from the gaps alone.

    Args:
        rows: Hypotheses of each row of a page.

    Returns:
        For each row, (n,) log-odds for its marks; infinite where it is certain, and for the first mark.
    """
    gaps = [mark_gaps(row) for row in rows]
    known = np.concatenate([[], *(g[np.isfinite(g)] for g in gaps)])
    page_usual = float(np.median(known)) if len(known) else 0.0
    beyond = [g - gap_split(g[np.isfinite(g)], page_usual) for g in gaps]
    sure = [np.where(np.abs(b) < UNSURE_GAP, GAP_SLOPE * b, np.copysign(np.inf, b)) for b in beyond]
    return [np.concatenate([[np.inf], odds]) for odds in sure]


def mark_gaps(row: RowHypotheses) -> Floats:
    """Gap before each mark except the first, in capital heights; -inf if it may be one glyph with the mark before.

    Args:
        row: Hypotheses of a row.

    Returns:
        (n - 1,) float; negative where marks overlap.
    """
    single = np.array([h.first == h.last for h in row.hypotheses])
    left, right = row.places[single, 0], row.places[single, 2]
    bonded = np.concatenate([[False], (row.bonds > 0) | (row.parents[1:] == row.parents[:-1])])
    # Marks of one glyph count as one: the gap starts at the right end of all of them, such as the bar of a T.
    group = np.cumsum(~bonded) - 1
    lefts, rights = np.full(group[-1] + 1, np.inf), np.full(group[-1] + 1, -np.inf)
    np.minimum.at(lefts, group, left)
    np.maximum.at(rights, group, right)
    between = lefts[1:] - np.maximum.accumulate(rights)[:-1]
    gaps = np.full(len(left), -np.inf)
    gaps[1:][~bonded[1:]] = between
    return gaps[1:]


def gap_split(gaps: Floats, page_usual: float) -> float:
    """The split of a row: the gap, in capital heights, above which a word begins.

    Args:
        gaps: (n,) gaps of a row in capital heights.
        page_usual: Median gap of the page.
    """
    weight = min(1.0, len(gaps) / ENOUGH_GAPS)
    own = float(np.median(gaps)) if len(gaps) else page_usual
    split = SPACE_EXTRA + max(0.0, weight * own + (1 - weight) * page_usual)
    low, high = split * (1 - SEARCH), split * (1 + SEARCH)
    edges = np.concatenate([[low], np.sort(gaps[(gaps > low) & (gaps < high)]), [high]])
    widest = int(np.argmax(np.diff(edges)))
    return float(edges[widest] + edges[widest + 1]) / 2


def far_apart(row: Sequence[ReadGlyph]) -> bool:
    """Whether the letters of a row are far apart, as on an alphabet sheet; False if there are too few to tell.

    What is wider than high, mostly, is no row of letters but of joined words, each taken for one.
    """
    if len(row) < ENOUGH_GLYPHS:
        return False
    boxes = np.array([glyph.box for glyph in row])
    gaps = np.maximum(boxes[1:, 0] - boxes[:-1, 2], 0)
    wide, high = np.median(boxes[:, 2:] - boxes[:, :2], axis=0)
    return bool(np.median(gaps) > APART_GAP * high and wide <= high)


def split_words(row: Sequence[ReadGlyph]) -> list[list[ReadGlyph]]:
    """Split the glyphs of a row into words; no word is empty."""
    words: list[list[ReadGlyph]] = []
    for glyph in row:
        doubled = bool(words) and glyph.text == words[-1][-1].text and glyph.text in DOUBLED
        if not words or (glyph.starts_word and not doubled):
            words.append([])
        words[-1].append(glyph)
    return words


def text_of(row: Sequence[ReadGlyph]) -> str:
    """Text of a row, one space between words; empty for a row that was not read."""
    return " ".join("".join(glyph.text for glyph in word) for word in split_words(row))
