"""Language model: character n-grams, and a lexicon of the user's own words.

The character n-grams (`ocrcli.language.ngrams`) know that `th` is often followed by `e`, that no word begins with
`wq`, and what comes after `of the`, which helps to tell an n from an h. They do not replace clear writing by another
word: text in no language costs only a few nats a letter, and the lexicon is used only at the end of a word.

A *state* is one integer with all context that matters: the history of the n-gram model, and a hash of the word so far,
to look it up in the lexicon. Decoding starts in `WORD_START`; `Language.extended` appends a symbol, `Language.after`
scores it, and `Language.at_end` scores the end of a word. All of them work on whole arrays, in each beam search.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
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
"""Letters of all languages, upper and lower case together; the symbol of a letter is its place here, from 1 on."""

EDGE = 0
"""Symbol of everything that ends a word: a space or a punctuation mark."""

DIGITS = len(ALPHABET) + 1
"""First of the symbols of 0 to 9. Digits do not end a word: a1b2 is one word, about which nothing is known."""

UNDERSCORE = DIGITS + 10
"""Symbol that separates words like a hyphen, but may stand anywhere: half of all names in programs are no words."""

WORD_START = ngrams.BEGINNING
"""State before the first letter of a row."""

BLIND = float(np.log(27))
"""Minus the log-probability of one of 27 equally likely symbols, a to z and an edge, in nats; scores are relative to
it."""

NUMBER_ENDS = 1.0
"""Score in nats of an edge after a word with a digit, and cost of a letter there. Without it, a lone I would be twice
as likely as a lone 1, because of the score at the end of a word, and 30 as likely as 3o. Chosen on the development
pages."""

MAX_BONUS = 10.0
"""Maximum bonus of a word in nats, however long: the image must be able to outweigh it."""

OWN_SHARE = 5e-4
"""Assumed probability of each of the user's own words: as frequent as `under` or `house`."""

KNOWN = ("en", "fr", "de")
"""Languages with a language model; the first is the default language of a page."""

LANGUAGES = ("auto", *KNOWN, "none")

EVIDENCE, LEAST_EVIDENCE = 4.5, 8.0
"""Minimum evidence in nats for another language, multiplied by the square root of the number of words, and the minimum
for a page of few words. Misread words support any language by chance. The evidence is relative to the first language
and to equally likely letters, as a page of codes is in no language. Chosen on the development pages."""

_HISTORY_BITS = 22
_HISTORY = (1 << _HISTORY_BITS) - 1
"""Bit mask of the history in a state."""

_CODE = _HISTORY
"""Value in place of the history after a digit in a word: what follows is not predicted."""

_HASH = (1 << 41) - 1
_FACTOR = 0x1B873593CC9E2D51
"""Odd factor of the word's hash. With 41 bits, a chance match in a list of a thousand words is rarer than one in a
billion."""


@dataclass(frozen=True, eq=False)
class Language:
    """A language model: character n-grams and a lexicon.

    Attributes:
        letters: The character n-grams; None for none.
        words: (w,) int64, hashes of the user's own words, ascending.
        bonuses: (w,) float32, bonus in nats at the end of each word, on top of its n-grams.
    """

    letters: Ngrams | None
    words: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    bonuses: Floats = field(default_factory=lambda: np.empty(0, np.float32))

    def after(self, states: States, symbols: Symbols) -> Floats:
        """(b, m) scores in nats of m symbols after b states; a symbol that is no part of a word ends the word."""
        return self.each_after(states[:, None], symbols[None, :], self.at_end(states)[:, None])

    def each_after(self, states: States, symbols: Symbols, at_end: Floats) -> Floats:
        """Scores in nats of symbols after states, element by element.

        Args:
            states: States of any shape.
            symbols: Symbols of a shape that broadcasts with it.
            at_end: Result of `at_end` for the states.
        """
        histories = states & _HISTORY
        in_code, is_letter = histories == _CODE, _IS_LETTER[symbols]
        scores = np.where(symbols == EDGE, at_end, np.where(symbols == UNDERSCORE, np.maximum(at_end, 0), 0))
        letters = (is_letter & ~in_code).nonzero()
        follow = [np.broadcast_to(each, scores.shape)[letters] for each in (histories, symbols)]
        scores[letters] = self._of_letters(*follow)
        scores[is_letter & in_code] = -NUMBER_ENDS
        return scores

    def at_end(self, states: States) -> Floats:
        """Scores in nats, float32, of the end of a word in each state, of any shape; 0 if no word has begun."""
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
        """States after symbols are appended, element by element; the shapes broadcast.

        An edge ends the word, but not the history. After a digit, the history is unknown until the next edge.
        """
        histories, hashes = states & _HISTORY, states >> _HISTORY_BITS
        in_code, is_edge = histories == _CODE, _IS_EDGE[symbols]
        longer = ((hashes ^ _PLAIN[symbols]) * np.int64(_FACTOR)) & _HASH
        after = np.where(is_edge, np.where(in_code, WORD_START, histories), _CODE)
        told = (~in_code & np.where(is_edge, hashes != 0, _IS_LETTER[symbols])).nonzero()
        if self.letters is None:
            after[told] = WORD_START
        else:
            before, follow = (np.broadcast_to(each, after.shape)[told] for each in (histories, _NEXT[symbols]))
            after[told] = self.letters.extended(before, follow)
        return np.asarray(after | np.where(is_edge, 0, longer) << _HISTORY_BITS)


def plain(character: str) -> str:
    """A letter without its accent."""
    return unicodedata.normalize("NFD", character)[0]


