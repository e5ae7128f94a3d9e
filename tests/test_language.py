"""Letter statistics: those that are shipped, and how they are counted."""

from __future__ import annotations

import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recipe import language as recipe
from ocrcli.errors import InputError, UsageError
from ocrcli.language import (
    CODE,
    DIGITS,
    EDGE,
    HISTORIES,
    KNOWN,
    LANGUAGES,
    LETTERS,
    MAX_BONUS,
    ORDER,
    START,
    STEP,
    SYMBOLS,
    UNDERSCORE,
    Language,
    extended,
    from_table,
    likeliest,
    load_language,
    read_words,
    spelled,
    symbol_of,
    with_words,
    worth,
)

WORDS = "the 900\nthen 300\nthis 200\nhat 50\nit's 70\nx-ray 2\nzoo 1\n"


@pytest.fixture(scope="module")
def english() -> Language:
    language = load_language("en")
    assert language is not None
    return language


def state(text: str) -> int:
    """What is remembered at the end of a text."""
    before = np.full(1, START, np.int64)
    for character in text:
        before = extended(before, np.array([symbol_of(character)]))[0]
    return int(before[0])


def history(text: str) -> int:
    """The letters of that."""
    return state(text) & LETTERS


def word_score(language: Language, word: str) -> float:
    before, score = np.full(1, START, np.int64), 0.0
    for character in word:
        symbols = np.array([symbol_of(character)])
        score += float(language.after(before, symbols)[0, 0])
        before = extended(before, symbols)[0]
    return score + float(language.at_end(before)[0])


def test_symbols_are_letters_in_either_case() -> None:
    assert [symbol_of(c) for c in string.ascii_lowercase] == list(range(1, SYMBOLS))
    assert [symbol_of(c) for c in string.ascii_uppercase] == list(range(1, SYMBOLS))
    assert [symbol_of(c) for c in string.digits] == list(range(DIGITS, DIGITS + 10))
    assert symbol_of("_") == UNDERSCORE
    assert {symbol_of(c) for c in [*string.punctuation.replace("_", ""), " ", "", "é", "ß", "Ω", "{", "`"]} == {EDGE}


@pytest.mark.parametrize("name", KNOWN)
def test_languages_are_shipped(name: str) -> None:
    language = load_language(name)
    assert language is not None
    assert language.advantage.shape == (HISTORIES, SYMBOLS)
    assert language.advantage.dtype == np.float32
    assert np.isfinite(language.advantage).all()
    assert len(language.words) == len(language.bonuses) > 5000


ENGLISH = "The cat sleeps on the chair while the children play in the garden behind the house"
FRENCH = "Le chat dort sur la chaise pendant que les enfants jouent dans le jardin derrière la maison"


def test_a_page_is_in_the_language_that_its_words_speak_for() -> None:
    assert likeliest(ENGLISH) == likeliest(ENGLISH.upper()) == "en"
    assert likeliest(FRENCH) == likeliest(FRENCH.upper()) == "fr"
    assert likeliest(FRENCH.replace("è", "e")) == "fr"
    assert likeliest(FRENCH.replace("chat", "cbat").replace("enfants", "cnfants")) == "fr"  # misread


def test_a_few_words_are_enough() -> None:
    assert likeliest("Où est le café ?") == likeliest("merci beaucoup") == "fr"
    assert likeliest("Where is the coffee?") == likeliest("many thanks") == "en"


@pytest.mark.parametrize("text", ["", "à", "42 17:30", "café", "le", "A B C D E F G H I J", "abcdefg hijklmno pqrstuv"])
def test_little_text_and_none_says_nothing(text: str) -> None:
    assert likeliest(text) == "en"


def test_pages_of_codes_and_alphabets_are_in_no_other_language() -> None:
    rng = np.random.default_rng(3)
    letters = np.array(list(string.ascii_uppercase))
    codes = " ".join("".join(rng.choice(letters, 6)) for _ in range(400))
    assert likeliest(codes) == "en"
    assert likeliest((string.ascii_lowercase + " ") * 8) == "en"


