"""Accuracy against speed: networks of several kinds and widths, trained alike and briefly, float32 and int8."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.handwriting.characters import TEST_FOLD, Corpus, fold_of
from models.recipe.letters.batches import Batch, Source, make_batch, render_plain
from models.recipe.letters.evaluate import SEED, accuracy, throughput
from models.recipe.letters.export import export
from models.recipe.letters.finished import Model
from models.recipe.letters.network import LetterNet
from models.recipe.letters.quantize import quantize
from models.recipe.letters.start import load_start
from models.recipe.letters.train import predict, tensors
from models.recipe.training.loop import count_parameters

CROPS = 25_000
"""Drawn once for all networks: comparing them asks for equal data, not for much of it."""

STEPS = 300
BATCH = 256
RATE = 4e-3
SOFTNESS = 2.0
"""Temperature of the teacher's answers (Hinton, Vinyals and Dean 2015, "Distilling the knowledge")."""


@dataclass(frozen=True)
class Candidate:
    """A network to try: a key of `network.BLOCKS`, channels a stage, and whether the shipped model teaches it."""

    block: str
    widths: tuple[int, int, int]
    hidden: int
    taught: bool = False

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.block} {'-'.join(map(str, self.widths))}{', distilled' if self.taught else ''}"


NARROW, WIDE, WIDER = (16, 32, 64), (16, 48, 128), (16, 64, 160)
CANDIDATES = (
    *(
        Candidate(block, widths, hidden)
        for block in ("plain", "residual", "separable")
        for widths, hidden in ((NARROW, 128), (WIDE, 192))
    ),
    Candidate("residual", WIDER, 192),
    Candidate("residual", NARROW, 128, taught=True),
)


@dataclass(frozen=True)
class Point:
    """One point of the frontier; accuracies with the size, on UNIPEN's held-out writers."""

    name: str
    numbers: str
    parameters: int
    bytes: int
    crops_per_second: float
    strict: float
    merged: float


def fit(network: nn.Module, batch: Batch, teacher: NDArray[np.float32] | None, steps: int) -> None:
    """Train on the crops of ``batch``, one-cycle rate (Smith and Topin 2018); with a teacher's logits, on both."""
    rng = np.random.default_rng(SEED)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.02, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    crops, sizes, labels = tensors(batch)
    soft = None if teacher is None else functional.softmax(torch.from_numpy(teacher) / SOFTNESS, dim=1)
    network.train().to(memory_format=torch.channels_last)
    for _ in range(steps):
        rows = torch.from_numpy(rng.integers(len(labels), size=BATCH))
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(crops[rows], sizes[rows]).float()
        loss = loss_of(logits, labels[rows], None if soft is None else soft[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


def loss_of(logits: Tensor, labels: Tensor, soft: Tensor | None) -> Tensor:
    """Cross-entropy with the labels; with a teacher, the mean of that and of the one with its answers."""
    hard = functional.cross_entropy(logits, labels, label_smoothing=0.05)
    if soft is None:
        return hard
    return 0.5 * hard + 0.5 * SOFTNESS**2 * functional.cross_entropy(logits / SOFTNESS, soft)


def measure(name: str, numbers: str, path: Path, parameters: int, held: Batch, threads: int) -> Point:
    """Load an ONNX file and measure it."""
    model = Model(path, threads)
    score = accuracy(model.logits(held.crops, held.sizes), held.labels)
    pace = throughput(Model(path, 1))
    return Point(name, numbers, parameters, path.stat().st_size, pace, score["strict"], score["merged"])


def both(name: str, network: nn.Module, held: Batch, calibration: Batch, work: Path, threads: int) -> list[Point]:
    """The float32 and the int8 point of one network."""
    whole, small = work / "candidate.onnx", work / "candidate-int8.onnx"
    export(network, whole, 1.0)
    quantize(whole, small, calibration.crops[:512], calibration.sizes[:512])
    count = count_parameters(network)
    return [
        measure(name, "float32", whole, count, held, threads),
        measure(name, "int8", small, count, held, threads),
    ]


def frontier(
    corpus: Corpus, indices: NDArray[np.int64], model: Path, work: Path, threads: int, steps: int = STEPS
) -> list[Point]:
    """Train and measure every candidate, and the shipped network as it is; writes ``frontier.json`` into ``work``.

    Args:
        corpus: All samples.
        indices: Those to train on.
        model: The float32 form of the network that ships.
        work: Folder for what is written.
        threads: Threads of ONNX Runtime.
        steps: Training steps a candidate.
    """
    batch = make_batch(Source(corpus, indices, CROPS, SEED), 1)
    rows = np.flatnonzero(fold_of(corpus.ink) == TEST_FOLD)
    held = Batch(*render_plain(corpus, rows, SEED), corpus.ink.labels[rows])
    shipped = load_start(model).network
    taught = predict(shipped, batch.crops, batch.sizes)
    points = both("shipped", shipped, held, batch, work, threads)
    for candidate in CANDIDATES:
        torch.manual_seed(SEED)
        network = LetterNet(candidate.widths, candidate.hidden, block=candidate.block)
        start = time.monotonic()
        fit(network, batch, taught if candidate.taught else None, steps)
        points += both(candidate.name, network, held, batch, work, threads)
        print(f"{points[-2]}\n{points[-1]}  {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
        (work / "frontier.json").write_text(json.dumps([asdict(p) for p in points], indent=2) + "\n")
    return points
