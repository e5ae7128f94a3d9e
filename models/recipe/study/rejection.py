"""An autoencoder against principal components, and what tells letters from badly cut ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipe.finetune.samples import Sample
from models.recipe.letters.batches import Batch
from models.recipe.study.networks import (
    Floats,
    Reconstruct,
    fit_autoencoder,
    ink_of,
    principal_components,
    psnr,
    reconstruct,
    roc_area,
    squared_errors,
)
from models.recipe.study.reading import Shipped
from models.recipe.study.samples import CHARACTERS, SEED, only

EPOCHS = 40
LETTERS = 3000
"""Letters that the ROC areas are measured on, against as many that are none."""

Score = Callable[[Batch], NDArray[np.float64]]
"""(n,) float64; the higher, the more like a letter."""


@dataclass(frozen=True)
class Trial:
    """Crops to tell apart, all by writers that no training saw.

    Attributes:
        letters: Whole letters and digits.
        pieces: What a cut through one of them leaves.
        pairs: Two of them side by side.
    """

    letters: Batch
    pieces: Batch
    pairs: Batch

    def areas(self, score: Score) -> dict[str, float]:
        """ROC areas of a score against pieces, pairs, and both."""
        letters, pieces, pairs = score(self.letters), score(self.pieces), score(self.pairs)
        return {
            "pieces": roc_area(letters, pieces),
            "pairs": roc_area(letters, pairs),
            "both": roc_area(letters, np.concatenate([pieces, pairs])),
        }


def make_trial(test: Batch, pieces: Batch, pairs: Batch, count: int = LETTERS) -> Trial:
    """Take ``count`` letters and digits at random."""
    alphanumeric = np.array([c.isalnum() for c in CHARACTERS])
    usable = np.flatnonzero(alphanumeric[test.labels])
    chosen = np.random.default_rng(SEED).choice(usable, min(count, len(usable)), replace=False)
    return Trial(only(test, chosen), pieces, pairs)


def error_score(again: Reconstruct, relative: bool) -> Score:
    """Minus the reconstruction error; ``relative`` to the crop's own energy, or as it is."""

    def score(batch: Batch) -> NDArray[np.float64]:
        ink = ink_of(batch.crops)
        errors = squared_errors(ink, again(ink))
        return -errors / (ink**2).mean(axis=1) if relative else -errors

    return score


def confidence_score(shipped: Shipped, sized: bool) -> Score:
    """Probability of the likeliest character."""
    return lambda batch: np.exp(shipped.log_probabilities(batch, sized)[0].max(axis=1).astype(np.float64))


def letter_score(shipped: Shipped, sized: bool) -> Score:
    """Minus the log-probability of no letter."""

    def score(batch: Batch) -> NDArray[np.float64]:
        none = shipped.log_probabilities(batch, sized)[1]
        assert none is not None
        return -none.astype(np.float64)

    return score


def study_autoencoder(
    train: Batch, test: Batch, trial: Trial, own: list[Sample]
) -> tuple[dict[str, Any], tuple[Floats, Floats, Floats]]:
    """Compare an autoencoder with principal components.

    Args:
        train: Crops to fit both on.
        test: Crops by held-out writers for the PSNR.
        trial: Crops for the ROC areas.
        own: Letters of our own to show.

    Returns:
        Figures, and (n, 1024) ink of ``own``: as it is, by the autoencoder, by the components.
    """
    source, target = ink_of(train.crops), ink_of(test.crops)
    network = fit_autoencoder(source, EPOCHS)
    components = principal_components(source)
    methods: dict[str, Reconstruct] = {
        "autoencoder": lambda ink: reconstruct(network, ink),
        "principal components": components.reconstruct,
    }
    figures: dict[str, Any] = {
        name: {
            "psnr": psnr(squared_errors(target, again(target))),
            "psnr, training crops": psnr(squared_errors(source, again(source))),
            "error": trial.areas(error_score(again, relative=False)),
            "relative error": trial.areas(error_score(again, relative=True)),
        }
        for name, again in methods.items()
    }
    shown = ink_of(np.stack([s.crop for s in own]))
    return figures | {"epochs": EPOCHS}, (shown, reconstruct(network, shown), components.reconstruct(shown))


def study_rejection(model: Path, trial: Trial) -> dict[str, Any]:
    """How well the shipped model tells letters from badly cut ones: by its confidence, and by its class for them."""
    shipped = Shipped(model)
    figures: dict[str, Any] = {}
    for sized, name in ((False, "crop alone"), (True, "with size")):
        figures[f"confidence, {name}"] = trial.areas(confidence_score(shipped, sized))
        if shipped.log_probabilities(only(trial.letters, np.arange(1)), sized)[1] is not None:
            figures[f"not a letter, {name}"] = trial.areas(letter_score(shipped, sized))
    return figures
