"""Training of the line reader, with checkpoints and an average of the weights."""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.recipe import together
from models.recipe.lines_batches import LineBatch, stream
from models.recipe.lines_network import LineNet
from models.recipe.lines_start import begin
from models.recipe.muon import optimizers
from models.recipe.network import count_parameters
from models.recipe.train import LONGEST_PAUSE, best_device, save, start_average


@dataclass(frozen=True)
class LinePlan:
    """What one training run is. It is given minutes, not steps: a busy machine draws fewer strips, and the learning
    rate still comes down in time."""

    minutes: float = 105.0
    rate: float = 2e-3
    warm_up: int = 500
    weight_decay: float = 0.02
    decay: float = 0.999
    calm: float = 0.7
    """Share of the minutes after which fewer strips vary strongly."""
    save_every: int = 400
    seed: int = 1


def learning_rate(plan: LinePlan, step: int, seconds: float) -> float:
    """Linear warm-up by steps, then half a cosine by time, down to a two-hundredth."""
    done = min(1.0, seconds / (60 * plan.minutes))
    return plan.rate * min(1.0, (step + 1) / plan.warm_up) * (0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * done)))


class LineTrainer:
    """One training run and its checkpoint file.

    Args:
        work: Folder of the sources and of the checkpoint.
        plan: The run.
        name: Of the checkpoint.
        start: A model to start from; None starts from nothing.

    Where torch's process group is there, the processes learn as one, each from batches of its own.
    """

    def __init__(self, work: Path, plan: LinePlan, name: str = "lines.pt", start: Path | None = None) -> None:
        torch.manual_seed(plan.seed)
        self.work, self.plan, self.checkpoint = work, plan, work / name
        self.rank = together.rank()
        self.device = best_device()
        self.network = LineNet()
        if start is not None and not self.checkpoint.exists():
            begin(self.network, start, next(stream(work, plan.seed)).strips)
        together.begin_alike(self.network)
        self.network.to(self.device, memory_format=torch.channels_last)
        self.average = start_average(self.network, plan)  # type: ignore[arg-type]
        self.optimizers = optimizers(self.network, plan.rate, plan.weight_decay)
        self.step, self.seconds, self.samples = 0, 0.0, 0
        if self.checkpoint.exists():
            self.resume()

    def resume(self) -> None:
        """Go on from the checkpoint."""
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=False)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        self.step, self.seconds, self.samples = state["step"], state["seconds"], state["samples"]

    def store(self) -> None:
        """Write the checkpoint."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "seconds": self.seconds,
            "samples": self.samples,
        }
        save(self.checkpoint, state)

    def learn(self, batch: LineBatch) -> float:
        """One step of the optimiser; returns the loss per character."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(self.plan, self.step, self.seconds)
        strips = torch.from_numpy(batch.strips).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = self.network(strips)
        log_p = logits.float().log_softmax(dim=-1).transpose(0, 1)
        targets, steps, lengths = (torch.from_numpy(a) for a in (batch.targets, batch.steps, batch.lengths))
        # Every character counts alike, in long rows and short ones (of one process: the processes count alike).
        total = functional.ctc_loss(log_p, targets, steps, lengths, reduction="sum", zero_infinity=True)
        loss = total / lengths.sum()
        self.network.zero_grad()
        loss.backward()
        together.average_gradients(self.network)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.average.update_parameters(self.network)
        return float(loss.detach())

    def train(self) -> nn.Module:
        """Train to the end of the plan; returns the averaged network."""
        if self.rank == 0:
            print(f"{count_parameters(self.network)} parameters", file=sys.stderr)
        self.network.train()
        losses: list[float] = []
        last, mark = time.monotonic(), self.samples
        calm = last + 60 * self.plan.minutes * self.plan.calm - self.seconds
        for batch in stream(self.work, self.plan.seed + self.step + together.OTHER_SEED * self.rank, calm):
            losses.append(self.learn(batch))
            self.step += 1
            now = time.monotonic()
            passed = min(now - last, LONGEST_PAUSE)
            last = now
            # One clock for all: they end with the same step.
            passed, strips = together.mean(torch.tensor([passed, len(batch.strips)])).tolist()
            self.seconds += passed
            self.samples += round(together.size() * strips)
            finished = self.seconds >= 60 * self.plan.minutes
            if self.rank == 0 and (self.step % self.plan.save_every == 0 or finished):
                self.store()
                left = self.plan.minutes - self.seconds / 60
                done = f"step {self.step}  {self.samples / 1000:.0f}k strips (+{self.samples - mark})"
                loss = f"loss {np.mean(losses):.3f} a character"
                print(f"{done}  {loss}  {left:.1f} min left", file=sys.stderr, flush=True)
                losses, mark = [], self.samples
            if finished:
                break
        return self.average.module


def load_lines(checkpoint: Path) -> nn.Module:
    """The averaged network of a checkpoint, finished or not."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=False)
    average = start_average(LineNet(), LinePlan())  # type: ignore[arg-type]
    average.load_state_dict(state["average"])
    return average.module
