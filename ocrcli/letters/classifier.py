"""The letter classifier: crops -> class probabilities, by an ONNX model on any execution provider."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.errors import ModelError
from ocrcli.core.files import shipped
from ocrcli.core.onnx_model import (
    check_interface,
    check_logits,
    labels_of,
    metadata,
    open_model,
    run,
    temperature_of,
    try_out,
)
from ocrcli.letters import letter_crop

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "letters/1"
"""Inputs `crops` uint8 (n, 32, 32) and `size` float32 (n, 2); output `logits` float32 (n, classes)."""

BATCHES = (16, 64)
"""Batch sizes that are run, ascending. Fixed ones let a provider plan memory, or compile, just twice; a glyph of a
larger one costs no less."""


@dataclass(frozen=True)
class Classifier:
    """A letter model that is loaded and ready.

    Attributes:
        session: The onnxruntime session.
        labels: The character of each class, in the order of the logits.
        temperature: Divides the logits, so that the probabilities are calibrated (Guo et al. 2017).
        device: Name of the device that really runs, a key of `DEVICES`.
    """

    session: onnxruntime.InferenceSession
    labels: tuple[str, ...]
    temperature: float
    device: str

    def log_probabilities(
        self, crops: NDArray[np.uint8], sizes: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Calibrated log-probabilities of every class.

        Args:
            crops: (n, 32, 32) uint8, as `ocrcli.letters.letter_crop.crop` makes them.
            sizes: (n, 2) float32, width and height of each glyph in capital heights of its row;
                (0, 0), or no array at all, where unknown.

        Returns:
            (n, classes) float32; each row's probabilities sum to 1.
        """
        known = np.zeros((len(crops), 2), np.float32) if sizes is None else sizes.astype(np.float32)
        logits = [np.empty((0, len(self.labels)), np.float32)]
        start = 0
        while start < len(crops):
            # The largest that is full: padding is read like letters, and costs as much.
            batch = max((b for b in BATCHES if b <= len(crops) - start), default=BATCHES[0])
            logits.append(self._run(crops[start : start + batch], known[start : start + batch], batch))
            start += batch
        return log_softmax(np.concatenate(logits) / self.temperature)

    def _run(self, crops: NDArray[np.uint8], sizes: NDArray[np.float32], batch: int) -> NDArray[np.float32]:
        count = len(crops)
        if count < batch:
            crops = np.concatenate([crops, np.zeros((batch - count, *crops.shape[1:]), np.uint8)])
            sizes = np.concatenate([sizes, np.zeros((batch - count, 2), np.float32)])
        found: NDArray[np.float32] = run(self.session, {"crops": crops, "size": sizes}, (batch, len(self.labels)))
        return found[:count]


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithm of the softmax over the last axis, of the same shape and dtype.

    The largest logit is taken away first, so no exponential overflows and none of the sums is 0.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def load_classifier(model: Path | None = None, device: str = "auto") -> Classifier:
    """Load a letter model and check that it is one.

    Args:
        model: An ONNX file; None takes the one that ships.
        device: A key of `DEVICES`.

    Raises:
        UsageError: If there is no such device.
        ModelError: If the file is missing, is no ONNX model, or was made for another crop; or if
            `device` was asked for and is not there.
    """
    path = model or shipped("letters.onnx")
    if model is not None:
        try_out(path, device, partial(_run_on_blank_crops, path))
    session, name = open_model(path, device)
    return _checked(path, session, name)


def _run_on_blank_crops(path: Path) -> None:
    crops = np.zeros((max(BATCHES), letter_crop.SIZE, letter_crop.SIZE), np.uint8)
    crops[1::2] = 255
    classifier = _checked(path, *open_model(path, "cpu", threads=1))
    for batch in BATCHES:
        classifier.log_probabilities(crops[:batch], np.ones((batch, 2), np.float32))


def _checked(path: Path, session: onnxruntime.InferenceSession, device: str) -> Classifier:
    meta = metadata(path, session, "letter model", {"format": FORMAT, "crop": letter_crop.GEOMETRY})
    labels = labels_of(path, meta.get("labels", ""))
    temperature = temperature_of(path, meta.get("temperature", ""))
    if " " in labels:
        raise ModelError(f"{path}: a space is no letter; take it out of the labels")
    check_interface(path, session, ("crops", "size"), ("logits",))
    check_logits(path, session, 2, len(labels))
    return Classifier(session, labels, temperature, device)