@given(st.text(max_size=60))
def test_any_text_is_in_a_known_language(text: str) -> None:
    assert likeliest(text) in KNOWN


def test_a_word_is_worth_its_letters_and_its_place_on_the_list(english: Language) -> None:
    _, letters = spelled(["milk", "mlik"], english)
    listed = worth(["milk"], english) - float(letters[0])
    assert listed > 0
    assert worth(["mlik"], english) == pytest.approx(float(letters[1]))
    assert worth(["milk", "mlik"], english) == pytest.approx(float(letters.sum()) + listed, abs=1e-4)


def test_a_page_is_english_until_it_shows_another() -> None:
    assert load_language("auto") is load_language("en")


def test_probabilities_sum_to_one_after_every_history(english: Language) -> None:
    p = np.exp(english.advantage.astype(float)) / SYMBOLS
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=0.05)  # the table is rounded
    assert (p > 1e-5).all()


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
    assert -5 < word_score(english, "xqzjv") < -0.5


@pytest.mark.parametrize("code", ["xqzjv", "kqrtwz", "ughrrsw", "vvvvvvvvvv", "qwrtpsdfg"])
def test_of_what_is_no_word_at_all_little_is_expected(english: Language, code: str) -> None:
    assert word_score(english, code) > -0.5 * len(code) - 2


@pytest.mark.parametrize("code", ["a1b2", "x9", "7th"])
def test_after_a_digit_nothing_is_expected(english: Language, code: str) -> None:
    assert word_score(english, code) == pytest.approx(word_score(english, code[0]) - bonus_and_end(english, code[0]))


def bonus_and_end(language: Language, word: str) -> float:
    return float(language.at_end(np.array([state(word)]))[0])


def test_what_is_no_letter_ends_the_word_before_it(english: Language) -> None:
    histories = np.arange(0, HISTORIES, 97, dtype=np.int64)
    scores = english.after(histories, np.array([EDGE, symbol_of("e")]))
    assert scores.shape == (len(histories), 2)
    np.testing.assert_array_equal(scores[:, 0], english.at_end(histories))
    assert (scores[:, 1] != 0).all()


def test_a_word_ends_only_after_a_letter(english: Language) -> None:
    ends = english.at_end(np.array([state(""), state("th"), state("the"), state("the 4")]))
    assert ends[0] == ends[3] == 0
    assert ends[2] > ends[1] + 1


def bonus(language: Language, word: str) -> float:
    """What a word earns where it ends, beyond its letters."""
    at_end = language.at_end(np.array([state(word)]))[0]
    letters = Language(language.advantage)
    return float(at_end - letters.at_end(np.array([state(word)]))[0])


@pytest.mark.parametrize("word", ["the", "Milk", "LEMONS", "biscuits", "don"])
def test_a_word_earns_a_bonus_where_it_ends(english: Language, word: str) -> None:
    assert 0.2 < bonus(english, word) <= MAX_BONUS
    assert bonus(english, word) == bonus(english, word.swapcase())
    assert bonus(english, "3 " + word) == bonus(english, word)


@pytest.mark.parametrize("text", ["thc", "mi1k", "A1B2", "milk2", "7up", "xqzjv", "17:45", "total_cnt", "B", ""])
def test_what_is_no_word_neither_earns_nor_loses(english: Language, text: str) -> None:
    assert bonus(english, text) == 0


def test_a_bonus_is_paid_at_a_space_and_at_a_mark_but_not_at_a_digit(english: Language) -> None:
    milk = np.array([state("milk")])
    comma, digit = english.after(milk, np.array([symbol_of(","), symbol_of("4")]))[0]
    assert comma == english.at_end(milk)[0] > bonus(english, "milk")
    assert digit == 0


def test_an_underscore_parts_words_as_a_hyphen_does_and_costs_nothing_anywhere(english: Language) -> None:
    symbols = np.array([symbol_of("_"), symbol_of("-")])
    assert state("total_") == state("total-") == START
    under, hyphen = english.after(np.array([state("total")]), symbols)[0]
    assert under == hyphen > 0
    under, hyphen = english.after(np.array([state("mtht")]), symbols)[0]
    assert under == 0 > hyphen


