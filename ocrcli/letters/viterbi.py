"""Viterbi search without a language model: the score of the best path of each row, to choose its style.

Without a language model, the rest of a path depends only on the kind of its last glyph. So a Viterbi search over the
kinds is exact, and needs neither the beam of `ocrcli.letters.search` nor its backpointers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrcli.language.priors import KINDS, START
from ocrcli.letters.lattice import Floats, Lattice


def best_scores(lattices: Sequence[Lattice]) -> Floats:
    """(rows,) score of the best path through each lattice; -inf if there is none. All have the same classes."""
    lengths = np.array([lattice.marks for lattice in lattices])
    row = np.repeat(np.arange(len(lattices)), [len(lattice.first) for lattice in lattices])
    source, last, spaced, skip, scores = (
        np.concatenate([getattr(lattice, name) for lattice in lattices])
        for name in ("first", "last", "spaced", "skip", "scores")
    )
    tables = np.stack([lattice.tables for lattice in lattices])
    order = np.lexsort((row, last))
    row, source, spaced, skip = row[order], source[order], spaced[order].astype(np.intp), skip[order]
    of_kind = _best_of_kinds(scores, lattices[0].kinds)[order]
    bounds = np.searchsorted(last[order], np.arange(lengths.max() + 1))
    best = np.full((len(lattices), lengths.max() + 1, KINDS), -np.inf)
    best[:, 0, START] = 0.0
    for place in range(lengths.max()):
        here = slice(bounds[place], bounds[place + 1])
        rows = row[here]
        if not len(rows):
            continue
        before = best[rows, source[here]]
        # (edges, kind before, kind after); a mark that is left out does not change the kind.
        read = (before[:, :, None] + tables[rows, spaced[here]]).max(axis=1) + of_kind[here]
        arrived = np.maximum(read, before + skip[here, None])
        begins = np.flatnonzero(np.diff(rows, prepend=-1))
        best[rows[begins], place + 1] = np.maximum.reduceat(arrived, begins)
    return np.asarray(best[np.arange(len(lattices)), lengths].max(axis=1))


def _best_of_kinds(scores: Floats, kinds: NDArray[np.intp]) -> Floats:
    """(edges, KINDS) best score of each kind, from (edges, classes); -inf for a kind without a class."""
    best = np.full((len(scores), KINDS), -np.inf)
    for kind in np.unique(kinds):
        best[:, kind] = scores[:, kinds == kind].max(axis=1)
    return best
