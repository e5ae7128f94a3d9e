"""Which writers of words are writers of single characters: UNIPEN's samples come under two numberings.

Both numberings hold single characters, and most of them are the same ink in both. Where a writer's characters have
their duplicates among those of one writer of the other numbering, the two are one person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.recipe.handwriting.characters import LABEL_INDEX, TEST_FOLD, VALIDATION_FOLD, Ink, fold_of
from models.recipe.handwriting.words import InkItem

SAMPLES = 10
"""Points along the ink that are compared."""

NEAR = 0.08
"""Distance of two duplicates' points at most, in units of the character's longer side."""

LOOKED_AT = 80
"""Characters of a writer that are compared; the rest would say the same."""

AGREED = 0.5
"""Share of a writer's duplicates that must be of one other writer to tell who it is."""


def signature(points: NDArray[np.int16], offsets: NDArray[np.int32]) -> NDArray[np.float64]:
    """(2 SAMPLES,) x and y of points spaced evenly along the ink, in units of the longer side."""
    placed = points - points.min(axis=0).astype(np.float64)
    placed /= max(float(placed.max()), 1.0)
    steps = np.hypot(*np.diff(placed, axis=0).T)
    steps[offsets[1:-1] - 1] = 1e-6  # the pen is in the air
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0, along[-1], SAMPLES)
    return np.concatenate([np.interp(at, along, placed[:, axis]) for axis in (0, 1)])


def same_writers(ink: Ink, characters: Sequence[InkItem]) -> dict[int, int | None]:
    """Who the writers of ``characters`` are.

    Args:
        ink: Single characters under one numbering.
        characters: Single characters under the other.

    Returns:
        For each writer of ``characters`` its number in ``ink``; None where its duplicates do not tell.
    """
    groups = defaultdict(list)
    for index in range(len(ink)):
        points, offsets = ink.character(index)
        groups[int(ink.labels[index]), len(offsets)].append((signature(points, offsets), int(ink.writers[index])))
    trees = {key: (cKDTree([s for s, _ in found]), [w for _, w in found]) for key, found in groups.items()}
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    looked_at: Counter[int] = Counter()
    for item in characters:
        key = LABEL_INDEX.get(item.text, -1), len(item.offsets)
        looked_at[item.writer] += 1
        if key not in trees or looked_at[item.writer] > LOOKED_AT:
            continue
        tree, writers = trees[key]
        distance, nearest = tree.query(signature(item.points, item.offsets))
        if distance < NEAR:
            votes[item.writer][writers[int(nearest)]] += 1
    found: dict[int, int | None] = dict.fromkeys(looked_at)
    for writer, counts in votes.items():
        (other, most), *_ = counts.most_common(1)
        if most > AGREED * counts.total():
            found[writer] = other
    return found


def held_out(ink: Ink, characters: Sequence[InkItem]) -> set[int]:
    """Writers of ``characters`` of whom nothing may be trained on.

    Those that test or validate, and those of whom their duplicates do not tell who they are.
    """
    fold = dict(zip(ink.writers.tolist(), fold_of(ink).tolist(), strict=True))
    kept = (TEST_FOLD, VALIDATION_FOLD)
    return {w for w, other in same_writers(ink, characters).items() if other is None or fold[other] in kept}
