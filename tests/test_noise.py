"""Pictures on which nothing is written, but much is to be seen."""

from __future__ import annotations

import numpy as np
import pytest

from ocrcli.errors import NothingWrittenError
from ocrcli.reading import Reader

SIDES = (900, 1200)


def strewn(share: float, side: int) -> np.ndarray:
    """White paper with black dots of so many pixels at places by chance."""
    rng = np.random.default_rng(3)
    dots = np.kron(rng.random((SIDES[0] // side, SIDES[1] // side)) < share, np.ones((side, side), bool))
    return np.where(dots, np.uint8(0), np.uint8(255))


def grain(cell: int) -> np.ndarray:
    """Noise of any grey, in squares of so many pixels."""
    field = np.random.default_rng(5).integers(0, 256, (SIDES[0] // cell, SIDES[1] // cell), np.uint8)
    return np.kron(field, np.ones((cell, cell), np.uint8))


PICTURES = {
    "dust": strewn(0.002, 1),
    "specks": strewn(0.02, 1),
    "dots": strewn(0.02, 4),
    "blots": strewn(0.05, 9),
    "noise": grain(1),
    "coarse noise": grain(5),
    "stripes": np.tile(np.where(np.arange(SIDES[1]) % 40 < 20, np.uint8(40), np.uint8(210)), (SIDES[0], 1)),
    "squares": np.where(
        np.add.outer(np.arange(SIDES[0]) // 50, np.arange(SIDES[1]) // 50) % 2, np.uint8(60), np.uint8(190)
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_noise_and_patterns_are_refused(name: str) -> None:
    with pytest.raises(NothingWrittenError):
        Reader().read(PICTURES[name])
