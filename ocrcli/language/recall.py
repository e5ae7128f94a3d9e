"""Words that a page repeats: what was read in one row helps to read another.

Notes repeat their words: names in a program, items of a list. A word that is read in two rows, or may be, is expected
in all of them (a cache language model: Kuhn and De Mori 1990, "A cache-based natural language model for speech
recognition").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ocrcli.language.model import Language, with_words, words_in

SHARE = 0.02
"""Assumed probability of each word that a page repeats. On the development pages 0.005 and 0.05 are as good."""

ROWS = 1.3
"""Expected number of rows from which a word is repeated: it is known from one of them, and likely in another."""

SHORTEST = 3
"""Letters of a word that is remembered: of shorter ones the n-grams know all."""

Reading = tuple[str, float]
"""A text, and how much worse it is than the best one of its row, in nats."""


def with_repeated(language: Language, rows: Sequence[Sequence[Reading]]) -> Language | None:
    """Add the words that a page repeats to the lexicon of a language model.

    Args:
        language: The language model.
        rows: Readings of each row of the page, the best first.

    Returns:
        The language model; None if no word is repeated.
    """
    words = repeated(rows)
    return with_words(language, words, np.full(len(words), SHARE)) if words else None


def repeated(rows: Sequence[Sequence[Reading]]) -> list[str]:
    """The words that a page repeats, in alphabetical order, as `words_in` writes them.

    Args:
        rows: Readings of each row of the page, the best first.
    """
    expected: Counter[str] = Counter()
    surest: Counter[str] = Counter()
    for readings in rows:
        for word, p in _words(readings).items():
            expected[word] += p
            surest[word] = max(surest[word], p)
    return sorted(word for word, rows_of in expected.items() if rows_of >= ROWS and surest[word] > 1 / 2)


def _words(readings: Sequence[Reading]) -> Counter[str]:
    """Probability of each word to be in a row."""
    likelihoods = np.exp([-worse for _, worse in readings])
    found: Counter[str] = Counter()
    for (text, _), p in zip(readings, (likelihoods / likelihoods.sum()).tolist(), strict=True):
        for word in words_in(text):
            if len(word) >= SHORTEST and word.isalpha():
                found[word] += p
    return found
