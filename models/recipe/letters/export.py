"""Write a trained network as one ONNX file, with all that a reader must know in its metadata."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn

from models.recipe.handwriting.characters import LABELS
from ocrcli.core.files import write_file
from ocrcli.core.onnx_model import FEATURES
from ocrcli.letters.letter_crop import GEOMETRY

OPSET = 17
MADE_BY = "python -m models.recipe.letters"


def serialize(network: nn.Module) -> onnx.ModelProto:
    """Trace the network in eval mode; batch norms fold into the convolutions on the way."""
    network = network.eval().to(memory_format=torch.contiguous_format)
    buffer = io.BytesIO()
    torch.onnx.export(
        network,
        (torch.zeros(2, 32, 32, dtype=torch.uint8), torch.zeros(2, 2)),
        buffer,
        input_names=["crops", "size"],
        output_names=["logits"],
        dynamic_axes={"crops": {0: "n"}, "size": {0: "n"}, "logits": {0: "n"}},
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load_model_from_string(buffer.getvalue())
    expose_features(model)
    return model


def expose_features(model: onnx.ModelProto) -> None:
    """Make what the last layer sees an output, `FEATURES`; a model that has it stays as it is.

    No weight changes, and neither do the logits; a run that asks for the logits alone takes no longer.

    Raises:
        ValueError: If no layer with weights makes the logits.
    """
    graph = model.graph
    if any(output.name == FEATURES for output in graph.output):
        return
    made_by = {name: node for node in graph.node for name in node.output}
    node = made_by[graph.output[0].name]
    while node.op_type not in ("Gemm", "Conv"):
        if node.op_type not in ("Squeeze", "Transpose"):
            raise ValueError(f"the logits come out of {node.op_type}, not out of a layer with weights")
        node = made_by[node.input[0]]
    seen = node.input[0]
    width = next(t.dims[1] for t in graph.initializer if t.name in (node.input[1], f"{node.input[1]}_half"))
    for each in graph.node:
        for names in (each.input, each.output):
            names[:] = [FEATURES if name == seen else name for name in names]
    kept = [value for value in graph.value_info if value.name != seen]
    del graph.value_info[:]
    graph.value_info.extend(kept)
    shape = ["n", width] if node.op_type == "Gemm" else ["n", width, 1, "steps"]
    graph.output.append(onnx.helper.make_tensor_value_info(FEATURES, onnx.TensorProto.FLOAT, shape))


def give_features(path: Path) -> None:
    """Give a finished model file the output `FEATURES`, in place; its metadata stays."""
    model = onnx.load(path)
    expose_features(model)
    store(model, path)


def weights_digest(model: onnx.ModelProto) -> str:
    """SHA-256 over the weights in graph order: tells two models apart whatever their metadata says."""
    digest = hashlib.sha256()
    for tensor in model.graph.initializer:
        digest.update(np.ascontiguousarray(numpy_helper.to_array(tensor)).tobytes())
    return digest.hexdigest()


def describe(model: onnx.ModelProto, temperature: float, made_by: str) -> None:
    """Put labels, crop geometry and calibration into the metadata."""
    properties = {
        "ocrcli.format": "letters/1",
        "ocrcli.labels": json.dumps(LABELS),
        "ocrcli.crop": GEOMETRY,
        "ocrcli.temperature": str(float(temperature)),
        "ocrcli.made_by": made_by,
        "ocrcli.licence": "MIT",
        "ocrcli.sha256": weights_digest(model),
    }
    onnx.helper.set_model_props(model, properties)


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


def blend(one: onnx.ModelProto, other: onnx.ModelProto, share: float) -> onnx.ModelProto:
    """Average the weights of two networks of which one began where the other stood, batch norms folded in already.

    Such averages lie in flatter places than either (Izmailov et al. 2018, "Averaging weights leads to wider optima").

    Args:
        one: An exported network.
        other: Another of the same architecture.
        share: Of the other one, in 0..1.
    """
    model = onnx.ModelProto()
    model.CopyFrom(one)
    others = {tensor.name: numpy_helper.to_array(tensor) for tensor in other.graph.initializer}
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype == np.float32:
            mixed = ((1 - share) * value + share * others[tensor.name]).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(mixed, tensor.name))
    return model


def write(model: onnx.ModelProto, path: Path, temperature: float, made_by: str = MADE_BY) -> None:
    """Describe and check a model, and write ``path`` atomically."""
    describe(model, temperature, made_by)
    store(model, path)


def store(model: onnx.ModelProto, path: Path) -> None:
    """Check a model that describes itself already, and write ``path`` atomically."""
    onnx.checker.check_model(model, full_check=True)
    write_file(model.SerializeToString(), path)


def export(network: nn.Module, path: Path, temperature: float, made_by: str = MADE_BY) -> float:
    """Write ``path`` atomically; returns the largest difference from torch."""
    model = serialize(network)
    worst = check(model, network)
    write(model, path, temperature, made_by)
    return worst
