"""Counts of letter n-grams: texts and word lists in, the tables of a back-off language model out.

Runs of letters are counted in texts, each with a weight, and in lists of words, and become probabilities by Witten-Bell
interpolation (Witten and Bell 1991, "The zero-frequency problem"). Those runs are kept that tell most beyond the next
shorter one (Seymore and Rosenfeld 1996), with all their beginnings and ends, and `ocrcli.language.ngrams` makes a
trie of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipe.corpora import PROGRAMS, TEXTS, measured, programs, read, without
from ocrcli.language import ngrams
from ocrcli.language.model import DIGITS, EDGE, KNOWN, symbol_of, without_accents

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ORDER = 8
"""Symbols of the longest runs."""

BITS = 6
"""Of a symbol in a number that stands for a run."""

KEPT = 528_000
"""Runs that are kept for what they tell; a twentieth of a model's size is more than what half of them tell."""

ALL_OF, TWICE = 4, 2.0
"""Length up to which runs are counted that were seen once; what longer ones weigh at least."""

DOUBT = 0.03
"""Share of letters that are written as nothing would tell: names, codes, other languages."""

LISTED = {"en": 0.15, "fr": 0.25, "de": 0.25}
"""Of all weight, that of the list of words: it has what the texts lack, and no word beside another."""

ACCENTLESS = 0.2
"""Of a text's weight, that of its copy without accents: in capitals and in haste they are left away."""


@dataclass(frozen=True)
class Runs:
    """Runs of one length.

    Attributes:
        keys: (n,) int64 ascending, the symbols of each as one number.
        values: (n,) float64 of each: its weight, or its probability.
    """

    keys: Ints
    values: Floats

    def at(self, keys: Ints) -> NDArray[np.intp]:
        """Where keys are that are among these."""
        return np.searchsorted(self.keys, keys)

    def has(self, keys: Ints) -> NDArray[np.bool_]:
        """Which keys are among these."""
        if not len(self.keys):
            return np.zeros(len(keys), bool)
        return np.asarray(self.keys[np.minimum(self.at(keys), len(self.keys) - 1)] == keys)

    def where(self, kept: NDArray[np.bool_]) -> Runs:
        """Some of them."""
        return Runs(self.keys[kept], self.values[kept])


def beginning(keys: Ints) -> Ints:
    """Runs without their last symbol."""
    return keys >> BITS


def end(keys: Ints, length: int) -> Ints:
    """Runs of that length without their first symbol."""
    return keys & ((1 << BITS * (length - 1)) - 1)


def symbols_of(text: str) -> NDArray[np.int64]:
    """The letters of a text with one edge between words; a word that has a digit is left out."""
    text = unicodedata.normalize("NFC", text)
    table = np.zeros(0x110000, np.int64)
    for character in set(text):
        table[ord(character)] = EDGE if character == "_" else min(symbol_of(character), DIGITS)
    found = table[np.frombuffer(text.encode("utf-32-le"), np.uint32)]
    word = np.cumsum(found == EDGE)
    found[np.bincount(word, found == DIGITS)[word] > 0] = EDGE
    repeated = (found == EDGE) & (np.concatenate([[EDGE], found[:-1]]) == EDGE)
    return np.concatenate([[EDGE], found[~repeated]])


def counted(parts: Sequence[tuple[Ints, Floats]], length: int) -> Runs:
    """Weights of the runs of a length.

    Args:
        parts: (n,) symbols of each text and (n,) what each of them counts.
        length: In symbols.
    """
    keys, weights = [], []
    for symbols, each in parts:
        key = np.zeros(max(len(symbols) - length + 1, 0), np.int64)
        for place in range(length):
            key = key << BITS | symbols[place : place + len(key)]
        keys.append(key)
        weights.append(each[length - 1 :])
    every = np.concatenate(keys)
    order = np.argsort(every, kind="stable")
    every = every[order]
    firsts = np.flatnonzero(np.diff(every, prepend=-1))
    return Runs(every[firsts], np.add.reduceat(np.concatenate(weights)[order], firsts))


def counts_of(parts: Sequence[tuple[Ints, Floats]]) -> list[Runs]:
    """Weights of the runs of each length up to ORDER, of whose beginnings and ends none is missing."""
    symbols = np.arange(DIGITS, dtype=np.int64)
    single = counted(parts, 1)
    weights = np.zeros(DIGITS)
    weights[single.keys] = single.values
    found = [Runs(symbols, weights)]
    for length in range(2, ORDER + 1):
        runs = counted(parts, length)
        if length > ALL_OF:
            runs = runs.where(runs.values >= TWICE)
        if length == 2:  # Words of a list stand alone: none begins where another has ended.
            runs = runs.where(runs.keys != EDGE << BITS | EDGE)
        found.append(runs.where(found[-1].has(beginning(runs.keys)) & found[-1].has(end(runs.keys, length))))
    return found


