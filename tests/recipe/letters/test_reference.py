"""The small network that goals were set by, on two drawings of a test."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipe needs the extra 'train'")

from models.recipe.drawing.style import STEADY
from models.recipe.handwriting import characters
from models.recipe.letters import reference
from models.recipe.letters.evaluate import Rendered
from tests import inked


def test_every_character_is_there_with_its_size_and_without() -> None:
    corpus = inked.corpus()
    batch = reference.drawn_once(corpus, np.array([2, 5]), STEADY)
    assert batch.crops.shape == (4, 32, 32)
    np.testing.assert_array_equal(batch.crops[:2], batch.crops[2:])
    assert (batch.sizes[:2] > 0).all()
    assert not batch.sizes[2:].any()
    assert batch.labels.tolist() == corpus.ink.labels[[2, 5, 2, 5]].tolist()


def test_figures_are_of_all_labels_and_of_the_sound_ones() -> None:
    """A reader that says E with a size and O without."""
    labels = np.array([characters.LABEL_INDEX[c] for c in "Eo0T"])
    sound = np.array([True, True, True, False])
    test = Rendered(np.zeros((4, 32, 32), np.uint8), np.ones((4, 2), np.float32), labels, sound)

    def reader(crops: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        said = np.zeros((len(crops), len(characters.LABELS)), np.float32)
        said[
            np.arange(len(crops)), np.where(sizes[:, 0] > 0, characters.LABEL_INDEX["E"], characters.LABEL_INDEX["O"])
        ] = 1
        return said

    assert reference.figures(reader, test) == ("0.000 / 0.500", "0.250 / 0.250", "0.000 / 0.667", "0.333 / 0.333")
