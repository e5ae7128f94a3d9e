"""Hands that nobody has: a character drawn part of the way to another writer's, or away from it.

Points of pen ink lie in the order of writing, so two characters of one class with as many strokes can be laid on each
other, point for point. Moving one towards or away from the other gives a hand between the two, or beyond (interpolation
and extrapolation within a class: DeVries and Taylor 2017, "Dataset augmentation in feature space").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.strokes import longer_side
from models.recipe.handwriting.characters import SMALLEST, Ink

WAY = (-0.35, 0.6)
"""How far a character goes: 1 would be all the way to the other. Beyond half of it, it would be another's hand."""

FARTHEST = 0.22
"""Mean distance of corresponding points, in the character's longer side, beyond which two are not one shape: they were
written in another order, or the class has several shapes."""

MOST_STROKES = 16
"""Characters of more strokes count as one kind; two of them rarely have equally many, and then keep their shape."""

Points = NDArray[np.float32]
Offsets = NDArray[np.int32]


def run(stroke: Points) -> NDArray[np.float64]:
    """(m,) share of an (m, 2) stroke's length that lies before each of its points."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    return np.asarray(lengths / max(lengths[-1], 1e-9))


def laid_on(stroke: Points, other: Points) -> Points:
    """Where on the (k, 2) other stroke each of the (m, 2) points belongs; that one may have been drawn backwards."""
    there = run(other)

    def at(shares: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([np.interp(shares, there, other[:, axis]) for axis in (0, 1)])

    shares = run(stroke)
    ways = [at(shares), at(1 - shares)]
    return min(ways, key=lambda found: float(np.abs(found - stroke).sum())).astype(np.float32)


def morphed(points: Points, offsets: Offsets, others: Points, bounds: Offsets, way: float) -> Points | None:
    """One character moved towards another.

    Args:
        points: (m, 2) float32 in capital heights.
        offsets: (k + 1,) int32, the strokes within ``points``.
        others: (n, 2) float32, the other character's points in capital heights.
        bounds: (k + 1,) int32, its strokes.
        way: How far, as in `WAY`.

    Returns:
        (m, 2) float32, or None where the two are not one shape.
    """
    if len(offsets) != len(bounds):
        return None
    size, other_size = (max(longer_side(p), SMALLEST) for p in (points, others))
    one, two = points / size, others / other_size
    pairs = zip(pairwise(offsets), pairwise(bounds), strict=True)
    laid = np.concatenate([laid_on(one[a:b], two[c:d]) for (a, b), (c, d) in pairs])
    one, laid = one - one.mean(axis=0), laid - laid.mean(axis=0)
    if np.hypot(*(laid - one).T).mean() > FARTHEST:
        return None
    return points + np.float32(way) * (laid * np.float32(other_size) - one * np.float32(size))


@dataclass(frozen=True)
class Hands:
    """Characters of pen ink, each of which may be moved towards another one.

    Attributes:
        ink: All characters.
        indices: Those to move towards.
    """

    ink: Ink
    indices: NDArray[np.int64]

    @cached_property
    def kinds(self) -> NDArray[np.int64]:
        """(n,) class and number of strokes of each character of the ink, as one number."""
        strokes = np.minimum(np.diff(self.ink.char_off), MOST_STROKES)
        return np.asarray(self.ink.labels * (MOST_STROKES + 1) + strokes)

    @cached_property
    def by_kind(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """``indices`` in the order of their kinds, and the kind of each."""
        order = self.indices[np.argsort(self.kinds[self.indices], kind="stable")]
        return order, self.kinds[order]

    def like(self, index: int, rng: np.random.Generator) -> int | None:
        """A random character of the same kind; None where there is none."""
        order, kinds = self.by_kind
        low, high = np.searchsorted(kinds, [self.kinds[index], self.kinds[index] + 1])
        return int(order[rng.integers(low, high)]) if low < high else None

    def between(self, index: int, rng: np.random.Generator) -> tuple[Points, Offsets]:
        """A character of the ink at its true size, as a hand would have written it that is between two, or beyond."""
        points, offsets = self.ink.placed(index)
        other = self.like(index, rng)
        if other is None:
            return points, offsets
        found = morphed(points, offsets, *self.ink.placed(other), rng.uniform(*WAY))
        return (points if found is None else found), offsets
