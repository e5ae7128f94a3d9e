"""The networks that the study compares, and a training loop that keeps their curves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.letters.batches import Batch
from models.recipe.letters.network import LetterNet
from models.recipe.letters.train import predict

HIDDEN = 64
RANK = 32
PIXELS = 1024

Floats = NDArray[np.float32]


class FullyConnected(nn.Module):
    """The course work's classifier: 1024-64-classes, sigmoid units (Rumelhart, Hinton, Williams 1986)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.first = nn.Linear(PIXELS, HIDDEN)
        self.second = nn.Linear(HIDDEN, classes)

    def forward(self, crops: Tensor, _size: Tensor) -> Tensor:
        """Logits (n, classes) of (n, 32, 32) uint8 crops; the size is not looked at."""
        return self.second(torch.sigmoid(self.first(crops.flatten(1) / 255.0)))


class Autoencoder(nn.Module):
    """1024-32-32-32-1024, sigmoid units (Hinton and Salakhutdinov 2006), on ink from 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Linear(PIXELS, RANK), nn.Sigmoid()),
            *(nn.Linear(RANK, RANK), nn.Sigmoid()),
            *(nn.Linear(RANK, RANK), nn.Sigmoid()),
            *(nn.Linear(RANK, PIXELS), nn.Sigmoid()),
        )
        # Behind three sigmoids the default weights pass next to no signal on (Glorot and Bengio 2010).
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight, gain=4.0)
                nn.init.zeros_(layer.bias)

    def forward(self, ink: Tensor) -> Tensor:
        """Reconstruct (n, 1024) ink."""
        return self.layers(ink)


@dataclass(frozen=True)
class Curve:
    """What one training run went through.

    Attributes:
        crops: Crops seen at each point.
        loss: Mean cross-entropy of training since the point before.
        accuracy: On the validation crops.
    """

    crops: list[int]
    loss: list[float]
    accuracy: list[float]


@dataclass(frozen=True)
class Schedule:
    """How long a run is: ``points`` measurements, ``steps`` batches of ``batch`` crops before each."""

    points: int
    steps: int
    batch: int


def share_right(network: nn.Module, batch: Batch) -> float:
    """Accuracy of a network."""
    return float((predict(network, batch.crops, batch.sizes).argmax(axis=1) == batch.labels).mean())


def fit(
    network: nn.Module, optimizer: torch.optim.Optimizer, train: Batch, valid: Batch, schedule: Schedule, seed: int
) -> Curve:
    """Train in place at a constant rate, on batches drawn without replacement, and keep the curve."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    order = np.concatenate(
        [
            rng.permutation(len(train.labels))
            for _ in range(-(-schedule.points * schedule.steps * schedule.batch // len(train.labels)))
        ]
    )
    crops, sizes, labels = (torch.from_numpy(a) for a in (train.crops, train.sizes, train.labels))
    curve = Curve([], [], [])
    step = 0
    for _ in range(schedule.points):
        network.train()
        losses = []
        for _ in range(schedule.steps):
            rows = torch.from_numpy(order[step * schedule.batch : (step + 1) * schedule.batch])
            with torch.autocast("cpu", torch.bfloat16, enabled=isinstance(network, LetterNet)):
                logits = network(crops[rows], sizes[rows])
            loss = functional.cross_entropy(logits.float(), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
            step += 1
        curve.crops.append(step * schedule.batch)
        curve.loss.append(float(np.mean(losses)))
        curve.accuracy.append(share_right(network, valid))
    return curve


def ink_of(crops: NDArray[np.uint8]) -> Floats:
    """(n, 32, 32) uint8 crops -> (n, 1024) float32 ink from 0 to 1."""
    return np.asarray(crops.reshape(len(crops), -1) / np.float32(255), np.float32)


@dataclass(frozen=True)
class Components:
    """Principal components: ``mean`` (1024,) and ``axes`` (rank, 1024), orthonormal rows."""

    mean: Floats
    axes: Floats

    def reconstruct(self, ink: Floats) -> Floats:
        """Project (n, 1024) ink onto the components and back; clipped to 0..1, as ink is."""
        centred = ink - self.mean
        return np.clip(centred @ self.axes.T @ self.axes + self.mean, 0, 1)


def principal_components(ink: Floats, rank: int = RANK) -> Components:
    """The ``rank`` directions of most variance of (n, 1024) ink (Pearson 1901)."""
    mean = ink.mean(axis=0)
    centred = (ink - mean).astype(np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return Components(mean, axes[:, ::-1][:, :rank].T.astype(np.float32))


def fit_autoencoder(ink: Floats, epochs: int, batch: int = 128, rate: float = 2e-3, seed: int = 0) -> Autoencoder:
    """Train an autoencoder for the least squared error, with Adam and half a cosine."""
    torch.manual_seed(seed)
    network = Autoencoder()
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    steps = epochs * (len(ink) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    rng = np.random.default_rng(seed)
    source = torch.from_numpy(ink)
    for _ in range(epochs):
        order = torch.from_numpy(rng.permutation(len(ink)))
        for at in range(0, len(ink) - batch + 1, batch):
            rows = source[order[at : at + batch]]
            loss = functional.mse_loss(network(rows), rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def reconstruct(network: Autoencoder, ink: Floats) -> Floats:
    """Reconstruct (n, 1024) ink from 0 to 1."""
    with torch.no_grad():
        return np.asarray(network(torch.from_numpy(ink)).numpy())


Reconstruct = Callable[[Floats], Floats]


def squared_errors(ink: Floats, again: Floats) -> NDArray[np.float64]:
    """(n,) mean squared error of each crop."""
    return np.asarray(((ink - again) ** 2).mean(axis=1), np.float64)


def psnr(errors: NDArray[np.float64]) -> float:
    """Peak signal-to-noise ratio in dB of all crops together; the peak is 1."""
    return float(-10 * np.log10(errors.mean()))


def roc_area(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """Chance that a positive scores above a negative, ties counting half (Hanley and McNeil 1982)."""
    order = np.sort(negative)
    below = np.searchsorted(order, positive, "left")
    upto = np.searchsorted(order, positive, "right")
    return float((below + upto).mean() / (2 * len(negative)))
