"""A finished ``letters.onnx``, and what its answers mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Logits = NDArray[np.float32]

Reader = Callable[[NDArray[np.uint8], NDArray[np.float32]], Logits]
"""Says logits (n, c) of (n, 32, 32) crops and (n, 2) sizes: a finished model or a network in training."""

BATCH = 256


def softmax(logits: Logits, temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities (n, c) of (n, c) logits."""
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    odds = np.exp(scaled)
    return odds / odds.sum(axis=1, keepdims=True)


class Model:
    """A letter model on the CPU.

    Args:
        path: Its file.
        threads: Of ONNX Runtime.
    """

    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        properties = self.session.get_modelmeta().custom_metadata_map
        self.temperature = float(properties["ocrcli.temperature"])

    def logits(self, crops: NDArray[np.uint8], sizes: NDArray[np.float32]) -> Logits:
        """Logits (n, c) of (n, 32, 32) crops and (n, 2) sizes, in batches."""
        parts = [
            self.session.run(["logits"], {"crops": crops[i : i + BATCH], "size": sizes[i : i + BATCH]})[0]
            for i in range(0, max(1, len(crops)), BATCH)
        ]
        return np.concatenate(parts)
