"""The page model: computes the ink map, the core map and the up direction of a grey photo.

It is a small fully convolutional network, trained on synthetic pages on tables, in light and shadow, on ruled and
squared paper. It learns from examples, without hand-written rules, what is writing and what else is dark.
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
from ocrcli.core.onnx_model import check_interface, first_line, metadata, open_model
from ocrcli.core.onnx_trial import try_out

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "page/1"
"""Format of the model file. Input: `grey` uint8 (h, w), h and w multiples of `MULTIPLE`. Outputs: the ink map `ink`
uint8 (h, w), and `lines` float32 (3, h / FOLD, w / FOLD): the core map, 0 to 1, and x and y of the up direction."""

INK_LEVEL = 127
"""Value of the ink map, 0 to 255, above which a pixel is more likely writing than not."""

FOLD = 4
"""Downscaling factor of the core map and the up direction: pixels of the photo to one of the map, in x and in y."""

MULTIPLE = 32
"""Height and width of the network's input are padded to multiples of so many pixels."""

TILE_AREA, TILE_OVERLAP = 800_000, 96
"""Area of a tile in pixels, and overlap of tiles in pixels. Tiles are bands across the page; they limit the memory."""

TRIAL_SHAPE = 64, 96
"""Height and width in pixels of the blank photo that a user's own model is tried on."""


@dataclass(frozen=True)
class Maps:
    """The output of the page model for a photo.

    Attributes:
        ink: (h, w) uint8, the ink map: 0 is no writing, 255 is writing.
        core: (ceil(h / FOLD), ceil(w / FOLD)) float32, the core map: 0 to 1, how likely the pixel is between the
            baseline and the x-height of a text line.
        up: (2, ceil(h / FOLD), ceil(w / FOLD)) float32, x and y (down) of the direction from baseline to x-height; of
            length 1 where the model is sure.
    """

    ink: NDArray[np.uint8]
    core: NDArray[np.float32]
    up: NDArray[np.float32]


@dataclass(frozen=True)
class PageModel:
    """A page model, loaded and ready to run.

    Attributes:
        session: The onnxruntime session.
        device: Name of the device that it really runs on.
    """

    session: onnxruntime.InferenceSession
    device: str

    def maps(self, grey: NDArray[np.uint8]) -> Maps:
        """Run the model on a photo.

        Args:
            grey: (h, w) uint8; capitals of 8 to 52 pixels.

        Raises:
            ModelError: If the model cannot be run, or its outputs have wrong types, shapes or values.
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
        except Exception as error:  # the errors of onnxruntime have no common base class but Exception
            raise ModelError(
                f"the page model cannot be run ({first_line(error)}); make it again by its recipe"
            ) from error
        coarse = (3, padded.shape[0] // FOLD, padded.shape[1] // FOLD)
        if ink.dtype != np.uint8 or ink.shape != padded.shape or lines.shape != coarse or not np.isfinite(lines).all():
            raise ModelError("the page model gives other maps than it should; make it again by its recipe")
        lines = lines[:, : -(-height // FOLD), : -(-width // FOLD)].astype(np.float32, copy=False)
        return Maps(ink[:height, :width], lines[0], lines[1:])


def load_page_model(model: Path | None = None, device: str = "auto") -> PageModel:
    """Load a page model and check its format.

    Args:
        model: An ONNX file; None for the shipped model.
        device: A key of `ocrcli.core.onnx_model.DEVICES`.

    Raises:
        UsageError: If the device is not known.
        ModelError: If the file is missing or is not a page model, or if `device` is not available.
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
