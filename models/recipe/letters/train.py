"""Training of the letter model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.handwriting.characters import Corpus
from models.recipe.letters.batches import Batch, Source, make_batch, stream
from models.recipe.letters.distillation import Teachers
from models.recipe.letters.network import LetterNet
from models.recipe.letters.start import load_start
from models.recipe.training import processes
from models.recipe.training.loop import Plan, Trainer, averaged, digest, half_precision
from models.recipe.training.norms import measure_norms, norms_of


@dataclass(frozen=True)
class LetterPlan(Plan):
    """One training run of the letter model."""

    batch: int = 256
    """Crops a step; several processes draw equal shares of it."""
    smoothing: float = 0.05
    teachers: tuple[Path, ...] = ()
    """Models to learn from besides the labels (`Teachers`)."""
    taught: float = 0.6
    """Share of what the teachers say in what is learnt, where there are any."""
    start: Path | None = None
    """A float32 letter model whose weights are the first ones; none for chance."""


FIRST = LetterPlan(steps=8000)
"""Letters only. This model finds wrong labels, and tells what of the words' pieces looks like a letter."""

TEACHER = LetterPlan(minutes=17, seed=10)
"""Of one half of the writers, and of all else that the model that ships learns from."""

SECOND = LetterPlan(minutes=85, decay=0.999, seed=3)
"""Cleaner labels, letters out of words, *not a letter*, and teachers. This one ships."""

NORM_CROPS = 6144
"""Crops that give the batch norms of a started network, or of a mean of several, their statistics."""


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


class LetterTrainer(Trainer[Batch]):
    """One training run of the letter model and its checkpoint file.

    Args:
        corpus: All samples.
        indices: Those to train on.
        plan: The run.
        checkpoint: Where to save, and to go on from.
    """

    plan: LetterPlan

    def __init__(self, corpus: Corpus, indices: NDArray[np.int64], plan: LetterPlan, checkpoint: Path) -> None:
        torch.manual_seed(plan.seed)
        self.corpus, self.indices = corpus, indices
        arrays = (indices, corpus.labels, corpus.ink.points, corpus.pool.crops)
        files = (*plan.teachers, *([plan.start] if plan.start else []))
        super().__init__(LetterNet(), plan, checkpoint, digest(*arrays, *files))

    def begin(self, network: nn.Module) -> None:
        """Take over the weights of another model, if the plan says so."""
        if self.plan.start is not None:
            start = load_start(self.plan.start).network
            crops, sizes, _ = tensors(make_batch(Source(self.corpus, self.indices, NORM_CROPS, self.plan.seed), 0))
            measure_norms(start, crops, sizes, folded=norms_of(start))
            network.load_state_dict(start.state_dict())

    def batches(self) -> Iterator[Batch]:
        """Fresh crops, seeded by their step: a run that is resumed sees the same ones."""
        plan = self.plan
        seed = plan.seed + processes.OTHER_SEED * processes.rank()
        teachers = Teachers(plan.teachers) if plan.teachers else None
        source = Source(self.corpus, self.indices, plan.batch // processes.size(), seed, teachers)
        return stream(source, range(self.step, plan.steps))

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy with smoothed labels and, in part, with what the teachers say."""
        crops, sizes, labels = (t.to(self.device) for t in tensors(batch))
        with half_precision(self.device):
            logits = self.network(crops, sizes).float()
        loss = functional.cross_entropy(logits, labels, label_smoothing=self.plan.smoothing)
        if batch.taught is None:
            return loss
        taught = torch.from_numpy(batch.taught).to(self.device)
        return (1 - self.plan.taught) * loss + self.plan.taught * functional.cross_entropy(logits, taught)

    def samples_of(self, batch: Batch) -> int:
        """Its crops."""
        return len(batch.crops)


def learn(corpus: Corpus, indices: NDArray[np.int64], plan: LetterPlan, checkpoint: Path) -> None:
    """Train a new `LetterNet`; for `processes.run`."""
    LetterTrainer(corpus, indices, plan, checkpoint).train()


def mean_network(checkpoints: Sequence[Path], shown: Batch | None) -> nn.Module:
    """The mean of several stages of one run, or of runs of one descent; it errs less on new hands than any of them.

    Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization"; Wortsman et al. 2022,
    "Model soups".

    Args:
        checkpoints: One file or more.
        shown: Training crops, which give the mean its batch norms' statistics; None for the network of one file.

    Raises:
        ValueError: If there are several files and nothing is shown.
    """
    networks = [load_network(path).cpu() for path in checkpoints]
    if shown is None:
        if len(networks) > 1:
            raise ValueError("a mean of several networks must be shown crops")
        return networks[0]
    mean, states = networks[0], [network.state_dict() for network in networks]
    mean.load_state_dict({key: torch.stack([s[key] for s in states]).float().mean(0) for key in states[0]})
    measure_norms(mean, *tensors(shown)[:2])
    return mean.eval()


def load_network(checkpoint: Path) -> nn.Module:
    """The averaged network of a `LetterNet`'s checkpoint, finished or not."""
    return averaged(LetterNet(), checkpoint)
