"""One's own words: what each earns where it ends, and how a list of them is read."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spelling import score, state

from ocrcli.core.errors import InputError
from ocrcli.language.model import (
    BLIND,
    LANGUAGES,
    MAX_BONUS,
    UNDERSCORE,
    Language,
    load_known,
    load_language,
    plain,
    read_words,
    spelled,
    symbol_of,
    with_words,
)


@pytest.fixture(scope="module")
def english() -> Language:
    return load_known("en")


def bonus(language: Language, text: str) -> float:
    """What a word earns where it ends, beyond its letters."""
    ends = np.array([state(text, language)])
    return float(language.at_end(ends)[0] - Language(language.letters).at_end(ends)[0])


@given(st.lists(st.text(string.ascii_lowercase + "éß" + string.digits, min_size=1, max_size=9), max_size=5))
def test_a_spelt_word_is_what_going_letter_by_letter_gives(words: list[str]) -> None:
    language = load_known("en")
    states, scores = spelled(words, language)
    assert states.tolist() == [state(word) for word in words]
    expected = [score(language, word) - BLIND * (len(word) + 1) for word in words]
    np.testing.assert_allclose(scores, expected, rtol=1e-4)


@pytest.mark.parametrize("name", LANGUAGES)
def test_ones_own_words_are_known_in_any_language(name: str) -> None:
    language = load_language(name, ("ocrcli", "xk42"))
    assert language is not None
    assert 3 < bonus(language, "OCRCLI") <= MAX_BONUS
    assert bonus(language, "xk42") == bonus(language, "see xk42") > 3
    assert bonus(language, "xk43") == bonus(language, "ocrcl") == bonus(language, "ocrclis") == 0
    assert bonus(language, "ocrcli ") == bonus(language, "") == 0


def test_ones_own_words_are_known_with_accents_and_without() -> None:
    language = load_language("fr", ("helene", "noel"))
    assert language is not None
    assert bonus(language, "Hélène") == bonus(language, "HELENE") > 0
    assert bonus(language, "Noël") == bonus(language, "noel") > 0


def test_a_bonus_is_paid_at_a_space_and_at_a_mark_but_not_at_a_digit(english: Language) -> None:
    language = load_language("en", ("ocrcli",))
    assert language is not None
    ends = np.array([state("ocrcli")])
    comma, under, digit = language.after(ends, np.array([symbol_of(","), UNDERSCORE, symbol_of("4")]))[0]
    assert comma == language.at_end(ends)[0] > english.at_end(ends)[0] + 3
    assert under == max(comma, 0)
    assert digit == 0


def test_a_word_that_its_letters_tell_already_earns_less() -> None:
    language = load_language("en", ("the", "ocrcli"))
    assert language is not None
    assert 0 <= bonus(language, "the") < 0.1
    assert bonus(language, "ocrcli") > 3


def test_a_commoner_word_earns_more_and_of_a_word_known_twice_the_better_bonus_counts(english: Language) -> None:
    rare, common = (with_words(english, ["stunter"], np.array([share])) for share in (1e-7, 1e-6))
    assert 0 < bonus(rare, "stunter") < bonus(common, "stunter") < MAX_BONUS
    for first, share in ((rare, 1e-6), (common, 1e-7)):
        twice = with_words(first, ["stunter", "stinter"], np.array([share, share]))
        assert len(twice.words) == 2
        assert bonus(twice, "stunter") == bonus(common, "stunter")


def test_a_word_list_is_read_in_any_case_and_layout(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes("\ufeffOcrcli\r\nXK-42, Mira\n\nx\nmira_k2".encode())
    assert read_words(file) == ("42", "k2", "mira", "ocrcli", "xk")


def test_accents_do_not_part_ones_own_words(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("Hélène, café\nNoël Straße", encoding="utf-8")
    assert read_words(path) == ("cafe", "helene", "noel", "straße")
    assert [plain(c) for c in "éßœa"] == ["e", "ß", "œ", "a"]


@pytest.mark.parametrize("content", [None, b"", b"- . x\n", b"\xff\xfe\x00"])
def test_a_word_list_that_is_none_is_an_input_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "words.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"words\.txt"):
        read_words(file)