def probabilities(counts: Sequence[Runs]) -> list[Runs]:
    """Witten-Bell: each length leans on the shorter one by how many different symbols follow its histories.

    What follows a history and was left out counts for as many symbols as it weighs, halved.
    """
    found = [Runs(counts[0].keys, (counts[0].values + 1) / (counts[0].values + 1).sum())]
    for length, runs in enumerate(counts[1:], 2):
        history = beginning(runs.keys)
        firsts = np.flatnonzero(np.diff(history, prepend=-1))
        kinds = np.diff(np.append(firsts, len(history)))
        seen = np.add.reduceat(runs.values, firsts)
        total = np.maximum(counts[length - 2].values[counts[length - 2].at(history[firsts])], seen)
        trust = np.repeat(kinds + (total - seen) / 2, kinds)
        lower = found[-1].values[found[-1].at(end(runs.keys, length))]
        found.append(Runs(runs.keys, (runs.values + trust * lower) / (np.repeat(total, kinds) + trust)))
    return [Runs(runs.keys, (1 - DOUBT) * runs.values + DOUBT / DIGITS) for runs in found]


def most_telling(counts: Sequence[Runs], p: Sequence[Runs], count: int) -> list[Runs]:
    """Of probabilities those of about so many runs, and of all that these begin with or end in."""
    told = [np.full(len(runs.keys), np.inf) for runs in p[:2]]
    for length, runs in enumerate(p[2:], 3):
        lower = p[length - 2].values[p[length - 2].at(end(runs.keys, length))]
        told.append(counts[length - 1].values * np.abs(np.log(runs.values / lower)))
    every = np.concatenate(told)
    least = np.partition(every, max(0, len(every) - count))[max(0, len(every) - count)]
    kept = [of >= least for of in told]
    for length in range(len(p), 2, -1):
        keys = p[length - 1].keys[kept[length - 1]]
        for shorter in (beginning(keys), end(keys, length)):
            kept[length - 2][p[length - 2].at(shorter)] = True
    return [runs.where(of) for runs, of in zip(p, kept, strict=True)]


def tables_of(p: Sequence[Runs]) -> dict[str, NDArray[np.generic]]:
    """Tables for `ocrcli.language.ngrams` of the probabilities that are kept."""
    is_history = [longer_has(runs, longer) for runs, longer in zip(p, [*p[1:], None], strict=True)]
    histories = [np.zeros(1, np.int64), *(runs.keys[of] for runs, of in zip(p, is_history, strict=True))]
    follows, price = [], []
    for length, (keys, runs) in enumerate(zip(histories, p, strict=False), 1):
        mine = np.searchsorted(keys, beginning(runs.keys))
        bits = np.zeros(len(keys), np.uint64)
        np.bitwise_or.at(bits, mine, np.uint64(1) << (runs.keys & ((1 << BITS) - 1)).astype(np.uint64))
        follows.append(bits)
        if length == 1:
            price.append(np.zeros(1))
            continue
        lower = p[length - 2].values[p[length - 2].at(end(runs.keys, length))]
        rest, below = (1 - np.bincount(mine, of, len(keys)) for of in (runs.values, lower))
        price.append(np.log(np.maximum(rest, 1e-6) / np.maximum(below, 1e-6)))
    return ngrams.to_tables(
        np.concatenate(follows),
        np.concatenate([keys & ((1 << BITS) - 1) for keys in histories[: len(p)]]),
        np.concatenate(is_history),
        np.log(np.concatenate([runs.values for runs in p])),
        np.concatenate(price),
    )


def longer_has(runs: Runs, longer: Runs | None) -> NDArray[np.bool_]:
    """Which runs a longer one begins with."""
    if longer is None:
        return np.zeros(len(runs.keys), bool)
    return Runs(np.unique(beginning(longer.keys)), np.empty(0)).has(runs.keys)


def parts_of(data: Path, name: str, secret: set[int]) -> Iterator[tuple[Ints, Floats]]:
    """Symbols of all that is known of a language, and what each of them counts."""
    total = 0.0
    texts = [(read(data / "text" / f"{file}.txt.xz"), weight) for file, weight in TEXTS[name].items()]
    texts += [(programs(package), weight) for package, weight in PROGRAMS.get(name, {}).items()]
    for lines, weight in texts:
        text = "\n".join(without(secret, lines))
        copies = [(text, weight)]
        if name != KNOWN[0]:
            copies = [(text, weight * (1 - ACCENTLESS)), (without_accents(text), weight * ACCENTLESS)]
        for copy, share in copies:
            symbols = symbols_of(copy)
            total += share * len(symbols)
            yield symbols, np.full(len(symbols), share)
    rows = [line.split("\t") for line in read(data / "text" / "words" / f"{name}_wordfreq.tsv.xz")]
    words = [(symbols_of(word)[1:], 10 ** (-int(rarity) / 100)) for word, rarity in rows]
    words = [(symbols, share) for symbols, share in words if len(symbols)]
    listed = LISTED[name]
    scale = listed / (1 - listed) * total / sum(share * (len(symbols) + 1) for symbols, share in words)
    # Two edges between words: no run that goes over both is counted.
    symbols = np.concatenate([part for word, _ in words for part in ([EDGE], word, [EDGE])])
    each = np.concatenate([part for word, share in words for part in ([0.0], np.full(len(word) + 1, share * scale))])
    yield symbols, each


def make(data: Path, name: str) -> dict[str, NDArray[np.generic]]:
    """The tables of a language."""
    counts = counts_of(list(parts_of(data, name, measured(data))))
    return tables_of(most_telling(counts, probabilities(counts), KEPT))
