"""Figures of the page model on drawn crops whose writers and backgrounds it has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipe.page.pool import SIZE
from models.recipe.synthesis.photograph import Studio, photograph
from models.recipe.training import markdown
from ocrcli.binarize.page_model import PageModel

SEED = 79
"""Of the crops: the same ones each time."""

HALF = 128
"""Grey level from which on a pixel of a map counts."""

SURE = 0.5
"""Probability of a core from which on a place counts as one."""


@dataclass(frozen=True)
class Overlap:
    """How two masks lie on each other, in pixels: in both, in the model's alone, in the truth alone."""

    both: int = 0
    found: int = 0
    missed: int = 0

    def __add__(self, other: Overlap) -> Overlap:
        return Overlap(self.both + other.both, self.found + other.found, self.missed + other.missed)

    @property
    def iou(self) -> float:
        """Intersection over union; 1 where there is nothing in either."""
        union = self.both + self.found + self.missed
        return self.both / union if union else 1.0

    @property
    def precision(self) -> float:
        """Share of what the model marks that is in the truth."""
        return self.both / max(self.both + self.found, 1)

    @property
    def recall(self) -> float:
        """Share of the truth that the model marks."""
        return self.both / max(self.both + self.missed, 1)


@dataclass(frozen=True)
class Measured:
    """What was measured on one crop.

    Attributes:
        ink: Of the ink map.
        core: Of the core map.
        degrees: (n,) angles between the model's up and the true one, on the true cores.
        written: Whether there is any writing.
    """

    ink: Overlap
    core: Overlap
    degrees: NDArray[np.float64]
    written: bool


def overlap(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Overlap:
    """Compare two masks of one shape."""
    return Overlap(int((found & truth).sum()), int((found & ~truth).sum()), int((~found & truth).sum()))


def measure(model: PageModel, crop: tuple[NDArray[np.integer], ...]) -> Measured:
    """Compare the maps of one crop with what is drawn there.

    Args:
        model: The page model.
        crop: Grey, ink, core and up as `models.recipe.synthesis.photograph` gives them.
    """
    grey, ink, core, up = crop
    maps = model.maps(np.asarray(grey, np.uint8))
    true_core = core >= HALF
    known = true_core & (np.abs(up).sum(axis=-1) > 0)
    angle = np.arctan2(maps.up[1], maps.up[0])[known] - np.arctan2(up[..., 1], up[..., 0])[known]
    degrees = np.abs((np.rad2deg(angle) + 180) % 360 - 180)
    return Measured(
        overlap(maps.ink >= HALF, ink >= HALF),
        overlap(maps.core >= SURE, true_core),
        degrees,
        bool((ink >= HALF).any()),
    )


def drawn_crops(studio: Studio, count: int, *, reading: bool) -> Iterator[tuple[NDArray[np.integer], ...]]:
    """So many crops, the same ones each time; ``reading`` as of `photograph`."""
    for number in range(count):
        yield photograph(studio, SIZE, np.random.default_rng([SEED, number, reading]), reading=reading)


def evaluate(model: PageModel, studio: Studio, count: int) -> str:
    """A Markdown table of the ink map, the core map and the direction.

    Args:
        model: The page model.
        studio: Held-out writers and backgrounds.
        count: Crops of each kind.
    """
    rows = [["drawn crops", "crops", "ink IoU", "ink precision", "ink recall", "core IoU", "up, median error"]]
    empty: list[Measured] = []
    for name, reading in (("as the page is read", True), ("as a photo is surveyed", False)):
        found = [measure(model, crop) for crop in drawn_crops(studio, count, reading=reading)]
        written = [one for one in found if one.written]
        empty += [one for one in found if not one.written]
        ink, core = sum((one.ink for one in written), Overlap()), sum((one.core for one in written), Overlap())
        degrees = np.concatenate([np.zeros(0), *(one.degrees for one in written)])
        turned = f"{np.median(degrees):.1f}°" if len(degrees) else ""
        figures = (f"{figure:.3f}" for figure in (ink.iou, ink.precision, ink.recall, core.iou))
        rows.append([name, f"{len(written):,}", *figures, turned])
    marked = sum(one.ink.found for one in empty) / max(len(empty) * SIZE**2, 1)
    clean = f"In {len(empty):,} crops without writing {marked:.4%} of the pixels are marked as ink."
    return f"{markdown.rows(rows)}\n\n{clean}"


def card_of(model: Path) -> Path:
    """The card beside a model."""
    return model.with_name("page.md")
