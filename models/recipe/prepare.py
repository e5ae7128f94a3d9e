"""A look at the data before training on it: counts, and a sheet of crops to check by eye."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.batches import make_batch
from models.recipe.data import LABELS, Corpus, fold_of, sampling_weights, training_indices

CELL = 48


def sheet(crops: NDArray[np.uint8], labels: NDArray[np.int64], across: int = 32) -> NDArray[np.uint8]:
    """Lay (n, 32, 32) crops out in rows of ``across``, each above its label."""
    down = -(-len(crops) // across)
    page = np.zeros((down * (CELL + 14), across * CELL), np.uint8)
    for i, (crop, label) in enumerate(zip(crops, labels, strict=True)):
        y, x = i // across * (CELL + 14), i % across * CELL
        page[y : y + CELL, x : x + CELL] = cv2.resize(crop, (CELL, CELL), interpolation=cv2.INTER_NEAREST)
        cv2.putText(page, LABELS[label], (x + 18, y + CELL + 9), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 255, 1)
    return page


def prepare(corpus: Corpus, work: Path) -> None:
    """Print what there is to train on, and write ``samples.png`` into ``work``."""
    indices = training_indices(corpus)
    folds = fold_of(corpus.ink)
    weights = sampling_weights(corpus, indices)
    share = np.bincount(corpus.labels[indices], weights, len(LABELS))
    print(f"{len(corpus.ink)} characters in pen ink, {len(corpus.pictures)} pictures; {len(indices)} to train on")
    print(f"held out by writer: {(folds == 0).sum()} for testing, {(folds == 1).sum()} for validation")
    print(f"a class gets {share.min():.2%} to {share.max():.2%} of the crops")
    work.mkdir(parents=True, exist_ok=True)
    batch = make_batch(corpus, indices, np.cumsum(weights), [0, 0], 512)
    cv2.imwrite(str(work / "samples.png"), sheet(batch.crops, batch.labels))
