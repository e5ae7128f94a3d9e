"""A row's scored hypotheses -> the best reading.

The hypotheses of a row form a lattice, whose nodes are the places between marks; the path that explains
the row best is its reading (LeCun et al. 1998, "Gradient-based learning applied to document
recognition", section VI). What a crop cannot tell alone (0 or O, c or C, an apostrophe or a comma) is
told by the glyph's place, by the kind of its neighbours, and by the language.
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
"""How many other readings of a glyph are kept."""


@dataclass(frozen=True)
class Weights:
    """How much each source of knowledge counts against the crop's log-probability.

    The values were fitted on the development pages by `python -m models.recipe.language weights`; `words` and `skip`
    have been changed by hand since, as `models/language.md` says.

    Attributes:
        place: Of the log-likelihood of a glyph's place in its row.
        language: Of the language.
        words: Of one's own words against the language's letters.
        skip: Log-odds of a mark being left out as no writing, before its crop is seen.
        touching: Log-odds that letters touch in block capitals, against mixed case.
        temperature: Of the lattice; above 1 makes readings less sure than their scores say.
        apart: Of the language where letters stand far apart: in the boxes of a form they spell words, on an alphabet
            sheet they do not.
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
"""How much the rest of a page says at most, in log-odds, about the style of one of its rows."""


@dataclass(frozen=True)
class Parts:
    """What the score of a row's hypotheses is made of; all in log-odds, weighted.

    Attributes:
        crops: (m, classes) of the crop alone.
        places: (m, classes) of where it stands in the row.
        geometry: (2, m) of its marks' being one glyph, and none with the mark before; without and with a space
            before it.
    """

    crops: Floats
    places: Floats
    geometry: Floats


def parts_of(row: ScoredRow, style: str, weights: Weights = WEIGHTS) -> Parts:
    """The parts of a row's scores in one style."""
    first, last = _ends(row.proposals)
    bonds = row.proposals.bonds
    # The bonds within a hypothesis hold, the one before it is broken.
    held = np.concatenate([[0.0], np.cumsum(-np.logaddexp(0.0, -bonds))])
    broken = np.concatenate([[0.0], -np.logaddexp(0.0, bonds)])
    if style == "capitals":
        broken[1:] += weights.touching * (row.proposals.parents[1:] == row.proposals.parents[:-1])
    with np.errstate(divide="ignore"):
        space, none = -np.logaddexp(0.0, -row.spaces), -np.logaddexp(0.0, row.spaces)
    # No glyph reaches over a space: an impossible one costs more than any reading is worth.
    inside = np.cumsum(np.maximum(none, FORBIDDEN))
    together = held[last] - held[first] + broken[first] + inside[last] - inside[first]
    geometry = np.stack([together + none[first], together + space[first]])
    geometry[:, together < FORBIDDEN / 2] = -np.inf
    crops = row.log_p.astype(float)
    if style == "capitals":
        crops = priors.fold_small_capitals(crops, row.labels)
    return Parts(crops, weights.place * priors.place_scores(row.proposals.places, row.labels, style), geometry)


def build_lattice(row: ScoredRow, style: str, weights: Weights = WEIGHTS) -> Lattice:
    """Put a row's scores together.

    Args:
        row: Hypotheses of the row and their scores.
        style: One of `ocrcli.language.priors.STYLES`.
        weights: Of the parts.
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
        alone = (first == last)[of]  # a stain, or the stroke that joins two letters
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
    """Kind and symbol of each class; the same for every row of every page."""
    kinds, symbols = [priors.kind_of(label) for label in labels], [symbol_of(label) for label in labels]
    return np.array(kinds, np.intp), np.array(symbols, np.intp)


def glyphs_of(row: ScoredRow, reading: Reading) -> tuple[ReadGlyph, ...]:
    """The glyphs of one way to read a row, left to right."""
    found = []
    steps = zip(reading.hypotheses.tolist(), reading.classes.tolist(), reading.spaced.tolist(), strict=True)
    for number, chosen, spaced in steps:
        ranked = sorted(zip(reading.p[number].tolist(), reading.labels[number].tolist(), strict=True), reverse=True)
        others = tuple((row.labels[label], p) for p, label in ranked if label != chosen and p > 0)[:ALTERNATIVES]
        confidence = next(p for p, label in ranked if label == chosen)
        found.append(ReadGlyph(row.labels[chosen], confidence, others, row.proposals.hypotheses[number].box, spaced))
    return tuple(found)


def styles_of(lattices: dict[str, list[Lattice]]) -> list[str]:
    """The style of each row of a page: the one under which it scores best, without a language.

    A page is mostly in one style, so that the other rows have a say, which counts where a row is short; but
    a heading in capitals over a text in mixed case is read as such.

    Args:
        lattices: The rows of the page in each of `ocrcli.language.priors.STYLES`.
    """
    found = best_scores([lattice for rows in lattices.values() for lattice in rows])
    mixed, capitals = found.reshape(len(lattices), -1)
    odds = capitals - mixed
    others = np.clip(odds.sum() - odds, -OTHER_ROWS, OTHER_ROWS)
    return ["capitals" if odd > 0 else "mixed" for odd in odds + others]


def with_word_weight(language: Language | None, weights: Weights) -> Language | None:
    """The language with one's own words weighted against its letters."""
    return language and replace(language, bonuses=language.bonuses * np.float32(weights.words))


def read_rows(rows: list[ScoredRow], language: Language | None = None, weights: Weights = WEIGHTS) -> list[RowReading]:
    """Read all rows of a page.

    Args:
        rows: Hypotheses of each row with their scores.
        language: What is known of the language that is written, if anything.
        weights: Of the sources of knowledge.
    """
    lattices = {style: [build_lattice(row, style, weights) for row in rows] for style in priors.STYLES}
    chosen = styles_of(lattices)
    best = [lattices[style][number] for number, style in enumerate(chosen)]
    return _searched(list(zip(rows, chosen, best, strict=True)), language, weights)


def read_again(rows: Sequence[RowReading], language: Language | None) -> list[RowReading]:
    """Read rows that have been read letter by letter, in another language."""
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
