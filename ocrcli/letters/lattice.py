"""All ways to read a row: what a search goes through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Lattice:
    """All ways to read a row in one style.

    An edge is a hypothesis after a space, or one after none; where both may be, a hypothesis has two.

    Attributes:
        marks: How many marks there are.
        hypotheses: (m,) which hypothesis each edge is; each of the row's has one at least.
        first: (m,) its first mark.
        last: (m,) its last mark.
        spaced: (m,) bool, whether a space comes before it.
        scores: (m, classes) log-score of each reading; -inf for what is no reading.
        skip: (m,) log-score of leaving the marks out.
        tables: (2, KINDS, KINDS) log-probabilities of the next kind within a word, and after a space.
        kinds: (classes,) the kind of each class.
        symbols: (classes,) the language's symbol of each class.
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
