"""Several processes that learn as one, each from batches of its own: on two cores faster than one with two threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, nn

OTHER_SEED = 1_000_000
"""Between the seeds of two processes."""


def run(learn: Callable[..., None], arguments: tuple[Any, ...], processes: int, work: Path) -> None:
    """Call ``learn(*arguments)`` in every process; with one, here.

    Args:
        learn: A function of a module, but not of one that was started.
        arguments: Of it; they go to the other processes as they are.
        processes: How many.
        work: Folder in which they find each other.

    Raises:
        ValueError: If the other processes could not import the function.
    """
    if learn.__module__ == "__main__":  # of `python -m`, which is another module there
        raise ValueError(f"{learn.__qualname__} must be in a module that can be imported")
    if processes == 1:
        learn(*arguments)
        return
    work.mkdir(parents=True, exist_ok=True)
    meeting = (work / "meeting").resolve()
    meeting.unlink(missing_ok=True)
    torch.multiprocessing.spawn(_join, (meeting, processes, learn, arguments), processes)
    meeting.unlink(missing_ok=True)


def _join(rank: int, meeting: Path, processes: int, learn: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"file://{meeting}", rank=rank, world_size=processes)
    learn(*arguments)
    distributed.destroy_process_group()


def rank() -> int:
    """Number of this process, from 0 on."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def size() -> int:
    """How many processes there are."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def mean(values: Tensor) -> Tensor:
    """The mean over all processes, of any shape; ``values`` may be changed."""
    if size() > 1:
        distributed.all_reduce(values)
    return values / size()


def broadcast_weights(network: nn.Module) -> None:
    """Give every process the weights of the first one, in place."""
    if size() > 1:
        for value in network.state_dict().values():
            distributed.broadcast(value, 0)


def average_gradients(network: nn.Module) -> None:
    """Replace every gradient by its mean over all processes."""
    if size() == 1:
        return
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    shared = mean(torch.cat([g.flatten() for g in gradients]))
    for gradient, part in zip(gradients, shared.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))
