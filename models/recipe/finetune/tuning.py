"""Tuning of a network on a bank of crops: the letters of one hand, without unlearning what no letter is."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.finetune.bank import Bank
from models.recipe.finetune.samples import Sample
from models.recipe.letters.batches import Batch
from models.recipe.letters.evaluate import CHARACTERS, fit_temperature

ENOUGH_TO_CALIBRATE = 200
"""Validation samples below which the temperature stays as it was."""


@dataclass(frozen=True)
class Tuning:
    """How a network is tuned.

    Attributes:
        steps: Of the optimiser.
        batch: Crops a step.
        rate: Highest learning rate.
        warm_up: Steps over which the rate rises.
        smoothing: Of the labels.
        frozen: Keep the batch norms' statistics. A few dozen crops of few classes are no sample to
            estimate them from; a network that starts from nothing has no others.
        blend: Share of the tuned weights in the result; the rest are the old ones (Wortsman et al.
            2022, "Robust fine-tuning of zero-shot models"): the new hand is learnt, and what the
            folder does not show is not forgotten.
        retain: Weight of the loss on badly cut letters (`models.recipe.finetune.bank`).
        seed: Of the chance in drawing and in dropout.
    """

    steps: int = 120
    batch: int = 64
    rate: float = 6e-4
    warm_up: int = 20
    smoothing: float = 0.05
    frozen: bool = True
    blend: float = 0.7
    retain: float = 2.0
    seed: int = 1


def rate_at(tuning: Tuning, step: int) -> float:
    """Linear warm-up, then half a cosine to zero (Loshchilov and Hutter 2017, "SGDR")."""
    rise = min(1.0, (step + 1) / tuning.warm_up)
    return tuning.rate * rise * 0.5 * (1 + math.cos(math.pi * step / tuning.steps))


def tune(network: nn.Module, bank: Bank, tuning: Tuning) -> nn.Module:
    """Train a copy of a network on a bank of crops; the network itself stays as it is.

    Returns:
        The tuned network in eval mode.
    """
    torch.manual_seed(tuning.seed)
    rng = np.random.default_rng(tuning.seed)
    tuned = copy.deepcopy(network).train()
    if tuning.frozen:
        for module in tuned.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
    optimizer = torch.optim.AdamW(tuned.parameters(), lr=tuning.rate, weight_decay=0.0 if tuning.frozen else 0.02)
    for step in range(tuning.steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(tuning, step)
        loss = loss_of(tuned, bank, tuning, rng)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tuned.parameters(), 2.0)
        optimizer.step()
    return blend(network, tuned, tuning.blend).eval()


def loss_of(network: nn.Module, bank: Bank, tuning: Tuning, rng: np.random.Generator) -> Tensor:
    """Cross-entropy of a batch of letters, and of half as many bad cuts against the old network's answers."""
    letters = rng.integers(0, len(bank.letters.labels), tuning.batch)
    cuts = rng.integers(0, len(bank.miscuts.labels), tuning.batch // 2 if tuning.retain else 0)
    crops = np.concatenate([bank.letters.crops[letters], bank.miscuts.crops[cuts]])
    sizes = np.concatenate([bank.letters.sizes[letters], bank.miscuts.sizes[cuts]])
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(torch.from_numpy(crops), torch.from_numpy(sizes))
    logits = logits.float()
    truth = torch.from_numpy(bank.letters.labels[letters])
    loss = functional.cross_entropy(logits[: len(letters)], truth, label_smoothing=tuning.smoothing)
    if tuning.retain:
        answers = torch.from_numpy(bank.answers[cuts])
        loss = loss + tuning.retain * functional.cross_entropy(logits[len(letters) :], answers)
    return loss


def blend(old: nn.Module, new: nn.Module, share: float) -> nn.Module:
    """``new`` with its weights drawn towards ``old``, in place; a ``share`` of 1 leaves it as it is."""
    if share < 1:
        with torch.no_grad():
            for before, after in zip(old.parameters(), new.parameters(), strict=True):
                after.lerp_(before, 1 - share)
    return new


def as_read(samples: Sequence[Sample], labels: Sequence[str]) -> Batch:
    """The samples as the reader would show them, undisturbed."""
    return Batch(
        np.stack([s.crop for s in samples]),
        np.array([s.size for s in samples], np.float32),
        np.array([labels.index(s.label) for s in samples]),
    )


def share_right(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Accuracy of (n, classes) logits against (n,) labels; the choice is among characters, for all samples are."""
    return float((logits[:, CHARACTERS].argmax(axis=1) == labels).mean())


def recalibrated(logits: NDArray[np.float32], labels: NDArray[np.int64], before: float) -> float:
    """The temperature fitted on the validation samples, or the one before where they are too few."""
    return fit_temperature(logits, labels) if len(labels) >= ENOUGH_TO_CALIBRATE else before
