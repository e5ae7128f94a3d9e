"""How likely a symbol is after those before it: a back-off model of n-grams, kept as a trie.

Runs that tell little beyond shorter ones are not kept (Seymore and Rosenfeld 1996, "Scalable backoff language
models"); what is asked of a run that is not there is asked of the next shorter one, at a price (Katz 1987, "Estimation
of probabilities from sparse data").

A *history* is a run that something follows. Each has a bit for every symbol that does, and the runs that begin with it
lie one after another, in the order of the histories: so a run is found by counting bits, many runs at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.integer]

STEP = 20.0
"""Tables hold logarithms times this, rounded."""

EMPTY = 0
"""The history of nothing at all."""

BEGINNING = 1
"""The history of symbol 0 alone, which every model has."""


@dataclass(frozen=True, eq=False)
class Ngrams:
    """A trie of histories.

    Attributes:
        follows: (n,) uint64, bit s of a history says that it is followed by symbol s. Histories are in the order of
            their lengths, then of their parents, then of their last symbols.
        first: (n,) int32, the first run that begins with each history.
        log_p: (m,) float32, log-probability of the last symbol of each run.
        price: (n,) float32, logarithm of what asking the shorter history costs.
        shorter: (n,) int32, each history without its first symbol; EMPTY itself for EMPTY.
        history: (m,) int32, the history that each run is, 0 for none.
    """

    follows: NDArray[np.uint64]
    first: Ints
    log_p: Floats
    price: Floats
    shorter: Ints
    history: Ints

    def scores(self, histories: Ints, symbols: NDArray[np.integer]) -> Floats:
        """Log-probabilities of symbols.

        Args:
            histories: (n,) what comes before them.
            symbols: (n,) int.

        Returns:
            (n,) float32.
        """
        scores = np.zeros(len(histories), np.float32)
        left, at = np.arange(len(histories)), histories
        while len(left):
            found, runs = self._runs(at, symbols[left])
            scores[left[found]] += self.log_p[runs[found]]
            left, at = left[~found], at[~found]
            scores[left] += self.price[at]
            at = self.shorter[at]
        return scores

    def extended(self, histories: Ints, symbols: NDArray[np.integer]) -> Ints:
        """(n,) the longest histories that (n,) histories with (n,) symbols after them end in."""
        reached = np.zeros(len(histories), np.int64)
        left, at = np.arange(len(histories)), histories
        while len(left):
            found, runs = self._runs(at, symbols[left])
            reached[left] = np.where(found, self.history[np.where(found, runs, 0)], EMPTY)
            going = (reached[left] == EMPTY) & (at != EMPTY)
            left, at = left[going], self.shorter[at[going]]
        return reached

    def _runs(self, histories: Ints, symbols: NDArray[np.integer]) -> tuple[NDArray[np.bool_], Ints]:
        """Whether histories are followed by symbols, and the number of the run."""
        bits, follows = symbols.astype(np.uint64), self.follows[histories]
        found = (follows >> bits & np.uint64(1)).astype(bool)
        before = follows & ((np.uint64(1) << bits) - np.uint64(1))
        return found, self.first[histories] + np.bitwise_count(before)


def to_tables(
    follows: NDArray[np.uint64],
    last: NDArray[np.integer],
    is_history: NDArray[np.bool_],
    log_p: NDArray[np.floating],
    price: NDArray[np.floating],
) -> dict[str, NDArray[Any]]:
    """What a file keeps of a model.

    Args:
        follows: (n,) as `Ngrams` has it.
        last: (n,) last symbol of each history; 0 of EMPTY.
        is_history: (m,) of each run.
        log_p: (m,) of each run.
        price: (n,) of each history.
    """
    return {
        "follows": follows,
        "last": last.astype(np.uint8),
        "is_history": np.packbits(is_history),
        "minus_log_p": np.clip(np.round(-log_p * STEP), 0, 255).astype(np.uint8),
        "price": np.clip(np.round(price * STEP), -128, 127).astype(np.int8),
    }


def from_tables(tables: Mapping[str, NDArray[Any]]) -> Ngrams:
    """The model of a file's tables, as `to_tables` made them.

    The rest follows from their order: a history's shorter one is what its parent's shorter one becomes by the same
    symbol, for the end of every history is one.
    """
    follows, last = tables["follows"], tables["last"]
    counts = np.bitwise_count(follows)
    first = np.cumsum(counts, dtype=np.int32) - counts
    is_history = np.unpackbits(tables["is_history"], count=len(tables["minus_log_p"])).view(bool)
    history = np.cumsum(is_history, dtype=np.int32) * is_history
    parents = np.repeat(np.arange(len(follows), dtype=np.int32), counts)[is_history]
    before = (np.uint64(1) << last.astype(np.uint64)) - np.uint64(1)
    shorter = np.zeros(len(follows), np.int32)
    end = 1 + int(is_history[: counts[EMPTY]].sum())  # of a history of one symbol the shorter one is EMPTY
    while end < len(follows):
        begin, end = end, 1 + int(np.searchsorted(parents, end))
        of_parents = shorter[parents[begin - 1 : end - 1]]
        runs = first[of_parents] + np.bitwise_count(follows[of_parents] & before[begin:end])
        shorter[begin:end] = history[runs]
    log_p = tables["minus_log_p"].astype(np.float32) / np.float32(-STEP)
    return Ngrams(follows, first, log_p, tables["price"].astype(np.float32) / np.float32(STEP), shorter, history)
