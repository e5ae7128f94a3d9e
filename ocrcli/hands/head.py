"""What a hand adds to the last layer of a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Head:
    """A correction of a model's last layer, which is linear.

    The layer itself stays as it is: what a hand has not been seen to write is read as before.

    Attributes:
        weights: (classes, width) float32, to add to the layer's weights.
        bias: (classes,) float32, to add to its bias.
    """

    weights: Floats
    bias: Floats

    def logits(self, features: Floats) -> Floats:
        """What to add to the logits.

        Args:
            features: (..., width) float32, what the last layer sees.

        Returns:
            (..., classes) float32.
        """
        return np.asarray(features @ self.weights.T + self.bias, np.float32)

    def scaled(self, strength: float) -> Head:
        """The correction times a factor: 0 is the model as it ships, 1 is all that was learnt."""
        factor = np.float32(strength)
        return Head(self.weights * factor, self.bias * factor)


def no_head(classes: int, width: int) -> Head:
    """A head that changes nothing."""
    return Head(np.zeros((classes, width), np.float32), np.zeros(classes, np.float32))
