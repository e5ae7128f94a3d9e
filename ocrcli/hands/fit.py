"""Learns heads: softmax regression for letters, CTC for rows, held to what the model was.

Only the last layer learns, so the losses are convex in what is learnt, and few steps of a quasi-Newton method
(L-BFGS, Liu and Nocedal 1989) find their minimum. A normal prior on the correction (ridge, "L2") keeps it small where
little was seen: minus its log-density is added to the loss, and its weight does not grow with the samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.hands.ctc import ctc, steps_needed
from ocrcli.hands.head import Floats, Head

ITERATIONS = 15
"""Steps of L-BFGS; more change nothing that is read."""

LINE_PRIOR, LETTER_PRIOR = 25.0, 0.5
"""Weight of the squared correction, in nats, against the sum of the losses over all characters. Chosen with writers
of UNIPEN and hdBPMN, see `models/history/hands.md`."""


@dataclass(frozen=True, eq=False)
class RowSample:
    """A row of writing and its text.

    Attributes:
        features: (steps, width) float32, what the last layer sees.
        logits: (steps, outputs) float32 logits of the model as it ships, divided by its temperature.
        outputs: Outputs of the characters of its text.
    """

    features: Floats
    logits: Floats
    outputs: tuple[int, ...]

    @property
    def usable(self) -> bool:
        """Whether the row has enough steps for its text."""
        return 0 < steps_needed(self.outputs) <= len(self.features)


@dataclass(frozen=True, eq=False)
class LetterSamples:
    """Crops of letters and what they are.

    Attributes:
        features: (n, width) float32, what the last layer sees.
        logits: (n, classes) float32 logits of the model as it ships, divided by its temperature.
        targets: (n, classes) float32, the probability of each class; one is 1 where a label is known.
    """

    features: Floats
    logits: Floats
    targets: Floats


def fit_rows(samples: Sequence[RowSample], temperature: float, prior: float = LINE_PRIOR) -> Head | None:
    """Learn the head of a line recognizer from rows of one hand.

    Args:
        samples: Rows with their texts; those that are not `usable` are left out.
        temperature: Divides the logits of the model.
        prior: Weight of the squared correction, in nats.

    Returns:
        The head; None if there is no usable row.
    """
    kept = [sample for sample in samples if sample.usable]
    if not kept:
        return None
    lengths = np.array([len(sample.features) for sample in kept], np.intp)
    features = _padded([sample.features for sample in kept])
    logits = _padded([sample.logits for sample in kept])
    texts = [sample.outputs for sample in kept]

    def loss(head: Head) -> tuple[float, Head]:
        p = softmax(logits + head.logits(features) / np.float32(temperature))
        losses, gradient = ctc(p, lengths, texts)
        slope = (gradient / temperature).astype(np.float32).reshape(-1, gradient.shape[2])
        return float(losses.sum()), Head(slope.T @ features.reshape(len(slope), -1), slope.sum(axis=0))

    return minimise(loss, (logits.shape[2], features.shape[2]), prior)


def fit_letters(samples: LetterSamples, temperature: float, prior: float = LETTER_PRIOR) -> Head | None:
    """Learn the head of a letter classifier from crops of one hand: softmax regression.

    Args:
        samples: Crops with their labels.
        temperature: Divides the logits of the model.
        prior: Weight of the squared correction, in nats.

    Returns:
        The head; None without samples.
    """
    if not len(samples.features):
        return None

    def loss(head: Head) -> tuple[float, Head]:
        p = softmax(samples.logits + head.logits(samples.features) / np.float32(temperature))
        slope = ((p - samples.targets) / temperature).astype(np.float32)
        cost = -float((samples.targets * np.log(np.maximum(p, 1e-30))).sum())
        return cost, Head(slope.T @ samples.features, slope.sum(axis=0))

    return minimise(loss, (samples.logits.shape[1], samples.features.shape[1]), prior)


def minimise(loss: Callable[[Head], tuple[float, Head]], shape: tuple[int, int], prior: float) -> Head:
    """The head with the least loss plus prior, by L-BFGS from no correction at all.

    Args:
        loss: Function of a head that returns its loss and the gradient, shaped like the head.
        shape: Classes and width.
        prior: Weight of the squared correction, in nats.
    """
    from scipy.optimize import minimize

    classes, width = shape

    def head_of(values: NDArray[np.float64]) -> Head:
        found = values.astype(np.float32)
        return Head(found[:-classes].reshape(classes, width), found[-classes:])

    def penalised(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        cost, slope = loss(head_of(values))
        gradient = np.concatenate([slope.weights.ravel(), slope.bias]).astype(np.float64)
        return cost + prior * float(values @ values), gradient + 2 * prior * values

    start = np.zeros(classes * (width + 1))
    found = minimize(penalised, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS, "maxcor": 10})
    return head_of(found.x)


def softmax(logits: Floats) -> NDArray[np.float64]:
    """Probabilities over the last axis, float64; the largest logit is subtracted first, so that nothing overflows."""
    scaled = logits.astype(np.float64)
    odds = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))


def _padded(arrays: Sequence[Floats]) -> Floats:
    """(n, longest, width) float32, zeros after the end of each."""
    found = np.zeros((len(arrays), max(map(len, arrays)), arrays[0].shape[1]), np.float32)
    for row, array in zip(found, arrays, strict=True):
        row[: len(array)] = array
    return found