def test_a_state_tells_words_apart_that_end_alike() -> None:
    assert state("nation") != state("station")
    assert state("a1") != state("a2") != state("b2")
    assert state("x nation") == state("nation")


def test_hashes_of_the_words_that_are_shipped_are_in_order_and_differ(english: Language) -> None:
    assert (np.diff(english.words) > 0).all()
    assert len(english.words) == len(english.bonuses) > 50_000
    assert (english.bonuses > 0).all()


def test_ones_own_words_are_known_in_any_language() -> None:
    for name in LANGUAGES:
        language = load_language(name, ("ocrcli", "xk42"))
        assert language is not None
        assert bonus(language, "OCRCLI") > 3
        assert bonus(language, "xk42") > 3
        assert bonus(language, "xk43") == 0


def test_ones_own_words_come_on_top_of_the_languages(english: Language) -> None:
    more = load_language("en", ("milk", "ocrcli"))
    assert more is not None
    assert bonus(more, "lemons") == bonus(english, "lemons")
    assert bonus(more, "milk") >= bonus(english, "milk")


@given(st.lists(st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=9), max_size=5))
def test_a_spelt_word_is_what_going_letter_by_letter_gives(words: list[str]) -> None:
    language = load_language("en")
    assert language is not None
    bare = Language(language.advantage)
    states, scores = spelled(words, language)
    assert states.tolist() == [state(word) for word in words]
    blind = [np.log(SYMBOLS) * (len(word) + 1) for word in words]
    np.testing.assert_allclose(scores, [word_score(bare, w) - b for w, b in zip(words, blind, strict=True)], rtol=1e-4)


def test_a_commoner_word_earns_more(english: Language) -> None:
    language = with_words(english, ["ocrcli", "ilcrco"], np.array([1e-7, 1e-9]))
    assert bonus(language, "ocrcli") > bonus(language, "ilcrco") > 0


