"""Train the page model on drawn crops, as long as it gains."""

from __future__ import annotations

import copy
import os
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, distributed, multiprocessing

from models.recipe.page.network import PageNet, loss_of
from models.recipe.page.pool import Crops, Pool

BATCH = 8
"""Crops of a step in each process."""

RATE = 2e-3
WARM = 200
"""Steps until the full rate."""

AVERAGED = 0.998
"""Share of the running average of weights that a step keeps."""

SAVED = 120
"""Seconds between checkpoints."""


def disturbed(crops: Crops, rng: np.random.Generator) -> Tensor:
    """Grey (n, h, w) float32 in 0..1, its contrast changed by chance, so that no crop comes twice."""
    grey = torch.from_numpy(crops.grey).float() / 255
    count = len(grey)
    gain = torch.from_numpy(np.exp(rng.normal(0, 0.25, (count, 1, 1))).astype(np.float32))
    middle = torch.from_numpy(rng.uniform(0.2, 0.8, (count, 1, 1)).astype(np.float32))
    shift = torch.from_numpy(rng.normal(0, 0.05, (count, 1, 1)).astype(np.float32))
    negative = torch.from_numpy((rng.random((count, 1, 1)) < 0.04).astype(np.float32))
    grey = (grey - middle) * gain + middle + shift
    grey = grey * (1 - negative) + (1 - grey) * negative
    noise = torch.from_numpy((rng.random((count, 1, 1)) ** 3 * 0.03).astype(np.float32))
    return (grey + torch.randn_like(grey) * noise).clamp(0, 1)


def targets(crops: Crops) -> tuple[Tensor, Tensor, Tensor]:
    """Ink, cores and directions as `loss_of` takes them."""
    up = torch.from_numpy(crops.up).float().permute(0, 3, 1, 2) / 127
    return torch.from_numpy(crops.ink).float() / 255, torch.from_numpy(crops.core).float() / 255, up


def train(pool: Path, store: Path, minutes: float, rate: float = RATE, cool: float = 0.25, processes: int = 2) -> None:
    """Learn in several processes of one thread each, which on few cores is twice as fast as as many threads.

    Arguments are those of `learn`.
    """
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", "29511")
    multiprocessing.spawn(_join, (processes, pool, store, minutes, rate, cool), processes)


def _join(rank: int, processes: int, pool: Path, store: Path, minutes: float, rate: float, cool: float) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", rank=rank, world_size=processes)
    learn(pool, store, minutes, rate, cool)


def _share(tensors: list[Tensor]) -> None:
    """Replace tensors by their means over all processes."""
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
        tensor.copy_(part.view_as(tensor))


def learn(pool: Path, store: Path, minutes: float, rate: float, cool: float) -> None:
    """Learn for some minutes, from the checkpoint if there is one, in step with the other processes of the group.

    Args:
        pool: Folder of drawn crops.
        store: The checkpoint.
        minutes: How long; the rate falls linearly to nothing over the last share `cool` of them.
        rate: Of learning.
        cool: That share.
    """
    network = PageNet().to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(network)
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01, fused=True)
    steps = _resume(store, network, averaged, optimizer) if store.exists() else 0
    rank = distributed.get_rank()
    rng = np.random.default_rng([steps, rank])
    source = Pool(pool, seed=steps + rank)
    _share([tensor for tensor in network.state_dict().values() if tensor.dtype.is_floating_point])
    begun = stored = time.monotonic()
    parts, first = [], steps
    clock = torch.zeros(1)
    while True:
        clock.fill_((time.monotonic() - begun) / (60 * minutes))
        _share([clock])  # all stop at the same step
        gone = float(clock)
        if gone >= 1:
            break
        now = rate * min(1.0, (steps - first + 1) / WARM, (1 - gone) / cool)
        for group in optimizer.param_groups:
            group["lr"] = now
        crops = source.batch(BATCH)
        ink, lines = network(disturbed(crops, rng))
        loss, part = loss_of(ink, lines, *targets(crops))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        _share([parameter.grad for parameter in network.parameters() if parameter.grad is not None])
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        steps += 1
        _average(averaged, network, min(AVERAGED, (steps + 1) / (steps + 20)))
        parts.append(part)
        if rank:
            continue
        if steps % 50 == 0:
            print(f"{steps} {np.mean(parts[-50:], axis=0).round(4)} {time.monotonic() - begun:.0f} s", flush=True)
        if time.monotonic() - stored > SAVED:
            _save(store, network, averaged, optimizer, steps)
            stored = time.monotonic()
    if not rank:
        _save(store, network, averaged, optimizer, steps)


def _resume(store: Path, network: PageNet, averaged: PageNet, optimizer: torch.optim.Optimizer) -> int:
    """Take over a checkpoint; returns the steps that were done."""
    saved = torch.load(store, weights_only=True)
    network.load_state_dict(saved["network"])
    averaged.load_state_dict(saved["averaged"])
    if "optimizer" in saved:  # models/page.pt keeps the weights alone
        optimizer.load_state_dict(saved["optimizer"])
    return int(saved["steps"])


@torch.no_grad()
def _average(averaged: PageNet, network: PageNet, keep: float) -> None:
    """Move the running average of the weights, of which a share is kept, towards the network."""
    for mean, new in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(new, 1 - keep)


def _save(store: Path, network: PageNet, averaged: PageNet, optimizer: torch.optim.Optimizer, steps: int) -> None:
    store.parent.mkdir(parents=True, exist_ok=True)
    state = {"network": network.state_dict(), "averaged": averaged.state_dict(), "steps": steps}
    state["optimizer"] = optimizer.state_dict()
    torch.save(state, store.with_suffix(".partial"))
    store.with_suffix(".partial").replace(store)
