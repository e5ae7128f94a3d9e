"""Crops to fine-tune on: the user's letters drawn anew many times, and the same letters badly cut.

A reader shows the classifier every way of cutting a word, and reads well only if the wrong cuts get no
sure answer. A network that is tuned on whole letters alone forgets that within a hundred steps. So it
also sees pieces and pairs of the same letters, and has to go on answering to them as it did before
(Li and Hoiem 2016, "Learning without forgetting").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import nn

from models.recipe.drawing.render import render_picture
from models.recipe.drawing.style import Style
from models.recipe.finetune.samples import Sample
from models.recipe.letters.batches import Batch, disturb_sizes
from models.recipe.letters.finished import softmax
from models.recipe.letters.train import predict

OWN_HAND = Style(slant=0.15, rotation=4.0, stretch=0.1, wobble=0.02, loose=0.015)
"""Half the variation of `Style`: one hand varies less than hands do."""

ENOUGH = 6000
"""Drawings of the letters that are made, and half as many of bad cuts."""

FEWEST, MOST = 4, 40
"""Bounds on the drawings of one letter."""

GAPS = (-0.06, 0.2)
"""Capital heights between two letters that were taken for one."""

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Bank:
    """What batches are drawn from.

    Attributes:
        letters: Drawings of labelled letters.
        miscuts: Pieces and pairs; their labels say nothing.
        answers: (miscuts, classes) float32, the old network's probabilities for the miscuts.
    """

    letters: Batch
    miscuts: Batch
    answers: NDArray[np.float32]


def make_bank(network: nn.Module, samples: Sequence[Sample], labels: Sequence[str], seed: int) -> Bank:
    """Draw all crops and ask the network, as it is before tuning, for its answers to the bad cuts."""
    rng = np.random.default_rng(seed)
    number = {label: index for index, label in enumerate(labels)}
    repeats = min(MOST, max(FEWEST, ENOUGH // len(samples)))
    letters = draw([s for s in samples for _ in range(repeats)], number, rng)
    pairs = rng.integers(0, len(samples), (len(letters.labels) // 2, 2))
    miscuts = draw([miscut(samples[a], samples[b], rng) for a, b in pairs], number, rng)
    return Bank(letters, miscuts, softmax(predict(network, miscuts.crops, miscuts.sizes)).astype(np.float32))


def draw(samples: Sequence[Sample], number: dict[str, int], rng: np.random.Generator) -> Batch:
    """Warp and photograph each sample anew; sizes err as a reader's do."""
    crops = np.stack([render_picture(s.picture, OWN_HAND, rng)[0] for s in samples])
    sizes = np.array([s.size for s in samples], np.float32)
    return Batch(crops, disturb_sizes(sizes, rng), np.array([number[s.label] for s in samples], np.int64))


def miscut(first: Sample, second: Sample, rng: np.random.Generator) -> Sample:
    """A piece of the first letter, or both side by side; the label stays that of the first."""
    if rng.random() < 0.5:
        return piece(first, rng.uniform(0.3, 0.7), bool(rng.random() < 0.5))
    return pair(first, second, rng.uniform(*GAPS))


def piece(sample: Sample, share: float, left: bool) -> Sample:
    """What is left of a letter that an upright cut goes through."""
    cut = max(1, min(sample.picture.shape[1] - 1, round(share * sample.picture.shape[1])))
    part = sample.picture[:, :cut] if left else sample.picture[:, cut:]
    # A letter one pixel wide has no pieces.
    return resized(sample, part) if part.size and part.any() else sample


def pair(first: Sample, second: Sample, gap: float) -> Sample:
    """Two letters on one baseline, at one scale; ``gap`` in capital heights, or in heights where that is unknown."""
    unit = capital(first)
    other = second.picture
    if known(first) and known(second):
        scale = unit / capital(second)
        side = (max(1, round(other.shape[1] * scale)), max(1, round(other.shape[0] * scale)))
        other = np.asarray(cv2.resize(other, side, interpolation=cv2.INTER_AREA), np.uint8)
    (height, width), (tall, wide) = first.picture.shape, other.shape
    at = max(0, width + round(gap * unit))
    sheet = np.zeros((max(height, tall), max(width, at + wide)), np.uint8)
    sheet[-height:, :width] = first.picture
    np.maximum(sheet[-tall:, at : at + wide], other, out=sheet[-tall:, at : at + wide])
    return resized(first, sheet)


def known(sample: Sample) -> bool:
    """Whether the sample's size within its row is known."""
    return sample.size[1] > 0


def capital(sample: Sample) -> float:
    """Pixels of the picture to a capital height; of an unknown one, the picture's own height."""
    height = sample.picture.shape[0]
    return height / sample.size[1] if known(sample) else float(height)


def resized(sample: Sample, picture: Picture) -> Sample:
    """The sample with another picture at the same scale; its size follows from the picture's tight box."""
    x, y, width, height = cv2.boundingRect(picture)
    unit = capital(sample)
    size = (width / unit, height / unit) if known(sample) else (0.0, 0.0)
    return replace(sample, picture=picture[y : y + height, x : x + width], size=size)
