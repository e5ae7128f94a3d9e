"""Two letter models, each of which has seen one half of the writers, teach a third one.

One shape is a 5 by one writer and an S by the next: a network learns both by heart, and is sure where nobody can be.
A model that has not seen the writer says how likely each of them is (Hinton, Vinyals and Dean 2015, "Distilling the
knowledge in a neural network"; that only models be asked that have not seen the sample: Dao, Kamath, Syrgkanis and
Mackey 2021, "Knowledge distillation as semiparametric inference").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipe.letters.finished import Model, softmax


@dataclass(frozen=True)
class Teachers:
    """Finished letter models; the one at place h has not seen the samples of half h.

    Attributes:
        files: Theirs, of two.
    """

    files: tuple[Path, ...]

    @cached_property
    def models(self) -> list[Model]:
        """Loaded, on one thread each."""
        return [Model(path, threads=1) for path in self.files]

    def probabilities(
        self, crops: NDArray[np.uint8], sizes: NDArray[np.float32], halves: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """What the model says that has not seen them.

        Args:
            crops: (n, 32, 32) uint8.
            sizes: (n, 2) float32 in capital heights, zeros where unknown.
            halves: (n,) half of each, 0 or 1.

        Returns:
            (n, labels) float32 probabilities.
        """
        rows = [np.flatnonzero(halves == half) for half in range(len(self.models))]
        said = [softmax(model.logits(crops[r], sizes[r])) for model, r in zip(self.models, rows, strict=True)]
        back = np.argsort(np.concatenate(rows))
        return np.concatenate(said)[back].astype(np.float32)
