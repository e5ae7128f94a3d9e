"""What a language expects: letter after letter, and whole words.

A 4-gram of letters knows that `th` goes on with `e` and that no word begins with `wq`, which tells an
n from an h. A list of words knows that `milk` is one and `mi1k` is not. Neither can put a word in the
place of what is written: a word is looked up only where it ends, and what is on no list loses nothing.

A *state* is one integer that holds all that matters of what came before: the last three letters, and a
hash of the word so far (so no tree of words is needed, and one's own words are just more hashes). Reading
starts in `START`; `extended` goes on by a symbol, `Language.after` says how likely that symbol was, and
`Language.at_end` what a space there is worth. All of them work on whole arrays, in any reader.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrcli.errors import InputError, check_name
from ocrcli.files import read_text, shipped

Floats = NDArray[np.float32]
States = NDArray[np.int64]
Symbols = NDArray[np.intp]

SYMBOLS = 27
"""Of the letter statistics: 0 is the edge of a word (a space, a digit, a mark), 1 to 26 are a to z."""

DIGITS = SYMBOLS
"""Symbols from here on are 0 to 9. They end no word: a1b2 is one, of which nothing is known."""

UNDERSCORE = DIGITS + 10
"""Parts words as a hyphen does, but may stand anywhere: half of all names in programs are no words."""

ORDER = 4
HISTORIES = SYMBOLS ** (ORDER - 1)

EDGE = 0
"""Symbol of all that ends a word."""

START = 0
"""State before the first letter of a word."""

CODE = SYMBOLS ** (ORDER - 2)
"""Stands for the last three letters once a word has a digit: nothing is expected of what follows. No letters are
numbered so, since an edge never comes after a letter."""

STEP = 24.0
"""The table holds -log p times this, rounded; 255 stands for all that is rarer than 1 in 40,000."""

BONUS_STEP = 24.0
"""The file holds a word's bonus times this, rounded."""

MAX_BONUS = 255 / BONUS_STEP
"""No word is worth more, however long: what is written must be able to outvote it."""

OWN_SHARE = 5e-4
"""How much of all text each of a user's own words is taken to be: it is as common as `under` or `house`."""

KNOWN = ("en", "fr")
"""Languages that something is known of; the first is what a page is taken to be in."""

LANGUAGES = ("auto", *KNOWN, "none")

EVIDENCE = 8.0
"""Nats by which the words of a page must speak for another language, against the first and against letters drawn
blindly (a page of codes is in none). Of the development pages the French ones have 180 and more, others 3 at most."""

_HISTORY_BITS = 15
LETTERS = (1 << _HISTORY_BITS) - 1
"""The bits of a state that are its last three letters; an index of the letter statistics."""
_HASH = (1 << 44) - 1
_FACTOR = 0x1B873593CC9E2D51
"""Of the word's hash, odd. Its 44 bits make a chance hit on the list rarer than one page in 10,000, and leave
a state room for four bits more, such as a kind of letter."""


@dataclass(frozen=True, eq=False)
class Language:
    """What a reader asks of a language.

    Attributes:
        advantage: (HISTORIES, SYMBOLS) float32, log-probability of each symbol after three letters, against
            that of a letter drawn blindly; positive for what is likely, and 0 for all after `CODE`.
        words: (w,) int64, ascending hashes of the words.
        bonuses: (w,) float32, what each of them earns where it ends, beyond its letters.
    """

    advantage: Floats
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
        histories = states & LETTERS
        letters = self.advantage[histories, np.where(symbols < DIGITS, symbols, EDGE)]
        marks = np.where(symbols == UNDERSCORE, np.maximum(at_end, 0), np.float32(0))
        return np.where(symbols == EDGE, at_end, np.where(symbols >= DIGITS, marks, letters))

    def at_end(self, states: States) -> Floats:
        """Scores of a word's ending in each of (n,) states, float32; 0 where none has begun."""
        histories, hashes = states & LETTERS, states >> _HISTORY_BITS
        letters = np.where(histories == START, np.float32(0), self.advantage[histories, EDGE])
        if not len(self.words):
            return letters
        found = np.minimum(np.searchsorted(self.words, hashes), len(self.words) - 1)
        return np.where(self.words[found] == hashes, letters + self.bonuses[found], letters)


