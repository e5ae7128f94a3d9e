"""Drawn crops on disk: one process draws, another learns, and none waits for the other.

A shard is one file of `SHARD` crops. Whoever draws goes on until `ahead` crops are there that nobody has learnt from
often enough, and replaces the oldest shards.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIZE = 320
"""Pixels of a crop's side."""

SHARD, SHARDS = 192, 48
"""Crops in a file, and files that are kept."""

USES = 2.0
"""Times that a crop is learnt from before another one is drawn."""


@dataclass(frozen=True)
class Crops:
    """Photos and what is true of them.

    Attributes:
        grey: (n, SIZE, SIZE) uint8.
        ink: (n, SIZE, SIZE) uint8, 255 where there is writing.
        core: (n, SIZE / 4, SIZE / 4) uint8, 255 on text-line cores.
        up: (n, SIZE / 4, SIZE / 4, 2) int8, unit vectors times 127.
    """

    grey: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    core: NDArray[np.uint8]
    up: NDArray[np.int8]


def shards(folder: Path) -> list[Path]:
    """The files of a pool, oldest first."""
    return sorted(folder.glob("*.npz"))


def fill(folder: Path, draw: Callable[[np.random.Generator], tuple[NDArray[np.integer], ...]], seed: int) -> None:
    """Draw until killed.

    Args:
        folder: Of the pool; `consumed-*` in it say how many crops were learnt from.
        draw: One crop: grey, ink, core, up.
        seed: Of this process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, time.time_ns()])
    drawn = 0
    while True:
        consumed = sum(int(path.read_text() or 0) for path in folder.glob("consumed-*"))
        if len(shards(folder)) >= SHARDS // 2 and drawn > consumed / USES + SHARD:
            time.sleep(1)
            continue
        samples = [draw(rng) for _ in range(SHARD)]
        parts = [np.stack(part) for part in zip(*samples, strict=True)]
        name = folder / f"{time.time_ns()}-{seed}.npz"
        with name.with_suffix(".partial").open("wb") as file:
            np.savez(file, grey=parts[0], ink=parts[1], core=parts[2], up=parts[3])
        name.with_suffix(".partial").replace(name)
        drawn += SHARD
        for old in shards(folder)[:-SHARDS]:
            old.unlink(missing_ok=True)


class Pool:
    """Batches by chance out of a folder of shards, a few of which are held in memory and exchanged one by one."""

    def __init__(self, folder: Path, held: int = 16, seed: int = 0) -> None:
        self.folder, self.most, self.rng = folder, held, np.random.default_rng(seed)
        self.held: dict[Path, Crops] = {}
        self.consumed = 0
        while len(shards(folder)) < 2:
            time.sleep(1)

    def _exchange(self) -> None:
        there = shards(self.folder)
        new = [path for path in there if path not in self.held]
        if new and (len(self.held) < self.most or self.rng.random() < 0.5):
            path = new[-1] if self.rng.random() < 0.7 else new[self.rng.integers(len(new))]
            with np.load(path) as stored:
                self.held[path] = Crops(stored["grey"], stored["ink"], stored["core"], stored["up"])
        while len(self.held) > self.most:
            del self.held[next(iter(self.held))]

    def batch(self, count: int) -> Crops:
        """So many crops, (count, ...) each part."""
        if self.consumed % (8 * count) == 0:
            self._exchange()
            (self.folder / f"consumed-{os.getpid()}").write_text(str(self.consumed))
        self.consumed += count
        paths = list(self.held)
        taken = []
        for _ in range(count):
            crops = self.held[paths[self.rng.integers(len(paths))]]
            i = int(self.rng.integers(len(crops.grey)))
            taken.append((crops.grey[i], crops.ink[i], crops.core[i], crops.up[i]))
        return Crops(*(np.stack(part) for part in zip(*taken, strict=True)))
