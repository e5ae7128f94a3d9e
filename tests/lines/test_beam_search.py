"""The search against every path, spelt out."""

from __future__ import annotations

from itertools import groupby, pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tries import closed, trie

from ocrcli.hands.ctc import BLANK
from ocrcli.language.model import EDGE, WORD_START, Language, load_language, symbol_of
from ocrcli.lines import alignment, beam_search

CHARACTERS = "abc"
SYMBOLS = np.array([EDGE, *(symbol_of(c) for c in CHARACTERS)], np.intp)


def frames(rng: np.random.Generator, steps: int, sharpness: float = 2.0) -> np.ndarray:
    logits = rng.normal(0, sharpness, (steps, len(CHARACTERS) + 1))
    # The search tries CHOICES characters a step: outputs that never come make up the number.
    logits = np.concatenate([logits, np.full((steps, beam_search.CHOICES), -1e4)], axis=1)
    return (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)


SYMBOLS_PADDED = np.concatenate([SYMBOLS, np.zeros(beam_search.CHOICES, np.intp)])


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(label for label, _ in groupby(path) if label)


def every_reading(log_p: np.ndarray) -> dict[tuple[int, ...], float]:
    found: dict[tuple[int, ...], float] = {}
    for path in product(range(len(CHARACTERS) + 1), repeat=len(log_p)):
        score = float(sum(log_p[step, label] for step, label in enumerate(path)))
        found[collapsed(path)] = float(np.logaddexp(found.get(collapsed(path), -np.inf), score))
    return found


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_the_best_reading_is_that_of_all_paths(seed: int, steps: int) -> None:
    log_p = frames(np.random.default_rng(seed), steps)
    truth = every_reading(log_p)
    best = beam_search.search([log_p], SYMBOLS_PADDED, None, 0.0)[0][0]
    # Paths that leave the beam are lost, and of two readings that are about as likely either may win.
    assert truth[tuple(best.outputs.tolist())] == pytest.approx(max(truth.values()), abs=0.3)
    assert best.score == pytest.approx(truth[tuple(best.outputs.tolist())], abs=0.3)


def random_language(seed: int) -> Language:
    """Of the characters that are read, with runs of up to three of them."""
    rng = np.random.default_rng(seed)
    runs = closed([(0, 1), *map(tuple, rng.choice(SYMBOLS, (30, 3)).tolist()), *((s,) for s in SYMBOLS.tolist())])
    return Language(trie({run: -rng.uniform(0, 6) for run in runs}))


