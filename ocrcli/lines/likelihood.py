"""How likely texts are by what the line recognizer sees, over all ways to write them along its steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrcli.hands.ctc import likelihoods
from ocrcli.lines.line_model import STRIDE, batches

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Texts = Sequence[Sequence[int]]


def likelihoods_of(log_ps: Sequence[Floats], texts: Sequence[Texts]) -> list[Doubles]:
    """Log-likelihoods of texts of rows of any length.

    Args:
        log_ps: For each row, (steps, 1 + characters) log-probabilities.
        texts: For each row, the outputs of the characters of some texts.

    Returns:
        For each row, (texts,) log-likelihoods in nats; minus infinity for a text that it has too few steps for.
    """
    found: list[Doubles] = [np.zeros(0)] * len(log_ps)
    for batch in batches([STRIDE * len(log_p) for log_p in log_ps]):  # all at once would take much memory
        lengths = np.array([len(log_ps[row]) for row in batch], np.intp)
        p = np.zeros((len(batch), int(lengths.max()), log_ps[batch[0]].shape[1]))
        for padded, row in zip(p, batch, strict=True):
            padded[: len(log_ps[row])] = np.exp(log_ps[row])
        counts = [len(texts[row]) for row in batch]
        told = likelihoods(
            p, lengths, [t for row in batch for t in texts[row]], np.repeat(np.arange(len(batch)), counts)
        )
        for row, own in zip(batch, np.split(told, np.cumsum(counts)[:-1]), strict=True):
            found[row] = own
    return found
