"""Letter statistics: those that are shipped, and how they are counted."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recipe import language as recipe
from ocrcli.errors import UsageError
from ocrcli.language import (
    EDGE,
    HISTORIES,
    LANGUAGES,
    ORDER,
    STEP,
    SYMBOLS,
    Language,
    extended,
    from_table,
    load_language,
    symbol_of,
)

WORDS = "the 900\nthen 300\nthis 200\nhat 50\nit's 70\nx-ray 2\nzoo 1\n"


@pytest.fixture(scope="module")
def english() -> Language:
    language = load_language("en")
    assert language is not None
    return language


def history(text: str) -> int:
    """What is remembered at the end of a text."""
    before = np.zeros(1, np.intp)
    for character in text:
        before = extended(before, np.array([symbol_of(character)]))[0]
    return int(before[0])


def word_score(language: Language, word: str) -> float:
    before, score = np.zeros(1, np.intp), 0.0
    for character in word:
        symbols = np.array([symbol_of(character)])
        score += float(language.after(before, symbols)[0, 0])
        before = extended(before, symbols)[0]
    return score + float(language.at_end(before)[0])


def test_symbols_are_letters_in_either_case() -> None:
    assert [symbol_of(c) for c in string.ascii_lowercase] == list(range(1, SYMBOLS))
    assert [symbol_of(c) for c in string.ascii_uppercase] == list(range(1, SYMBOLS))
    assert {symbol_of(c) for c in [*string.digits, *string.punctuation, " ", "", "é", "ß", "Ω", "{", "`"]} == {EDGE}


def test_english_is_shipped(english: Language) -> None:
    assert english.advantage.shape == (HISTORIES, SYMBOLS)
    assert english.advantage.dtype == np.float32
    assert np.isfinite(english.advantage).all()


def test_probabilities_sum_to_one_after_every_history(english: Language) -> None:
    p = np.exp(english.advantage.astype(float)) / SYMBOLS
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=0.05)  # the table is rounded
    assert (p > 0.001).all()


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [("the", "thc"), ("and", "ancl"), ("quick", "qvick"), ("this", "tbis"), ("street", "strcet"), ("ing", "lng")],
)
def test_likely_words_beat_unlikely_ones(english: Language, likely: str, unlikely: str) -> None:
    assert word_score(english, likely) > word_score(english, unlikely) + 0.5


def test_case_does_not_count(english: Language) -> None:
    assert word_score(english, "Milk") == word_score(english, "MILK") == word_score(english, "milk")


def test_common_words_are_likelier_than_blind_draws_and_rare_runs_are_bounded(english: Language) -> None:
    assert word_score(english, "there") > 2
    assert -4 * len("xqzjv") < word_score(english, "xqzjv") < -5


def test_what_is_no_letter_ends_the_word_before_it(english: Language) -> None:
    histories = np.arange(0, HISTORIES, 97)
    scores = english.after(histories, np.array([EDGE, symbol_of("e")]))
    assert scores.shape == (len(histories), 2)
    np.testing.assert_array_equal(scores[:, 0], english.at_end(histories))
    assert (scores[:, 1] != 0).all()


def test_a_word_ends_only_after_a_letter(english: Language) -> None:
    ends = english.at_end(np.array([history(""), history("th"), history("the"), history("the 4")]))
    assert ends[0] == ends[3] == 0
    assert ends[2] > ends[1] + 1


def test_a_history_is_the_last_three_letters() -> None:
    assert ORDER == 4
    assert history("nation") == history("xyzion") == history("ION") != history("oin")
    assert history("on") != history("ion")
    numbers = {history(a + b + c) for a in "abz" for b in "abz" for c in "abz"}
    assert len(numbers) == 27
    assert max(numbers) == history("zzz") == HISTORIES - 1


@pytest.mark.parametrize("edge", [" ", "4", ".", "'", "é"])
def test_a_history_is_forgotten_at_an_edge(edge: str) -> None:
    assert history("the" + edge) == EDGE
    assert history("the" + edge + "re") == history("re") != history("here")


@given(st.text(string.ascii_letters + " 7", max_size=8))
def test_histories_stay_in_the_table(text: str) -> None:
    assert 0 <= history(text) < HISTORIES


def test_no_language() -> None:
    assert "none" in LANGUAGES
    assert load_language("none") is None


@pytest.mark.parametrize("name", ["", "EN", "tlh", "../en"])
def test_an_unknown_language_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="en, none") as caught:
        load_language(name)
    assert repr(name) in str(caught.value)


def test_a_flat_table_prefers_nothing() -> None:
    flat = from_table(np.full((HISTORIES, SYMBOLS), round(np.log(SYMBOLS) * STEP), np.uint8))
    assert np.abs(flat.advantage).max() < 0.05


def test_a_table_keeps_the_order_of_its_probabilities() -> None:
    table = np.full((HISTORIES, SYMBOLS), 255, np.uint8)
    table[history("th"), symbol_of("e")] = 0
    language = from_table(table)
    scores = language.after(np.array([history("th")]), np.array([symbol_of("e"), symbol_of("c")]))[0]
    assert scores[0] > 2
    assert np.isfinite(scores[1])
    assert scores[1] < -1


def counted(text: str = WORDS) -> np.ndarray:
    return recipe.count(recipe.words_of(text))


def test_words_with_anything_but_letters_are_not_counted() -> None:
    words = recipe.words_of(WORDS)
    assert ["".join(chr(96 + s) for s in symbols) for symbols, _ in words] == ["the", "then", "this", "hat", "zoo"]
    weights = [weight for _, weight in words]
    assert weights == sorted(weights, reverse=True)
    assert 1 < weights[0] / weights[1] < 3  # damped


def test_counts_stand_between_edges() -> None:
    counts = counted("the 1\nto 1\n")
    t, h, e, o = (symbol_of(c) for c in "theo")
    assert counts.shape == (SYMBOLS,) * ORDER
    assert counts.sum() == pytest.approx(4 + 3)
    assert counts[0, 0, 0, t] == pytest.approx(2)
    assert counts[0, 0, t, h] == counts[0, t, h, e] == counts[t, h, e, 0] == pytest.approx(1)
    assert counts[0, t, o, 0] == pytest.approx(1)
    assert counts[0, t, h, o] == 0


def test_counted_probabilities_sum_to_one_after_every_history() -> None:
    p = recipe.probabilities(counted())
    assert p.shape == (SYMBOLS,) * ORDER
    np.testing.assert_allclose(p.sum(axis=-1), 1)
    assert (p > 0).all()


def test_what_was_seen_is_likelier_than_what_was_not() -> None:
    counts = counted()
    p = recipe.probabilities(counts)
    for seen_history in zip(*np.nonzero(counts.sum(axis=-1)), strict=True):
        seen = counts[seen_history] > 0
        assert p[seen_history][seen].min() > p[seen_history][~seen].max()


def test_an_unseen_history_leans_on_the_shorter_one() -> None:
    p = recipe.probabilities(counted())
    z, t, h, e, q = (symbol_of(c) for c in "ztheq")
    assert p[z, t, h, e] > 5 * p[z, t, h, q]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.text("abcz", min_size=1, max_size=5), st.integers(1, 10**9)), min_size=1, max_size=4))
def test_any_word_list_gives_probabilities(words: list[tuple[str, int]]) -> None:
    found = recipe.words_of("\n".join(f"{word} {count}" for word, count in words))
    p = recipe.probabilities(recipe.count(found))
    assert (p > 0).all()
    np.testing.assert_allclose(p.sum(axis=-1), 1)


def test_a_word_list_is_less_perplexing_than_blind_letters() -> None:
    words = recipe.words_of(WORDS)
    known = recipe.perplexity(recipe.probabilities(recipe.count(words)), words)
    assert 1 <= known < 6
    assert recipe.perplexity(np.full((SYMBOLS,) * ORDER, 1 / SYMBOLS), words) == pytest.approx(SYMBOLS)
