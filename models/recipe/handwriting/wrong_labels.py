"""Wrong labels among the characters of pen ink: found by a model that disagrees, and counted."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from models.recipe.handwriting.characters import LABELS, merged_classes

DOUBT = 0.02
"""A label that gets less than this probability, its look-alikes included, is wrong if the model is sure of another."""

SURE = 0.6
"""What counts as sure; label smoothing keeps probabilities from 1."""

CREDIBLE = 0.03
"""Probability of a letter's group of look-alikes below which its label is not believed where it was told by machine."""


def group_probability(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, labels) probability of each label together with its look-alikes."""
    merged = merged_classes()
    group = (merged[:, None] == merged[None, :]).astype(probability.dtype)
    return np.asarray(probability @ group)


def credible(probability: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) whether a model gives (n,) labels, look-alikes included, more than next to nothing."""
    return np.asarray(group_probability(probability)[np.arange(len(labels)), labels] > CREDIBLE)


def find_wrong_labels(probability: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which labels are wrong: a plain form of confident learning (Northcutt, Jiang and Chuang 2021).

    Look-alikes (c and C, 0 and O) count as one, for the ink does not tell who is right.

    Args:
        probability: (n, labels), calibrated, of a model.
        labels: (n,).

    Returns:
        (n,) bool.
    """
    grouped = group_probability(probability)
    return np.asarray((grouped.max(axis=1) > SURE) & (grouped[np.arange(len(labels)), labels] < DOUBT))


def wrong_by_class(labels: NDArray[np.int64], wrong: NDArray[np.bool_]) -> list[tuple[str, int, int]]:
    """(label, wrong ones, all), the labels with the largest share of wrong ones first."""
    every, bad = Counter(labels.tolist()), Counter(labels[wrong].tolist())
    rows = [(LABELS[label], bad[label], count) for label, count in every.items()]
    return sorted(rows, key=lambda row: (-row[1] / row[2], row[0]))
