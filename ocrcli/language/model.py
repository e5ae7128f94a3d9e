"""What a language expects: letter after letter, and one's own words.

A model of letter n-grams (`ocrcli.language.ngrams`) knows that `th` goes on with `e`, that no word begins with `wq`,
and what comes after `of the`, which tells an n from an h. It does not put a word in the place of what is clear to see:
what is in no language loses a few nats a letter, and one's own words are looked up only where they end.

A *state* is one integer that holds all that matters of what came before: the history of the n-gram model, and a hash
of the word so far, by which one's own words are found. Reading starts in `WORD_START`; `Language.extended` goes on by a
symbol, `Language.after` says how likely that symbol is, and `Language.at_end` what a space there is worth. All of them
work on whole arrays, in any reader.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.errors import InputError, check_name
from ocrcli.core.files import read_text, shipped
from ocrcli.language import ngrams
from ocrcli.language.ngrams import Ngrams

Floats = NDArray[np.float32]
States = NDArray[np.int64]
Symbols = NDArray[np.intp]

ALPHABET = "abcdefghijklmnopqrstuvwxyzàâäçéèêëîïôöùûüßœæñ"
"""Of all languages, in either case; the symbol of each is its place, from 1 on."""

EDGE = 0
"""Symbol of all that ends a word: a space, a mark."""

DIGITS = len(ALPHABET) + 1
"""Symbols from here on are 0 to 9. They end no word: a1b2 is one, of which nothing is known."""

UNDERSCORE = DIGITS + 10
"""Parts words as a hyphen does, but may stand anywhere: half of all names in programs are no words."""

WORD_START = ngrams.BEGINNING
"""State before the first letter of a row."""

BLIND = float(np.log(27))
"""Minus the log-probability of one of a to z and an edge, drawn blindly; scores say how much likelier a symbol is."""

NUMBER_ENDS = 1.0
"""Score of an edge after a word with a digit, and what a letter there costs: without one, a lone I would be twice as
likely as a lone 1, for the edges of words score so, and 30 as likely as 3o. Chosen on the development pages."""

MAX_BONUS = 10.0
"""No word is worth more, however long: what is written must be able to outvote it."""

OWN_SHARE = 5e-4
"""How much of all text each of a user's own words is taken to be: it is as common as `under` or `house`."""

KNOWN = ("en", "fr", "de")
"""Languages that something is known of; the first is what a page is taken to be in."""

LANGUAGES = ("auto", *KNOWN, "none")

EVIDENCE, LEAST_EVIDENCE = 4.5, 8.0
"""Nats, times the root of the number of its words, by which a page must speak for another language, against the first
and against letters drawn blindly (a page of codes is in none), for words that are misread speak for any by chance; and
what a page of few words must at least. Chosen on the development pages."""

_HISTORY_BITS = 22
_HISTORY = (1 << _HISTORY_BITS) - 1
"""The bits of a state that are its history."""

_CODE = _HISTORY
"""In place of a history once a word has a digit: nothing is expected of what follows."""

_HASH = (1 << 41) - 1
_FACTOR = 0x1B873593CC9E2D51
"""Of the word's hash, odd. Its 41 bits make a chance hit on a list of a thousand words rarer than one in a billion."""


