"""The beam search, against the enumeration of every path."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import Run, closed, trie

from ocrcli.language.model import BLIND, DIGITS, EDGE, WORD_START, Language, symbol_of
from ocrcli.language.priors import KINDS, START, kind_of, transitions
from ocrcli.letters import search as search_module
from ocrcli.letters.lattice import Lattice
from ocrcli.letters.search import Reading
from ocrcli.letters.viterbi import best_scores

LABELS = ("a", "B", "7", "c")
KIND = np.array([kind_of(label) for label in LABELS])
SYMBOL = np.array([symbol_of(label) for label in LABELS])
NO_BEAM = 3000
SKIPPED = -1
"""Stands for a class where marks are left out."""

Path = tuple[tuple[int, int], ...]
"""Pairs of an edge and a label."""


def random_lattice(seed: int, count: int, spread: float) -> Lattice:
    """All runs of up to three marks, some with and without a space; some cannot be, some marks may be left out."""
    rng = np.random.default_rng(seed)
    first, last = np.array([(i, j) for i in range(count) for j in range(i, min(i + 3, count))]).T
    twice = np.flatnonzero(rng.random(len(first)) < 0.3)
    of = np.concatenate([np.arange(len(first)), twice])
    spaced = rng.random(len(of)) < 0.3
    spaced[len(first) :] = ~spaced[twice]
    scores = rng.normal(0, spread, (len(of), len(LABELS)))
    scores[rng.random(scores.shape) < 0.2] = -np.inf
    alone = (first == last)[of]
    scores[alone, 0] = rng.normal(0, spread, alone.sum())  # there is always a path
    skip = np.where(alone & ~spaced & (rng.random(len(of)) < 0.5), rng.normal(0, spread, len(of)), -np.inf)
    tables = rng.normal(0, spread / 2, (2, KINDS, KINDS))
    return Lattice(count, of, first[of], last[of], spaced, scores, skip, tables, KIND, SYMBOL)


def random_language(seed: int) -> Language:
    """Of the letters there are, with runs of up to four of them and of edges."""
    rng = np.random.default_rng(seed)
    known = [EDGE, *SYMBOL[SYMBOL < DIGITS].tolist()]
    runs = closed([*((symbol,) for symbol in known), *map(tuple, rng.choice(known, (40, 4)).tolist())])
    prices = {run[:-1]: rng.uniform(-3, 3) for run in runs}
    return Language(trie({run: -rng.uniform(0, 8) for run in runs}, prices))


def search(lattice: Lattice, language: Language | None, weight: float, temperature: float = 1.0) -> Reading:
    (reading,) = search_module.search([lattice], language, weight, temperature)
    return reading


def chosen(reading: Reading) -> np.ndarray:
    """Probability of each step of the best path."""
    return np.array([p_of(reading, edge, label) for edge, label in steps_of(reading)])


def p_of(reading: Reading, edge: int, label: int) -> float:
    return float(reading.p[edge][reading.labels[edge] == label].sum())


def steps_of(reading: Reading) -> list[tuple[int, int]]:
    return list(zip(reading.hypotheses.tolist(), reading.classes.tolist(), strict=True))


LANGUAGE = random_language(1)
LATTICES = st.builds(random_lattice, st.integers(0, 2**32 - 1), st.integers(1, 4), st.floats(0.1, 8))


def ways(lattice: Lattice, place: int = 0) -> Iterator[list[int]]:
    """Every way to cover the marks with edges."""
    if place == lattice.marks:
        yield []
    for edge in np.flatnonzero(lattice.first == place).tolist():
        for rest in ways(lattice, int(lattice.last[edge]) + 1):
            yield [edge, *rest]


@cache
def step(language: Language, state: int, symbol: int) -> tuple[float, int]:
    """What a symbol is worth after a state, and the state then; paths have most of theirs in common."""
    before, after = np.array([state]), np.array([symbol])
    return float(language.after(before, after)[0, 0]), int(language.extended(before, after)[0])


@cache
def ending(language: Language, state: int) -> float:
    return float(language.at_end(np.array([state]))[0])


def path_score(lattice: Lattice, path: Path, language: Language | None, weight: float) -> float:
    total, kind, state = 0.0, START, WORD_START
    for edge, label in path:
        if label == SKIPPED:
            total += float(lattice.skip[edge])
            continue
        table = lattice.tables[int(lattice.spaced[edge])]
        total += float(lattice.scores[edge, label] + table[kind, lattice.kinds[label]])
        kind = int(lattice.kinds[label])
        if language is not None:
            if lattice.spaced[edge]:
                total += weight * ending(language, state)
                _, state = step(language, state, EDGE)
            score, state = step(language, state, int(lattice.symbols[label]))
            total += weight * score
    return total if language is None else total + weight * ending(language, state)


def all_paths(lattice: Lattice, language: Language | None = None, weight: float = 0.0) -> dict[Path, float]:
    """The score of every path that is possible."""
    labels = [*range(len(lattice.kinds)), SKIPPED]
    arcs = np.isfinite(np.concatenate([lattice.scores, lattice.skip[:, None]], axis=1))  # SKIPPED is the last
    paths = (
        tuple(zip(edges, chosen, strict=True))
        for edges in ways(lattice)
        for chosen in product(labels, repeat=len(edges))
        if arcs[edges, chosen].all()
    )
    return {path: path_score(lattice, path, language, weight) for path in paths}


def check_exact(lattice: Lattice, language: Language | None, weight: float, temperature: float = 1.0) -> None:
    with (
        mock.patch.object(search_module, "BEAM_STATES", NO_BEAM),
        mock.patch.object(search_module, "HOPELESS_STATE", 1e9),
    ):
        reading = search(lattice, language, weight, temperature)
    paths = all_paths(lattice, language, weight)
    best = max(paths, key=lambda path: paths[path])
    assert reading.score == pytest.approx(paths[best], abs=1e-4)
    assert steps_of(reading) == [(lattice.hypotheses[edge], label) for edge, label in best if label != SKIPPED]
    assert reading.spaced.tolist() == [bool(lattice.spaced[edge]) for edge, label in best if label != SKIPPED]
    whole = np.logaddexp.reduce(np.array(list(paths.values())) / temperature)
    exact = np.zeros((len(reading.p), len(lattice.kinds) + 1))
    for path, path_total in paths.items():
        for edge, label in path:
            exact[lattice.hypotheses[edge], label] += np.exp(path_total / temperature - whole)
    for edge in range(len(reading.p)):
        found = [p_of(reading, edge, label) for label in range(len(lattice.kinds))]
        np.testing.assert_allclose([*found, reading.left_out[edge]], exact[edge], atol=1e-4)


def check_probabilities(reading: Reading) -> None:
    assert (reading.p >= 0).all()
    assert (reading.p.sum(axis=1) + reading.left_out <= 1 + 1e-9).all()


@given(LATTICES)
def test_the_best_path_and_its_probabilities_are_those_of_all_paths(lattice: Lattice) -> None:
    check_exact(lattice, None, 0.0)


@settings(max_examples=settings().max_examples // 2)
@given(LATTICES)
def test_scores_alone_are_those_of_the_search(lattice: Lattice) -> None:
    both = best_scores([lattice, lattice])
    assert both == pytest.approx([search(lattice, None, 0.0).score] * 2)


@settings(max_examples=settings().max_examples // 2)
@given(LATTICES, st.floats(0.1, 2))
def test_they_are_with_a_language_too(lattice: Lattice, weight: float) -> None:
    check_exact(lattice, LANGUAGE, weight)


@settings(max_examples=settings().max_examples // 2)
@given(LATTICES, st.integers(1, 6))
def test_a_narrow_beam_finds_a_path_that_is_no_better(lattice: Lattice, beam: int) -> None:
    with mock.patch.object(search_module, "BEAM_STATES", beam):
        reading = search(lattice, LANGUAGE, 1.0)
    assert reading.score <= max(all_paths(lattice, LANGUAGE, 1.0).values()) + 1e-4
    assert (chosen(reading) > 0).all()
    check_probabilities(reading)


@settings(max_examples=settings().max_examples // 4)
@given(LATTICES, st.floats(0.5, 4))
def test_a_temperature_changes_probabilities_and_no_path(lattice: Lattice, temperature: float) -> None:
    check_exact(lattice, LANGUAGE, 0.7, temperature)


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(LATTICES, min_size=2, max_size=4))
def test_rows_that_are_searched_together_are_read_as_if_each_were_alone(lattices: list[Lattice]) -> None:
    together = search_module.search(lattices, LANGUAGE, 1.0)
    for lattice, reading in zip(lattices, together, strict=True):
        alone = search(lattice, LANGUAGE, 1.0)
        assert reading.score == pytest.approx(alone.score)
        assert steps_of(reading) == steps_of(alone)
        np.testing.assert_allclose(reading.p, alone.p, atol=1e-9)
        np.testing.assert_array_equal(reading.labels, alone.labels)


def test_no_rows_have_no_readings() -> None:
    assert search_module.search([], LANGUAGE, 1.0) == []


def row_of(
    beliefs: list[dict[str, float]], labels: str, starts: tuple[int, ...] = (0,), skip: dict[int, float] | None = None
) -> Lattice:
    """One hypothesis a mark; `beliefs` are probabilities, and so is `skip`."""
    places = np.arange(len(beliefs))
    begins = np.isin(places, starts)
    scores = np.log([[max(belief.get(label, 0), 1e-9) for label in labels] for belief in beliefs])
    skips = np.log([max((skip or {}).get(i, 0), 1e-300) for i in places])
    skips[skips < -600] = -np.inf
    tables = np.stack([transitions("mixed", space) for space in (False, True)])
    kinds, symbols = (np.array([of(label) for label in labels]) for of in (kind_of, symbol_of))
    return Lattice(len(places), places, places, places, begins, scores, skips, tables, kinds, symbols)


def text_of(lattice: Lattice, labels: str, language: Language | None = None, weight: float = 1.0) -> str:
    return "".join(labels[label] for label in search(lattice, language, weight).classes.tolist())


def knowing(*texts: str) -> Language:
    """A language of a few texts: it expects what goes on in them after two symbols, and nothing else."""
    log_p: dict[Run, float] = {(symbol,): -1 - BLIND for symbol in range(DIGITS)}
    for text in texts:
        symbols = tuple(symbol_of(c) for c in f" {text} ")
        for run in closed([symbols[i : i + 3] for i in range(len(symbols) - 2)]):
            log_p[run] = 3 - BLIND if len(run) == 3 or run[0] == EDGE else -1 - BLIND
    return Language(trie(log_p, {run[:2]: -2 for run in log_p if len(run) == 3}))


def test_a_language_tips_an_unclear_letter() -> None:
    labels = "thecbn"
    row = row_of([{"t": 0.9}, {"b": 0.5, "h": 0.4}, {"c": 0.5, "e": 0.4}], labels)
    assert text_of(row, labels) == "tbc"
    assert text_of(row, labels, knowing("the")) == "the"
    assert text_of(row, labels, knowing("the"), weight=0.0) == "tbc"


def test_a_language_raises_the_confidence_in_what_it_expects() -> None:
    labels = "thecbn"
    row = row_of([{"t": 0.9}, {"h": 0.6, "b": 0.3}, {"e": 0.9}], labels)
    alone, helped = (search(row, language, 1.0) for language in (None, knowing("the")))
    assert helped.classes[1] == alone.classes[1] == labels.index("h")
    assert chosen(helped)[1] > chosen(alone)[1] + 0.1


def test_a_language_does_not_outvote_a_sure_crop() -> None:
    labels = "thecbn"
    row = row_of([{"t": 1}, {"h": 1}, {"c": 1}], labels)
    assert text_of(row, labels, knowing("the"), weight=0.5) == "thc"


def test_a_language_tells_where_words_begin() -> None:
    labels = "theb"
    letters = [{"t": 0.9}, {"b": 0.5, "h": 0.4}] * 2
    knows = knowing("th")
    assert text_of(row_of(letters, labels, starts=(0, 2)), labels, knows) == "thth"
    together = search(row_of(letters, labels), knows, 1.0).score
    assert search(row_of(letters, labels, starts=(0, 2)), knows, 1.0).score > together + 1


@pytest.mark.parametrize(("word", "next_one"), [("a", "c"), ("b", "d")])
def test_the_word_before_a_space_tells_what_comes_after_it(word: str, next_one: str) -> None:
    labels = "abcd"
    row = row_of([{word: 0.99}, {"c": 0.5, "d": 0.5}], labels, starts=(0, 1))
    assert text_of(row, labels, knowing("a c", "b d")) == word + next_one


@pytest.mark.parametrize("stain", [0, 1, 2])
def test_marks_that_are_left_out_have_no_step(stain: int) -> None:
    labels = "no"
    beliefs = [{"n": 0.9}, {"o": 0.9}]
    beliefs.insert(stain, {"n": 0.01, "o": 0.01})
    kept = row_of(beliefs, labels)
    left_out = row_of(beliefs, labels, skip={stain: 0.9})
    assert len(search(kept, None, 0.0).hypotheses) == 3
    reading = search(left_out, None, 0.0)
    assert [labels[label] for label in reading.classes] == ["n", "o"]
    assert reading.hypotheses.tolist() == [i for i in range(3) if i != stain]
    assert (chosen(reading) > 0.8).all()
    assert reading.left_out[stain] > 0.8


def test_what_is_left_out_does_not_come_between_letters() -> None:
    labels = "thecb"
    row = row_of([{"t": 0.9}, {"c": 0.01}, {"b": 0.5, "h": 0.4}, {"e": 0.9}], labels, skip={1: 0.9})
    assert text_of(row, labels, knowing("the")) == "the"


def test_all_marks_may_be_left_out() -> None:
    row = row_of([{"a": 0.01}] * 2, "ab", skip={0: 0.9, 1: 0.9})
    reading = search(row, LANGUAGE, 1.0)
    assert len(reading.hypotheses) == 0
    assert reading.score == pytest.approx(2 * np.log(0.9))


def test_an_unsure_mark_is_partly_a_stain() -> None:
    row = row_of([{"n": 0.9}, {"o": 0.5}], "no", skip={1: 0.1})
    first, second = search(row, None, 0.0).p.sum(axis=1)
    assert first > 0.99
    assert 0.5 < second < 0.95


def test_a_row_that_cannot_be_read_has_no_path_and_does_not_disturb_others() -> None:
    hopeless = row_of([{"a": 0.9}, {"b": 0.9}], "ab")
    hopeless.scores[1] = -np.inf
    fine = row_of([{"a": 0.9}, {"b": 0.9}], "ab")
    none, some = search_module.search([hopeless, fine], LANGUAGE, 1.0)
    assert none.score == -np.inf
    assert len(none.hypotheses) == 0
    assert (none.p == 0).all()
    assert steps_of(some) == steps_of(search(fine, LANGUAGE, 1.0)) == [(0, 0), (1, 1)]
