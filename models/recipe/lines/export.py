"""Write the line reader as one ONNX file: half-precision weights, calibrated, with all that a reader must know."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from models.recipe.handwriting.words import CHARACTERS
from models.recipe.letters.export import OPSET, expose_features, store, weights_digest
from ocrcli.lines.line_image import GEOMETRY, HEIGHT
from ocrcli.lines.line_model import FORMAT

MADE_BY = "python -m models.recipe.lines"

SMALL = 256
"""Weights with fewer values stay float32: they are biases, which gain nothing."""


def serialize(network: nn.Module) -> onnx.ModelProto:
    """Trace the network in eval mode; batch norms fold into the convolutions where they follow one."""
    buffer = io.BytesIO()
    torch.onnx.export(
        network.eval().to(memory_format=torch.contiguous_format),
        (torch.zeros(2, HEIGHT, 64, dtype=torch.uint8),),
        buffer,
        input_names=["strips"],
        output_names=["logits"],
        dynamic_axes={"strips": {0: "n", 2: "w"}, "logits": {0: "n", 1: "steps"}},
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load_model_from_string(buffer.getvalue())
    expose_features(model)
    return model


def halve(model: onnx.ModelProto) -> None:
    """Store weights as float16, cast back to float32 once when the model is loaded: half the file, the same speed."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < SMALL:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(value.astype(np.float16), name + "_half"))
        casts.append(onnx.helper.make_node("Cast", [name + "_half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def write(model: onnx.ModelProto, path: Path, temperature: float) -> None:
    """Describe and check a model, and write ``path`` atomically."""
    properties = {
        "ocrcli.format": FORMAT,
        "ocrcli.characters": json.dumps(CHARACTERS),
        "ocrcli.strip": GEOMETRY,
        "ocrcli.temperature": str(float(temperature)),
        "ocrcli.made_by": MADE_BY,
        "ocrcli.licence": "MIT",
        "ocrcli.sha256": weights_digest(model),
    }
    onnx.helper.set_model_props(model, properties)
    store(model, path)
