"""What a hand learns from few samples, and what it does not touch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.hands.fit import LetterSamples, RowSample, fit_letters, fit_rows, softmax
from ocrcli.hands.head import Head, no_head

WIDTH, CLASSES = 6, 4


def letters(seed: int, count: int = 40) -> LetterSamples:
    """Crops of a hand whose classes lie elsewhere than the model thinks: it is right of none."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, count)
    features = (np.eye(CLASSES, WIDTH)[labels] + rng.normal(0, 0.1, (count, WIDTH))).astype(np.float32)
    logits = np.roll(np.eye(CLASSES), 1, axis=1)[labels].astype(np.float32) * 2
    return LetterSamples(features, logits, np.eye(CLASSES, dtype=np.float32)[labels])


def right(samples: LetterSamples, head: Head) -> float:
    return float(((samples.logits + head.logits(samples.features)).argmax(1) == samples.targets.argmax(1)).mean())


def test_letters_of_a_strange_hand_are_learnt() -> None:
    head = fit_letters(letters(0), 1.0)
    assert head is not None
    assert right(letters(1), no_head(CLASSES, WIDTH)) == 0
    assert right(letters(1), head) > 0.9


def test_a_strong_prior_leaves_the_model_as_it_is() -> None:
    weak, strong = (fit_letters(letters(0), 1.0, prior) for prior in (0.1, 1e6))
    assert weak is not None
    assert strong is not None
    assert np.abs(strong.weights).max() < 1e-4 < np.abs(weak.weights).max()


def test_nothing_is_learnt_from_nothing() -> None:
    empty = LetterSamples(*(np.empty((0, width), np.float32) for width in (WIDTH, CLASSES, CLASSES)))
    assert fit_letters(empty, 1.0) is None
    assert fit_rows([], 1.0) is None
    assert fit_rows([RowSample(np.zeros((2, 3), np.float32), np.zeros((2, 4), np.float32), (1, 1))], 1.0) is None


def row(seed: int) -> RowSample:
    """A row whose features tell its text, and whose logits know nothing."""
    rng = np.random.default_rng(seed)
    text = tuple(rng.integers(1, CLASSES, 5).tolist())
    path = np.repeat([output for character in text for output in (0, character)], 2)
    features = (np.eye(CLASSES, WIDTH)[path] + rng.normal(0, 0.1, (len(path), WIDTH))).astype(np.float32)
    return RowSample(features, np.zeros((len(path), CLASSES), np.float32), text)


def test_rows_are_learnt_without_knowing_where_their_characters_are() -> None:
    head = fit_rows([row(seed) for seed in range(20)], 1.0, prior=0.1)
    assert head is not None
    unseen = row(99)
    outputs = (unseen.logits + head.logits(unseen.features)).argmax(axis=1)
    kept = outputs[np.diff(outputs, prepend=0) != 0]
    assert tuple(kept[kept > 0].tolist()) == unseen.outputs


@given(st.integers(0, 99), st.floats(0.5, 2))
def test_what_a_head_adds_grows_with_its_strength(seed: int, strength: float) -> None:
    rng = np.random.default_rng(seed)
    head = Head(rng.normal(0, 1, (CLASSES, WIDTH)).astype(np.float32), rng.normal(0, 1, CLASSES).astype(np.float32))
    features = rng.normal(0, 1, (3, 2, WIDTH)).astype(np.float32)
    assert head.scaled(strength).logits(features) == pytest.approx(strength * head.logits(features), rel=1e-3, abs=1e-4)


def test_a_softmax_of_huge_logits_is_finite() -> None:
    assert softmax(np.array([[1e30, 0, -1e30]], np.float32))[0].tolist() == [1, 0, 0]
