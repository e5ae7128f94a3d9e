"""Why a row was read as it was: what its score is made of, and what else was close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.language.model import EDGE, WORD_START, Language
from ocrcli.language.priors import START
from ocrcli.letters.decode import WEIGHTS, Weights, glyphs_of, parts_of, weighed
from ocrcli.letters.lattice import Lattice
from ocrcli.letters.row_reading import Decoded, RowReading
from ocrcli.letters.search import Reading, search

MAX_READINGS = 8
"""Readings of a line that are told of."""


@dataclass(frozen=True)
class ExplainedGlyph:
    """One glyph of the best reading. Parts of the score are in nats (logarithms of odds), weighted.

    Attributes:
        text: The character.
        confidence: Its probability, 0 to 1.
        crop: What the crop says of it.
        place: What its height and its place on the baseline say.
        geometry: What the gaps say: that its marks belong together, and to no other, and of a space before it.
        kinds: What the glyph before it says: capitals follow capitals, digits digits.
        language: What the letters before it say, and the word that it ends.
        others: What its marks may be instead with their probabilities, the likeliest first.
        instead: What stands at its place in the best reading of the row without it; may be several
            characters, or none, where the marks are cut or joined in another way.
        behind: By how much that reading of the row is worse.
    """

    text: str
    confidence: float
    crop: float
    place: float
    geometry: float
    kinds: float
    language: float
    others: tuple[tuple[str, float], ...]
    instead: str
    behind: float


@dataclass(frozen=True)
class Explanation:
    """A row's best reading, and what else there is.

    Attributes:
        style: One of `ocrcli.language.priors.STYLES`.
        readings: Texts of the row and by how much each is worse than the best, the best first.
        glyphs: Of the best reading, left to right.
    """

    style: str
    readings: tuple[tuple[str, float], ...]
    glyphs: tuple[ExplainedGlyph, ...]


def explain(row: RowReading, language: Language | None = None, weights: Weights = WEIGHTS) -> Explanation:
    """Explain a row that was read letter by letter.

    Args:
        row: What it says.
        language: What was known of the language when it was read.
        weights: Of the sources of knowledge when it was read.

    Raises:
        ValueError: If it was read at once.
    """
    how = row.decoded
    if how is None:
        raise ValueError("only rows that were read letter by letter have a lattice")
    known = weighed(language, weights)
    steps = list(zip(how.best.hypotheses.tolist(), how.best.classes.tolist(), strict=True))
    without = search([_without(how.lattice, *step) for step in steps], known, how.language_weight)
    places = parts_of(how.row, row.style, weights)
    expected = _expected(row, how, known)
    glyphs = []
    for (number, label), glyph, other, (kinds, letters) in zip(steps, row.glyphs, without, expected, strict=True):
        glyphs.append(
            ExplainedGlyph(
                glyph.text,
                glyph.confidence,
                float(places.crops[number, label]),
                float(places.places[number, label]),
                float(places.geometry[int(glyph.starts_word), number]),
                kinds,
                letters,
                glyph.alternatives,
                _between(how, other, number) if np.isfinite(other.score) else "",
                how.best.score - other.score,
            )
        )
    return Explanation(row.style, _readings(how, without), tuple(glyphs))


def _without(lattice: Lattice, hypothesis: int, label: int) -> Lattice:
    scores = lattice.scores.copy()
    scores[lattice.hypotheses == hypothesis, label] = -np.inf
    return replace(lattice, scores=scores)


def _readings(how: Decoded, others: Sequence[Reading]) -> tuple[tuple[str, float], ...]:
    """Texts with how far they are behind; the second is exact, since it lacks some glyph of the best."""
    found: dict[str, float] = {}
    for reading in sorted([how.best, *others], key=lambda reading: -reading.score):
        if np.isfinite(reading.score):
            glyphs = glyphs_of(how.row, reading)
            text = "".join(g.text if not g.starts_word else f" {g.text}" for g in glyphs).strip()
            found.setdefault(text, how.best.score - reading.score)
    return tuple(found.items())[:MAX_READINGS]


def _between(how: Decoded, reading: Reading, hypothesis: int) -> str:
    """What a reading has for the marks of a hypothesis, and for those it joins to them."""
    every = how.row.proposals.hypotheses
    marks = every[hypothesis]
    held = [every[number] for number in reading.hypotheses.tolist()]
    read = zip(held, glyphs_of(how.row, reading), strict=True)
    return "".join(glyph.text for h, glyph in read if h.first <= marks.last and h.last >= marks.first)


def _expected(row: RowReading, how: Decoded, language: Language | None) -> list[tuple[float, float]]:
    """What is known of each glyph of the best reading before it is seen: from kinds, and from the language."""
    lattice = how.lattice
    found: list[tuple[float, float]] = []
    kind, state = START, np.full(1, WORD_START, np.int64)
    for glyph, label in zip(row.glyphs, how.best.classes.tolist(), strict=True):
        kinds = float(lattice.tables[int(glyph.starts_word), kind, lattice.kinds[label]])
        kind = int(lattice.kinds[label])
        letters = 0.0
        if language is not None:
            if glyph.starts_word and found:
                found[-1] = found[-1][0], found[-1][1] + how.language_weight * float(language.at_end(state)[0])
                state = language.extended(state, np.array([EDGE]))
            symbol: NDArray[np.intp] = lattice.symbols[[label]]
            letters = how.language_weight * float(language.after(state, symbol)[0, 0])
            state = language.extended(state, symbol)
        found.append((kinds, letters))
    if language is not None and found:
        found[-1] = found[-1][0], found[-1][1] + how.language_weight * float(language.at_end(state)[0])
    return found
