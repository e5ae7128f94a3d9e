"""The page model: a grey photo -> which of its ink is writing, where text lines run, which way is up.

A small fully convolutional network that has seen drawn pages on tables, in light and shadow, on ruled and squared
paper. It takes the place of rules that tell writing from whatever else is dark: it was shown both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocrcli.errors import ModelError
from ocrcli.files import shipped
from ocrcli.onnx_model import metadata, open_model

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "page/1"
"""Input `grey` uint8 (h, w), both multiples of `MULTIPLE`; outputs `ink` uint8 (h, w) and `lines` float32
(3, h / FOLD, w / FOLD): cores of text lines in 0..1, and x and y of the direction that is up there."""

FOLD = 4
"""Pixels of the photo, in each direction, to one of the maps of lines."""

MULTIPLE = 32


@dataclass(frozen=True)
class Maps:
    """What the model says of a photo.

    Attributes:
        ink: (h, w) uint8, 0 no writing to 255 writing.
        core: (ceil(h / FOLD), ceil(w / FOLD)) float32, how likely there a text line's zone between baseline and
            x-height is.
        up: (2, ceil(h / FOLD), ceil(w / FOLD)) float32, x and y of the direction from baseline to x-height, y down; of
            length 1 where it is sure.
    """

    ink: NDArray[np.uint8]
    core: NDArray[np.float32]
    up: NDArray[np.float32]


@dataclass(frozen=True)
class PageModel:
    """A page model that is loaded and ready.

    Attributes:
        session: The onnxruntime session.
        device: Name of the device that really runs.
    """

    session: onnxruntime.InferenceSession
    device: str

    def maps(self, grey: NDArray[np.uint8]) -> Maps:
        """Look at a photo.

        Args:
            grey: (h, w) uint8; capitals of 8 to 50 pixels.
        """
        height, width = grey.shape
        below, right = -height % MULTIPLE, -width % MULTIPLE
        padded = np.pad(grey, ((0, below), (0, right)), mode="edge")
        ink, lines = self.session.run(["ink", "lines"], {"grey": padded})
        rows, columns = -(-height // FOLD), -(-width // FOLD)
        lines = np.asarray(lines)[:, :rows, :columns]
        return Maps(np.asarray(ink)[:height, :width], lines[0], lines[1:])


def load_page_model(model: Path | None = None, device: str = "auto") -> PageModel:
    """Load a page model and check that it is one.

    Args:
        model: An ONNX file; None takes the one that ships.
        device: A key of `ocrcli.onnx_model.DEVICES`.

    Raises:
        UsageError: If there is no such device.
        ModelError: If the file is missing, or is no page model; or if `device` was asked for and is not there.
    """
    path = model or shipped("page.onnx")
    session, name = open_model(path, device)
    metadata(path, session, "page model", {"format": FORMAT, "fold": str(FOLD)})
    names = [i.name for i in session.get_inputs()] + [o.name for o in session.get_outputs()]
    if names != ["grey", "ink", "lines"]:
        raise ModelError(f"{path}: its inputs and outputs are {', '.join(names)}, not grey, ink and lines")
    return PageModel(session, name)
