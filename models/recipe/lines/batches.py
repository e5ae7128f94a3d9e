"""Batches of fresh line images, drawn by a process of its own while the network trains."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipe.handwriting.words import encode, steps_needed
from models.recipe.lines import font_rows
from models.recipe.lines.network import STRIDE
from models.recipe.lines.samples import LineSampler
from models.recipe.lines.sources import load
from models.recipe.training import shards
from models.recipe.training.background import made_aside
from ocrcli.lines.line_image import HEIGHT

AREA = 10_240
"""Columns of line images in a batch, padding included."""

MOST = 128
CHUNK = 384
"""Line images drawn at a time; they are batched by width."""

WILD_SHARE, CALM_SHARE = 0.35, 0.15
"""Of the line images that vary strongly: most of the time, and at the end, when what is learnt should fit what is usual
(as YOLOX ends without its mosaics: Ge et al. 2021)."""


@dataclass(frozen=True)
class LineBatch:
    """Line images (n, HEIGHT, w) uint8, their widths in steps (n,), texts end to end (sum,) and their lengths (n,)."""

    images: NDArray[np.uint8]
    steps: NDArray[np.int64]
    targets: NDArray[np.int64]
    lengths: NDArray[np.int64]


def pack(samples: list[tuple[NDArray[np.uint8], str]]) -> LineBatch:
    """Pad line images to one width."""
    width = -(-max(s.shape[1] for s, _ in samples) // STRIDE) * STRIDE
    strips = np.zeros((len(samples), HEIGHT, width), np.uint8)
    for row, (image, _) in zip(strips, samples, strict=True):
        row[:, : image.shape[1]] = image
    codes = [encode(text) for _, text in samples]
    steps = np.array([-(-s.shape[1] // STRIDE) for s, _ in samples], np.int64)
    return LineBatch(
        strips, steps, np.concatenate([np.array(c, np.int64) for c in codes]), np.array([*map(len, codes)])
    )


def batches(samples: list[tuple[NDArray[np.uint8], str]]) -> list[LineBatch]:
    """Batches of about equal width, each of at most AREA columns; rows too short for their text are left out."""
    fit = [s for s in samples if s[0].shape[1] // STRIDE >= steps_needed(s[1])]
    fit.sort(key=lambda s: s[0].shape[1])
    out: list[list[tuple[NDArray[np.uint8], str]]] = [[]]
    for sample in fit:
        if out[-1] and ((len(out[-1]) + 1) * sample[0].shape[1] > AREA or len(out[-1]) >= MOST):
            out.append([])
        out[-1].append(sample)
    return [pack(part) for part in out if part]


def _batches(work: Path, seed: int, calm: float) -> Iterator[LineBatch]:
    sampler = LineSampler(load(work), shards.load(work), font_rows.load(work))
    rng = np.random.default_rng(seed)
    while True:
        wild = WILD_SHARE if time.monotonic() < calm else CALM_SHARE
        made = batches([sampler.sample(rng, wild) for _ in range(CHUNK)])
        for index in rng.permutation(len(made)):
            yield made[index]


def stream(work: Path, seed: int, calm: float = inf) -> Iterator[LineBatch]:
    """Batches without end, drawn by another process.

    Args:
        work: Folder of the sources.
        seed: Of what is drawn.
        calm: Time, on `time.monotonic`'s clock, from which on fewer line images vary strongly.
    """
    return made_aside(_batches, (work, seed, calm), ahead=40, patience=60)
