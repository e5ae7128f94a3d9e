"""Write a trained network as one ONNX file, with all that a reader must know in its metadata."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from ocrcli.core.files import write_file
from ocrcli.core.onnx_model import FEATURES

OPSET = 17

SMALL = 256
"""Weights with fewer values stay float32: they are biases, which gain nothing."""


def trace(
    network: nn.Module, inputs: Mapping[str, Tensor], outputs: tuple[str, ...], free: Mapping[str, dict[int, str]]
) -> onnx.ModelProto:
    """Trace a network in eval mode; batch norms fold into the convolutions where they follow one.

    Args:
        network: The network.
        inputs: Samples of its inputs by their names, in the order of its `forward`.
        outputs: Names of its outputs.
        free: For inputs and outputs the names of those axes that may be of any length.
    """
    buffer = io.BytesIO()
    torch.onnx.export(
        network.eval().to(memory_format=torch.contiguous_format),
        tuple(inputs.values()),
        buffer,
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes=dict(free),
        opset_version=OPSET,
        dynamo=False,
    )
    return onnx.load_model_from_string(buffer.getvalue())


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


def weights_digest(model: onnx.ModelProto) -> str:
    """SHA-256 over the weights in graph order: tells two models apart whatever their metadata says."""
    digest = hashlib.sha256()
    for tensor in model.graph.initializer:
        digest.update(np.ascontiguousarray(numpy_helper.to_array(tensor)).tobytes())
    return digest.hexdigest()


def write(model: onnx.ModelProto, path: Path, about: Mapping[str, str], made_by: str) -> None:
    """Describe and check a model, and write ``path`` atomically.

    Args:
        model: The model; its metadata are replaced.
        path: The file.
        about: What a reader of this kind of model must know, by keys without ``ocrcli.``.
        made_by: The command that made it.
    """
    every = {**about, "made_by": made_by, "licence": "MIT", "sha256": weights_digest(model)}
    onnx.helper.set_model_props(model, {f"ocrcli.{key}": value for key, value in every.items()})
    store(model, path)


def store(model: onnx.ModelProto, path: Path) -> None:
    """Check a model that describes itself already, and write ``path`` atomically."""
    onnx.checker.check_model(model, full_check=True)
    write_file(model.SerializeToString(), path)
