"""Training with checkpoints, an average of the weights, and one clearing-out of wrong labels."""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.batches import Batch, render_plain, stream
from models.recipe.data import Corpus, merged_classes, training_indices
from models.recipe.network import LetterNet, count_parameters


@dataclass(frozen=True)
class Plan:
    """What one training run is. Two runs with equal plans draw equal batches."""

    steps: int = 8000
    turn: int = 6000
    """Where the first cycle ends, wrong labels are left out, and the rate starts again."""
    batch: int = 256
    rate: float = 3e-3
    second_rate: float = 2e-3
    warm_up: int = 300
    weight_decay: float = 0.02
    smoothing: float = 0.05
    decay: float = 0.998
    """Of the running average of the weights."""
    save_every: int = 250
    seed: int = 1


def learning_rate(plan: Plan, step: int) -> float:
    """Two cycles (Loshchilov and Hutter 2017, "SGDR"): linear warm-up, half a cosine down to a hundredth."""
    first = step < plan.turn
    start, stop = (0, plan.turn) if first else (plan.turn, plan.steps)
    rate = plan.rate if first else plan.second_rate
    if step - start < plan.warm_up:
        return rate * (step - start + 1) / plan.warm_up
    done = (step - start - plan.warm_up) / max(1, stop - start - plan.warm_up)
    return rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))


def tensors(batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """The batch as torch sees it, without a copy."""
    return torch.from_numpy(batch.crops), torch.from_numpy(batch.sizes), torch.from_numpy(batch.labels)


def predict(network: nn.Module, crops: NDArray[np.uint8], sizes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits (n, labels) float32 of (n, 32, 32) crops and (n, 2) sizes, in eval mode."""
    network.eval()
    parts = []
    with torch.no_grad():
        for at in range(0, len(crops), 512):
            window = slice(at, at + 512)
            parts.append(network(torch.from_numpy(crops[window]), torch.from_numpy(sizes[window])).numpy())
    return np.concatenate(parts)


def wrong_labels(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) bool: the network is sure of another, not confusable class, and gives the label next to nothing.

    A plain form of confident learning (Northcutt, Jiang and Chuang 2021).
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    probability = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    best = logits.argmax(axis=1)
    merged = merged_classes()
    sure = probability.max(axis=1) > 0.6  # label smoothing keeps probabilities from 1
    unlikely = probability[np.arange(len(labels)), labels] < 0.02
    return sure & unlikely & (merged[best] != merged[labels])


def clean(network: nn.Module, corpus: Corpus, indices: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """The ``indices`` whose labels the network does not contradict; pictures are kept, their labels are sound."""
    ink = indices[indices < len(corpus.ink)]
    crops, sizes = render_plain(corpus, ink, seed)
    wrong = wrong_labels(predict(network, crops, sizes), corpus.labels[ink])
    print(f"labels: {wrong.sum()} of {len(ink)} pen samples left out ({wrong.mean():.1%})", file=sys.stderr)
    return np.setdiff1d(indices, ink[wrong])


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
    """One training run and its checkpoint file."""

    def __init__(self, corpus: Corpus, plan: Plan, work: Path) -> None:
        torch.manual_seed(plan.seed)
        self.corpus, self.plan, self.checkpoint = corpus, plan, work / "checkpoint.pt"
        work.mkdir(parents=True, exist_ok=True)
        self.network = LetterNet().to(memory_format=torch.channels_last)
        self.average = start_average(self.network, plan)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=plan.rate, weight_decay=plan.weight_decay, fused=True
        )
        self.indices = training_indices(corpus)
        self.step, self.seconds = 0, 0.0
        self.resume()

    def resume(self) -> None:
        """Go on from the checkpoint, if one with the same plan exists."""
        if not self.checkpoint.exists():
            return
        state = torch.load(self.checkpoint, weights_only=False)
        if state["plan"] != self.plan:
            print("the checkpoint is of another plan: starting anew", file=sys.stderr)
            return
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.indices, self.step, self.seconds = state["indices"], state["step"], state["seconds"]

    def store(self) -> None:
        """Write the checkpoint."""
        state = {
            "plan": self.plan,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "indices": self.indices,
            "step": self.step,
            "seconds": self.seconds,
        }
        save(self.checkpoint, state)

    def learn(self, batch: Batch) -> float:
        """One step of the optimiser; returns the loss."""
        crops, sizes, labels = tensors(batch)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.plan, self.step)
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.network(crops, sizes)
        loss = functional.cross_entropy(logits.float(), labels, label_smoothing=self.plan.smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimizer.step()
        self.average.update_parameters(self.network)
        return float(loss.detach())

    def run(self, stop: int) -> None:
        """Train up to step ``stop``, reporting and saving as the plan says."""
        began, first, losses = time.monotonic() - self.seconds, self.step, []
        start = time.monotonic()
        self.network.train()
        for batch in stream(self.corpus, self.indices, self.plan.seed, range(self.step, stop), self.plan.batch):
            losses.append(self.learn(batch))
            self.step += 1
            if self.step % self.plan.save_every == 0 or self.step == stop:
                self.seconds = time.monotonic() - began
                self.store()
                pace = (time.monotonic() - start) / (self.step - first)
                left = pace * (self.plan.steps - self.step)
                print(
                    f"step {self.step}/{self.plan.steps}  loss {np.mean(losses):.3f}  "
                    f"{self.plan.batch / pace:.0f} crops/s  {left / 60:.1f} min left",
                    file=sys.stderr,
                    flush=True,
                )
                losses = []

    def train(self) -> nn.Module:
        """The whole run: learn, clear out wrong labels once, learn on; returns the averaged network."""
        print(f"{count_parameters(self.network)} parameters, {len(self.indices)} samples", file=sys.stderr)
        if self.step < self.plan.turn:
            self.run(self.plan.turn)
        if self.step == self.plan.turn:
            self.indices = clean(self.average.module, self.corpus, self.indices, self.plan.seed)
            self.network.train()
        if self.step < self.plan.steps:
            self.run(self.plan.steps)
        return self.average.module


def load_network(work: Path) -> nn.Module:
    """The averaged network of the checkpoint in ``work``, finished or not, in eval mode."""
    state = torch.load(work / "checkpoint.pt", weights_only=False)
    average = start_average(LetterNet(), state["plan"])
    average.load_state_dict(state["average"])
    return average.module.eval()
