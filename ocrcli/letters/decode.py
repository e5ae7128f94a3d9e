"""Decodes rows: from the scored hypotheses of a row to its text.

The hypotheses of a row form a lattice whose nodes are the places between marks. The best path through it is the reading
(LeCun et al. 1998, "Gradient-based learning applied to document recognition", section VI). A crop alone cannot tell 0
from O, c from C, or an apostrophe from a comma: for these, the score of a path also has priors for the position of the
glyph and for the kinds of its neighbours, and the language model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocrcli.language import priors
from ocrcli.language.model import Language, symbol_of
from ocrcli.language.priors import NOT_A_LETTER
from ocrcli.letters.hypotheses import RowHypotheses
from ocrcli.letters.lattice import Floats, Lattice
from ocrcli.letters.row_reading import LETTERS, Decoded, ReadGlyph, RowReading, ScoredRow
from ocrcli.letters.search import Reading, search
from ocrcli.letters.spaces import far_apart
from ocrcli.letters.viterbi import best_scores

ALTERNATIVES = 4
"""Number of alternatives that are kept for each glyph."""


@dataclass(frozen=True)
class Weights:
    """Weights of the parts of a path's score; the log-probability of the letter classifier has weight 1.

    The values were fitted on the development pages by `python -m models.recipe.language weights`; `words` and `skip`
    have been changed by hand since, as `models/language.md` says.

    Attributes:
        place: Weight of the prior for the size and position of a glyph in its row.
        language: Weight of the language model.
        words: Weight of the user's own words, relative to the character n-grams.
        skip: Prior log-odds that a mark is not writing and is left out.
        touching: Log-odds that letters touch in block capitals, relative to mixed case.
        temperature: Divides the scores of the lattice for the posteriors; above 1, it lowers the confidences.
        apart: Weight of the language model where letters stand far apart: in the boxes of a form they spell words, on
            an alphabet sheet they do not.
    """

    place: float = 0.4
    language: float = 0.5
    words: float = 0.5
    skip: float = -3.0
    touching: float = -1.0
    temperature: float = 1.5
    apart: float = 0.1


WEIGHTS = Weights()

FORBIDDEN = -1e6

OTHER_ROWS = 5.0
"""Log-odds; largest influence of the other rows of a page on the style of one row."""


@dataclass(frozen=True)
class Parts:
    """Parts of the scores of a row's hypotheses, with their weights applied; in nats.

    Attributes:
        crops: (m, classes) from the letter classifier, by the crop alone.
        places: (m, classes) from the prior for size and position in the row.
        geometry: (2, m) that the marks are one glyph, separate from the mark before; without a space before it, and
            with one.
    """

    crops: Floats
    places: Floats
    geometry: Floats


def parts_of(row: ScoredRow, style: str, weights: Weights = WEIGHTS) -> Parts:
    """Compute the parts of the scores of a row, if it is written in this style."""
    first, last = _ends(row.proposals)
    bonds = row.proposals.bonds
    # The marks of a hypothesis belong together, and the first one does not belong to the mark before.
    held = np.concatenate([[0.0], np.cumsum(-np.logaddexp(0.0, -bonds))])
    broken = np.concatenate([[0.0], -np.logaddexp(0.0, bonds)])
    if style == "capitals":
        broken[1:] += weights.touching * (row.proposals.parents[1:] == row.proposals.parents[:-1])
    with np.errstate(divide="ignore"):
        space, none = -np.logaddexp(0.0, -row.spaces), -np.logaddexp(0.0, row.spaces)
    # No glyph contains a space: the cost of an impossible hypothesis is larger than any score.
    inside = np.cumsum(np.maximum(none, FORBIDDEN))
    together = held[last] - held[first] + broken[first] + inside[last] - inside[first]
    geometry = np.stack([together + none[first], together + space[first]])
    geometry[:, together < FORBIDDEN / 2] = -np.inf
    crops = row.log_p.astype(float)
    if style == "capitals":
        crops = priors.fold_small_capitals(crops, row.labels)
    return Parts(crops, weights.place * priors.place_scores(row.proposals.places, row.labels, style), geometry)


def build_lattice(row: ScoredRow, style: str, weights: Weights = WEIGHTS) -> Lattice:
    """Build the lattice of a row from its scored hypotheses.

    Args:
        row: Hypotheses of the row and their scores.
        style: One of `ocrcli.language.priors.STYLES`.
        weights: Weights of the parts of the score.
    """
    first, last = _ends(row.proposals)
    parts = parts_of(row, style, weights)
    possible = np.isfinite(parts.geometry)
    possible[0] |= ~possible.any(axis=0)
    spaced, of = np.nonzero(possible)
    scores = (parts.crops + parts.places)[of] + parts.geometry[spaced, of][:, None]
    skip = np.full(len(of), -np.inf)
    if NOT_A_LETTER in row.labels:
        column = row.labels.index(NOT_A_LETTER)
        alone = (first == last)[of]  # it may be a stain, or the stroke that joins two letters
        skip[alone] = weights.skip + parts.crops[of[alone], column] + parts.geometry[spaced[alone], of[alone]]
        scores[:, column] = -np.inf
    tables = np.stack([priors.transitions(style, space) for space in (False, True)])
    ends = first[of], last[of]
    return Lattice(len(row.spaces), of, *ends, spaced == 1, scores, skip, tables, *_classes(row.labels))


def _ends(row: RowHypotheses) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    ends = np.array([(h.first, h.last) for h in row.hypotheses], np.intp)
    return ends[:, 0], ends[:, 1]


@cache
def _classes(labels: tuple[str, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Kind and language model symbol of each class; cached, as all rows have the same classes."""
    kinds, symbols = [priors.kind_of(label) for label in labels], [symbol_of(label) for label in labels]
    return np.array(kinds, np.intp), np.array(symbols, np.intp)


