"""CTC alignment: the position of each character of a reading along its text line, and its posterior."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrcli.hands.ctc import BLANK
from ocrcli.lines.beam_search import NEVER, Floats, Ints


def edges(log_p: NDArray[np.float32], outputs: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n + 1,) edges of the n characters of a reading in steps, halfway between neighbours; arguments as in `align`."""
    first, last = align(log_p, outputs)
    middles = (first + last) / 2
    return np.concatenate([[0.0], (middles[1:] + middles[:-1]) / 2 + 0.5, [float(len(log_p))]])


def mass(log_p: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Posteriors of all characters between edges.

    A posterior is the sum of the probabilities of a character over its steps. If the sum over all characters exceeds 1,
    they are divided by it; if it is less, the rest is the probability that there is no character.

    Args:
        log_p: (steps, outputs) log-probabilities of the row.
        edges: (n + 1,) edges in steps, from 0 to the number of steps.

    Returns:
        (n, outputs) posteriors.
    """
    starts = edges[:-1].astype(np.intp)
    stops = np.maximum(np.round(edges[1:]).astype(np.intp), starts + 1)
    running = np.concatenate([np.zeros((1, log_p.shape[1])), np.cumsum(np.exp(log_p), axis=0)])
    found = running[stops] - running[starts]
    found[:, BLANK] = 0
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1), np.float32)


def align(log_p: Floats, outputs: Ints) -> tuple[Ints, Ints]:
    """Align a reading: the best path through its characters and blanks, by the Viterbi algorithm.

    Args:
        log_p: (steps, outputs) log-probabilities of the row.
        outputs: (n,) the reading, as output indices of the model.

    Returns:
        (n,) first and (n,) last step of each character.

    Raises:
        ValueError: If the row has too few steps for the reading.
    """
    steps, count = len(log_p), len(outputs)
    path = np.zeros(2 * count + 1, np.int64)
    path[1::2] = outputs
    emitted = log_p[:, path]
    # A state is followed by itself, by the next one, or by the one after a blank between two different characters.
    skips = np.zeros(len(path), bool)
    skips[3::2] = path[3::2] != path[1:-2:2]
    score = np.full(len(path), NEVER, np.float32)
    score[:2] = emitted[0, :2]
    came = np.zeros((steps, len(path)), np.int8)
    for step in range(1, steps):
        options = np.full((3, len(path)), NEVER, np.float32)
        options[0] = score
        options[1, 1:] = score[:-1]
        options[2, 2:] = np.where(skips[2:], score[:-2], NEVER)
        came[step] = options.argmax(axis=0)
        score = options.max(axis=0) + emitted[step]
    state = len(path) - 1 if count == 0 or score[-1] >= score[-2] else len(path) - 2
    if score[state] <= NEVER / 2:
        raise ValueError(f"{steps} steps are too few for {count} characters")
    first, last = np.full(count, steps, np.int64), np.zeros(count, np.int64)
    for step in range(steps - 1, -1, -1):
        if state % 2:
            first[state // 2] = min(first[state // 2], step)
            last[state // 2] = max(last[state // 2], step)
        state -= int(came[step, state])
    return first, last
