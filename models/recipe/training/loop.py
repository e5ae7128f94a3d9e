"""The loop that trains either model: checkpoints, an average of the weights, and a rate that comes down in time."""

from __future__ import annotations

import hashlib
import math
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.recipe.training import processes
from models.recipe.training.muon import multiplies_bfloat16, optimizers

Batch = TypeVar("Batch")

LONGEST_PAUSE = 10.0
"""Seconds between two steps; what is longer is a pause of the machine and no training."""


@dataclass(frozen=True)
class Plan:
    """What one training run is.

    It ends after so many steps or so many minutes, whichever comes first: a busy machine draws fewer samples, and with
    minutes the learning rate still comes down in time.
    """

    steps: int = sys.maxsize
    minutes: float = math.inf
    rate: float = 3e-3
    lowest: float = 0.01
    """Share of the rate that is left at the end."""
    warm_up: int = 300
    weight_decay: float = 0.02
    decay: float = 0.998
    """Of the running average of the weights."""
    clip: float = 2.0
    """Norm of the gradient that is not exceeded."""
    save_every: int = 250
    seed: int = 1

    def done(self, step: int, seconds: float) -> float:
        """How much of the run is over, 0 to 1."""
        return min(1.0, max(step / self.steps, seconds / (60 * self.minutes)))

    def left(self, step: int, seconds: float) -> float:
        """Minutes to the end at the pace so far."""
        done = self.done(step, seconds)
        return seconds * (1 - done) / max(done, 1e-9) / 60


def learning_rate(plan: Plan, step: int, seconds: float = 0.0) -> float:
    """Linear warm-up, then half a cosine down to the lowest (Loshchilov and Hutter 2017, "SGDR")."""
    if step < plan.warm_up:
        return plan.rate * (step + 1) / plan.warm_up
    done = replace(plan, steps=max(1, plan.steps - plan.warm_up)).done(step - plan.warm_up, seconds)
    return plan.rate * (plan.lowest + (1 - plan.lowest) * 0.5 * (1 + math.cos(math.pi * done)))


def best_device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half_precision(device: torch.device) -> torch.autocast:
    """Multiply in bfloat16, but not on a processor that has to imitate it, which takes several times as long."""
    return torch.autocast(device.type, torch.bfloat16, enabled=multiplies_bfloat16(device))


def count_parameters(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def start_average(network: nn.Module, decay: float) -> torch.optim.swa_utils.AveragedModel:
    """A running average of weights and batch statistics: a better network at no cost (Polyak averaging)."""
    average = torch.optim.swa_utils.get_ema_multi_avg_fn(decay)
    return torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=average, use_buffers=True)


def averaged(network: nn.Module, checkpoint: Path) -> nn.Module:
    """The averaged network of a checkpoint, finished or not.

    Args:
        network: One of the same kind, for its weights.
        checkpoint: A file of `Trainer`.
    """
    state = torch.load(checkpoint, map_location=best_device(), weights_only=False)
    average = start_average(network, state["plan"].decay).to(best_device())
    average.load_state_dict(state["average"])
    return average.module


def digest(*parts: NDArray[Any] | Path) -> str:
    """SHA-256 over arrays and the contents of files: whether two runs learn from the same."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            with part.open("rb") as opened:  # half a gigabyte, perhaps: not all of it at once
                found.update(hashlib.file_digest(opened, "sha256").digest())
        else:
            found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


def save(path: Path, state: dict[str, object]) -> None:
    """Write a checkpoint so that a kill leaves the old one or the new one, never half of one."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


class Trainer(ABC, Generic[Batch]):
    """One training run and its checkpoint file.

    Args:
        network: To train.
        plan: The run.
        checkpoint: Where to save, and to go on from if a run of the same plan, with the same content, is there.
        content: What it learns from, as a `digest`.

    Where `processes.run` has started several processes, they learn as one.
    """

    def __init__(self, network: nn.Module, plan: Plan, checkpoint: Path, content: str) -> None:
        self.plan, self.checkpoint, self.content = plan, checkpoint, content
        self.device = best_device()
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        kept = self.kept()
        if kept is None:
            self.begin(network)
        processes.broadcast_weights(network)
        self.network = network.to(self.device, memory_format=torch.channels_last)
        self.average = start_average(self.network, plan.decay)
        self.optimizers = optimizers(self.network, plan.rate, plan.weight_decay)
        self.step, self.seconds, self.samples = 0, 0.0, 0
        if kept is not None:
            self.resume(kept)

    def begin(self, network: nn.Module) -> None:
        """Give a network its first weights, in place, where no checkpoint has them."""

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """What this process learns from, from `step` on."""

    @abstractmethod
    def loss(self, batch: Batch) -> Tensor:
        """The network's loss on a batch, to go back from."""

    @abstractmethod
    def samples_of(self, batch: Batch) -> int:
        """How many samples a batch has."""

    def kept(self) -> dict[str, Any] | None:
        """The checkpoint, if it is of this very run."""
        if not self.checkpoint.exists():
            return None
        state: dict[str, Any] = torch.load(self.checkpoint, map_location=self.device, weights_only=False)
        if (state["plan"], state.get("content")) == (self.plan, self.content):
            return state
        print("the checkpoint is of another plan, or of other samples: starting anew", file=sys.stderr)
        return None

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        self.step, self.seconds, self.samples = state["step"], state["seconds"], state["samples"]

    def store(self, path: Path) -> None:
        """Write a checkpoint."""
        state: dict[str, Any] = {
            "plan": self.plan,
            "content": self.content,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "seconds": self.seconds,
            "samples": self.samples,
        }
        save(path, state)

    def learn(self, batch: Batch) -> float:
        """One step of the optimisers; returns the loss."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(self.plan, self.step, self.seconds)
        loss = self.loss(batch)
        self.network.zero_grad()
        loss.backward()
        processes.average_gradients(self.network)
        nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.clip)
        for optimizer in self.optimizers:
            optimizer.step()
        self.average.update_parameters(self.network)
        return float(loss.detach())

    def train(self) -> nn.Module:
        """Train to the end of the plan, reporting and saving as it says; returns the averaged network."""
        plan, first = self.plan, processes.rank() == 0
        if first:
            print(f"{count_parameters(self.network)} parameters", file=sys.stderr)
        if plan.done(self.step, self.seconds) >= 1:
            print(f"{self.checkpoint} is of a run that has come to its end", file=sys.stderr)
            return self.average.module
        self.network.train()
        losses: list[float] = []
        last, since = time.monotonic(), (self.samples, self.seconds)
        for batch in self.batches():
            losses.append(self.learn(batch))
            self.step += 1
            now = time.monotonic()
            # One clock for all: they end with the same step.
            mine = torch.tensor([min(now - last, LONGEST_PAUSE), self.samples_of(batch)])
            passed, count = processes.mean(mine).tolist()
            last = now
            self.seconds += passed
            self.samples += round(processes.size() * count)
            done = plan.done(self.step, self.seconds)
            if first and (self.step % plan.save_every == 0 or done >= 1):
                self.store(self.checkpoint)
                pace = (self.samples - since[0]) / max(self.seconds - since[1], 1e-9)
                print(
                    f"step {self.step}  {self.samples / 1000:.0f}k samples  {pace:.0f} a second  "
                    f"loss {np.mean(losses):.3f}  {plan.left(self.step, self.seconds):.1f} min left",
                    file=sys.stderr,
                    flush=True,
                )
                losses, since = [], (self.samples, self.seconds)
            if done >= 1:
                break
        return self.average.module
