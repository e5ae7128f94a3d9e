"""Write the line reader as one ONNX file, calibrated."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import torch
from torch import nn

from models.recipe.handwriting.words import CHARACTERS
from models.recipe.training import onnx_file
from ocrcli.lines.line_image import GEOMETRY, HEIGHT
from ocrcli.lines.line_model import FORMAT

MADE_BY = "python -m models.recipe.lines"


def serialize(network: nn.Module) -> onnx.ModelProto:
    """Trace the network in eval mode; batch norms fold into the convolutions where they follow one."""
    inputs = {"strips": torch.zeros(2, HEIGHT, 64, dtype=torch.uint8)}
    free = {"strips": {0: "n", 2: "w"}, "logits": {0: "n", 1: "steps"}}
    model = onnx_file.trace(network, inputs, ("logits",), free)
    onnx_file.expose_features(model)
    return model


def write(model: onnx.ModelProto, path: Path, temperature: float) -> None:
    """Describe and check a model, and write ``path`` atomically."""
    about = {
        "format": FORMAT,
        "characters": json.dumps(CHARACTERS),
        "strip": GEOMETRY,
        "temperature": str(float(temperature)),
    }
    onnx_file.write(model, path, about, MADE_BY)
