"""The reading of a row, by the letter classifier or the line recognizer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.letters.hypotheses import RowHypotheses
from ocrcli.letters.lattice import Floats, Lattice
from ocrcli.letters.search import Reading

LETTERS, LINES = "letters", "lines"
"""Names of the recognizers: letter by letter, or whole text lines."""


@dataclass(frozen=True)
class ReadGlyph:
    """One character that was read.

    Attributes:
        text: The character.
        confidence: Probability, 0 to 1, that it is right.
        alternatives: Other characters with their probabilities, the likeliest first.
        box: left, top, right, bottom in pixels of the working image, the last two exclusive.
        starts_word: Whether a space comes before it.
    """

    text: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    box: tuple[int, int, int, int]
    starts_word: bool


@dataclass(frozen=True)
class ScoredRow:
    """Hypotheses of a row with the scores of the letter classifier.

    Attributes:
        proposals: The hypotheses.
        log_p: (m, classes) log-probabilities from the letter classifier.
        spaces: (n,) log-odds of a space before each mark, from the gaps; infinite where it is certain.
        labels: The character of each class.
    """

    proposals: RowHypotheses
    log_p: NDArray[np.float32]
    spaces: Floats
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Decoded:
    """A row that was read letter by letter, with everything that led to the reading.

    Attributes:
        row: The scored hypotheses.
        lattice: Their lattice.
        best: The best path, and the posterior of each hypothesis.
        language_weight: Weight of the language model in the search.
    """

    row: ScoredRow
    lattice: Lattice
    best: Reading
    language_weight: float


@dataclass(frozen=True)
class RowReading:
    """The reading of a row.

    Attributes:
        recognizer: `LETTERS` or `LINES`.
        glyphs: Glyphs of the best reading, left to right; empty if nothing was read.
        style: One of `ocrcli.language.priors.STYLES`.
        readings: From the line recognizer: texts, the best first, each with how much worse it is than the best one, in
            nats. Empty for a row that was read letter by letter; they can be computed from `decoded`.
        decoded: Lattice and best path of a row that was read letter by letter; None for the line recognizer.
    """

    recognizer: str
    glyphs: tuple[ReadGlyph, ...] = ()
    style: str = "mixed"
    readings: tuple[tuple[str, float], ...] = ()
    decoded: Decoded | None = None
