"""The CTC loss and its gradient, against all paths of small rows and against finite differences."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.hands.ctc import BLANK, ctc, likelihoods, steps_needed
from ocrcli.hands.fit import softmax

TEXTS = st.lists(st.integers(1, 3), min_size=1, max_size=3)


def collapsed(path: tuple[int, ...]) -> list[int]:
    return [output for before, output in zip((BLANK, *path), path, strict=False) if output != before and output]


def by_all_paths(p: np.ndarray, text: list[int]) -> float:
    """Probability of a text: the sum over every path that collapses to it."""
    paths = product(range(p.shape[1]), repeat=len(p))
    return sum(float(np.prod(p[np.arange(len(p)), path])) for path in paths if collapsed(path) == text)


@given(st.integers(0, 999), TEXTS, st.integers(1, 5))
def test_the_loss_is_that_of_all_paths(seed: int, text: list[int], steps: int) -> None:
    p = softmax(np.random.default_rng(seed).normal(0, 2, (1, steps, 4)).astype(np.float32))
    (loss,), gradient = ctc(p, np.array([steps]), [text])
    if steps < steps_needed(text):
        assert loss == 0
        assert not gradient.any()
    else:
        assert loss == pytest.approx(-np.log(by_all_paths(p[0], text)), rel=1e-9)


@given(st.integers(0, 999), st.lists(TEXTS, min_size=1, max_size=3))
def test_the_gradient_is_that_of_finite_differences(seed: int, texts: list[list[int]]) -> None:
    rng = np.random.default_rng(seed)
    lengths = np.array([steps_needed(text) + int(rng.integers(0, 4)) for text in texts])
    logits = rng.normal(0, 1, (len(texts), int(lengths.max()), 4))

    def loss(values: np.ndarray) -> float:
        odds = np.exp(values)
        return float(ctc(odds / odds.sum(axis=2, keepdims=True), lengths, texts)[0].sum())

    odds = np.exp(logits)
    _, gradient = ctc(odds / odds.sum(axis=2, keepdims=True), lengths, texts)
    for _ in range(10):
        at = tuple(int(rng.integers(0, size)) for size in logits.shape)
        up, down = logits.copy(), logits.copy()
        up[at] += 1e-5
        down[at] -= 1e-5
        assert gradient[at] == pytest.approx((loss(up) - loss(down)) / 2e-5, abs=1e-6)


def test_padding_changes_nothing() -> None:
    p = softmax(np.random.default_rng(0).normal(0, 1, (2, 9, 4)).astype(np.float32))
    alone, slope = ctc(p[:1, :5], np.array([5]), [[1, 2]])
    both, slopes = ctc(p, np.array([5, 9]), [[1, 2], [3, 3, 1]])
    assert both[0] == pytest.approx(alone[0])
    assert slopes[0, :5] == pytest.approx(slope[0])
    assert not slopes[0, 5:].any()


def test_a_long_row_does_not_underflow() -> None:
    logits = np.random.default_rng(1).normal(0, 1, (1, 3000, 50)).astype(np.float32)
    logits[:, :, BLANK] += 9
    p = softmax(logits)
    (loss,), gradient = ctc(p, np.array([3000]), [list(np.random.default_rng(2).integers(1, 50, 20))])
    assert np.isfinite(loss)
    assert loss > 0
    assert np.isfinite(gradient).all()
    assert np.abs(gradient.sum(axis=2)).max() < 1e-9  # a softmax has no gradient along the sum of its logits


def test_a_text_that_is_beyond_all_numbers_teaches_nothing() -> None:
    p = softmax(np.random.default_rng(1).normal(0, 20, (1, 3000, 50)).astype(np.float32))
    losses, gradient = ctc(p, np.array([3000]), [[1]])
    assert losses.tolist() == [0]
    assert not gradient.any()


@given(st.integers(0, 999), st.lists(st.lists(st.integers(1, 3), max_size=3), min_size=1, max_size=3))
def test_the_likelihood_is_that_of_the_loss(seed: int, texts: list[list[int]]) -> None:
    rng = np.random.default_rng(seed)
    lengths = np.array([steps_needed(text) + int(rng.integers(1, 4)) for text in texts])
    p = softmax(rng.normal(0, 1, (len(texts), int(lengths.max()), 4)).astype(np.float32)).astype(np.float64)
    found = likelihoods(p, lengths, texts)
    for row, length, text, one in zip(p, lengths, texts, found, strict=True):
        assert one == pytest.approx(np.log(by_all_paths(row[:length], text)), rel=1e-6)


def test_several_texts_of_one_row_are_as_likely_as_each_alone() -> None:
    p = softmax(np.random.default_rng(3).normal(0, 1, (2, 7, 4)).astype(np.float32)).astype(np.float64)
    texts, rows = [[1, 2], [], [3, 3], [1]], np.array([1, 0, 0, 1])
    lengths = np.array([5, 7])
    alone = [
        likelihoods(p[row : row + 1], lengths[row : row + 1], [text])[0] for row, text in zip(rows, texts, strict=True)
    ]
    assert likelihoods(p, lengths, texts, rows) == pytest.approx(alone)


def test_what_cannot_be_written_is_not_likely() -> None:
    assert likelihoods(np.full((1, 1, 4), 0.25), np.array([1]), [[1, 2]]) == -np.inf
