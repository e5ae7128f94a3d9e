"""Training of the line reader."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.lines.batches import LineBatch, stream
from models.recipe.lines.network import LineNet
from models.recipe.lines.sources import SOURCES
from models.recipe.lines.start import begin
from models.recipe.training import processes
from models.recipe.training.loop import Plan, Trainer, averaged, digest, half_precision


@dataclass(frozen=True)
class LinePlan(Plan):
    """One training run of the line reader."""

    minutes: float = 105.0
    rate: float = 2e-3
    lowest: float = 0.005
    warm_up: int = 500
    decay: float = 0.999
    clip: float = 1.0
    save_every: int = 400
    calm: float = 0.7
    """Share of the minutes after which fewer line images vary strongly."""


class LineTrainer(Trainer[LineBatch]):
    """One training run of the line reader and its checkpoint file.

    Args:
        work: Folder of the sources and of the checkpoint.
        plan: The run.
        name: Of the checkpoint.
        start: A model to start from; None starts from nothing.
    """

    plan: LinePlan

    def __init__(self, work: Path, plan: LinePlan, name: str = "lines.pt", start: Path | None = None) -> None:
        torch.manual_seed(plan.seed)
        self.work, self.start = work, start
        # Wrong labels may be found half-way, and then it goes on without them.
        files = [work / SOURCES, *([start] if start else [])]
        super().__init__(LineNet(), plan, work / name, digest(*files))

    def begin(self, network: nn.Module) -> None:
        """Take over the weights of the model to start from."""
        if self.start is not None:
            begin(network, self.start, next(stream(self.work, self.plan.seed)).images)

    def batches(self) -> Iterator[LineBatch]:
        """Fresh line images."""
        calm = time.monotonic() + 60 * self.plan.minutes * self.plan.calm - self.seconds
        return stream(self.work, self.plan.seed + self.step + processes.OTHER_SEED * processes.rank(), calm)

    def loss(self, batch: LineBatch) -> Tensor:
        """CTC loss a character: every character counts alike, in long rows and short ones.

        Of one process, that is: the processes count alike.
        """
        strips = torch.from_numpy(batch.images).to(self.device)
        with half_precision(self.device):
            logits = self.network(strips)
        log_p = logits.float().log_softmax(dim=-1).transpose(0, 1)
        targets, steps, lengths = (torch.from_numpy(a) for a in (batch.targets, batch.steps, batch.lengths))
        total = functional.ctc_loss(log_p, targets, steps, lengths, reduction="sum", zero_infinity=True)
        return total / lengths.sum()

    def samples_of(self, batch: LineBatch) -> int:
        """Its line images."""
        return len(batch.images)


def learn(work: Path, minutes: float, rate: float, seed: int, start: Path | None) -> None:
    """Train a line reader; for `processes.run`.

    Args:
        work: Folder of the sources and of the checkpoint.
        minutes: Of training.
        rate: Of learning.
        seed: Of what is drawn.
        start: A model to start from; None starts from nothing.
    """
    LineTrainer(work, replace(LinePlan(), minutes=minutes, rate=rate, seed=seed), start=start).train()


def load_lines(checkpoint: Path) -> nn.Module:
    """The averaged network of a checkpoint, finished or not."""
    return averaged(LineNet(), checkpoint)