def symbol_of(label: str) -> int:
    """The symbol of a character; case does not count."""
    lower = label.lower()
    if "a" <= lower <= "z":
        return ord(lower) - ord("a") + 1
    if label == "_":
        return UNDERSCORE
    return DIGITS + ord(label) - ord("0") if "0" <= label <= "9" else EDGE


def plain(character: str) -> str:
    """A letter without its accent."""
    return unicodedata.normalize("NFD", character)[0]


def without_accents(text: str) -> str:
    """A text with its letters' accents taken off."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def extended(states: States, symbols: Symbols) -> States:
    """(b, m) states of b states followed by m symbols. The edge of a word forgets what was before."""
    return each_extended(states[:, None], symbols[None, :])


def each_extended(states: States, symbols: Symbols) -> States:
    """States followed by symbols, array by array; their shapes broadcast."""
    before = states & LETTERS
    histories = before % SYMBOLS ** (ORDER - 2) * SYMBOLS + symbols
    hashes = (((states >> _HISTORY_BITS) ^ symbols) * np.int64(_FACTOR)) & _HASH
    longer = np.where((symbols < DIGITS) & (before != CODE), histories, CODE) | hashes << _HISTORY_BITS
    return np.where((symbols == EDGE) | (symbols == UNDERSCORE), START, longer)


def spelled(words: Sequence[str], language: Language) -> tuple[States, Floats]:
    """Each word's state at its end, and the log-probability of its letters and its end.

    Args:
        words: Words of letters and digits, none empty.
        language: Its letter statistics are asked, not its words.

    Returns:
        (n,) states and (n,) float32 scores.
    """
    spelling = np.full((len(words), max(map(len, words), default=0)), EDGE)
    for number, word in enumerate(words):
        spelling[number, : len(word)] = [symbol_of(c) for c in word]
    bare = Language(language.advantage)
    states, scores = np.zeros(len(words), np.int64), np.zeros(len(words), np.float32)
    for symbols in spelling.T:
        going = symbols != EDGE
        before, here = states[going], symbols[going]
        scores[going] += bare.each_after(before, here, bare.at_end(before)) - np.float32(np.log(SYMBOLS))
        states[going] = each_extended(before, here)
    return states, scores + bare.at_end(states) - np.float32(np.log(SYMBOLS))


def worth(words: Sequence[str], language: Language) -> float:
    """Log-probability of words, as letters or on the list; they are of letters and digits, none empty."""
    states, letters = spelled(words, language)
    known = replace(language, advantage=np.zeros_like(language.advantage))  # what the list adds alone
    return float((letters + known.at_end(states)).sum())


def likeliest(text: str) -> str:
    """The language, one of `KNOWN`, that a text is in: the first unless its words speak clearly for another.

    Args:
        text: Letters may have accents; case does not count.
    """
    spaced = "".join(c if symbol_of(c) in range(1, DIGITS) else " " for c in without_accents(text))
    words = [word for word in spaced.split() if len(word) > 1]
    if not words:
        return KNOWN[0]
    first, *others = (worth(words, load_known(name)) for name in KNOWN)
    best, blind = max(others), -float(np.log(SYMBOLS)) * sum(len(word) + 1 for word in words)
    return KNOWN[1 + others.index(best)] if best > max(first, blind) + EVIDENCE else KNOWN[0]


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
        language = from_table(stored["minus_log"])
        return replace(language, words=stored["words"], bonuses=stored["bonuses"].astype(np.float32) / BONUS_STEP)


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
        language = load_language(name) or Language(np.zeros((HISTORIES, SYMBOLS), np.float32))
        return with_words(language, words, np.full(len(words), OWN_SHARE))
    if name == "none":
        return None
    return load_known(KNOWN[0] if name == "auto" else name)


def from_table(table: NDArray[np.uint8]) -> Language:
    """Make a language without words of (HISTORIES, SYMBOLS) uint8, -log p in `STEP`s."""
    advantage = np.float32(np.log(SYMBOLS)) - table.astype(np.float32) / STEP
    advantage[CODE] = 0
    return Language(advantage)


def read_words(path: Path) -> tuple[str, ...]:
    """One's own words from a text file: one or several a line, in any case.

    Accents do not count. What is neither a letter from a to z nor a digit parts words, as it does on a page.

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
