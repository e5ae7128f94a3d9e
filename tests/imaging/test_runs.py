"""Runs of ink and their components, against plain loops and scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Mask, written
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray
from skimage.measure import label

from ocrcli.imaging.runs import components_of, darkest_of_runs, paint_runs, runs_of

MASKS = npst.arrays(bool, npst.array_shapes(min_dims=2, max_dims=2, max_side=14))


def connected(mask: Mask) -> NDArray[np.int32]:
    runs = runs_of(mask)
    return paint_runs(runs, components_of(runs) + 1)


def spiral(turns: int) -> Mask:
    """One component whose runs meet late: the worst case of every labelling."""
    side = 4 * turns + 1
    mask = np.zeros((side, side), bool)
    for turn in range(turns):
        low, high = 2 * turn, side - 1 - 2 * turn
        mask[low, low : high + 1] = mask[high, low : high + 1] = True
        mask[low : high + 1, high] = mask[low + 2 : high + 1, low] = True
        mask[low + 2, low : low + 3] = True  # on to the next turn
    return mask


@given(MASKS)
def test_runs_are_those_of_a_plain_loop(mask: Mask) -> None:
    expected = []
    for number, row in enumerate(mask.tolist()):
        start = None
        for column, ink in enumerate([*row, False]):
            if ink and start is None:
                start = column
            elif not ink and start is not None:
                expected.append((number, start, column))
                start = None
    for layout in (mask, np.asfortranarray(mask)):
        runs = runs_of(layout)
        assert list(zip(runs.rows.tolist(), runs.starts.tolist(), runs.ends.tolist(), strict=True)) == expected


@given(MASKS)
def test_a_mask_is_drawn_from_its_runs(mask: Mask) -> None:
    runs = runs_of(mask)
    np.testing.assert_array_equal(runs.mask(), mask)
    assert len(runs.pixels()) == runs.lengths.sum() == mask.sum()


@given(MASKS)
def test_components_are_those_of_scikit_image(mask: Mask) -> None:
    np.testing.assert_array_equal(connected(mask), label(mask, connectivity=2))


@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.7))
def test_so_are_those_of_tangled_textures(seed: int, share: float) -> None:
    mask = np.random.default_rng(seed).random((70, 90)) < share
    np.testing.assert_array_equal(connected(mask), label(mask, connectivity=2))


@pytest.mark.parametrize("mask", [spiral(12), spiral(12).T, spiral(12)[::-1], written() > 127])
def test_so_are_those_of_spirals_and_writing(mask: Mask) -> None:
    np.testing.assert_array_equal(connected(mask), label(mask, connectivity=2))


def test_a_spiral_is_one_component() -> None:
    assert connected(spiral(12)).max() == 1


@given(MASKS, st.integers(0, 2**32 - 1))
def test_the_darkest_level_of_each_run(mask: Mask, seed: int) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, mask.shape, np.uint8)
    runs = runs_of(mask)
    places = zip(runs.rows, runs.starts, runs.ends, strict=True)
    assert darkest_of_runs(runs, grey).tolist() == [grey[row, start:end].min() for row, start, end in places]
