"""Explanation of a text line that was read letter by letter: the parts of its score, and the runner-up readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.language.model import EDGE, WORD_START, Language
from ocrcli.language.priors import START
from ocrcli.letters.decode import WEIGHTS, Weights, glyphs_of, parts_of, with_word_weight
from ocrcli.letters.lattice import Lattice
from ocrcli.letters.row_reading import Decoded, RowReading
from ocrcli.letters.search import Reading, search

MAX_READINGS = 8
"""Largest number of readings of a line that are listed."""


@dataclass(frozen=True)
class ExplainedGlyph:
    """One glyph of the best reading. The parts of the score are weighted log-probabilities, in nats.

    Attributes:
        text: The character.
        confidence: Its probability, 0 to 1.
        crop: Score of the letter classifier for its crop.
        place: Score of its height and its position relative to the baseline.
        geometry: Score of the gaps: that its connected components form one glyph, and of a space before it.
        kinds: Score of its kind after the kind of the glyph before it: capitals follow capitals, digits follow digits.
        language: Score of the language model, including the end of a word.
        others: Other characters of the same components with their probabilities, the most probable first.
        instead: What the best reading of the line without this glyph has in its place: several characters, one, or
            none, because the components may be cut or joined in another way.
        behind: By how much that reading is worse, in nats.
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
    """The readings of a text line, and the glyphs of the best one.

    Attributes:
        style: Style of the line, one of `ocrcli.language.priors.STYLES`.
        readings: Texts, the best first, and by how much each is worse than the best, in nats.
        glyphs: The glyphs of the best reading, left to right.
    """

    style: str
    readings: tuple[tuple[str, float], ...]
    glyphs: tuple[ExplainedGlyph, ...]


def explain(row: RowReading, language: Language | None = None, weights: Weights = WEIGHTS) -> Explanation:
    """Explain a text line that was read letter by letter.

    Args:
        row: The line.
        language: The language model with which it was read.
        weights: The decoder weights with which it was read.

    Raises:
        ValueError: If the line recognizer read it, which has no lattice.
    """
    how = row.decoded
    if how is None:
        raise ValueError("only lines that were read letter by letter have a lattice")
    known = with_word_weight(language, weights)
    steps = list(zip(how.best.hypotheses.tolist(), how.best.classes.tolist(), strict=True))
    without = search([_lattice_without(how.lattice, *step) for step in steps], known, how.language_weight)
    places = parts_of(how.row, row.style, weights)
    expected = _prior_scores(row, how, known)
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
                _text_instead(how, other, number) if np.isfinite(other.score) else "",
                how.best.score - other.score,
            )
        )
    return Explanation(row.style, _readings(how, without), tuple(glyphs))


def _lattice_without(lattice: Lattice, hypothesis: int, label: int) -> Lattice:
    scores = lattice.scores.copy()
    scores[lattice.hypotheses == hypothesis, label] = -np.inf
    return replace(lattice, scores=scores)


def _readings(how: Decoded, others: Sequence[Reading]) -> tuple[tuple[str, float], ...]:
    """Readings with how far they are behind. The second one is exact, because it must lack some glyph of the best."""
    found: dict[str, float] = {}
    for reading in sorted([how.best, *others], key=lambda reading: -reading.score):
        if np.isfinite(reading.score):
            glyphs = glyphs_of(how.row, reading)
            text = "".join(g.text if not g.starts_word else f" {g.text}" for g in glyphs).strip()
            found.setdefault(text, how.best.score - reading.score)
    return tuple(found.items())[:MAX_READINGS]


def _text_instead(how: Decoded, reading: Reading, hypothesis: int) -> str:
    """The text that a reading has for the components of a hypothesis and for those it joins to them."""
    every = how.row.proposals.hypotheses
    marks = every[hypothesis]
    held = [every[number] for number in reading.hypotheses.tolist()]
    read = zip(held, glyphs_of(how.row, reading), strict=True)
    return "".join(glyph.text for h, glyph in read if h.first <= marks.last and h.last >= marks.first)


def _prior_scores(row: RowReading, how: Decoded, language: Language | None) -> list[tuple[float, float]]:
    """For each glyph of the best reading: the score of its kind, and the score of the language model."""
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
