"""Rows at one size or several, turned into text: all sizes vote, the usual one tells the case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrcli.language.model import EDGE, load_language, symbol_of
from ocrcli.lines import decoding

CHARACTERS = tuple("aehnoOrtxcC ")


def seen(*choices: dict[str, float]) -> np.ndarray:
    """Log-probabilities of a row whose characters are those, with a blank before and after each; the rest is blank."""
    p = np.full((2 * len(choices) + 1, len(CHARACTERS) + 1), 1e-7)
    p[::2, 0] = 1
    for step, choice in zip(range(1, len(p), 2), choices, strict=True):
        for character, share in choice.items():
            p[step, 1 + CHARACTERS.index(character)] = share
        p[step, 0] = max(1 - sum(choice.values()), 1e-7)
    return np.log(p / p.sum(axis=1, keepdims=True)).astype(np.float32)


def spelling(text: str, sure: float) -> np.ndarray:
    """A row in which each letter of a text is as sure as that, and `x` takes the rest."""
    return seen(*({c: sure, "x": 1 - sure} for c in text))


def text(row: Sequence[np.ndarray], language: str | None = None) -> str:
    (found,) = decoding.decode([row], CHARACTERS, load_language(language) if language else None)
    assert "".join(CHARACTERS[output - 1] for output in found.outputs) == found.readings[0][0]
    return found.readings[0][0]


def test_at_one_size_the_search_counts_and_its_readings_are_told() -> None:
    row = spelling("another", 0.7)
    (searched,) = decoding.search([row], CHARACTERS, None)
    (found,) = decoding.decode([[row]], CHARACTERS, None)
    assert found.size == 0
    assert found.outputs.tolist() == searched[0].outputs.tolist()
    assert [worse for _, worse in found.readings] == pytest.approx(
        [searched[0].score - r.score for r in searched], abs=1e-4
    )
    assert len({reading for reading, _ in found.readings}) == len(found.readings)


def test_the_best_reading_in_the_language_counts() -> None:
    row = [spelling("rehtona", 0.8), spelling("another", 0.75)]
    assert text(row) == "rehtona"
    assert text(row, "en") == "another"


def test_a_size_cannot_outvote_others_that_see_something_else() -> None:
    sure = seen({"a": 0.9, "o": 0.1})
    unsure = seen({"a": 1e-6, "o": 0.99})
    assert text([sure, unsure]) == "o"
    assert text([sure, seen({"a": 0.3, "o": 0.6})]) == "a"


def test_the_usual_size_tells_the_case_of_several_words() -> None:
    word, gap = {"a": 1.0}, {" ": 1.0}
    usual, other = {"o": 0.6, "O": 0.3}, {"o": 0.01, "O": 0.98}
    assert text([seen(word, gap, usual), seen(word, gap, other)]) == "a o"
    assert text([seen(word, gap, other), seen(word, gap, usual)]) == "a O"
    assert text([seen(usual), seen(other)]) == "O"  # a word alone


def test_glyphs_are_found_at_the_size_where_the_text_is_likeliest() -> None:
    (found,) = decoding.decode([[spelling("rah", 0.6), spelling("rah", 0.9), spelling("rah", 0.7)]], CHARACTERS, None)
    assert found.size == 1


def test_readings_are_in_order_and_at_most_so_many() -> None:
    (found,) = decoding.decode([[spelling("another", 0.6), spelling("another", 0.7)]], CHARACTERS, None)
    worse = [gap for _, gap in found.readings]
    assert worse == sorted(worse)
    assert worse[0] == 0
    assert 1 < len(worse) <= decoding.MOST_RIVALS


def test_rows_are_decoded_as_if_each_were_alone() -> None:
    rows = [[spelling("another", 0.7), spelling("ant", 0.8)], [spelling("the", 0.9)], [seen(), seen()]]
    together = decoding.decode(rows, CHARACTERS, None)
    for row, found in zip(rows, together, strict=True):
        (alone,) = decoding.decode([row], CHARACTERS, None)
        assert found.readings[0][0] == alone.readings[0][0]
        assert [gap for _, gap in found.readings] == pytest.approx([gap for _, gap in alone.readings], abs=1e-4)
    assert together[2].readings[0][0] == ""
    assert decoding.decode([], CHARACTERS, None) == []


def test_a_space_before_a_comma_or_after_a_bracket_is_hardly_meant() -> None:
    characters = ("a", " ", ",", "(")
    pairs = decoding.spacing(characters)
    astray = {(characters[a - 1], characters[b - 1]) for a, b in zip(*np.nonzero(pairs), strict=True)}
    assert astray == {(" ", ","), ("(", " ")}
    assert pairs.min() == decoding.ASTRAY < 0


def test_a_language_knows_letters_with_accents() -> None:
    assert decoding.symbols((" ", "a", "B", "é")).tolist() == [
        EDGE,
        EDGE,
        symbol_of("a"),
        symbol_of("b"),
        symbol_of("é"),
    ]
    assert symbol_of("é") not in (EDGE, symbol_of("e"))