@dataclass(frozen=True, eq=False)
class Language:
    """What a reader asks of a language.

    Attributes:
        letters: What is known of runs of letters; None for nothing.
        words: (w,) int64, ascending hashes of one's own words.
        bonuses: (w,) float32, what each of them earns where it ends, beyond its letters.
    """

    letters: Ngrams | None
    words: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    bonuses: Floats = field(default_factory=lambda: np.empty(0, np.float32))

    def after(self, states: States, symbols: Symbols) -> Floats:
        """(b, m) scores of m symbols after b states; what is no part of a word ends the one before it."""
        return self.each_after(states[:, None], symbols[None, :], self.at_end(states)[:, None])

    def each_after(self, states: States, symbols: Symbols, at_end: Floats) -> Floats:
        """Scores of symbols after states, array by array.

        Args:
            states: Of any shape.
            symbols: Of a shape that broadcasts against it.
            at_end: What `at_end` gives for the states.
        """
        histories, symbols = np.broadcast_arrays(states & _HISTORY, symbols)
        at_end = np.broadcast_to(at_end, symbols.shape)
        scores = np.where(symbols == EDGE, at_end, np.where(symbols == UNDERSCORE, np.maximum(at_end, 0), 0))
        letters = (symbols != EDGE) & (symbols < DIGITS) & (histories != _CODE)
        scores[letters] = self._of_letters(histories[letters], symbols[letters])
        scores[(symbols != EDGE) & (symbols < DIGITS) & (histories == _CODE)] = -NUMBER_ENDS
        return scores

    def at_end(self, states: States) -> Floats:
        """Scores of a word's ending in each of the states, of any shape, float32; 0 where none has begun."""
        scores = np.zeros(states.shape, np.float32)
        histories, hashes = states & _HISTORY, states >> _HISTORY_BITS
        scores[histories == _CODE] = NUMBER_ENDS
        ends = (hashes != 0) & (histories != _CODE)
        scores[ends] = self._of_letters(histories[ends], np.zeros(int(ends.sum()), np.int64))
        if not len(self.words):
            return scores
        found = np.minimum(np.searchsorted(self.words, hashes), len(self.words) - 1)
        return np.where(self.words[found] == hashes, scores + self.bonuses[found], scores)

    def _of_letters(self, histories: States, symbols: NDArray[np.integer]) -> Floats:
        if self.letters is None:
            return np.zeros(len(histories), np.float32)
        return self.letters.scores(histories, symbols) + np.float32(BLIND)

    def extended(self, states: States, symbols: Symbols) -> States:
        """States followed by symbols, array by array; their shapes broadcast.

        An edge ends a word, and its history goes on; after a digit nothing is known until the next edge.
        """
        states, symbols = np.broadcast_arrays(states, symbols)
        histories, hashes = states & _HISTORY, states >> _HISTORY_BITS
        is_edge = (symbols == EDGE) | (symbols == UNDERSCORE)
        longer = ((hashes ^ _PLAIN[symbols]) * np.int64(_FACTOR)) & _HASH
        after = np.where(is_edge, np.where(histories == _CODE, WORD_START, histories), _CODE)
        told = (histories != _CODE) & np.where(is_edge, hashes != 0, symbols < DIGITS)
        if self.letters is None:
            after[told] = WORD_START
        else:
            after[told] = self.letters.extended(histories[told], np.where(is_edge[told], EDGE, symbols[told]))
        return np.asarray(after | np.where(is_edge, 0, longer) << _HISTORY_BITS)


def plain(character: str) -> str:
    """A letter without its accent."""
    return unicodedata.normalize("NFD", character)[0]


def symbol_of(label: str) -> int:
    """The symbol of a character; case does not count, nor an accent that no language has."""
    lower = label.lower()
    if len(lower) != 1:
        return EDGE
    for letter in (lower, plain(lower)):
        if letter in ALPHABET:
            return ALPHABET.index(letter) + 1
    if label == "_":
        return UNDERSCORE
    return DIGITS + int(label) if "0" <= label <= "9" else EDGE


_PLAIN = np.array([EDGE, *(ALPHABET.index(plain(c)) + 1 for c in ALPHABET), *range(DIGITS, UNDERSCORE + 1)], np.int64)
"""Of each symbol that of the letter without its accent: one's own words are known with accents or without."""


