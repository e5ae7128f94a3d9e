"""Drawn photos of pages: their shapes, the ranges of their labels, the same from the same seed."""

from __future__ import annotations

from string import ascii_letters, digits

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")
pytest.importorskip("torch", reason="the recipe needs the extra 'train'")

from models.recipe.handwriting.words import InkItem, PhotoItem
from models.recipe.synthesis.hands import Hands
from models.recipe.synthesis.photograph import Crop, Studio, photograph
from models.recipe.synthesis.scene import CORE_STRIDE
from models.recipe.synthesis.surfaces.surroundings import Surroundings

SIZE = 128


def zigzag(text: str, writer: int = 1) -> InkItem:
    """A word of upright strokes."""
    strokes = [np.array([[40 * n, 0], [40 * n + 5, 64], [40 * n + 10, 128]], np.int16) for n in range(2 * len(text))]
    return InkItem(np.concatenate(strokes), np.arange(len(strokes) + 1, dtype=np.int32) * 3, text, writer)


def bars(text: str, writer: str = "a") -> PhotoItem:
    """A photographed word of upright bars."""
    ink = np.zeros((40, 24 * len(text)), np.uint8)
    ink[4:36, 8::24] = ink[4:36, 9::24] = ink[4:36, 10::24] = 255
    return PhotoItem(ink, text, writer)


@pytest.fixture(scope="module")
def studio() -> Studio:
    words = ["tea", "milk", "bread", "oats", "eggs", "honey"]
    letters = {c: [zigzag(c)] for c in ascii_letters + digits}
    hands = Hands(
        [[zigzag(word) for word in words]], [letters], [[bars(word) for word in words]], [[bars("some tea")]], words
    )
    return Studio(hands, Surroundings.load(None))


@pytest.fixture(scope="module")
def crops(studio: Studio) -> list[Crop]:
    return [photograph(studio, SIZE, np.random.default_rng(seed)) for seed in range(30)]


def test_shapes_and_kinds(crops: list[Crop]) -> None:
    coarse = SIZE // CORE_STRIDE
    for grey, ink, core, up in crops:
        assert (grey.shape, grey.dtype) == ((SIZE, SIZE), np.uint8)
        assert (ink.shape, ink.dtype) == ((SIZE, SIZE), np.uint8)
        assert (core.shape, core.dtype) == ((coarse, coarse), np.uint8)
        assert (up.shape, up.dtype) == ((coarse, coarse, 2), np.int8)


def test_directions_are_unit_vectors_or_nothing(crops: list[Crop]) -> None:
    for *_, up in crops:
        length = np.linalg.norm(up.astype(float), axis=2)
        assert ((length == 0) | (np.abs(length - 127) < 2)).all()


def test_lines_have_a_direction_and_ink_near_them(crops: list[Crop]) -> None:
    written = [(ink, core, up) for _, ink, core, up in crops if (core == 255).sum() > 60]
    assert len(written) > 10
    for _, core, up in written:
        sure = core == 255
        assert (np.abs(up[sure]).sum(axis=1) > 0).mean() > 0.9
    assert np.mean([ink.max() for ink, _, _ in written]) > 128


def test_some_crops_are_empty_and_some_are_not(crops: list[Crop]) -> None:
    inked = [ink.any() for _, ink, _, _ in crops]
    assert any(inked)
    assert not all(inked)
    for grey, ink, core, up in crops:
        if not core.any() and not ink.any():
            assert not up.any()
        assert np.ptp(grey) >= 0


def test_the_same_seed_draws_the_same(studio: Studio) -> None:
    for seed in (3, 11):
        first, second = (photograph(studio, SIZE, np.random.default_rng(seed)) for _ in range(2))
        assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    other = photograph(studio, SIZE, np.random.default_rng(4))
    assert not np.array_equal(first[0], other[0])
