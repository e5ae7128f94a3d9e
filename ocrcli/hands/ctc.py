"""The loss of connectionist temporal classification (CTC), and its gradient.

The probability of a text is the sum over all ways to write it along the steps, with blanks between. Forward and
backward variables give it and its gradient (Graves et al. 2006, "Connectionist temporal classification", section 4);
both are divided by their sum at each step (Rabiner 1989, "A tutorial on hidden Markov models", section V.A), so that
nothing underflows on a row of a thousand steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

BLANK = 0
"""Output of the blank."""


def steps_needed(outputs: Sequence[int]) -> int:
    """Fewest steps that a text takes: one a character, and a blank between equal ones.

    Examples:
        >>> steps_needed([5, 5, 7])
        4
    """
    return len(outputs) + sum(a == b for a, b in pairwise(outputs))


def ctc(p: Doubles, lengths: NDArray[np.intp], texts: Sequence[Sequence[int]]) -> tuple[Doubles, Doubles]:
    """The loss of each row, and its gradient with respect to the logits.

    Args:
        p: (n, steps, outputs) probabilities of each step, a softmax of the logits.
        lengths: (n,) number of steps of each row; what comes after is padding.
        texts: For each row, the outputs of its characters, at least one.

    Returns:
        (n,) minus the log-probability of each text in nats, and (n, steps, outputs) gradient, 0 in the padding. A row
        whose text cannot be written along its steps, or is less likely than numbers can tell, has loss and gradient 0.
    """
    count, steps, outputs = p.shape
    path, states = _paths(texts)
    emitted, skips = _emitted(p, path), _skips(path)
    forward, scale = _forward(emitted, lengths, skips)
    rows, last = np.arange(count), lengths - 1
    ends = forward[rows, last, states - 1] + forward[rows, last, states - 2]
    backward = _backward(emitted, lengths, states, skips)
    occupied = forward * backward
    total = occupied.sum(axis=2, keepdims=True)
    inside = np.arange(steps) < lengths[:, None]
    possible = (ends > 0) & ((total[:, :, 0] > 0) | ~inside).all(axis=1)
    occupied /= np.where(total > 0, total, 1)
    gradient = p * inside[:, :, None]
    flat = (np.arange(count)[:, None, None] * steps + np.arange(steps)[:, None]) * outputs + path[:, None, :]
    mass = np.bincount(flat.ravel(), occupied.ravel(), minlength=p.size)
    gradient -= mass.reshape(p.shape)
    gradient[~possible] = 0
    losses = -(np.log(np.where(possible, ends, 1)) + np.log(scale).sum(axis=1))
    return np.where(possible, losses, 0), gradient


def likelihoods(
    p: Doubles, lengths: NDArray[np.intp], texts: Sequence[Sequence[int]], rows: NDArray[np.intp] | None = None
) -> Doubles:
    """(texts,) log-probability of each text in nats, as in `ctc`; a text may be empty here.

    Minus infinity where a text cannot be written along the steps.

    Args:
        p: (n, steps, outputs) probabilities of each step.
        lengths: (n,) number of steps of each row; what comes after is padding.
        texts: The outputs of each text's characters.
        rows: (texts,) index of the row of each text; None where each row has one.
    """
    rows = np.arange(len(p)) if rows is None else rows
    path, states = _paths(texts)
    skips, last, every = _skips(path), lengths[rows] - 1, np.arange(len(texts))
    now, scale, found = np.zeros(path.shape), np.zeros(len(texts)), np.full(len(texts), -np.inf)
    for step in range(p.shape[1]):
        emitted = p[rows[:, None], step, path]
        now = _onward(now, skips) * emitted if step else _begun(emitted)
        total = now.sum(axis=1)
        total[total <= 0] = 1
        now /= total[:, None]
        scale += np.log(total)
        ends = now[every, states - 1] + np.where(states > 1, now[every, states - 2], 0)
        with np.errstate(divide="ignore"):
            found = np.where(last == step, np.log(ends) + scale, found)
    return found


def _emitted(p: Doubles, path: NDArray[np.intp]) -> Doubles:
    """(n, steps, states) probabilities of the states' outputs."""
    return np.take_along_axis(p, np.broadcast_to(path[:, None, :], (*p.shape[:2], path.shape[1])), axis=2)


def _skips(path: NDArray[np.intp]) -> Doubles:
    """(n, states) 1 where a state may follow the one before the last: a character other than the last one."""
    skips = np.zeros(path.shape)
    skips[:, 3::2] = path[:, 3::2] != path[:, 1:-2:2]
    return skips


def _paths(texts: Sequence[Sequence[int]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(n, states) outputs of the states, a blank around every character, and (n,) how many each row has."""
    states = np.array([2 * len(text) + 1 for text in texts], np.intp)
    path = np.full((len(texts), int(states.max())), BLANK, np.intp)
    for row, text in zip(path, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text
    return path, states


def _forward(emitted: Doubles, lengths: NDArray[np.intp], skips: Doubles) -> tuple[Doubles, Doubles]:
    """Forward variables that sum to 1 at each step, and (n, steps) what they were divided by; 1 in the padding."""
    alive = np.arange(emitted.shape[1]) < lengths[:, None]
    forward, scale = np.zeros_like(emitted), np.ones(emitted.shape[:2])
    now = np.zeros_like(emitted[:, 0])
    for step in range(emitted.shape[1]):
        now = _onward(now, skips) * emitted[:, step] if step else _begun(emitted[:, 0])
        total = now.sum(axis=1)
        total[(total <= 0) | ~alive[:, step]] = 1
        now /= total[:, None]
        forward[:, step], scale[:, step] = now, total
    return forward, scale


def _begun(emitted: Doubles) -> Doubles:
    """(n, states) forward variables at the first step: a text begins with a blank or its first character."""
    now = np.zeros_like(emitted)
    now[:, :2] = emitted[:, :2]
    return now


def _onward(before: Doubles, skips: Doubles) -> Doubles:
    """(n, states) forward variables of the next step, without what is emitted there."""
    now = before.copy()
    now[:, 1:] += before[:, :-1]
    now[:, 2:] += skips[:, 2:] * before[:, :-2]
    return now


def _backward(emitted: Doubles, lengths: NDArray[np.intp], states: NDArray[np.intp], skips: Doubles) -> Doubles:
    """Backward variables, each step divided by its largest; 0 in the padding."""
    count, steps, _ = emitted.shape
    backward, now = np.zeros_like(emitted), np.zeros_like(emitted[:, 0])
    rows = np.arange(count)
    for step in range(steps - 1, -1, -1):
        if step + 1 < steps:
            ahead = now * emitted[:, step + 1]
            now = ahead.copy()
            now[:, :-1] += ahead[:, 1:]
            now[:, :-2] += (skips * ahead)[:, 2:]
            largest = now.max(axis=1)
            now /= np.where(largest > 0, largest, 1)[:, None]
        begin = rows[lengths - 1 == step]
        now[begin, states[begin] - 1] = now[begin, states[begin] - 2] = 1
        backward[:, step] = now
    return backward
