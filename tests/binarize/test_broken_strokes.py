"""Strokes that were broken are made whole, and nothing else comes back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.binarize.broken_strokes import restore_strokes

X_HEIGHT = 24
SHAPE = (120, 200)
PEN, PALE = 40, 190


def stem(top: int, bottom: int, left: int = 100, width: int = 3) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[top:bottom, left : left + width] = True
    return mask


def page(ink: np.ndarray, level: int = PEN, beside: np.ndarray | None = None) -> np.ndarray:
    """Paper with ink on it, and with something else of another level."""
    flat = np.full(SHAPE, 255, np.uint8)
    if beside is not None:
        flat[beside] = level
    flat[ink] = PEN
    return flat


@pytest.mark.parametrize("gap", [(50, 62), (70, 85)], ids=["middle", "tail"])
def test_a_piece_that_was_taken_out_of_a_stem_comes_back(gap: tuple[int, int]) -> None:
    whole = stem(35, 85)
    left = whole & ~stem(*gap)
    assert restore_strokes(left, page(whole), X_HEIGHT)[whole].all()


def test_a_long_line_that_touches_writing_stays_away() -> None:
    ink, margin = stem(40, 80), stem(0, 120, left=103)
    assert not (restore_strokes(ink, page(ink, beside=margin), X_HEIGHT) & margin & ~ink).sum(axis=0)[104:].any()


def test_a_ruling_that_runs_through_writing_stays_away() -> None:
    ink, ruling = stem(40, 80), np.zeros(SHAPE, bool)
    ruling[60:62] = True
    assert not (restore_strokes(ink, page(ink, beside=ruling), X_HEIGHT) & ruling & ~ink).any()


def test_what_is_paler_than_the_pen_stays_away() -> None:
    ink, grid = stem(40, 80), stem(80, 92)
    assert not (restore_strokes(ink, page(ink, PALE, grid), X_HEIGHT) & grid).any()


def test_what_hangs_on_no_writing_stays_away() -> None:
    ink, speck = stem(40, 80), stem(50, 60, left=150)
    assert not (restore_strokes(ink, page(ink, beside=speck), X_HEIGHT) & speck).any()


def test_a_page_without_ink_has_none_to_complete() -> None:
    nothing = np.zeros(SHAPE, bool)
    assert not restore_strokes(nothing, page(stem(40, 80)), X_HEIGHT).any()


@given(st.integers(0, 2**32 - 1))
def test_ink_is_never_lost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((40, 60)) < rng.random()
    flat = rng.integers(0, 256, (40, 60), dtype=np.uint8)
    assert restore_strokes(mask, flat, X_HEIGHT)[mask].all()
