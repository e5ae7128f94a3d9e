"""The line reader: a whole row at once -> character probabilities along it, by an ONNX model.

In joined writing there is nothing to cut: a letter is only there in its neighbourhood. So this model sees the
row as one strip and says for each step along it which character stands there, or none (connectionist temporal
classification, Graves et al. 2006). `ocrcli.lines.beam_search` makes text of that.
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
from ocrcli.core.onnx_model import check_interface, check_logits, labels_of, metadata, open_model, run, temperature_of
from ocrcli.letters.classifier import log_softmax
from ocrcli.lines import line_image

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "lines/1"
"""Input `strips` uint8 (n, HEIGHT, w), w a multiple of `STRIDE`; output `logits` float32
(n, w / STRIDE, 1 + characters), of which 0 is CTC's blank."""

STRIDE = 4
"""Pixels of a strip per step of the output."""

BATCH_COLUMNS = 24_000
"""Columns of a batch, padding included; it bounds the memory."""

WIDTH_STEP = 64
"""Widths of batches are multiples of this, so that similar batches meet the same plan."""


@dataclass(frozen=True)
class LineModel:
    """A line model that is loaded and ready.

    Attributes:
        session: The onnxruntime session.
        characters: What its outputs from 1 on stand for.
        temperature: Divides the logits.
        device: Name of the device that really runs.
    """

    session: onnxruntime.InferenceSession
    characters: tuple[str, ...]
    temperature: float
    device: str

    def log_probabilities(self, rows: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        """Log-probabilities of every character along each row.

        Args:
            rows: (HEIGHT, w) uint8 each, as `ocrcli.lines.line_image.strip` makes them.

        Returns:
            For each row (steps, characters + 1) float32; each step's probabilities sum to 1.
        """
        found: dict[int, NDArray[np.float32]] = {}
        for batch in batches([row.shape[1] for row in rows]):
            width = -(-max(rows[i].shape[1] for i in batch) // WIDTH_STEP) * WIDTH_STEP
            padded = np.zeros((len(batch), line_image.HEIGHT, width), np.uint8)
            for picture, index in zip(padded, batch, strict=True):
                picture[:, : rows[index].shape[1]] = rows[index]
            shape = (len(batch), width // STRIDE, len(self.characters) + 1)
            log_p = log_softmax(run(self.session, {"strips": padded}, shape) / np.float32(self.temperature))
            for steps, index in zip(log_p, batch, strict=True):
                found[index] = steps[: -(-rows[index].shape[1] // STRIDE)]
        return [found[index] for index in range(len(rows))]


def batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of rows of about equal width, each batch of at most BATCH_COLUMNS columns (or one row).

    Args:
        widths: Of the rows in pixels.
    """
    batch: list[int] = []
    for index in sorted(range(len(widths)), key=lambda i: widths[i]):
        # Rows are in rising order: a batch is as wide as its last row, and no row is padded by half of itself.
        wide = max(widths[index], WIDTH_STEP)
        if batch and ((len(batch) + 1) * wide > BATCH_COLUMNS or wide > 1.5 * max(widths[batch[0]], WIDTH_STEP)):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def load_line_model(model: Path | None = None, device: str = "auto") -> LineModel:
    """Load a line model and check that it is one.

    Args:
        model: An ONNX file; None takes the one that ships.
        device: A key of `ocrcli.core.onnx_model.DEVICES`.

    Raises:
        UsageError: If there is no such device.
        ModelError: If the file is missing, is no ONNX model, or was made for other strips; or if `device` was
            asked for and is not there.
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
    return LineModel(session, characters, temperature, name)