def language_score(language: Language, outputs: tuple[int, ...]) -> float:
    state, total = np.full(1, WORD_START, np.int64), 0.0
    for symbol in SYMBOLS[list(outputs)]:
        total += float(language.after(state, np.array([symbol]))[0, 0])
        state = language.extended(state, np.array([symbol]))
    return total + float(language.at_end(state)[0])


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_with_a_language_too(seed: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    log_p, language = frames(rng, steps, 6.0), random_language(seed)
    truth = {found: p + 0.5 * language_score(language, found) for found, p in every_reading(log_p).items()}
    best = beam_search.search([log_p], SYMBOLS_PADDED, language, 0.5)[0][0]
    assert truth[tuple(best.outputs.tolist())] == pytest.approx(max(truth.values()), abs=0.3)
    assert best.score == pytest.approx(truth[tuple(best.outputs.tolist())], abs=0.3)


def test_a_letter_that_comes_a_step_early_pays_for_what_the_language_says_of_it() -> None:
    log_p = np.full((3, len(SYMBOLS_PADDED)), -50, np.float32)
    log_p[0, 1] = log_p[2, 2] = -1e-4
    log_p[1, [BLANK, 2]] = -1e-4, -12  # out of reach, and yet the reading that is right
    unlikely = {(symbol,): -1.0 for symbol in SYMBOLS.tolist()} | {(EDGE, 1): -1.0, (1, 2): -9.0}
    language = Language(trie(unlikely))
    ((best, *_),) = beam_search.search([log_p], SYMBOLS_PADDED, language, 0.5)
    assert best.outputs.tolist() == [1, 2]
    assert best.score == pytest.approx(0.5 * language_score(language, (1, 2)), abs=0.01)


def test_rows_read_together_are_read_as_if_alone() -> None:
    rng = np.random.default_rng(3)
    rows = [frames(rng, steps) for steps in (4, 11, 1, 7)]
    together = beam_search.search(rows, SYMBOLS_PADDED, None, 0.0)
    for row, found in zip(rows, together, strict=True):
        alone = beam_search.search([row], SYMBOLS_PADDED, None, 0.0)[0][0]
        assert found[0].outputs.tolist() == alone.outputs.tolist()
        assert found[0].score == pytest.approx(alone.score, abs=1e-3)


def test_a_double_letter_needs_a_blank_between() -> None:
    def path(*labels: int) -> np.ndarray:
        log_p = np.full((len(labels), len(SYMBOLS_PADDED)), -20.0, np.float32)
        log_p[np.arange(len(labels)), labels] = 0
        return log_p

    assert beam_search.search([path(1, 1, 2)], SYMBOLS_PADDED, None, 0.0)[0][0].outputs.tolist() == [1, 2]
    assert beam_search.search([path(1, 0, 1, 2)], SYMBOLS_PADDED, None, 0.0)[0][0].outputs.tolist() == [1, 1, 2]


def test_steps_that_repeat_a_sure_blank_change_nothing() -> None:
    rng = np.random.default_rng(5)
    blank = np.full((3, len(SYMBOLS_PADDED)), -30.0, np.float32)
    blank[:, 0] = 0
    row = frames(rng, 4)
    padded = np.concatenate([blank, row[:2], blank, row[2:], blank])
    short = np.concatenate([row[:2], blank[:1], row[2:]])
    read = [beam_search.search([r], SYMBOLS_PADDED, None, 0.0)[0][0].outputs.tolist() for r in (padded, short)]
    assert read[0] == read[1]


def test_a_language_tells_what_the_picture_does_not() -> None:
    english = load_language("en")
    assert isinstance(english, Language)
    letters = "etaoinshrdlu"
    symbols = np.array([EDGE, *(symbol_of(c) for c in letters)], np.intp)

    def row(*steps: str) -> np.ndarray:
        log_p = np.full((2 * len(steps), len(letters) + 1), -12.0, np.float32)
        log_p[1::2, 0] = 0
        for number, options in enumerate(steps):
            for option in options:
                log_p[2 * number, 1 + letters.index(option)] = -np.log(len(options))
        return log_p

    page = [row("t", "nh", "e"), row("a", "n", "uo", "t", "h", "e", "r")]
    read = beam_search.search(page, symbols, english, 0.5)
    assert ["".join(letters[i - 1] for i in found[0].outputs) for found in read] == ["the", "another"]


def test_no_rows_no_readings() -> None:
    assert beam_search.search([], SYMBOLS_PADDED, None, 0.0) == []


@given(st.integers(0, 10_000), st.integers(4, 12), st.lists(st.integers(1, 3), max_size=4))
def test_an_alignment_is_in_order_and_within_the_row(seed: int, steps: int, outputs: list[int]) -> None:
    log_p = frames(np.random.default_rng(seed), steps)
    needed = len(outputs) + sum(a == b for a, b in pairwise(outputs))
    if needed > steps:
        with pytest.raises(ValueError, match="too few"):
            alignment.align(log_p, np.array(outputs, np.int64))
        return
    first, last = alignment.align(log_p, np.array(outputs, np.int64))
    assert len(first) == len(outputs)
    assert (first <= last).all()
    assert (first[1:] > last[:-1]).all()
    assert all(0 <= value < steps for value in (*first.tolist(), *last.tolist()))


def test_an_alignment_finds_the_peaks() -> None:
    log_p = np.log(np.full((9, 4), 0.01, np.float32))
    log_p[:, 0] = np.log(0.97)
    for step, label in ((1, 2), (4, 1), (5, 1), (8, 3)):
        log_p[step] = np.log(0.01)
        log_p[step, label] = np.log(0.97)
    first, last = alignment.align(log_p, np.array([2, 1, 3]))
    assert first.tolist() == [1, 4, 8]
    assert last.tolist() == [1, 5, 8]


def test_what_hardly_follows_another_output_loses_against_what_may() -> None:
    log_p = np.full((2, len(CHARACTERS) + 1 + beam_search.CHOICES), -50, np.float32)
    log_p[0, 1] = -0.01
    log_p[1, [1, 2, 3]] = -5, -0.6, -0.9
    assert beam_search.search([log_p], SYMBOLS_PADDED, None, 0.0)[0][0].outputs.tolist() == [1, 2]
    pairs = np.zeros((log_p.shape[1],) * 2, np.float32)
    pairs[1, 2] = -2
    assert beam_search.search([log_p], SYMBOLS_PADDED, None, 0.0, pairs)[0][0].outputs.tolist() == [1, 3]
    pairs[1, 2], pairs[2, 1] = 0, -2
    assert beam_search.search([log_p], SYMBOLS_PADDED, None, 0.0, pairs)[0][0].outputs.tolist() == [1, 2]
