"""N-gram language model with back-off, stored as a trie: the probability of a symbol after those before it.

N-grams that differ little from the back-off estimate are pruned (Seymore and Rosenfeld 1996, "Scalable backoff language
models"). If an n-gram is missing, the model backs off to the next shorter one, at the cost of a back-off weight (Katz
1987, "Estimation of probabilities from sparse data").

A *history* is an n-gram that is followed by at least one symbol. It has one bit for each symbol that follows it. The
n-grams that extend a history are stored one after another, in the order of the histories, so an n-gram is found by
counting bits, for many n-grams at once.
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
"""Quantization: tables hold logarithms times this, rounded."""

EMPTY = 0
"""Index of the empty history."""

BEGINNING = 1
"""Index of the history of symbol 0 alone, which every model has."""

_BIT = np.uint64(1) << np.arange(64, dtype=np.uint64)
_LOWER_BITS = _BIT - np.uint64(1)
"""The bit of each symbol, and all bits of lower symbols."""


@dataclass(frozen=True, eq=False)
class Ngrams:
    """An n-gram model with n histories and m n-grams, as a trie.

    Attributes:
        follows: (n,) uint64, bit s is set if symbol s follows the history. Histories are sorted by length, then by
            parent, then by last symbol.
        first: (n,) int32, index of the first n-gram that extends each history.
        log_p: (m,) float32, log-probability of the last symbol of each n-gram.
        price: (n,) float32, log back-off weight of each history.
        shorter: (n,) int32, index of each history without its first symbol; EMPTY for EMPTY.
        history: (m,) int32, index of the history that each n-gram is; 0 for none.
    """

    follows: NDArray[np.uint64]
    first: Ints
    log_p: Floats
    price: Floats
    shorter: Ints
    history: Ints

    def scores(self, histories: Ints, symbols: NDArray[np.integer]) -> Floats:
        """Log-probabilities of symbols after histories, with back-off.

        Args:
            histories: (n,) indices of the histories.
            symbols: (n,) int, the symbols after them.

        Returns:
            (n,) float32.
        """
        found, runs = self._runs(histories, symbols)
        scores = np.where(found, self.log_p.take(runs, mode="clip"), self.price[histories])
        left, at = (~found).nonzero()[0], histories
        while len(left):
            # The rest backs off, by one symbol at a time.
            at, symbols = self.shorter[at[~found]], symbols[~found]
            found, runs = self._runs(at, symbols)
            scores[left] += np.where(found, self.log_p.take(runs, mode="clip"), self.price[at])
            left = left[~found]
        return scores

    def extended(self, histories: Ints, symbols: NDArray[np.integer]) -> Ints:
        """(n,) the longest known histories after (n,) symbols are appended to (n,) histories."""
        found, runs = self._runs(histories, symbols)
        reached = np.where(found, self.history.take(runs, mode="clip"), EMPTY).astype(np.int64)
        at, going = histories, (reached == EMPTY) & (histories != EMPTY)
        left = going.nonzero()[0]
        while len(left):
            at, symbols = self.shorter[at[going]], symbols[going]
            found, runs = self._runs(at, symbols)
            reached[left] = here = np.where(found, self.history.take(runs, mode="clip"), EMPTY)
            going = (here == EMPTY) & (at != EMPTY)
            left = left[going]
        return reached

    def _runs(self, histories: Ints, symbols: NDArray[np.integer]) -> tuple[NDArray[np.bool_], Ints]:
        """Whether symbols follow histories, and the indices of these n-grams; of others they may be beyond the last."""
        follows = self.follows[histories]
        found = (follows & _BIT[symbols]) != 0
        return found, self.first[histories] + np.bitwise_count(follows & _LOWER_BITS[symbols])


def to_tables(
    follows: NDArray[np.uint64],
    last: NDArray[np.integer],
    is_history: NDArray[np.bool_],
    log_p: NDArray[np.floating],
    price: NDArray[np.floating],
) -> dict[str, NDArray[Any]]:
    """Quantize a model into the tables that are stored in a file.

    Args:
        follows: (n,) as in `Ngrams`.
        last: (n,) last symbol of each history; 0 for EMPTY.
        is_history: (m,) whether each n-gram is a history.
        log_p: (m,) log-probability of the last symbol of each n-gram.
        price: (n,) log back-off weight of each history.
    """
    return {
        "follows": follows,
        "last": last.astype(np.uint8),
        "is_history": np.packbits(is_history),
        "minus_log_p": np.clip(np.round(-log_p * STEP), 0, 255).astype(np.uint8),
        "price": np.clip(np.round(price * STEP), -128, 127).astype(np.int8),
    }


def from_tables(tables: Mapping[str, NDArray[Any]]) -> Ngrams:
    """Restore a model from the tables of a file, made by `to_tables`.

    The other indices follow from the order of the tables: the shorter history of a history is its parent's shorter
    history extended by the same last symbol, because every suffix of a history is a history, too.
    """
    follows, last = tables["follows"], tables["last"]
    counts = np.bitwise_count(follows)
    first = np.cumsum(counts, dtype=np.int32) - counts
    is_history = np.unpackbits(tables["is_history"], count=len(tables["minus_log_p"])).view(bool)
    history = np.cumsum(is_history, dtype=np.int32) * is_history
    parents = np.repeat(np.arange(len(follows), dtype=np.int32), counts)[is_history]
    before = (np.uint64(1) << last.astype(np.uint64)) - np.uint64(1)
    shorter = np.zeros(len(follows), np.int32)
    end = 1 + int(is_history[: counts[EMPTY]].sum())  # for a history of one symbol, the shorter one is EMPTY
    while end < len(follows):
        begin, end = end, 1 + int(np.searchsorted(parents, end))
        of_parents = shorter[parents[begin - 1 : end - 1]]
        runs = first[of_parents] + np.bitwise_count(follows[of_parents] & before[begin:end])
        shorter[begin:end] = history[runs]
    log_p = tables["minus_log_p"].astype(np.float32) / np.float32(-STEP)
    return Ngrams(follows, first, log_p, tables["price"].astype(np.float32) / np.float32(STEP), shorter, history)
