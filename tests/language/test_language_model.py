"""What a language expects, letter after letter, and which one a page is in."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spelling import score, state

from ocrcli.core.errors import UsageError
from ocrcli.language.model import (
    ALPHABET,
    DIGITS,
    EDGE,
    KNOWN,
    LANGUAGES,
    NUMBER_ENDS,
    UNDERSCORE,
    WORD_START,
    Language,
    evidence,
    load_known,
    load_language,
    plain,
    symbol_of,
)

CODE = load_known("en").extended(np.array([WORD_START]), np.array([symbol_of("7")])) & 0x3FFFFF
"""The history of a state after a digit."""


@pytest.fixture(scope="module")
def english() -> Language:
    return load_known("en")


def test_symbols_are_letters_in_either_case() -> None:
    assert [symbol_of(c) for c in ALPHABET] == list(range(1, DIGITS))
    assert [symbol_of(c.upper()) for c in ALPHABET if c != "ß"] == [symbol_of(c) for c in ALPHABET if c != "ß"]
    assert symbol_of("ẞ") == symbol_of("ß")
    assert [symbol_of(c) for c in string.digits] == list(range(DIGITS, UNDERSCORE))
    assert symbol_of("_") == UNDERSCORE
    nothing = [*string.punctuation.replace("_", ""), " ", "", "ab", "Ω", "ø", "½", "²", "٣"]
    assert {symbol_of(c) for c in nothing} == {EDGE}


def test_an_accent_that_no_language_has_does_not_count() -> None:
    assert [symbol_of(c) for c in "áÍóú"] == [symbol_of(c) for c in "aiou"]
    assert len({symbol_of(c) for c in "eéèêë"}) == 5


@given(st.characters())
def test_any_character_has_a_symbol(character: str) -> None:
    assert EDGE <= symbol_of(character) <= UNDERSCORE


@pytest.mark.parametrize("name", KNOWN)
def test_languages_are_shipped(name: str) -> None:
    language = load_language(name)
    assert language is not None
    assert language.letters is not None
    assert len(language.letters.log_p) > 500_000
    assert len(language.words) == len(language.bonuses) == 0


@pytest.mark.parametrize("name", KNOWN)
def test_probabilities_sum_to_one_after_every_history(name: str) -> None:
    letters = load_known(name).letters
    assert letters is not None
    histories = np.arange(0, len(letters.follows), 211)
    p = np.exp([letters.scores(histories, np.full(len(histories), symbol)) for symbol in range(DIGITS)])
    np.testing.assert_allclose(p.sum(axis=0), 1, atol=0.2)  # each of up to seven prices is rounded
    assert abs(p.sum(axis=0).mean() - 1) < 0.02
    assert p.min() > 1e-9


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [("the", "thc"), ("and", "ancl"), ("quick", "qvick"), ("this", "tbis"), ("street", "strcet"), ("ing", "lng")],
)
def test_likely_words_beat_unlikely_ones(english: Language, likely: str, unlikely: str) -> None:
    assert score(english, likely) > score(english, unlikely) + 0.5


@pytest.mark.parametrize(
    ("name", "context", "likely", "unlikely"),
    [
        ("fr", "il a ", "été", "ete"),
        ("fr", "il ", "était", "etait"),
        ("fr", "le ", "garçon", "garcon"),
        ("de", "ich ", "möchte", "mochte"),
        ("de", "auf der ", "straße", "strase"),
    ],
)
def test_accents_are_expected_where_they_belong(name: str, context: str, likely: str, unlikely: str) -> None:
    language = load_known(name)
    assert score(language, likely, context) > score(language, unlikely, context) + 0.5
    assert score(language, unlikely, context) > -3  # they may be left away


@pytest.mark.parametrize(
    ("context", "likely", "unlikely"),
    [("of ", "the", "she"), ("they ", "were", "was"), ("thank ", "you", "yon")],
)
def test_what_comes_next_is_told_by_the_word_before(
    english: Language, context: str, likely: str, unlikely: str
) -> None:
    ahead = score(english, likely) - score(english, unlikely)
    assert score(english, likely, context) - score(english, unlikely, context) > max(0, ahead) + 0.3


def test_common_words_are_likelier_than_blind_draws_and_rare_runs_are_bounded(english: Language) -> None:
    assert score(english, "there") > 2
    assert -5 * 5 < score(english, "xqzjv") < -0.5


def test_case_does_not_count(english: Language) -> None:
    assert score(english, "Milk") == score(english, "MILK") == score(english, "milk")


@pytest.mark.parametrize("code", ["a1b2", "x9", "7th"])
def test_after_a_digit_no_letter_is_expected(english: Language, code: str) -> None:
    first = next(i for i, c in enumerate(code) if c.isdigit())
    before_digit, after = code[:first], sum(c.isalpha() for c in code[first:])
    letters = score(english, before_digit) - float(english.at_end(np.array([state(before_digit)]))[0])
    assert score(english, code) == pytest.approx(letters + NUMBER_ENDS * (1 - after))
    assert np.array([state(code)]) & 0x3FFFFF == CODE
    assert state(code + " ") == WORD_START
    assert score(english, "the", code + " ") == score(english, "the")


def test_what_is_no_letter_ends_the_word_before_it(english: Language) -> None:
    states = np.array([state(text) for text in ("t", "th", "the", "milk", "of the")])
    scores = english.after(states, np.array([EDGE, symbol_of("e")]))
    assert scores.shape == (5, 2)
    np.testing.assert_array_equal(scores[:, 0], english.at_end(states))
    assert (scores != 0).all()


def test_arrays_are_asked_as_each_state_is(english: Language) -> None:
    texts, symbols = ["", "t", "the ", "x1", "co_", "of th", "é"], np.array([EDGE, 1, 31, DIGITS + 4, UNDERSCORE])
    states = np.array([state(text) for text in texts])
    together = english.after(states, symbols)
    further = english.extended(states[:, None], symbols[None, :])
    for row, before in enumerate(states):
        for column, symbol in enumerate(symbols):
            assert together[row, column] == english.after(np.array([before]), np.array([symbol]))[0, 0]
            assert further[row, column] == english.extended(np.array([before]), np.array([symbol]))[0]


def test_a_word_ends_only_after_a_letter(english: Language) -> None:
    ends = english.at_end(np.array([state(text) for text in ("", "the ", "th", "the", "the 4")]))
    assert ends[0] == ends[1] == 0
    assert ends[4] == NUMBER_ENDS
    assert ends[3] > ends[2] + 1


@pytest.mark.parametrize("edge", [" ", ".", "'", "Ω"])
def test_an_edge_ends_a_word_and_its_history_goes_on(edge: str) -> None:
    assert state("the" + edge) == state("the ") != WORD_START
    assert state("the" + edge) >> 22 == 0
    assert state("the" + edge) == state("the" + edge + edge) == state("the, ")
    assert state(edge) == WORD_START


def test_an_underscore_parts_words_as_a_hyphen_does_and_costs_nothing_anywhere(english: Language) -> None:
    symbols = np.array([symbol_of("_"), symbol_of("-")])
    assert state("total_") == state("total-")
    under, hyphen = english.after(np.array([state("total")]), symbols)[0]
    assert under == hyphen > 0
    under, hyphen = english.after(np.array([state("xqzv")]), symbols)[0]
    assert under == 0 > hyphen


def test_a_state_tells_words_apart_that_end_alike() -> None:
    assert state("internationalisation") != state("externationalisation")
    assert state("a1") != state("a2") != state("b2")
    assert state("x nation") >> 22 == state("nation") >> 22


@given(st.text(ALPHABET + string.digits + "_ .", max_size=12))
def test_nothing_that_is_written_is_impossible(text: str) -> None:
    assert np.isfinite(score(load_known("en"), text))
    assert score(load_known("en"), text) > -14 * (len(text) + 1)


def test_no_language() -> None:
    assert "none" in LANGUAGES
    assert load_language("none") is None


def test_a_page_is_english_until_it_shows_another() -> None:
    assert load_language("auto") is load_language("en")


@pytest.mark.parametrize("name", ["", "EN", "tlh", "../en"])
def test_an_unknown_language_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="en, fr, de, none") as caught:
        load_language(name)
    assert repr(name) in str(caught.value)


ENGLISH = "The cat sleeps on the chair while the children play in the garden behind the house"
FRENCH = "Le chat dort sur la chaise pendant que les enfants jouent dans le jardin derrière la maison"
GERMAN = "Die Katze schläft auf dem Stuhl, während die Kinder im Garten hinter dem Haus spielen"


def test_a_page_is_in_the_language_that_its_words_speak_for() -> None:
    for text, name in ((ENGLISH, "en"), (FRENCH, "fr"), (GERMAN, "de")):
        assert evidence(text).language == evidence(text.upper()).language == name
        assert evidence("".join(map(plain, text))).language == name
    assert evidence(FRENCH.replace("chat", "cbat").replace("enfants", "cnfants")).language == "fr"  # misread
    assert evidence(GERMAN.replace("Katze", "Kotze").replace("Kinder", "Kmder")).language == "de"


def test_a_few_words_are_enough() -> None:
    assert evidence("Où est le café ?").language == evidence("merci beaucoup").language == "fr"
    assert evidence("Where is the coffee?").language == evidence("many thanks").language == "en"
    assert evidence("Wo ist der Bahnhof?").language == evidence("Vielen Dank").language == "de"


def test_a_text_that_is_taken_for_another_language_must_speak_against_it() -> None:
    for first in KNOWN:
        for text, name in ((ENGLISH, "en"), (FRENCH, "fr"), (GERMAN, "de")):
            assert evidence(text, first).language == name
        assert evidence("42 17:30", first).language == evidence("le", first).language == first


@pytest.mark.parametrize("text", ["", "à", "42 17:30", "café", "le", "A B C D E F G H I J", "abcdefg hijklmno pqrstuv"])
def test_little_text_and_none_says_nothing(text: str) -> None:
    assert evidence(text).language == "en"


def test_pages_of_codes_and_alphabets_are_in_no_other_language() -> None:
    rng = np.random.default_rng(3)
    letters = np.array(list(string.ascii_uppercase))
    codes = " ".join("".join(rng.choice(letters, 6)) for _ in range(400))
    assert evidence(codes).language == "en"
    assert evidence((string.ascii_lowercase + " ") * 8).language == "en"


@given(st.text(max_size=60))
def test_any_text_is_in_a_known_language(text: str) -> None:
    assert evidence(text).language in KNOWN
