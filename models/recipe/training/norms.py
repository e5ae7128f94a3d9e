"""Batch norms of a network that is started from others: they must see samples before it can be trained on."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import torch
from torch import Tensor, nn


def norms_of(network: nn.Module) -> set[nn.Module]:
    """Its batch norms."""
    return {module for module in network.modules() if isinstance(module, nn.BatchNorm2d)}


def measure_norms(network: nn.Module, *inputs: Tensor, folded: Set[nn.Module] = frozenset()) -> None:
    """Give batch norms the statistics of what they see, in place; then the network can be trained on.

    Those that were folded and are but a bias get such weights that they still add that bias and no more.

    Args:
        network: Its outputs stay the same, where all norms were folded.
        inputs: Of its forward pass, a few dozen samples at least.
        folded: Those batch norms that were.
    """

    def measure(norm: Any, seen: tuple[Tensor]) -> None:
        variance, mean = torch.var_mean(seen[0].float(), (0, 2, 3))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        if norm in folded:
            norm.weight.data.copy_((variance + norm.eps).sqrt())
            norm.bias.data.add_(mean)

    hooks = [norm.register_forward_pre_hook(measure) for norm in norms_of(network)]
    with torch.no_grad():
        network.eval()(*inputs)
    for hook in hooks:
        hook.remove()
    network.train()
