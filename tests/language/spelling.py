"""Texts gone through letter by letter, as a reader does."""

from __future__ import annotations

import numpy as np

from ocrcli.language.model import WORD_START, Language, load_known, symbol_of


def state(text: str, language: Language | None = None) -> int:
    """What is remembered at the end of a text."""
    known, before = language or load_known("en"), np.full(1, WORD_START, np.int64)
    for character in text:
        before = known.extended(before, np.array([symbol_of(character)]))
    return int(before[0])


def score(language: Language, text: str, context: str = "") -> float:
    """What a text earns after another one, and where it ends."""
    before, total = np.array([state(context, language)]), 0.0
    for character in text:
        symbols = np.array([symbol_of(character)])
        total += float(language.after(before, symbols)[0, 0])
        before = language.extended(before, symbols)
    return total + float(language.at_end(before)[0])
