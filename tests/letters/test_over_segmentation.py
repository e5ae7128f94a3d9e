"""Marks wider than a letter, and their pieces."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from drawn import Corners, Mask, filled, letter
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from ocrcli.imaging.components import Marks, find_marks, stroke_width
from ocrcli.layout.baselines import Row
from ocrcli.letters.over_segmentation import cut_places, over_segment

CAP = 44
SHAPE = (120, 260)
BASE = 90


def written(letters: str, gap: int = 12, join: float | None = 0.3, slant: float = 0.0) -> tuple[Mask, list[Mask]]:
    """Letters on a line, joined by strokes.

    Args:
        letters: The text.
        gap: Pixels between them.
        join: Height of the joining strokes in capital heights; None for none.
        slant: How far the writing leans to the right.

    Returns:
        All ink, and that of each letter.
    """
    left, own, edges = 30, [], []
    for text in letters:
        ink = letter(text, 60) > 127
        mask = np.zeros(SHAPE, bool)
        mask[BASE - ink.shape[0] : BASE, left : left + ink.shape[1]] = ink
        own.append(mask)
        y = BASE - round((join or 0) * CAP)
        columns = np.flatnonzero(mask[y - 2 : y + 2].any(axis=0))
        edges.append((int(columns[0]), int(columns[-1])))
        left += ink.shape[1] + gap
    strokes = [(a[1] - 1, y - 2, b[0] + 2, y + 2) for a, b in pairwise(edges)] if join is not None else []
    leaning = [sheared(mask, slant) for mask in own]
    return np.any(leaning, axis=0) | sheared(filled(strokes, SHAPE), slant), leaning


def sheared(mask: Mask, slant: float) -> Mask:
    rows = [np.roll(row, round(slant * (BASE - y))) for y, row in enumerate(mask)]
    return np.array(rows)


def cut(mask: Mask, cap_height: float = CAP, stroke: float | None = None) -> tuple[Marks, Row, Marks]:
    """The marks before; the row and the marks after."""
    before = find_marks(mask)
    row = Row(np.argsort(before.boxes[:, 0], kind="stable"), np.array([float(BASE)]), cap_height)
    (cut_row,), after = over_segment([row], before, stroke or stroke_width(mask))
    return before, cut_row, after


def check_partition(before: Marks, row: Row, after: Marks) -> None:
    """The row's marks hold the pixels that were there, each once, and each mark says so."""
    np.testing.assert_array_equal(after.labels > 0, before.labels > 0)
    assert len(set(row.marks.tolist())) == len(row.marks)
    assert len(set(after.ids.tolist())) == len(after)
    assert after.areas[row.marks].sum() == before.areas.sum()
    assert len(after.boxes) == len(after.areas) == len(after.parents) == len(after)
    whole = np.zeros(before.labels.shape, int)
    for index in row.marks.tolist():
        pixels = after.labels == after.ids[index]
        whole[pixels] = after.parents[index]
        y, x = np.nonzero(pixels)
        assert len(y) == after.areas[index] > 0
        assert after.boxes[index].tolist() == [x.min(), y.min(), x.max() + 1, y.max() + 1]
    np.testing.assert_array_equal(whole, before.labels)


def check_untouched(mask: Mask, cap_height: float = CAP, stroke: float | None = None) -> None:
    before, row, after = cut(mask, cap_height, stroke)
    np.testing.assert_array_equal(row.marks, np.argsort(before.boxes[:, 0], kind="stable"))
    np.testing.assert_array_equal(after.ids, before.ids)
    np.testing.assert_array_equal(after.labels, before.labels)


def mixed(row: Row, after: Marks, letters: list[Mask]) -> float:
    """The largest share of a letter that is in a piece with more of another letter."""
    counts = np.array([[(own & (after.labels == after.ids[i])).sum() for own in letters] for i in row.marks])
    rest = counts.sum(axis=1) - counts.max(axis=1)
    return float(rest.max() / min(own.sum() for own in letters))


@pytest.mark.parametrize("letters", ["nn", "HH", "ou", "OO", "hE", "lL", "run", "HOT"])
@pytest.mark.parametrize("join", [0.15, 0.4])
def test_joined_letters_are_cut_between_them(letters: str, join: float) -> None:
    mask, own = written(letters, join=join)
    before, row, after = cut(mask)
    assert len(before) == 1
    assert len(row.marks) >= len(letters)
    assert mixed(row, after, own) < 0.05
    check_partition(before, row, after)


def test_slanted_letters_are_cut_along_their_slant() -> None:
    mask, own = written("HHHH", gap=10, join=0.25, slant=0.45)
    left, right = (np.flatnonzero(own[i].any(axis=0)) for i in (0, 1))
    assert left[-1] > right[0] + 5  # no upright cut parts them
    before, row, after = cut(mask)
    assert len(before) == 1
    assert mixed(row, after, own) < 0.05
    check_partition(before, row, after)


