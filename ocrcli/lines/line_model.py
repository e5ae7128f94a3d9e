"""The line recognizer: an ONNX model that turns a line image into character probabilities along the text line.

Joined writing cannot be cut into letters. So this model sees the whole line image and returns, for each step along it,
the probabilities of characters or of a blank (connectionist temporal classification, CTC, Graves et al. 2006).
`ocrcli.lines.beam_search` turns them into text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    run,
    run_outputs,
    temperature_of,
)
from ocrcli.hands.head import Head
from ocrcli.letters.classifier import log_softmax
from ocrcli.lines import line_image

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "lines/1"
"""Format name in the model's metadata. Input `strips` (line images) uint8 (n, HEIGHT, w), w a multiple of `STRIDE`;
output `logits` float32 (n, w / STRIDE, 1 + characters), where output 0 is the CTC blank; and perhaps `features` float32
(n, width, 1, w / STRIDE), what its last layer sees."""

STRIDE = 4
"""Pixels of the line image per step of the output."""

BATCH_COLUMNS = 24_000
"""Pixel columns; largest size of a batch, with padding. It limits the memory."""

WIDTH_STEP = 64
"""Pixels; the width of a batch is a multiple of this, so that onnxruntime can reuse its plan for similar batches."""


@dataclass(frozen=True)
class LineModel:
    """A line recognizer that is loaded and ready.

    Attributes:
        session: The onnxruntime session.
        characters: The characters of outputs 1, 2, ...; output 0 is the blank.
        temperature: Divides the logits, so that the probabilities are calibrated.
        device: Name of the device that is used.
        width: Channels of its features; 0 for a model without this output.
        head: What a hand adds to the last layer; None for nothing.
    """

    session: onnxruntime.InferenceSession
    characters: tuple[str, ...]
    temperature: float
    device: str
    width: int = 0
    head: Head | None = None

    def log_probabilities(self, rows: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        """Log-probabilities of all characters along each row.

        Args:
            rows: Line images, (HEIGHT, w) uint8 each, as made by `ocrcli.lines.line_image.line_image_of`.

        Returns:
            For each row, (steps, 1 + characters) float32; the probabilities of each step sum to 1.
        """
        found: dict[int, NDArray[np.float32]] = {}
        for padded, batch in _stacked(rows):
            if self.head is None:
                logits = run(self.session, {"strips": padded}, self._shape(padded))
            else:
                logits, features = self._both(padded)
                logits = logits + self.head.logits(features)
            log_p = log_softmax(logits / np.float32(self.temperature))
            for steps, index in zip(log_p, batch, strict=True):
                found[index] = steps[: -(-rows[index].shape[1] // STRIDE)]
        return [found[index] for index in range(len(rows))]

    def seen(self, rows: Sequence[NDArray[np.uint8]]) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Logits of each row without a hand, (steps, 1 + characters) float32, and its features, (steps, width) float32.

        Args:
            rows: As in `log_probabilities`.
        """
        found = {}
        for padded, batch in _stacked(rows):
            for logits, features, index in zip(*self._both(padded), batch, strict=True):
                steps = -(-rows[index].shape[1] // STRIDE)
                found[index] = logits[:steps], features[:steps]
        return [found[index] for index in range(len(rows))]

    def _shape(self, padded: NDArray[np.uint8]) -> tuple[int, int, int]:
        return len(padded), padded.shape[2] // STRIDE, len(self.characters) + 1

    def _both(self, padded: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits (n, steps, 1 + characters) and features (n, steps, width) of a batch."""
        shape = self._shape(padded)
        shapes: dict[str, tuple[int, ...]] = {"logits": shape, FEATURES: (shape[0], self.width, 1, shape[1])}
        logits, features = run_outputs(self.session, {"strips": padded}, shapes)
        return logits, features[:, :, 0].transpose(0, 2, 1)


def _stacked(rows: Sequence[NDArray[np.uint8]]) -> Iterator[tuple[NDArray[np.uint8], list[int]]]:
    """Batches of rows, (n, HEIGHT, w) uint8 with zeros at the right, and which rows they are."""
    for batch in batches([row.shape[1] for row in rows]):
        width = -(-max(rows[i].shape[1] for i in batch) // WIDTH_STEP) * WIDTH_STEP
        padded = np.zeros((len(batch), line_image.HEIGHT, width), np.uint8)
        for picture, index in zip(padded, batch, strict=True):
            picture[:, : rows[index].shape[1]] = rows[index]
        yield padded, batch


def batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Group rows of about equal width into batches of at most `BATCH_COLUMNS` columns (or one row).

    Args:
        widths: Widths of the rows in pixels.

    Yields:
        Indices of the rows of a batch.
    """
    batch: list[int] = []
    for index in sorted(range(len(widths)), key=lambda i: widths[i]):
        # Widths are ascending: a batch is as wide as its last row, and no row is padded by half of its width or more.
        wide = max(widths[index], WIDTH_STEP)
        if batch and ((len(batch) + 1) * wide > BATCH_COLUMNS or wide > 1.5 * max(widths[batch[0]], WIDTH_STEP)):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def load_line_model(model: Path | None = None, device: str = "auto") -> LineModel:
    """Load a line recognizer and check the file.

    Args:
        model: An ONNX file; None for the shipped model.
        device: A key of `ocrcli.core.onnx_model.DEVICES`.

    Raises:
        UsageError: If the device name is not known.
        ModelError: If the file is missing, is not an ONNX model, or was trained on other line images; or if `device` is
            not available.
    """
    path = model or shipped("lines.onnx")
    session, name = open_model(path, device)
    meta = metadata(path, session, "line model", {"format": FORMAT, "strip": line_image.GEOMETRY})
    characters = labels_of(path, meta.get("characters", ""))
    temperature = temperature_of(path, meta.get("temperature", ""))
    if "" in characters:
        raise ModelError(f"{path}: one of its characters is empty; make it again by its recipe")
    check_interface(path, session, ("strips",), ("logits",))
    check_logits(path, session, 3, len(characters) + 1)
    return LineModel(session, characters, temperature, name, features_width(path, session))
