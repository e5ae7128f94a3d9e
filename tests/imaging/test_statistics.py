"""Statistics of values that do not count alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.imaging.statistics import weighted_quantiles

PAIRS = st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 5)), min_size=1, max_size=20)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.1, 1), (0.11, 2), (0.5, 9), (1.0, 9)])
def test_a_value_counts_by_its_weight(share: float, expected: int) -> None:
    assert weighted_quantiles(np.array([9, 1, 2]), np.array([8, 1, 1]), share).tolist() == [expected]


@given(PAIRS, st.floats(0, 1))
def test_at_least_the_share_lies_up_to_it_and_less_below(pairs: list[tuple[int, int]], share: float) -> None:
    values, weights = (np.array(side) for side in zip(*pairs, strict=True))
    (found,) = weighted_quantiles(values, weights, share)
    assert weights[values <= found].sum() >= share * weights.sum()
    assert weights[values < found].sum() <= share * weights.sum()
