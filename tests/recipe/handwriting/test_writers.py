"""Writers are recognised under their other number."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipe needs the extra 'train'")
pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")

from models.recipe.handwriting import writer_deduplication
from models.recipe.handwriting.characters import LABEL_INDEX, Ink, label_indices
from models.recipe.handwriting.words import InkItem
from models.recipe.letters.crops import written_characters


def ink_of(items: list[InkItem], writers: list[int]) -> Ink:
    """Single characters under another numbering, stored at another size and with points left out of straight runs."""
    stored = written_characters.as_ink([(item, 0.01) for item in items])
    return Ink(
        stored.points,
        stored.stroke_off,
        stored.char_off,
        label_indices(np.array([item.text for item in items])),
        np.array(writers, np.int32),
        stored.relwh,
    )


def test_a_writer_is_known_by_its_twins() -> None:
    rng = np.random.default_rng(0)

    def hand(writer: int) -> list[InkItem]:
        return [
            InkItem(rng.integers(0, 100, (8, 2)).astype(np.int16), np.array([0, 5, 8], np.int32), text, writer)
            for text in "THLA" * 5
        ]

    testing, learning, alone = hand(40), hand(41), hand(42)
    ink = ink_of(testing + learning, [8] * 20 + [10] * 20)  # 8 is a writer who is held out
    found = writer_deduplication.same_writers(ink, testing + learning + alone)
    assert found[40] == 8
    assert found[41] == 10
    assert found[42] is None
    assert writer_deduplication.held_out(ink, testing + learning + alone) == {40, 42}
    assert LABEL_INDEX["T"] in ink.labels
