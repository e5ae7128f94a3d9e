"""The course work's fully connected network and this recipe's, each at three learning rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from models.recipe.letters.batches import Batch
from models.recipe.letters.network import LetterNet
from models.recipe.study.networks import Curve, FullyConnected, Schedule, fit, share_right
from models.recipe.study.samples import BLOCK, CHARACTERS, only, only_classes
from models.recipe.training.loop import count_parameters

FACTORS = (0.1, 1.0, 10.0)
SEED = 0

CURVE_SHARE = 8
"""Curves are measured on one in this many validation crops; figures in tables on all of them."""


@dataclass(frozen=True)
class Contender:
    """A network, its usual optimiser and rate, and how long it is trained.

    Attributes:
        name: Key in the study's figures.
        network: Makes it, from the number of classes.
        optimizer: Makes the optimiser, from the network and a rate.
        rate: The rate that ×1 stands for.
        schedule: How long it is trained.
    """

    name: str
    network: Callable[[int], nn.Module]
    optimizer: Callable[[nn.Module, float], torch.optim.Optimizer]
    rate: float
    schedule: Schedule

    def train(self, classes: int, factor: float, train: Batch, valid: Batch) -> tuple[nn.Module, Curve]:
        """Train one network at ``factor`` times the usual rate."""
        torch.manual_seed(SEED)
        network = self.network(classes)
        return network, fit(network, self.optimizer(network, self.rate * factor), train, valid, self.schedule, SEED)


BASELINE = Contender(
    "fully connected",
    FullyConnected,
    lambda network, rate: torch.optim.SGD(network.parameters(), lr=rate),
    0.5,
    Schedule(points=15, steps=750, batch=32),
)

CONVOLUTIONAL = Contender(
    "convolutional",
    lambda classes: LetterNet(labels=classes).to(memory_format=torch.channels_last),
    lambda network, rate: torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02),
    3e-3,
    Schedule(points=15, steps=31, batch=128),
)


def study_rates(train: Batch, valid: Batch, work: Path) -> dict[str, Any]:
    """Train both networks at three rates, and the baseline on capitals and digits.

    Keeps the baseline's first layer before and after in ``work``.

    Returns:
        Curves and final accuracies on all of ``valid``.
    """
    classes = len(CHARACTERS)
    some = only(valid, np.arange(0, len(valid.labels), CURVE_SHARE))
    result: dict[str, Any] = {}
    for contender in (BASELINE, CONVOLUTIONAL):
        runs = []
        for factor in FACTORS:
            network, curve = contender.train(classes, factor, train, some)
            runs.append({"factor": factor, **asdict(curve), "final": share_right(network, valid)})
            if contender is BASELINE and factor == 1:
                keep_first_layer(network, work)
        result[contender.name] = {
            "rate": contender.rate,
            "parameters": count_parameters(contender.network(classes)),
            "runs": runs,
        }
    block_train, block_valid = only_classes(train, BLOCK), only_classes(valid, BLOCK)
    network, _ = BASELINE.train(len(BLOCK), 1.0, block_train, block_valid)
    result["fully connected, capitals and digits"] = share_right(network, block_valid)
    return result


FIRST_LAYER = "first-layer.npz"


def keep_first_layer(network: nn.Module, work: Path) -> None:
    """Write the (64, 1024) weights of the baseline's first layer, before and after, into ``work``."""
    torch.manual_seed(SEED)
    before = FullyConnected(len(CHARACTERS)).first.weight.detach().numpy()
    assert isinstance(network, FullyConnected)
    work.mkdir(parents=True, exist_ok=True)
    np.savez(work / FIRST_LAYER, before=before, after=network.first.weight.detach().numpy())
