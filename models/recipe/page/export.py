"""Write the page model as one ONNX file: half-precision weights, with all that a reader must know."""

from __future__ import annotations

import io
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from models.recipe.letters.export import OPSET, store, weights_digest
from models.recipe.lines.export import halve
from models.recipe.page.network import FOLD, PageNet
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
    buffer = io.BytesIO()
    torch.onnx.export(
        Reading(network).eval().to(memory_format=torch.contiguous_format),
        (torch.zeros(128, 160, dtype=torch.uint8),),
        buffer,
        input_names=["grey"],
        output_names=["ink", "lines"],
        dynamic_axes={"grey": {0: "h", 1: "w"}, "ink": {0: "h", 1: "w"}, "lines": {1: "rows", 2: "columns"}},
        opset_version=OPSET,
        dynamo=False,
    )
    return onnx.load_model_from_string(buffer.getvalue())


def export(checkpoint: Path, path: Path) -> None:
    """Write the running average of a checkpoint's weights as ``path``, atomically."""
    network = PageNet()
    network.load_state_dict(torch.load(checkpoint, weights_only=True)["averaged"])
    model = serialize(network)
    halve(model)
    properties = {
        "ocrcli.format": FORMAT,
        "ocrcli.fold": str(FOLD),
        "ocrcli.made_by": MADE_BY,
        "ocrcli.licence": "MIT",
        "ocrcli.sha256": weights_digest(model),
    }
    onnx.helper.set_model_props(model, properties)
    store(model, path)
