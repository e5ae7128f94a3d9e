"""The lattice of a row: its hypotheses as edges between the places of the row, with their scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Lattice:
    """The lattice of a row, if it is written in one style.

    Nodes are the places between marks. An edge is a hypothesis, either with a space before it or without one; if both
    are possible, the hypothesis has two edges.

    Attributes:
        marks: Number of marks.
        hypotheses: (m,) index of the hypothesis of each edge; each hypothesis of the row has at least one edge.
        first: (m,) its first mark.
        last: (m,) its last mark.
        spaced: (m,) bool, whether a space comes before it.
        scores: (m, classes) log-score of each class; -inf for a class that is not a character.
        skip: (m,) log-score of leaving the marks out.
        tables: (2, KINDS, KINDS) log-probabilities of the next kind of character, within a word and after a space.
        kinds: (classes,) kind of each class.
        symbols: (classes,) language model symbol of each class.
    """

    marks: int
    hypotheses: Ints
    first: Ints
    last: Ints
    spaced: Bools
    scores: Floats
    skip: Floats
    tables: Floats
    kinds: Ints
    symbols: Ints
