"""Words that were struck out: told by a mark of the line recognizer, which no reading has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawn import row_of_ink
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.lines.recognize import RowInk, read_rows
from ocrcli.lines.struck import STRUCK, struck_out, without_marks

CHARACTERS = ("a", "b", " ", STRUCK)


class Reader:
    """Reads a text from every row, its characters spread evenly along it."""

    def __init__(self, text: str) -> None:
        self.text, self.characters = text, CHARACTERS

    def log_probabilities(self, rows: list[np.ndarray]) -> list[np.ndarray]:
        return [log_probabilities(self.text, row.shape[1] // 4) for row in rows]


def log_probabilities(text: str, steps: int, sure: float = 0.98) -> np.ndarray:
    outputs = len(CHARACTERS) + 1
    p = np.full((steps, outputs), (1 - sure) / (outputs - 1), np.float32)
    at = np.zeros(steps, int)
    for number, character in enumerate(text):
        at[int((number + 0.5) * steps / len(text))] = 1 + CHARACTERS.index(character)
    p[np.arange(steps), at] = sure
    return np.asarray(np.log(p), np.float32)


def read(text: str) -> list[tuple[str, bool]]:
    reader: Any = Reader(text)
    (row,) = read_rows([RowInk(row_of_ink(), 0, 0)], reader, None)
    return [(glyph.text, glyph.struck) for glyph in row.glyphs]


def test_the_word_before_the_mark_is_struck_out() -> None:
    assert read(f"ab ba{STRUCK} ab") == [*zip("abbaab", [False, False, True, True, False, False], strict=True)]
    assert read(f"ab{STRUCK} ba{STRUCK}") == [(letter, True) for letter in "abba"]


def test_nothing_is_struck_out_without_a_mark() -> None:
    assert not any(struck for _, struck in read("ab ba ab"))


def test_a_scribble_is_no_word_and_strikes_none_out() -> None:
    assert read(f"ab {STRUCK}") == [("a", False), ("b", False)]
    assert read(f"{STRUCK} ab") == [("a", False), ("b", False)]


@given(st.text(CHARACTERS, min_size=1, max_size=12))
def test_what_is_left_sums_to_one_and_has_no_mark(text: str) -> None:
    log_p = log_probabilities(text, 60)
    left, ends = without_marks(log_p, CHARACTERS)
    assert np.exp(left).sum(axis=1) == pytest.approx(np.ones(60), abs=1e-4)
    assert np.exp(left[:, 1 + CHARACTERS.index(STRUCK)]).max() == 0
    assert len(ends) <= text.count(STRUCK)


def test_a_model_without_the_mark_reads_as_before() -> None:
    log_p = log_probabilities("ab", 8)[:, :-1]
    left, ends = without_marks(log_p, CHARACTERS[:-1])
    assert left is log_p
    assert ends == ()


def test_spaces_are_of_no_word() -> None:
    assert struck_out("ab a", np.arange(5.0), [3]) == [False, False, False, True]
    assert struck_out("ab a", np.arange(5.0), [1]) == [True, True, False, False]
    assert struck_out("", np.zeros(1), [4]) == []
