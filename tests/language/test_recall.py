"""Words that a page repeats."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.language import recall
from ocrcli.language.model import WORD_START, Language, load_language, symbol_of, words_in

TEXTS = st.lists(
    st.lists(st.sampled_from(["vowels", "Vowels", "for", "in", "x1", "char", "été"]), min_size=1), max_size=4
)


def sure(*texts: str) -> list[list[recall.Reading]]:
    return [[(text, 0.0)] for text in texts]


def test_a_word_of_two_rows_is_repeated_whatever_its_case_and_what_stands_beside_it() -> None:
    assert recall.repeated(sure("vowels = [a, e]", "for c in Vowels:", "print(count)")) == ["vowels"]


def test_a_word_that_is_twice_in_one_row_is_not() -> None:
    assert recall.repeated(sure("count = count + 1", "print")) == []


def test_what_is_read_with_certainty_once_and_perhaps_elsewhere_is_repeated() -> None:
    doubtful = [("vamels", 0.0), ("vowels", log(2))]
    assert recall.repeated([*sure("vowels"), doubtful]) == ["vowels"]
    assert recall.repeated([*sure("count"), doubtful]) == []


def test_what_is_never_the_likelier_reading_is_not_repeated() -> None:
    rows = [[("vowels", 0.0), ("vamels", log(1.5))]] * 5
    assert recall.repeated(rows) == ["vowels"]


@pytest.mark.parametrize("word", ["in", "x", "x11"])
def test_short_words_and_codes_are_not_remembered(word: str) -> None:
    assert recall.repeated(sure(word, word, word)) == []


@given(TEXTS)
def test_repeated_are_words_of_two_rows(rows: list[list[str]]) -> None:
    found = recall.repeated(sure(*map(" ".join, rows)))
    counts = {word: sum(word in words_in(" ".join(row)) for row in rows) for word in found}
    assert all(count >= 2 for count in counts.values())
    assert found == sorted(set(found))


def test_only_the_words_that_are_repeated_gain_in_the_language() -> None:
    language = load_language("en")
    assert language is not None
    known = recall.with_repeated(language, sure("vowels", "vowels", "consonant"))
    assert known is not None
    gains = [at_end(known, word) - at_end(language, word) for word in ("vowels", "consonant")]
    assert gains[0] > 1
    assert gains[1] == 0


def test_a_page_that_repeats_nothing_has_no_language_of_its_own() -> None:
    language = load_language("en")
    assert language is not None
    assert recall.with_repeated(language, sure("one", "two")) is None
    assert recall.with_repeated(language, []) is None


def at_end(language: Language, word: str) -> float:
    state = np.array([WORD_START])
    for letter in word:
        state = language.extended(state, np.array([symbol_of(letter)]))
    return float(language.at_end(state)[0])
