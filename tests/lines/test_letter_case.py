"""Letter case, left out of the search for letters and told afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.lines import decoding, letter_case
from ocrcli.lines.beam_search import NEVER

CHARACTERS = tuple("aAoOéÉßx1 .B")
"""`ß` and `x` have no capital here, `B` no small letter."""


def output(character: str) -> int:
    return 1 + CHARACTERS.index(character)


def row_of(seed: int, steps: int) -> np.ndarray:
    """Log-probabilities of a row of chance."""
    p = np.random.default_rng(seed).dirichlet(np.full(len(CHARACTERS) + 1, 0.3), steps) + 1e-6
    return np.log(p / p.sum(axis=1, keepdims=True)).astype(np.float32)


def test_a_small_letter_takes_the_probability_of_its_capital() -> None:
    log_p = row_of(1, 7)
    before = log_p.copy()
    found = letter_case.left_out(log_p, CHARACTERS)
    p = np.exp(found)
    for small, capital in ("aA", "oO", "éÉ"):
        both = np.exp(log_p[:, output(small)]) + np.exp(log_p[:, output(capital)])
        assert p[:, output(small)] == pytest.approx(both, rel=1e-5)
        assert (found[:, output(capital)] == NEVER).all()
    for same in ("ß", "x", "1", " ", ".", "B"):
        assert (found[:, output(same)] == log_p[:, output(same)]).all()
    assert (log_p == before).all()


@given(st.integers(0, 1000), st.integers(0, 9))
def test_leaving_case_out_keeps_the_sum(seed: int, steps: int) -> None:
    found = letter_case.left_out(row_of(seed, steps), CHARACTERS)
    assert np.exp(found).sum(axis=1) == pytest.approx(np.ones(steps), abs=1e-4)


@given(st.integers(0, 1000), st.text(alphabet="aoéßx1 .B", max_size=12))
def test_only_case_is_told_and_by_what_is_likelier(seed: int, text: str) -> None:
    outputs = np.array([output(character) for character in text], np.int64)
    mass = np.exp(row_of(seed, len(text)))
    told = letter_case.told(outputs, mass, CHARACTERS)
    for place, (before, after) in enumerate(zip(text, told.tolist(), strict=True)):
        capital = before.upper()
        likelier = capital in CHARACTERS and mass[place, output(capital)] > mass[place, output(before)]
        assert after == output(capital if likelier else before)


def test_a_search_has_no_capitals_and_a_text_has_them() -> None:
    log_p = np.log(np.full((5, len(CHARACTERS) + 1), 1e-4))
    log_p[0::2, 0] = 0  # blanks
    log_p[1, output("A")], log_p[3, output("o")] = 0, 0
    log_p = log_p.astype(np.float32)
    (readings,) = decoding.search([log_p], CHARACTERS, None)
    assert "".join(CHARACTERS[o - 1] for o in readings[0].outputs) == "ao"
    (found,) = decoding.decode([[log_p]], CHARACTERS, None)
    assert found.readings[0][0] == "Ao"
    assert found.edges.tolist() == [0, 2.5, 5]


def test_letters_that_may_be_of_either_case_leave_room_for_others() -> None:
    """Of a word in block capitals, that could be small, the beam does not fill up with capitals here and there."""
    characters = tuple("abcdefghABCDEFGHz")
    letters = "abcdefgh" * 2
    p = np.full((2 * len(letters), len(characters) + 1), 1e-6)
    p[1::2, 0] = 1
    for place, letter in enumerate(letters):
        p[2 * place, 1 + characters.index(letter)] = p[2 * place, 1 + characters.index(letter.upper())] = 0.4
        p[2 * place, 1 + characters.index("z")] = 0.2
    log_p = np.log(p / p.sum(axis=1, keepdims=True)).astype(np.float32)
    (readings,) = decoding.search([log_p], characters, None)
    texts = {tuple(reading.outputs.tolist()) for reading in readings}
    assert len({tuple(o if o <= 8 else 0 for o in text) for text in texts}) == len(texts) > 1