def test_a_word_list_is_read_in_any_case_and_layout(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes("\ufeffOcrcli\r\nXK-42, Mira\n\nx\nmira".encode())
    assert read_words(file) == ("42", "mira", "ocrcli", "xk")


def test_accents_do_not_part_ones_own_words(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("Hélène, café\nNoël", encoding="utf-8")
    assert read_words(path) == ("cafe", "helene", "noel")


@pytest.mark.parametrize("content", [None, b"", b"- . x\n", b"\xff\xfe\x00"])
def test_a_word_list_that_is_none_is_an_input_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "words.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"words\.txt"):
        read_words(file)


def test_a_history_is_the_last_three_letters() -> None:
    assert ORDER == 4
    assert history("nation") == history("xyzion") == history("ION") != history("oin")
    assert history("on") != history("ion")
    numbers = {history(a + b + c) for a in "abz" for b in "abz" for c in "abz"}
    assert len(numbers) == 27
    assert max(numbers) == history("zzz") == HISTORIES - 1


@pytest.mark.parametrize("edge", [" ", ".", "'", "é"])
def test_all_is_forgotten_at_an_edge(edge: str) -> None:
    assert state("the" + edge) == START


@pytest.mark.parametrize("edge", [" ", ".", "'", "é"])
def test_a_history_is_forgotten_at_an_edge(edge: str) -> None:
    assert history("the" + edge) == EDGE
    assert history("the" + edge + "re") == history("re") != history("here")


def test_letters_count_no_more_after_a_digit() -> None:
    assert history("the4") == history("4") == history("a4re") == CODE
    assert history("a4 re") == history("re")
    assert not any(history(a + b + c) == CODE for a in "abz" for b in "abz" for c in "abz")


@given(st.text(string.ascii_letters + " 7", max_size=8))
def test_histories_stay_in_the_table(text: str) -> None:
    assert 0 <= history(text) < HISTORIES


def test_no_language() -> None:
    assert "none" in LANGUAGES
    assert load_language("none") is None


@pytest.mark.parametrize("name", ["", "EN", "tlh", "../en"])
def test_an_unknown_language_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="en, fr, none") as caught:
        load_language(name)
    assert repr(name) in str(caught.value)


def test_a_flat_table_prefers_nothing() -> None:
    flat = from_table(np.full((HISTORIES, SYMBOLS), round(float(np.log(SYMBOLS)) * STEP), np.uint8))
    assert np.abs(flat.advantage).max() < 0.05


def test_a_table_keeps_the_order_of_its_probabilities() -> None:
    table = np.full((HISTORIES, SYMBOLS), 255, np.uint8)
    table[history("th"), symbol_of("e")] = 0
    language = from_table(table)
    scores = language.after(np.array([state("th")]), np.array([symbol_of("e"), symbol_of("c")]))[0]
    assert scores[0] > 2
    assert np.isfinite(scores[1])
    assert scores[1] < -1


def counted(text: str = WORDS) -> np.ndarray:
    return recipe.count(recipe.words_of(text))


def test_of_a_contraction_the_part_before_the_apostrophe_is_a_word() -> None:
    shares = recipe.shares("the 900\ndon't 4\ni'm 5\nx-ray 9\ni 100\n")
    assert set(shares) == {"the", "don", "i"}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["the"] > shares["i"] > shares["don"]


def test_a_word_that_its_letters_tell_already_is_not_kept() -> None:
    language = from_table(np.full((HISTORIES, SYMBOLS), 8, np.uint8))
    known = recipe.known_words(language, "the 900\nzoo 900\n")
    assert len(known.words) == 2
    assert len(recipe.known_words(language, "the 1000000\nqy 1\n").words) == 1


def test_words_are_counted_without_accents_and_not_on_pages_that_are_measured() -> None:
    rows = [("L'été, l'hiver", "0001"), ("un été", "0002"), ("je consens", "0001"), ("je consens", "0002")]
    assert recipe.word_counts([*rows, ("secret", "0235")]) == "ete 2\nhiver 1\nl 2\nun 1"


def test_runs_are_counted_by_the_shares_of_their_beginnings() -> None:
    shares = {"t": 0.5, "te": 0.4, "têt": 0.1, "tet": 0.5, "tete": 0.2, "t-te": 1.0, "tetu": 0.8}
    counts = recipe.run_counts(shares)
    t, e, u = (symbol_of(c) for c in "teu")
    assert counts[t, e, t, e] == pytest.approx(0.5 * 0.4 * 0.5 * 0.2)
    assert counts[t, e, t, u] == pytest.approx(0.5 * 0.4 * 0.5 * 0.8)
    assert np.count_nonzero(counts) == 2


def test_better_runs_take_the_place_of_those_within_words() -> None:
    counts = counted("then 3\nthat 2\n")
    runs = np.zeros_like(counts)
    z = symbol_of("z")
    runs[z, z, z, z] = 7.0
    mixed = recipe.with_runs(counts, runs)
    assert mixed.sum() == pytest.approx(counts.sum())
    assert np.array_equal(mixed[0], counts[0])
    assert np.array_equal(mixed[..., 0], counts[..., 0])
    assert mixed[z, z, z, z] == pytest.approx(counts[1:, 1:, 1:, 1:].sum())


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


def test_english_is_doubted_after_letters_that_no_word_has() -> None:
    counts = counted()
    p, doubted = recipe.probabilities(counts), recipe.doubted(recipe.probabilities(counts), counts)
    np.testing.assert_allclose(doubted.sum(axis=-1), 1)
    t, h, e, q = (symbol_of(c) for c in "theq")
    known, unknown = (
        np.abs(doubted[history] - 1 / SYMBOLS).max() / np.abs(p[history] - 1 / SYMBOLS).max()
        for history in ((0, t, h), (q, q, q))
    )
    assert unknown < known < 1
    assert doubted[0, t, h, e] < p[0, t, h, e]


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
