"""The page model: a grey photo -> which of its ink is writing, where text lines run, which way is up.

A small fully convolutional network that has seen drawn pages on tables, in light and shadow, on ruled and squared
paper. It takes the place of rules that tell writing from whatever else is dark: it was shown both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.errors import ModelError
from ocrcli.core.files import shipped
from ocrcli.core.onnx_model import check_interface, first_line, metadata, open_model, try_out

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "page/1"
"""Input `grey` uint8 (h, w), both multiples of `MULTIPLE`; outputs `ink` uint8 (h, w) and `lines` float32
(3, h / FOLD, w / FOLD): cores of text lines in 0..1, and x and y of the direction that is up there."""

INK_LEVEL = 127
"""Of the ink map, 0 to 255: from here on there more likely is writing."""

FOLD = 4
"""Pixels of the photo, in each direction, to one of the maps of lines."""

MULTIPLE = 32

TILE_AREA, TILE_OVERLAP = 800_000, 96
"""Pixels that the model sees at a time, in bands across the page, which bounds the memory; by how many they overlap."""

TRIAL_SHAPE = 64, 96
"""Height and width of the blank photo that a strange model is tried on."""


@dataclass(frozen=True)
class Maps:
    """What the model says of a photo.

    Attributes:
        ink: (h, w) uint8, 0 no writing to 255 writing.
        core: (ceil(h / FOLD), ceil(w / FOLD)) float32, 0 to 1, whether a text line's zone between baseline and x-height
            is there.
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
            grey: (h, w) uint8; capitals of 8 to 52 pixels.

        Raises:
            ModelError: If the model cannot be run, or gives other maps than it should.
        """
        height, width = grey.shape
        tall = max(MULTIPLE, TILE_AREA // max(width, 1) // MULTIPLE * MULTIPLE)
        if height <= tall + 2 * TILE_OVERLAP:
            return self._maps(grey)
        parts = []
        for top in range(0, height, tall):
            first, last = max(top - TILE_OVERLAP, 0), min(top + tall + TILE_OVERLAP, height)
            maps, above, here = self._maps(grey[first:last]), top - first, min(tall, height - top)
            coarse = np.s_[..., above // FOLD : above // FOLD - (-here // FOLD), :]
            parts.append(Maps(maps.ink[above : above + here], maps.core[coarse], maps.up[coarse]))
        ink, core, up = (
            np.concatenate(side, axis=-2) for side in zip(*((p.ink, p.core, p.up) for p in parts), strict=True)
        )
        return Maps(ink, core, up)

    def _maps(self, grey: NDArray[np.uint8]) -> Maps:
        height, width = grey.shape
        below, right = -height % MULTIPLE, -width % MULTIPLE
        padded = np.pad(grey, ((0, below), (0, right)), mode="edge")
        try:
            ink, lines = map(np.asarray, self.session.run(["ink", "lines"], {"grey": padded}))
        except Exception as error:  # onnxruntime's errors share no base class but Exception
            raise ModelError(
                f"the page model cannot be run ({first_line(error)}); make it again by its recipe"
            ) from error
        coarse = (3, padded.shape[0] // FOLD, padded.shape[1] // FOLD)
        if ink.dtype != np.uint8 or ink.shape != padded.shape or lines.shape != coarse or not np.isfinite(lines).all():
            raise ModelError("the page model gives other maps than it should; make it again by its recipe")
        lines = lines[:, : -(-height // FOLD), : -(-width // FOLD)].astype(np.float32, copy=False)
        return Maps(ink[:height, :width], lines[0], lines[1:])


def load_page_model(model: Path | None = None, device: str = "auto") -> PageModel:
    """Load a page model and check that it is one.

    Args:
        model: An ONNX file; None takes the one that ships.
        device: A key of `ocrcli.core.onnx_model.DEVICES`.

    Raises:
        UsageError: If there is no such device.
        ModelError: If the file is missing, or is no page model; or if `device` was asked for and is not there.
    """
    path = model or shipped("page.onnx")
    if model is not None:
        try_out(path, device, partial(_run_on_blank_photo, path))
    return _checked(path, *open_model(path, device))


def _run_on_blank_photo(path: Path) -> None:
    _checked(path, *open_model(path, "cpu", threads=1)).maps(np.zeros(TRIAL_SHAPE, np.uint8))


def _checked(path: Path, session: onnxruntime.InferenceSession, device: str) -> PageModel:
    metadata(path, session, "page model", {"format": FORMAT, "fold": str(FOLD)})
    check_interface(path, session, ("grey",), ("ink", "lines"))
    return PageModel(session, device)
