"""Start the line reader from a model that is there already: its weights, and room for more.

A network that is deeper than the model reads as the model does at first, for what it has more is silent in the
beginning (Chen, Goodfellow, Shlens 2016, "Net2Net").
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from models.recipe.letters.network import Residual
from models.recipe.lines.network import Attentive, Gated
from models.recipe.training.norms import measure_norms

HEAD, SILENT = "head", -8.0
"""Name of the last layer, and bias there of a character that the model has not."""

NORM_OF = {"mix": "norm", "gather": "gather_norm", "out": "out_norm"}
"""Names of the batch norms of a `Gated` or `Attentive` block by those of its convolutions."""


def begin(network: nn.Module, model: Path, strips: NDArray[np.uint8]) -> None:
    """Take over the weights of a model, in place.

    Args:
        network: A `LineNet` as deep as the model at least, and of the same widths.
        model: An exported ``lines.onnx``, whose batch norms are folded into its convolutions.
        strips: (n, HEIGHT, w) uint8, a few dozen; they give the batch norms their statistics.

    Raises:
        ValueError: If the model has a layer that the network has not.
    """
    modules = dict(network.named_modules())
    stored = convolutions(model)
    folded: set[nn.Module] = set()
    if HEAD in stored:
        outputs = max(len(modules[HEAD].weight), len(stored[HEAD][1]))
        stored[HEAD] = _with_more(stored[HEAD][0], outputs, 0.0), _with_more(stored[HEAD][1], outputs, SILENT)
    for name, (weight, bias) in stored.items():
        layer: Any = modules.get(name)
        if layer is None or layer.weight.shape != weight.shape:
            raise ValueError(f"{model}: the network has no convolution {name} of {tuple(weight.shape)}")
        layer.weight.data.copy_(weight)
        if layer.bias is not None:
            layer.bias.data.copy_(bias)
        else:
            norm: Any = modules[_norm_after(name)]
            norm.bias.data.copy_(bias)
            folded.add(norm)
    for _, block in _new_blocks(network, stored):
        last: Any = block.second[1] if isinstance(block, Residual) else block.out_norm
        nn.init.zeros_(last.weight)
    measure_norms(network, torch.from_numpy(strips), folded=folded)


def take_what_is_new(network: nn.Module, trained: nn.Module, model: Path) -> None:
    """Give a network that began with a model what another one has learnt of what the model has not: characters, blocks.

    Args:
        network: A `LineNet` after `begin`; changed in place.
        trained: One of the same kind.
        model: The model that `begin` got.
    """
    stored = convolutions(model)
    known = len(stored[HEAD][1])
    state, other = network.state_dict(), trained.state_dict()
    for name in (f"{HEAD}.weight", f"{HEAD}.bias"):
        state[name][known:] = other[name][known:].to(state[name].device)
    modules = dict(trained.named_modules())
    for name, block in _new_blocks(network, stored):
        block.load_state_dict(modules[name].state_dict())


def _new_blocks(network: nn.Module, stored: Mapping[str, object]) -> list[tuple[str, nn.Module]]:
    """Names and blocks of a network of which a model, by its `convolutions`, has none."""
    blocks = [(name, of) for name, of in network.named_modules() if isinstance(of, Residual | Gated | Attentive)]
    return [(name, of) for name, of in blocks if not any(known.startswith(f"{name}.") for known in stored)]


def _with_more(values: Tensor, count: int, value: float) -> Tensor:
    """The values of the outputs that a model has, and the same one for each that it has not."""
    return torch.cat([values, values.new_full((count - len(values), *values.shape[1:]), value)])


def convolutions(model: Path) -> dict[str, tuple[Tensor, Tensor]]:
    """Weights and biases of a model's convolutions by the names of the layers that they were exported from."""
    graph = onnx.load(model).graph
    values = {tensor.name: numpy_helper.to_array(tensor).astype(np.float32) for tensor in graph.initializer}
    for node in graph.node:
        # Stored in half precision, or once for two layers that have the same.
        if node.op_type in ("Cast", "Identity") and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
    found = {}
    for node in graph.node:
        if node.op_type == "Conv":
            weight, bias = (torch.from_numpy(values[name].copy()) for name in node.input[1:])
            found[_layer(node.name)] = (weight, bias)
    return found


def _layer(node: str) -> str:
    """``/body/body.2/second/second.0/Conv`` is the layer ``body.2.second.0``."""
    path: list[str] = []
    for part in node.split("/")[1:-1]:
        if path and part.startswith(f"{path[-1]}."):
            path[-1] = part
        else:
            path.append(part)
    return ".".join(path)


def _norm_after(layer: str) -> str:
    parent, _, name = layer.rpartition(".")
    return f"{parent}.{NORM_OF[name]}" if name in NORM_OF else f"{parent}.{int(name) + 1}"
