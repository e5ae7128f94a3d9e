"""A letter model's ONNX file -> a network that can be trained further.

Export folds each batch norm into the convolution before it. Here the folded weights go back into the
convolutions, and the batch norms become what they were folded to: nothing but a bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from models.recipe.letters import export
from models.recipe.letters.network import BLOCKS, LetterNet
from ocrcli.core.errors import ModelError
from ocrcli.letters.classifier import load_classifier

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Start:
    """Where further training starts.

    Attributes:
        network: The network in eval mode, on the CPU.
        labels: The character of each logit; "" is what is no letter.
        temperature: Divides the logits.
    """

    network: nn.Module
    labels: tuple[str, ...]
    temperature: float


def load_start(path: Path) -> Start:
    """Turn an ONNX letter model back into the network that it was exported from.

    Args:
        path: A file that ``python -m models.recipe.letters`` or fine-tuning wrote.

    Raises:
        ModelError: If it is no letter model, or one of another architecture than `LetterNet`.
    """
    classifier = load_classifier(path, "cpu")
    model = onnx.load(path)
    reasons = []
    for block in BLOCKS:
        try:
            network = rebuild(model, block)
            export.check(model, network)
        except (KeyError, ValueError, RuntimeError) as error:
            reasons.append(f"{block}: {str(error).splitlines()[0]}")
        else:
            return Start(network, classifier.labels, classifier.temperature)
    raise ModelError(f"{path}: not a float32 network of this recipe, it cannot be trained ({'; '.join(reasons)})")


def rebuild(model: onnx.ModelProto, block: str) -> nn.Module:
    """The network of an exported graph, whose widths are read from the shapes of its weights.

    Whether its blocks really are of that kind, `export.check` can tell.

    Args:
        model: The graph.
        block: A key of `BLOCKS`.

    Raises:
        KeyError, ValueError, RuntimeError: If the graph is not that of such a `LetterNet`.
    """
    weights = {tensor.name: np.array(numpy_helper.to_array(tensor)) for tensor in model.graph.initializer}
    convolutions = [
        (weights[node.input[1]], weights[node.input[2]]) for node in model.graph.node if node.op_type == "Conv"
    ]
    # Each of the three stages begins with a convolution that sets its width; the last one pools.
    stage, rest = divmod(len(convolutions) - 1, 3)
    if stage < 1 or rest:
        raise ValueError(f"{len(convolutions)} convolutions")
    a, b, c = (len(convolutions[first][0]) for first in (0, stage, 2 * stage))
    labels, hidden = weights["mix.2.weight"].shape
    network = LetterNet((a, b, c), hidden, labels, block)
    fill(network, convolutions, weights)
    return network.eval().to(memory_format=torch.channels_last)


def fill(network: nn.Module, convolutions: list[tuple[Floats, Floats]], weights: dict[str, Floats]) -> None:
    """Put weights into a network, in place; convolutions in the order of the graph, the rest by name.

    Raises:
        KeyError: If a weight is missing.
        ValueError: If there are more or fewer convolutions.
        RuntimeError: If one has another shape.
    """
    state = network.state_dict()
    places = [name for name, module in network.named_modules() if isinstance(module, nn.Conv2d)]
    norms = [(name, module) for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d)]
    filled: dict[str, Tensor] = {}
    for place, (name, norm), (kernel, bias) in zip(places, norms, convolutions, strict=True):
        filled[f"{place}.weight"] = torch.from_numpy(kernel)
        filled[f"{name}.weight"] = torch.ones(len(bias))
        filled[f"{name}.bias"] = torch.from_numpy(bias)
        filled[f"{name}.running_mean"] = torch.zeros(len(bias))
        filled[f"{name}.running_var"] = torch.full((len(bias),), 1 - norm.eps)  # eps is added again when it runs
    for name in state:
        if name not in filled and not name.endswith("num_batches_tracked"):
            filled[name] = torch.from_numpy(weights[name])
    network.load_state_dict(state | filled)
