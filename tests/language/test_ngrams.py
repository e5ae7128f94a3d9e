"""The trie of n-grams, against a dictionary of runs that is asked one run at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tries import Run, closed, histories_of, trie

from ocrcli.language.ngrams import BEGINNING, EMPTY, STEP, Ngrams, from_tables, to_tables

SYMBOLS = (0, 1, 45, 63)
"""The first and the last of the bits of a history, and two between."""


@dataclass(frozen=True)
class Model:
    """A model that is told run by run.

    Attributes:
        log_p: Of the last symbol of each run.
        price: Of each history.
    """

    log_p: dict[Run, float]
    price: dict[Run, float]

    def __post_init__(self) -> None:
        assert set(histories_of(self.log_p)) == set(self.price)

    def history(self, text: Run) -> Run:
        """The longest one that a text ends in."""
        return next(text[i:] for i in range(len(text) + 1) if text[i:] in self.price)

    def score(self, history: Run, symbol: int) -> float:
        """Katz back-off, as in the textbook."""
        if (*history, symbol) in self.log_p:
            return self.log_p[*history, symbol]
        return self.price.get(history, 0.0) + self.score(history[1:], symbol)

    def trie(self) -> Ngrams:
        return trie(self.log_p, self.price)

    def numbers(self) -> dict[Run, int]:
        """Which number each history has."""
        return {history: number for number, history in enumerate(histories_of(self.log_p))}


def runs_of(seed: int, count: int, longest: int) -> list[Run]:
    rng = np.random.default_rng(seed)
    drawn = [tuple(rng.choice(SYMBOLS, rng.integers(2, longest + 1)).tolist()) for _ in range(count)]
    return closed([(0, 1), *((symbol,) for symbol in SYMBOLS), *drawn])


def random_model(seed: int, count: int = 12, longest: int = 5) -> Model:
    """Any numbers that a table can hold."""
    rng = np.random.default_rng(seed)
    runs = runs_of(seed, count, longest)
    log_p = {run: -int(rng.integers(0, 256)) / STEP for run in runs}
    return Model(log_p, {history: int(rng.integers(-128, 128)) / STEP for history in histories_of(runs)})


def true_model(seed: int, count: int = 12, longest: int = 4) -> Model:
    """Probabilities: what a history's runs leave over is shared out by the next shorter one."""
    rng = np.random.default_rng(seed)
    runs = runs_of(seed, count, longest)
    found = Model({}, {})
    for history in histories_of(runs):
        after = [run for run in runs if run[:-1] == history]
        every = len(after) == len(SYMBOLS)
        kinds = len(after) + (not every)
        p = 0.2 / kinds + 0.8 * rng.dirichlet(np.ones(kinds))
        found.log_p.update({run: float(np.log(of)) for run, of in zip(after, p, strict=False)})
        lower = sum(np.exp(found.score(history[1:], run[-1])) for run in after) if history else 0.0
        found.price[history] = 0.0 if every else float(np.log((1 - p[: len(after)].sum()) / (1 - lower)))
    return found


SEEDS = st.integers(0, 2**32 - 1)
TEXTS = st.lists(st.sampled_from(SYMBOLS), max_size=12).map(tuple)


@given(SEEDS, st.lists(TEXTS, min_size=1, max_size=6))
def test_scores_and_histories_are_those_of_the_dictionary(seed: int, texts: list[Run]) -> None:
    model = random_model(seed)
    tree, numbers = model.trie(), model.numbers()
    for text in texts:
        reached = np.array([EMPTY])
        for place, symbol in enumerate(text):
            known = model.history(text[:place])
            assert reached.tolist() == [numbers[known]]
            score = tree.scores(np.repeat(reached, len(SYMBOLS)), np.array(SYMBOLS))
            np.testing.assert_allclose(score, [model.score(known, each) for each in SYMBOLS], atol=1e-3)
            reached = tree.extended(reached, np.array([symbol]))


@given(SEEDS)
def test_many_histories_are_asked_at_once(seed: int) -> None:
    model = random_model(seed)
    tree, numbers = model.trie(), model.numbers()
    pairs = [(history, symbol) for history in numbers for symbol in SYMBOLS]
    at, after = np.array([numbers[history] for history, _ in pairs]), np.array([symbol for _, symbol in pairs])
    np.testing.assert_allclose(tree.scores(at, after), [model.score(*pair) for pair in pairs], atol=1e-3)
    longest = [numbers[model.history((*history, symbol))] for history, symbol in pairs]
    assert tree.extended(at, after).tolist() == longest


@given(SEEDS)
def test_probabilities_after_every_history_sum_to_one(seed: int) -> None:
    model = true_model(seed)
    tree, numbers = model.trie(), model.numbers()
    for history, number in numbers.items():
        exact = sum(np.exp(model.score(history, symbol)) for symbol in SYMBOLS)
        assert exact == pytest.approx(1)
        p = np.exp(tree.scores(np.full(len(SYMBOLS), number), np.array(SYMBOLS)))
        # A score is a logarithm and at most three prices, each rounded to half a step.
        assert abs(np.log(p.sum())) <= 4 * 0.5 / STEP + 1e-4


def test_a_longer_run_is_asked_before_a_shorter_one() -> None:
    log_p: dict[Run, float] = {(symbol,): -2.0 for symbol in SYMBOLS}
    log_p |= {(0, 1): -1.0, (1, 45): -1.5, (0, 1, 45): -0.5}
    tree = trie(log_p, {(0, 1): -0.25, (1,): -0.15, (0,): -3.0})
    one = tree.extended(np.array([BEGINNING]), np.array([1]))
    assert tree.scores(one, np.array([45])).tolist() == [-0.5]
    assert tree.scores(tree.shorter[one], np.array([45])).tolist() == [-1.5]
    assert tree.scores(one, np.array([63]))[0] == pytest.approx(-2.0 - 0.25 - 0.15)  # both histories are paid for


def test_the_beginning_is_the_history_of_the_first_symbol() -> None:
    for seed in range(20):
        assert random_model(seed).numbers()[0,] == BEGINNING
        assert random_model(seed).trie().extended(np.array([EMPTY]), np.array([0])).tolist() == [BEGINNING]


def test_a_model_of_single_symbols_has_no_histories() -> None:
    tree = trie({(symbol,): -1.0 for symbol in SYMBOLS})
    assert tree.extended(np.zeros(len(SYMBOLS), np.int64), np.array(SYMBOLS)).tolist() == [EMPTY] * len(SYMBOLS)
    assert tree.scores(np.zeros(2, np.int64), np.array([1, 63])).tolist() == [-1, -1]


def test_nothing_is_asked_and_nothing_answered() -> None:
    tree, none = random_model(1).trie(), np.empty(0, np.int64)
    assert tree.scores(none, none).shape == tree.extended(none, none).shape == (0,)


@pytest.mark.parametrize(("log_p", "kept"), [(-0.0, 0), (-1.01, -1.0), (-12.75, -12.75), (-30.0, -12.75)])
def test_tables_hold_bytes(log_p: float, kept: float) -> None:
    tables = to_tables(np.ones(1, np.uint64), np.zeros(1, int), np.zeros(1, bool), np.full(1, log_p), np.full(1, 99.0))
    assert [tables[name].dtype.itemsize for name in ("last", "minus_log_p", "price", "is_history")] == [1] * 4
    tree = from_tables(tables)
    assert tree.log_p.tolist() == pytest.approx([kept])
    assert tree.price.tolist() == pytest.approx([127 / STEP])
