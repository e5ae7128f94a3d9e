"""Muon: momentum whose matrices are made orthogonal.

Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks",
https://kellerjordan.github.io/posts/muon.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the iteration's polynomial, as published: steep at zero, and about one between 0.7 and 1.2."""

ROUNDS = 5

LIKE_ADAM = 0.2
"""Root mean square of an update in units of the rate: that of AdamW's, so that both share one rate (Liu et al. 2025,
"Muon is scalable for LLM training")."""


@cache
def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether a device multiplies bfloat16 itself; a processor that has to imitate it takes many times as long."""
    if device.type != "cpu":
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return True  # not known there
    return "avx512_bf16" in flags or "flags" not in flags


def orthogonal(matrix: Tensor) -> Tensor:
    """The nearest matrix whose singular values are all about one.

    Args:
        matrix: (n, m) of any float type.

    Returns:
        (n, m) of the same type, by a Newton-Schulz iteration, in bfloat16 where that is not imitated.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(torch.bfloat16 if multiplies_bfloat16(matrix.device) else torch.float32)
    x = x / (x.norm() + 1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ROUNDS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return (x.T if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, made orthogonal, for weights that are matrices: ordinary convolutions, one row an output.

    Args:
        weights: Tensors of two dimensions or more; those after the first count as one.
        lr: Of learning, as AdamW would have it.
        momentum: Of the gradients' running average.
        weight_decay: A step's share of a weight that is lost, in units of ``lr``.
    """

    def __init__(self, weights: list[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # noqa: ARG002  every optimizer of torch takes one
        """Update every weight that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                average = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                average.lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(average, group["momentum"])
                matrix = ahead.reshape(len(ahead), -1)
                update = orthogonal(matrix) * (LIKE_ADAM * max(matrix.shape) ** 0.5)
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(update.view(weight.shape), alpha=-group["lr"])


def optimizers(network: nn.Module, rate: float, weight_decay: float) -> list[torch.optim.Optimizer]:
    """`Muon` for the network's matrices, and AdamW for all else: first and last layer, depthwise ones, biases, norms.

    Args:
        network: Of convolutions.
        rate: Of learning, for both.
        weight_decay: For both.
    """
    convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    hidden = [layer.weight for layer in convolutions[1:-1] if layer.groups == 1]
    ours = {id(weight) for weight in hidden}
    others = [parameter for parameter in network.parameters() if id(parameter) not in ours]
    return [
        Muon(hidden, lr=rate, weight_decay=weight_decay),
        torch.optim.AdamW(others, lr=rate, weight_decay=weight_decay, fused=True),
    ]
