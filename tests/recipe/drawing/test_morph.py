"""Characters moved towards other hands, and away from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")

from models.recipe.drawing import morph
from tests import inked

T = np.array([[0, 0], [0.6, 0], [0.3, 0], [0.3, 1]], np.float32)
STROKES = np.array([0, 2, 4], np.int32)


def wide(points: np.ndarray) -> np.ndarray:
    return points * np.array([1.5, 1], np.float32)


def test_all_the_way_is_the_others_shape_and_size() -> None:
    other = wide(T) * np.float32(0.8)
    found = morph.morphed(T, STROKES, other, STROKES, 1.0)
    assert found is not None
    np.testing.assert_allclose(found - found.mean(axis=0), other - other.mean(axis=0), atol=1e-5)


@given(st.floats(-0.5, 1))
def test_the_width_goes_as_far_as_is_asked(way: float) -> None:
    found = morph.morphed(T, STROKES, wide(T), STROKES, way)
    assert found is not None
    assert np.ptp(found, axis=0) == pytest.approx([0.6 * (1 + 0.5 * way), 1], abs=1e-5)


def test_a_stroke_may_have_been_drawn_backwards_and_by_other_points() -> None:
    backwards = np.array([[0.6, 0], [0.1, 0], [0, 0], [0.3, 1], [0.3, 0]], np.float32)
    found = morph.morphed(T, STROKES, backwards, np.array([0, 3, 5], np.int32), 0.7)
    assert found is not None
    np.testing.assert_allclose(found, T, atol=1e-5)


def test_other_shapes_are_no_aim() -> None:
    assert morph.morphed(T, STROKES, T[[2, 3, 0, 1]], STROKES, 0.5) is None, "the stem was written first"
    assert morph.morphed(T, STROKES, T, np.array([0, 4], np.int32), 0.5) is None, "one stroke"


def test_dots_without_extent_stay_dots() -> None:
    dot, offsets = np.zeros((2, 2), np.float32), np.array([0, 2], np.int32)
    found = morph.morphed(dot, offsets, dot + 1, offsets, 0.5)
    assert found is not None
    np.testing.assert_allclose(found, 0, atol=1e-6)


def test_only_like_characters_of_those_given_are_aimed_at() -> None:
    rng, ink = np.random.default_rng(1), inked.corpus().ink
    ink = replace(ink, labels=np.arange(len(ink)) % 3)
    hands = morph.Hands(ink, np.array([1, 4, 5, 8]))
    likes = {0: {None}, 1: {1, 4}, 2: {5, 8}}
    for index, label in enumerate(ink.labels.tolist()):
        assert {hands.like(index, rng) for _ in range(40)} == likes[label]
        points, offsets = hands.between(index, rng)
        expected, same = ink.placed(index)
        assert points.shape == expected.shape
        np.testing.assert_array_equal(offsets, same)
