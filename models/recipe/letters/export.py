"""Write the letter classifier as one ONNX file, checked against the network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from models.recipe.handwriting.characters import LABELS
from models.recipe.training import onnx_file
from ocrcli.letters.classifier import FORMAT
from ocrcli.letters.letter_crop import GEOMETRY

MADE_BY = "python -m models.recipe.letters"


def serialize(network: nn.Module) -> onnx.ModelProto:
    """Trace the network in eval mode; batch norms fold into the convolutions on the way."""
    inputs = {"crops": torch.zeros(2, 32, 32, dtype=torch.uint8), "size": torch.zeros(2, 2)}
    model = onnx_file.trace(network, inputs, ("logits",), {name: {0: "n"} for name in (*inputs, "logits")})
    onnx_file.expose_features(model)
    return model


def check(model: onnx.ModelProto, network: nn.Module) -> float:
    """Largest difference between the logits of ONNX Runtime and of torch on random crops.

    Raises:
        RuntimeError: If they differ by more than float32 rounding explains.
    """
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (37, 32, 32), np.uint8)
    size = rng.uniform(0, 1.5, (37, 2)).astype(np.float32)
    size[::3] = 0
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"crops": crops, "size": size})
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(crops), torch.from_numpy(size)).numpy()
    worst = float(np.abs(logits - expected).max())
    if worst > 1e-3 * max(1.0, float(np.abs(expected).max())):
        raise RuntimeError(f"the exported model differs from the network by {worst}")
    return worst


def write(model: onnx.ModelProto, path: Path, temperature: float, made_by: str = MADE_BY) -> None:
    """Describe and check a model, and write ``path`` atomically."""
    about = {
        "format": FORMAT,
        "labels": json.dumps(LABELS),
        "crop": GEOMETRY,
        "temperature": str(float(temperature)),
    }
    onnx_file.write(model, path, about, made_by)


def export(network: nn.Module, path: Path, temperature: float, made_by: str = MADE_BY) -> float:
    """Write ``path`` atomically; returns the largest difference from torch."""
    model = serialize(network)
    worst = check(model, network)
    write(model, path, temperature, made_by)
    return worst
