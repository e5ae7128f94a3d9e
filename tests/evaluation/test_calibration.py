"""Confidences against what is right."""

from __future__ import annotations

import pages
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.core.page import Page
from ocrcli.evaluation.calibration import Bin, answers, bins, calibration_error

ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.booleans()))


def test_each_letter_is_right_or_wrong_and_spaces_are_nobodys() -> None:
    found = answers(pages.page("MILK\n2 OATS"), "MlLK\n2 OATS")
    assert [right for _, right in found] == [True, False, True, True, *[True] * 5]
    assert {confidence for confidence, _ in found} == {0.9}


def test_without_spaces_words_may_be_parted_anyhow() -> None:
    assert all(right for _, right in answers(pages.page("A B C"), "ABC", spaces=False))


def test_an_empty_page_has_no_answers() -> None:
    assert answers(Page((), 9, 9), "abc") == []


def test_bins_have_means() -> None:
    assert bins([(0.92, True), (0.98, False), (0.1, False), (1.0, True)]) == [
        Bin(1, 0.1, 0.0),
        Bin(3, pytest.approx(2.9 / 3), pytest.approx(2 / 3)),
    ]


@given(ANSWERS, st.integers(1, 20))
def test_no_answer_is_lost(found: list[tuple[float, bool]], count: int) -> None:
    gathered = bins(found, count)
    assert sum(b.count for b in gathered) == len(found)
    assert sum(b.count * b.accuracy for b in gathered) == pytest.approx(sum(right for _, right in found))
    assert 0 <= calibration_error(gathered) <= 1


def test_calibration_error_weighs_by_count() -> None:
    assert calibration_error([Bin(3, 0.9, 1.0), Bin(1, 0.5, 0.1)]) == pytest.approx((3 * 0.1 + 0.4) / 4)
    assert calibration_error([]) == 0


def test_the_interval_is_wilsons() -> None:
    low, high = Bin(10, 0.8, 0.8).interval  # as in R: binom.confint(8, 10, methods = "wilson")
    assert (low, high) == (pytest.approx(0.4902, abs=1e-3), pytest.approx(0.9433, abs=1e-3))


@given(st.integers(1, 1000), st.floats(0, 1))
def test_the_interval_holds_the_accuracy(count: int, share: float) -> None:
    right = round(count * share) / count
    low, high = Bin(count, 0.5, right).interval
    assert 0 <= low <= right + 1e-9
    assert right - 1e-9 <= high <= 1