@pytest.mark.parametrize("text", ["O", "D", "M", "w", "m"])
def test_a_single_letter_keeps_all_its_pixels(text: str) -> None:
    mask, _ = written(text)
    before, row, after = cut(mask)
    check_partition(before, row, after)
    assert len(row.marks) <= 6


def test_pieces_are_in_reading_order_and_know_what_they_were() -> None:
    mask, _ = written("non")
    before, row, after = cut(mask)
    assert (np.diff(after.boxes[row.marks, 0]) > 0).all()
    assert set(after.parents[row.marks].tolist()) == {int(before.ids[0])}
    assert int(before.ids[0]) not in after.ids[row.marks]


def test_marks_that_are_not_cut_stay_as_they_are_among_the_pieces() -> None:
    joined, _ = written("nn")
    mask = joined | filled([(4, 40, 9, BASE), (240, 40, 246, BASE)], SHAPE)
    before, row, after = cut(mask)
    assert len(before) == 3
    assert row.marks[0] == np.argmin(before.boxes[:, 0])
    assert row.marks[-1] == np.argmax(before.boxes[:, 0])
    np.testing.assert_array_equal(after.ids[: len(before)], before.ids)
    np.testing.assert_array_equal(after.boxes[: len(before)], before.boxes)
    check_partition(before, row, after)


def test_marks_outside_the_rows_are_not_cut() -> None:
    mask, _ = written("nn")
    mask = np.concatenate([mask, mask])
    before = find_marks(mask)
    row = Row(np.array([1]), np.array([float(BASE + len(mask) // 2)]), CAP)
    (cut_row,), after = over_segment([row], before, stroke_width(mask))
    assert len(cut_row.marks) > 1
    assert 0 not in cut_row.marks
    np.testing.assert_array_equal(after.labels == before.ids[0], before.labels == before.ids[0])


def test_every_row_is_cut_by_its_own_height() -> None:
    one, _ = written("nn")
    before = find_marks(np.concatenate([one, one]))
    rows = [Row(np.array([i]), np.array([float(BASE + i * len(one))]), cap) for i, cap in enumerate((CAP, 4 * CAP))]
    (small, large), after = over_segment(rows, before, 5)
    assert len(small.marks) > 1
    assert large.marks.tolist() == [1]
    assert (small.cap_height, large.cap_height) == (CAP, 4 * CAP)
    np.testing.assert_array_equal(after.labels > 0, before.labels > 0)


NARROW: list[Corners] = [(30, 46, 35, 90), (60, 46, 80, 90), (100, 60, 122, 90)]
LOW: list[Corners] = [(30, 70, 90, 75), (110, 62, 145, 74), (145, 67, 165, 70), (165, 62, 230, 74)]


@pytest.mark.parametrize("boxes", [NARROW, LOW], ids=["narrow", "low"])
def test_narrow_marks_and_dashes_are_untouched(boxes: list[Corners]) -> None:
    check_untouched(filled(boxes, SHAPE), stroke=5)


def test_a_narrow_letter_is_untouched() -> None:
    check_untouched(written("lit", join=None)[0])


def test_a_blot_is_too_thick_to_cut() -> None:
    check_untouched(filled([(30, 40, 130, 90)], SHAPE), stroke=5)


def test_no_rows() -> None:
    marks = find_marks(np.zeros((4, 4), bool))
    assert over_segment([], marks, 2) == ([], marks)


def test_a_bridge_is_cut_in_its_middle() -> None:
    block, bridge = np.repeat(np.arange(20), 40), np.repeat(np.arange(20, 30), 3)
    places = cut_places(np.concatenate([block, bridge, block + 30]).astype(float), 40, 4)
    assert np.abs(places - 25).min() < 3
    assert (places > 19).all()
    assert (places < 31).all()


MASKS = npst.arrays(bool, st.tuples(st.integers(1, 25), st.integers(1, 60)), elements=st.booleans())


@given(MASKS, st.floats(2, 40), st.floats(1, 6))
def test_no_pixel_is_lost_or_won(mask: Mask, cap_height: float, stroke: float) -> None:
    if mask.any():
        check_partition(*cut(mask, cap_height, stroke))


@given(st.lists(st.floats(-500, 500), min_size=1, max_size=200), st.floats(2, 80), st.floats(1, 8))
def test_cuts_are_ascending_and_inside_the_mark(across: list[float], cap_height: float, stroke: float) -> None:
    places = cut_places(np.array(across), cap_height, stroke)
    assert (np.diff(places) > 0).all()
    assert (places > min(across)).all()
    assert (places < max(across)).all()
