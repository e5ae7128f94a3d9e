"""A row's scored hypotheses -> the best reading.

The hypotheses of a row form a lattice, whose nodes are the places between marks; the path that explains
the row best is its reading (LeCun et al. 1998, "Gradient-based learning applied to document
recognition", section VI). What a crop cannot tell alone (0 or O, c or C, an apostrophe or a comma) is
told by the glyph's place, by the kind of its neighbours, and by the language.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocrcli import styles
from ocrcli.language import Language, symbol_of
from ocrcli.proposals import Hypothesis, Proposals
from ocrcli.search import Lattice, Reading, search
from ocrcli.styles import NOT_A_LETTER

Floats = NDArray[np.float64]

ALTERNATIVES = 4
"""How many other readings of a glyph are kept."""

PLACE_WEIGHT = 0.6
"""Of the place's log-likelihood against the crop's."""

SKIP = -2.5
"""Log-odds of a mark being left out as no writing, before its crop is seen."""

LANGUAGE_WEIGHT = 0.6
"""Of the language's log-probabilities against the crop's; fitted on the development pages."""


@dataclass(frozen=True)
class ReadGlyph:
    """One decoded glyph.

    Attributes:
        text: The character.
        confidence: Its probability among all readings of the row.
        alternatives: The likeliest other characters of the same marks with their probabilities.
        hypothesis: Which marks it was read from.
        starts_word: Whether a space comes before it.
    """

    text: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    hypothesis: Hypothesis
    starts_word: bool


def build(
    row: Proposals, log_p: NDArray[np.float32], starts: NDArray[np.bool_], labels: tuple[str, ...], style: str
) -> Lattice:
    """Put a row's scores together.

    Args:
        row: Hypotheses of the row.
        log_p: (m, classes) log-probabilities of the classifier.
        starts: (n,) bool, which marks begin a word.
        labels: The classes.
        style: One of `ocrcli.styles.STYLES`.
    """
    first = np.array([h.first for h in row.hypotheses])
    last = np.array([h.last for h in row.hypotheses])
    # Geometry: the bonds within a hypothesis hold, the one before it is broken.
    held = np.concatenate([[0.0], np.cumsum(-np.logaddexp(0.0, -row.bonds))])
    broken = np.concatenate([[0.0], -np.logaddexp(0.0, row.bonds)])
    geometry = held[last] - held[first] + broken[first]
    words = np.cumsum(starts)
    geometry[words[first] != words[last]] = -np.inf  # no glyph reaches over a space

    crop_scores = log_p.astype(float)
    if style == "capitals":
        crop_scores = styles.fold_small_capitals(crop_scores, labels)
    letter_scores = crop_scores + PLACE_WEIGHT * styles.place_scores(row.places, labels, style)
    scores = letter_scores + geometry[:, None]
    skip = np.full(len(first), -np.inf)
    if NOT_A_LETTER in labels:
        column = labels.index(NOT_A_LETTER)
        alone = first == last  # a stain, or the stroke that joins two letters
        skip[alone] = SKIP + crop_scores[alone, column] + geometry[alone]
        scores[:, column] = -np.inf
    tables = np.stack([styles.transitions(style, space) for space in (False, True)])
    return Lattice(first, last, scores, skip, starts, tables, *_classes(labels))


@cache
def _classes(labels: tuple[str, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Kind and symbol of each class; the same for every row of every page."""
    kinds, symbols = [styles.kind_of(label) for label in labels], [symbol_of(label) for label in labels]
    return np.array(kinds, np.intp), np.array(symbols, np.intp)


def _glyphs(row: Proposals, reading: Reading, starts: NDArray[np.bool_], labels: tuple[str, ...]) -> list[ReadGlyph]:
    found = []
    beyond = 0
    for edge, chosen in zip(reading.edges.tolist(), reading.classes.tolist(), strict=True):
        ranked = sorted(zip(reading.p[edge].tolist(), reading.labels[edge].tolist(), strict=True), reverse=True)
        others = tuple((labels[label], p) for p, label in ranked if label != chosen and p > 0)[:ALTERNATIVES]
        confidence = next(p for p, label in ranked if label == chosen)
        hypothesis = row.hypotheses[edge]
        # The mark that began the word may have been left out.
        spaced = bool(starts[beyond : hypothesis.first + 1].any())
        beyond = hypothesis.last + 1
        found.append(ReadGlyph(labels[chosen], confidence, others, hypothesis, spaced))
    return found


def decode(
    rows: list[Proposals],
    log_ps: list[NDArray[np.float32]],
    starts: list[NDArray[np.bool_]],
    labels: tuple[str, ...],
    language: Language | None = None,
) -> list[list[ReadGlyph]]:
    """Read all rows of a page.

    A page is in one style: the one under which its rows score best.

    Args:
        rows: Hypotheses of each row.
        log_ps: For each row (m, classes) log-probabilities of the classifier.
        starts: For each row (n,) bool, which marks begin a word.
        labels: The classes.
        language: Letter statistics of what is written, if known.

    Returns:
        The glyphs of each row, left to right.
    """
    parts = list(zip(rows, log_ps, starts, strict=True))
    found = {
        style: search([build(*part, labels, style) for part in parts], language, LANGUAGE_WEIGHT)
        for style in styles.STYLES
    }
    best = max(styles.STYLES, key=lambda style: sum(reading.score for reading in found[style]))
    return [_glyphs(row, reading, begin, labels) for (row, _, begin), reading in zip(parts, found[best], strict=True)]
