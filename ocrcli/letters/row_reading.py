"""What a row of marks says, whichever recognizer read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.letters.hypotheses import RowHypotheses
from ocrcli.letters.lattice import Floats, Lattice
from ocrcli.letters.search import Reading

LETTERS, LINES = "letters", "lines"
"""The recognizers: letter by letter, or the text line at once."""


@dataclass(frozen=True)
class ReadGlyph:
    """One character that was read.

    Attributes:
        text: The character.
        confidence: Probability, 0 to 1, that it is right.
        alternatives: Other characters at its place with their probabilities, the likeliest first.
        box: left, top, right, bottom in pixels of the image that is read, the last two exclusive.
        starts_word: Whether a space comes before it.
    """

    text: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    box: tuple[int, int, int, int]
    starts_word: bool


@dataclass(frozen=True)
class ScoredRow:
    """A row's hypotheses with what the classifier says of them.

    Attributes:
        proposals: The hypotheses.
        log_p: (m, classes) log-probabilities of the classifier.
        spaces: (n,) log-odds of a space before each mark, from the gaps; infinite where there is no doubt.
        labels: The classes.
    """

    proposals: RowHypotheses
    log_p: NDArray[np.float32]
    spaces: Floats
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Decoded:
    """How a row was read letter by letter.

    Attributes:
        row: What was known before.
        lattice: All ways to read it.
        best: The best one, and the probability of every hypothesis.
        language_weight: How much the language counted in it.
    """

    row: ScoredRow
    lattice: Lattice
    best: Reading
    language_weight: float


@dataclass(frozen=True)
class RowReading:
    """What a row says.

    Attributes:
        recognizer: `LETTERS` or `LINES`.
        glyphs: Of the best reading, left to right; none where nothing is read.
        style: One of `ocrcli.language.priors.STYLES`.
        readings: Of a row that was read at once, its texts and by how much each is worse than the best in nats, the
            best first. Of one that was read letter by letter they follow from `decoded`.
        decoded: Of a row that was read letter by letter, how.
    """

    recognizer: str
    glyphs: tuple[ReadGlyph, ...] = ()
    style: str = "mixed"
    readings: tuple[tuple[str, float], ...] = ()
    decoded: Decoded | None = None