@lru_cache(4096)
def symbol_of(label: str) -> int:
    """The symbol of a character; case is ignored, and so is an accent that no language has."""
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
"""For each symbol, the symbol of the letter without its accent: the lexicon ignores accents."""

_IS_LETTER, _IS_EDGE = (np.isin(np.arange(len(_PLAIN)), kind) for kind in (np.arange(1, DIGITS), (EDGE, UNDERSCORE)))
_NEXT = np.where(_IS_EDGE, EDGE, np.arange(len(_PLAIN)))
"""For each symbol, whether it is a letter, whether it ends a word, and the symbol that the n-grams see."""


def without_accents(text: str) -> str:
    """A text without the accents of its letters."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def spelled(words: Sequence[str], language: Language) -> tuple[States, Floats]:
    """State at the end of each word, and log-probability of its letters and its end.

    Args:
        words: Words of letters and digits, none empty.
        language: The language model; only its n-grams are used.

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


@dataclass(frozen=True)
class Evidence:
    """Evidence in nats for another language than the one that a text is taken for.

    Attributes:
        first: The language that it is taken for, one of `KNOWN`.
        name: The likeliest of the other languages.
        gain: How much likelier the text is in it than in the first.
        sense: How much likelier the text is in it than equally likely letters.
        enough: Minimum for both of them, from which the text is in this language.
    """

    first: str
    name: str
    gain: float
    sense: float
    enough: float

    @property
    def is_clear(self) -> bool:
        """Whether the text is clearly in this language."""
        return min(self.gain, self.sense) > self.enough

    @property
    def language(self) -> str:
        """The language of the text, one of `KNOWN`: the first unless there is clear evidence for another."""
        return self.name if self.is_clear else self.first


def evidence(text: str, first: str = KNOWN[0]) -> Evidence:
    """Evidence for another language than the one that a text is taken for.

    Args:
        text: The text; letters may have accents, and case is ignored.
        first: That language, one of `KNOWN`.
    """
    others = [name for name in KNOWN if name != first]
    spaced = "".join(c if symbol_of(c) in range(1, DIGITS) else " " for c in text)
    words = [word for word in spaced.split() if len(word) > 1]
    if not words:
        return Evidence(first, others[0], 0.0, 0.0, LEAST_EVIDENCE)
    likely = {name: float(spelled(words, load_known(name))[1].sum()) for name in KNOWN}
    best = max(others, key=likely.__getitem__)
    blind = -BLIND * sum(len(word) + 1 for word in words)
    enough = max(EVIDENCE * len(words) ** 0.5, LEAST_EVIDENCE)
    return Evidence(first, best, likely[best] - likely[first], likely[best] - blind, enough)


def with_words(language: Language, words: Sequence[str], shares: NDArray[np.float64]) -> Language:
    """Add words to the lexicon of a language model.

    The n-grams and the word list are the two parts of a mixture. The bonus is what the list adds to the
    n-grams, so a word that the n-grams already predict gets almost no bonus.

    Args:
        language: The language model.
        words: Words of letters and digits, none empty.
        shares: (len(words),) probability of each word, 0 to 1.
    """
    states, letters = spelled(words, language)
    bonuses = np.minimum(np.logaddexp(0.0, np.log(shares) - letters), MAX_BONUS)
    hashes = np.concatenate([language.words, states >> _HISTORY_BITS])
    every = np.concatenate([language.bonuses, bonuses]).astype(np.float32)
    order = np.lexsort((-every, hashes))  # of a word added twice, keep the larger bonus
    known, firsts = np.unique(hashes[order], return_index=True)
    return replace(language, words=known, bonuses=every[order][firsts])


@cache
def load_known(name: str) -> Language:
    """Load the language model of one of `KNOWN` that comes with ocrcli."""
    with np.load(shipped(f"{name}.npz")) as stored:
        return Language(ngrams.from_tables(dict(stored)))


@cache
def load_language(name: str, words: tuple[str, ...] = ()) -> Language | None:
    """Load a language model and add the user's own words to its lexicon.

    Args:
        name: One of `LANGUAGES`; ``auto`` is the first of `KNOWN`, until another one is detected.
        words: The user's own words from `read_words`; they are used with any language.

    Returns:
        The language model; None for the language ``none`` without words.

    Raises:
        UsageError: If the language is unknown.
    """
    check_name("language", name, LANGUAGES)
    if words:
        language = load_language(name) or Language(None)
        return with_words(language, words, np.full(len(words), OWN_SHARE))
    if name == "none":
        return None
    return load_known(KNOWN[0] if name == "auto" else name)


def read_words(path: Path) -> tuple[str, ...]:
    """Read the user's own words from a text file with one or several words a line, in any case.

    Accents are ignored. A character that is neither in `ALPHABET` nor a digit separates words, as it does on a page.

    Raises:
        InputError: If the file cannot be read, is no UTF-8 text, or holds no word.
    """
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path, or no UTF-8
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        raise InputError(f"{path}: the word list cannot be read ({reason}); give a text file in UTF-8") from error
    found = words_in(text)
    if not found:
        raise InputError(f"{path}: holds no word of two letters or more; put one on each line")
    return found


def words_in(text: str) -> tuple[str, ...]:
    """The different words of two letters or more in a text, lower case and without accents, in alphabetical order.

    Examples:
        >>> words_in("Café, or a cafe?")
        ('cafe', 'or')
    """
    parts = "".join(" " if symbol_of(c) in (EDGE, UNDERSCORE) else c for c in without_accents(text)).split()
    return tuple(sorted({part.lower() for part in parts if len(part) > 1}))