def glyphs_of(row: ScoredRow, reading: Reading) -> tuple[ReadGlyph, ...]:
    """The glyphs of a reading, left to right, with confidences and alternatives."""
    found = []
    steps = zip(reading.hypotheses.tolist(), reading.classes.tolist(), reading.spaced.tolist(), strict=True)
    for number, chosen, spaced in steps:
        ranked = sorted(zip(reading.p[number].tolist(), reading.labels[number].tolist(), strict=True), reverse=True)
        others = tuple((row.labels[label], p) for p, label in ranked if label != chosen and p > 0)[:ALTERNATIVES]
        confidence = next(p for p, label in ranked if label == chosen)
        found.append(ReadGlyph(row.labels[chosen], confidence, others, row.proposals.hypotheses[number].box, spaced))
    return tuple(found)


def styles_of(lattices: dict[str, list[Lattice]]) -> list[str]:
    """Choose the style of each row of a page: the one with the best score, without a language model.

    Most pages have one style, so the other rows count too, which helps where a row is short. A heading in capitals over
    a text in mixed case still gets its own style.

    Args:
        lattices: For each of `ocrcli.language.priors.STYLES`, the lattices of the rows of the page.

    Returns:
        For each row, ``capitals`` or ``mixed``.
    """
    found = best_scores([lattice for rows in lattices.values() for lattice in rows])
    mixed, capitals = found.reshape(len(lattices), -1)
    odds = capitals - mixed
    others = np.clip(odds.sum() - odds, -OTHER_ROWS, OTHER_ROWS)
    return ["capitals" if odd > 0 else "mixed" for odd in odds + others]


def with_word_weight(language: Language | None, weights: Weights) -> Language | None:
    """The language model with the weight of the user's own words applied."""
    return language and replace(language, bonuses=language.bonuses * np.float32(weights.words))


def read_rows(rows: list[ScoredRow], language: Language | None = None, weights: Weights = WEIGHTS) -> list[RowReading]:
    """Read all rows of a page letter by letter.

    Args:
        rows: Hypotheses of each row with their scores.
        language: The language model, or None.
        weights: Weights of the parts of the score.
    """
    lattices = {style: [build_lattice(row, style, weights) for row in rows] for style in priors.STYLES}
    chosen = styles_of(lattices)
    best = [lattices[style][number] for number, style in enumerate(chosen)]
    return _searched(list(zip(rows, chosen, best, strict=True)), language, weights)


def read_again(rows: Sequence[RowReading], language: Language | None) -> list[RowReading]:
    """Repeat the search with another language model, for rows that were read letter by letter."""
    decoded = [(row.decoded.row, row.style, row.decoded.lattice) for row in rows if row.decoded]
    return _searched(decoded, language, WEIGHTS)


def _searched(
    rows: Sequence[tuple[ScoredRow, str, Lattice]], language: Language | None, weights: Weights
) -> list[RowReading]:
    known = with_word_weight(language, weights)

    def read(some: Sequence[tuple[ScoredRow, str, Lattice]], weight: float) -> list[RowReading]:
        found = search([lattice for _, _, lattice in some], known, weight, weights.temperature)
        return [
            RowReading(LETTERS, glyphs_of(row, best), style, decoded=Decoded(row, lattice, best, weight))
            for (row, style, lattice), best in zip(some, found, strict=True)
        ]

    found = read(rows, weights.language)
    apart = [number for number, row in enumerate(found) if far_apart(row.glyphs)] if known else []
    for number, again in zip(apart, read([rows[number] for number in apart], weights.apart), strict=True):
        found[number] = again
    return found
