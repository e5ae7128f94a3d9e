"""Training with checkpoints and an average of the weights, on the CPU or a CUDA device."""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.recipe import together
from models.recipe.batches import Batch, stream
from models.recipe.data import Corpus
from models.recipe.muon import optimizers
from models.recipe.network import LetterNet, count_parameters


@dataclass(frozen=True)
class Plan:
    """What one training run is. It ends after so many steps or so many minutes, whichever comes first."""

    steps: int = 8000
    minutes: float = math.inf
    batch: int = 256
    """Crops a step; several processes draw equal shares of it."""
    rate: float = 3e-3
    warm_up: int = 300
    weight_decay: float = 0.02
    smoothing: float = 0.05
    decay: float = 0.998
    """Of the running average of the weights."""
    save_every: int = 250
    early: float = 1.0
    """Share of the run after which the averaged network is kept beside the checkpoint, as ``early.pt``; 1 for never."""
    seed: int = 1

    def done(self, step: int, seconds: float) -> float:
        """How much of the run is over, 0 to 1."""
        return min(1.0, max(step / self.steps, seconds / (60 * self.minutes)))


FIRST = Plan(steps=8000)
"""Letters only. This model finds wrong labels, and tells what of the words' pieces looks like a letter."""

SECOND = Plan(steps=sys.maxsize, minutes=55, decay=0.999, early=0.4, seed=2)
"""Cleaner labels, letters out of words, and *not a letter*. This one ships. It is given minutes, not steps: a busy
machine draws fewer crops, and the rate still comes down in time."""

LONGEST_PAUSE = 10.0
"""Seconds between two steps; what is longer is a pause of the machine and no training."""


def best_device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def learning_rate(plan: Plan, step: int, seconds: float = 0.0) -> float:
    """Linear warm-up, then half a cosine down to a hundredth (Loshchilov and Hutter 2017, "SGDR")."""
    if step < plan.warm_up:
        return plan.rate * (step + 1) / plan.warm_up
    done = replace(plan, steps=max(1, plan.steps - plan.warm_up)).done(step - plan.warm_up, seconds)
    return plan.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))


def tensors(batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """The batch as torch sees it, without a copy."""
    return torch.from_numpy(batch.crops), torch.from_numpy(batch.sizes), torch.from_numpy(batch.labels)


def predict(network: nn.Module, crops: NDArray[np.uint8], sizes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits (n, labels) float32 of (n, 32, 32) crops and (n, 2) sizes, in eval mode."""
    network.eval()
    device = next(network.parameters()).device
    parts = []
    with torch.no_grad():
        for at in range(0, len(crops), 512):
            window = slice(at, at + 512)
            logits = network(torch.from_numpy(crops[window]).to(device), torch.from_numpy(sizes[window]).to(device))
            parts.append(logits.cpu().numpy())
    return np.concatenate(parts)


def start_average(network: nn.Module, plan: Plan) -> torch.optim.swa_utils.AveragedModel:
    """A running average of weights and batch statistics: a better network at no cost (Polyak averaging)."""
    average = torch.optim.swa_utils.get_ema_multi_avg_fn(plan.decay)
    return torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=average, use_buffers=True)


def save(path: Path, state: dict[str, object]) -> None:
    """Write a checkpoint so that a kill leaves the old one or the new one, never half of one."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


class Trainer:
    """One training run and its checkpoint file.

    Args:
        corpus: All samples.
        indices: Those to train on.
        plan: The run.
        checkpoint: Where to save, and to go on from.

    Where `together.run` has started several processes, they learn as one.
    """

    def __init__(
        self,
        corpus: Corpus,
        indices: NDArray[np.int64],
        plan: Plan,
        checkpoint: Path,
    ) -> None:
        torch.manual_seed(plan.seed)
        self.corpus, self.indices, self.plan, self.checkpoint = corpus, indices, plan, checkpoint
        self.device = best_device()
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        self.network = LetterNet().to(self.device, memory_format=torch.channels_last)
        together.begin_alike(self.network)
        self.average = start_average(self.network, plan)
        self.optimizers = optimizers(self.network, plan.rate, plan.weight_decay)
        self.step, self.seconds = 0, 0.0
        self.resume()

    def resume(self) -> None:
        """Go on from the checkpoint, if one with the same plan exists."""
        if not self.checkpoint.exists():
            return
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=False)
        if state["plan"] != self.plan:
            print("the checkpoint is of another plan: starting anew", file=sys.stderr)
            return
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        self.step, self.seconds = state["step"], state["seconds"]

    def store(self, path: Path) -> None:
        """Write a checkpoint."""
        state = {
            "plan": self.plan,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "seconds": self.seconds,
        }
        save(path, state)

    def learn(self, batch: Batch) -> float:
        """One step of the optimiser; returns the loss."""
        crops, sizes, labels = (t.to(self.device) for t in tensors(batch))
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(self.plan, self.step, self.seconds)
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = self.network(crops, sizes)
        loss = functional.cross_entropy(logits.float(), labels, label_smoothing=self.plan.smoothing)
        self.network.zero_grad()
        loss.backward()
        together.average_gradients(self.network)
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.average.update_parameters(self.network)
        return float(loss.detach())

    def report(self, since: tuple[int, float], losses: list[float]) -> None:
        """One line of progress; ``since`` are the step and the seconds of the run when this part of it began."""
        pace = (self.seconds - since[1]) / (self.step - since[0])
        left = min(pace * (self.plan.steps - self.step), 60 * self.plan.minutes - self.seconds)
        print(
            f"step {self.step}  loss {np.mean(losses):.3f}  {self.plan.batch / pace:.0f} crops/s  "
            f"{max(left, 0) / 60:.1f} min left",
            file=sys.stderr,
            flush=True,
        )

    def train(self) -> nn.Module:
        """Train to the end of the plan, reporting and saving as it says; returns the averaged network."""
        plan, first = self.plan, together.rank() == 0
        if first:
            print(f"{count_parameters(self.network)} parameters, {len(self.indices)} samples", file=sys.stderr)
        since, last = (self.step, self.seconds), time.monotonic()
        losses: list[float] = []
        self.network.train()
        before = plan.done(self.step, self.seconds)
        if before >= 1:
            return self.average.module
        batches = stream(
            self.corpus, self.indices, plan.seed + together.OTHER_SEED * together.rank(),
            range(self.step, plan.steps), plan.batch // together.size(),
        )  # fmt: skip
        for batch in batches:
            losses.append(self.learn(batch))
            self.step += 1
            now = time.monotonic()
            # One clock for all: they end with the same step.
            self.seconds += float(together.mean(torch.tensor(min(now - last, LONGEST_PAUSE))))
            last = now
            done = plan.done(self.step, self.seconds)
            finished = done >= 1
            if first and before < plan.early <= done < 1:
                self.store(self.checkpoint.with_name("early.pt"))
            before = done
            if first and (self.step % plan.save_every == 0 or finished):
                self.store(self.checkpoint)
                self.report(since, losses)
                losses = []
            if finished:
                break
        return self.average.module


def learn(corpus: Corpus, indices: NDArray[np.int64], plan: Plan, checkpoint: Path) -> None:
    """Train a new `LetterNet`; as `Trainer`, for `together.run`."""
    Trainer(corpus, indices, plan, checkpoint).train()


def load_network(checkpoint: Path) -> nn.Module:
    """The averaged network of a `LetterNet`'s checkpoint, finished or not."""
    state = torch.load(checkpoint, map_location=best_device(), weights_only=False)
    average = start_average(LetterNet(), state["plan"]).to(best_device())
    average.load_state_dict(state["average"])
    return average.module
