"""The letter classifier: an ONNX model that turns crops into class probabilities."""

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
    FEATURES,
    check_interface,
    check_logits,
    features_width,
    labels_of,
    metadata,
    open_model,
    run_outputs,
    temperature_of,
)
from ocrcli.core.onnx_trial import try_out
from ocrcli.hands.head import Head
from ocrcli.letters import letter_crop

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "letters/1"
"""Format name in the model's metadata. Inputs `crops` uint8 (n, 32, 32) and `size` float32 (n, 2); output `logits`
float32 (n, classes), and perhaps `features` float32 (n, width), what its last layer sees."""

BATCHES = (16, 64)
"""Batch sizes in crops, ascending. With fixed sizes, an execution provider plans its memory, or compiles, only twice;
a larger batch would not make a crop cheaper."""


@dataclass(frozen=True)
class Classifier:
    """A letter classifier that is loaded and ready.

    Attributes:
        session: The onnxruntime session.
        labels: The character of each class, in the order of the logits.
        temperature: Divides the logits, so that the probabilities are calibrated (Guo et al. 2017).
        device: Name of the device that is used, a key of `DEVICES`.
        width: Channels of its features; 0 for a model without this output.
        head: What a hand adds to the last layer; None for nothing.
    """

    session: onnxruntime.InferenceSession
    labels: tuple[str, ...]
    temperature: float
    device: str
    width: int = 0
    head: Head | None = None

    def log_probabilities(
        self, crops: NDArray[np.uint8], sizes: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Classify crops: calibrated log-probabilities of all classes.

        Args:
            crops: (n, 32, 32) uint8, as made by `ocrcli.letters.letter_crop.crop`.
            sizes: (n, 2) float32, width and height of each glyph in capital heights of its row;
                (0, 0) if unknown; None if all are unknown.

        Returns:
            (n, classes) float32; the probabilities of each crop sum to 1.
        """
        if self.head is None:
            (logits,) = self._outputs(crops, sizes, {"logits": len(self.labels)})
        else:
            logits, features = self.seen(crops, sizes)
            logits = logits + self.head.logits(features)
        return log_softmax(logits / self.temperature)

    def seen(
        self, crops: NDArray[np.uint8], sizes: NDArray[np.float32] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits of crops without a hand, (n, classes) float32, and their features, (n, width) float32.

        Args:
            crops: As in `log_probabilities`.
            sizes: As there.
        """
        logits, features = self._outputs(crops, sizes, {"logits": len(self.labels), FEATURES: self.width})
        return logits, features

    def _outputs(
        self, crops: NDArray[np.uint8], sizes: NDArray[np.float32] | None, widths: dict[str, int]
    ) -> list[NDArray[np.float32]]:
        """(n, width) of each output that is named."""
        known = np.zeros((len(crops), 2), np.float32) if sizes is None else sizes.astype(np.float32)
        made = [[np.empty((0, width), np.float32)] for width in widths.values()]
        start = 0
        while start < len(crops):
            # The largest batch that can be filled: padding costs as much as real crops.
            batch = max((b for b in BATCHES if b <= len(crops) - start), default=BATCHES[0])
            found = self._run(crops[start : start + batch], known[start : start + batch], batch, widths)
            for parts, part in zip(made, found, strict=True):
                parts.append(part)
            start += batch
        return [np.concatenate(parts) for parts in made]

    def _run(
        self, crops: NDArray[np.uint8], sizes: NDArray[np.float32], batch: int, widths: dict[str, int]
    ) -> list[NDArray[np.float32]]:
        count = len(crops)
        if count < batch:
            crops = np.concatenate([crops, np.zeros((batch - count, *crops.shape[1:]), np.uint8)])
            sizes = np.concatenate([sizes, np.zeros((batch - count, 2), np.float32)])
        shapes = {name: (batch, width) for name, width in widths.items()}
        return [part[:count] for part in run_outputs(self.session, {"crops": crops, "size": sizes}, shapes)]


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-softmax over the last axis; same shape and dtype.

    The largest logit is subtracted first, so that no exponential overflows and no sum is 0.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def load_classifier(model: Path | None = None, device: str = "auto") -> Classifier:
    """Load a letter classifier and check the file.

    Args:
        model: An ONNX file; None for the shipped model.
        device: A key of `DEVICES`.

    Raises:
        UsageError: If the device name is not known.
        ModelError: If the file is missing, is not an ONNX model, or was trained on other crops; or if `device` is not
            available.
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
    return Classifier(session, labels, temperature, device, features_width(path, session))
