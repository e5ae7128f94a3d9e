"""Write the page model as one ONNX file: half-precision weights, with all that a reader must know."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from models.recipe.page.network import FOLD, PageNet
from models.recipe.training import onnx_file
from ocrcli.binarize.page_model import FORMAT

MADE_BY = "python -m models.recipe.page"


class Reading(nn.Module):
    """The network as reading wants it: bytes in, and of ink bytes out."""

    def __init__(self, network: PageNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        """(h, w) uint8 to (h, w) uint8 ink and (3, h / FOLD, w / FOLD) float32: core in 0..1, x and y of up."""
        ink, lines = self.network(grey.unsqueeze(0).to(torch.float32) / 255.0)
        shown = (torch.sigmoid(ink[0, 0]) * 255.0 + 0.5).to(torch.uint8)
        return shown, torch.cat([torch.sigmoid(lines[0, :1]), lines[0, 1:]])


def serialize(network: PageNet) -> onnx.ModelProto:
    """Trace the network in eval mode; batch norms fold into the convolutions where they follow one."""
    free = {"grey": {0: "h", 1: "w"}, "ink": {0: "h", 1: "w"}, "lines": {1: "rows", 2: "columns"}}
    inputs = {"grey": torch.zeros(128, 160, dtype=torch.uint8)}
    return onnx_file.trace(Reading(network), inputs, ("ink", "lines"), free)


def export(checkpoint: Path, path: Path) -> None:
    """Write the running average of a checkpoint's weights as ``path``, atomically."""
    network = PageNet()
    network.load_state_dict(torch.load(checkpoint, weights_only=True)["averaged"])
    model = serialize(network)
    onnx_file.halve(model)
    onnx_file.write(model, path, {"format": FORMAT, "fold": str(FOLD)}, MADE_BY)