def without_accents(text: str) -> str:
    """A text with its letters' accents taken off."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def spelled(words: Sequence[str], language: Language) -> tuple[States, Floats]:
    """Each word's state at its end, and the log-probability of its letters and its end.

    Args:
        words: Words of letters and digits, none empty.
        language: Its n-grams are asked, not its words.

    Returns:
        (n,) states and (n,) float32 scores.
    """
    spelling = np.full((len(words), max(map(len, words), default=0)), EDGE)
    for number, word in enumerate(words):
        spelling[number, : len(word)] = [symbol_of(c) for c in word]
    bare = Language(language.letters)
    states, scores = np.full(len(words), WORD_START, np.int64), np.zeros(len(words), np.float32)
    for symbols in spelling.T:
        going = symbols != EDGE
        before, here = states[going], symbols[going]
        scores[going] += bare.each_after(before, here, bare.at_end(before)) - np.float32(BLIND)
        states[going] = bare.extended(before, here)
    return states, scores + bare.at_end(states) - np.float32(BLIND)


def likeliest(text: str) -> str:
    """The language, one of `KNOWN`, that a text is in: the first unless its words speak clearly for another.

    Args:
        text: Letters may have accents; case does not count.
    """
    spaced = "".join(c if symbol_of(c) in range(1, DIGITS) else " " for c in text)
    words = [word for word in spaced.split() if len(word) > 1]
    if not words:
        return KNOWN[0]
    first, *others = (float(spelled(words, load_known(name))[1].sum()) for name in KNOWN)
    best, blind = max(others), -BLIND * sum(len(word) + 1 for word in words)
    enough = max(EVIDENCE * len(words) ** 0.5, LEAST_EVIDENCE)
    return KNOWN[1 + others.index(best)] if best > max(first, blind) + enough else KNOWN[0]


def with_words(language: Language, words: Sequence[str], shares: NDArray[np.float64]) -> Language:
    """A language that knows more words.

    A word's letters and the list are two sources of one mixture; the bonus is what the list adds to the
    letters, so that a word which its letters tell already earns next to nothing.

    Args:
        language: What is known.
        words: Words of letters and digits, none empty.
        shares: (len(words),) how much of all text each is, 0 to 1.
    """
    states, letters = spelled(words, language)
    bonuses = np.minimum(np.logaddexp(0.0, np.log(shares) - letters), MAX_BONUS)
    hashes = np.concatenate([language.words, states >> _HISTORY_BITS])
    every = np.concatenate([language.bonuses, bonuses]).astype(np.float32)
    order = np.lexsort((-every, hashes))  # of a word known twice the better bonus
    known, firsts = np.unique(hashes[order], return_index=True)
    return replace(language, words=known, bonuses=every[order][firsts])


@cache
def load_known(name: str) -> Language:
    """One of `KNOWN`, as it ships."""
    with np.load(shipped(f"{name}.npz")) as stored:
        return Language(ngrams.from_tables(dict(stored)))


@cache
def load_language(name: str, words: tuple[str, ...] = ()) -> Language | None:
    """What is known of a language, and of one's own words.

    Args:
        name: One of `LANGUAGES`; ``auto`` is the first of `KNOWN`, until a page shows another.
        words: One's own words, as `read_words` gives them; they are known in any language.

    Returns:
        None if nothing at all is known.

    Raises:
        UsageError: If there is no such language.
    """
    check_name("language", name, LANGUAGES)
    if words:
        language = load_language(name) or Language(None)
        return with_words(language, words, np.full(len(words), OWN_SHARE))
    if name == "none":
        return None
    return load_known(KNOWN[0] if name == "auto" else name)


def read_words(path: Path) -> tuple[str, ...]:
    """One's own words from a text file: one or several a line, in any case.

    Accents do not count. What is neither one of `ALPHABET` nor a digit parts words, as it does on a page.

    Raises:
        InputError: If the file cannot be read, is no UTF-8 text, or holds no word.
    """
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path, or no UTF-8
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        raise InputError(f"{path}: the word list cannot be read ({reason}); give a text file in UTF-8") from error
    parts = "".join(" " if symbol_of(c) in (EDGE, UNDERSCORE) else c for c in without_accents(text)).split()
    found = tuple(sorted({part.lower() for part in parts if len(part) > 1}))
    if not found:
        raise InputError(f"{path}: holds no word of two letters or more; put one on each line")
    return found
