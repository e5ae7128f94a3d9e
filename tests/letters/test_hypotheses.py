"""Which marks are tried as one glyph, and what the classifier then sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from drawn import Corners, filled, marks_in
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.imaging.components import find_marks
from ocrcli.layout.baselines import Row
from ocrcli.letters import letter_crop
from ocrcli.letters.hypotheses import MOST_MARKS, RowHypotheses, crops, propose_hypotheses

CAP, BASE = 40, 100
LEVEL = np.array([float(BASE)])


def proposed(boxes: Sequence[Corners], cap: float = CAP) -> RowHypotheses:
    return propose_hypotheses(Row(np.arange(len(boxes)), LEVEL, cap), marks_in(boxes))


def joined(proposals: RowHypotheses) -> set[frozenset[int]]:
    """The mark ids, by the order of the boxes from 1, of every hypothesis of several marks."""
    return {frozenset(proposals.ids[h.first : h.last + 1].tolist()) for h in proposals.hypotheses if h.last > h.first}


H_LETTER, T_LETTER = (10, 60, 34, 100), (120, 60, 144, 100)


@pytest.mark.parametrize(
    "parts",
    [
        [(70, 72, 75, 100), (69, 58, 76, 64)],
        [(60, 76, 80, 80), (61, 86, 81, 90)],
        [(60, 60, 66, 100), (64, 78, 80, 82)],
        [(60, 60, 66, 100), (62, 60, 82, 64), (62, 78, 80, 82), (62, 96, 82, 100)],
        [(70, 60, 75, 88), (70, 95, 75, 100)],
        [(70, 75, 75, 80), (70, 95, 75, 100)],
        [(68, 60, 74, 100), (56, 58, 86, 63)],
        [(66, 58, 69, 70), (80, 59, 83, 72)],
    ],
    ids=["i", "=", "E with a bar apart", "E in four strokes", "!", ":", "T with a bar apart", "double quote"],
)
def test_the_parts_of_a_glyph_are_tried_together(parts: list[Corners]) -> None:
    got = proposed([H_LETTER, *parts, T_LETTER])
    assert frozenset(range(2, len(parts) + 2)) in joined(got)


@pytest.mark.parametrize("gap", [30, 60, 300])
def test_distant_letters_are_not_joined(gap: int) -> None:
    boxes = [(10 + i * (24 + gap), 60, 34 + i * (24 + gap), 100) for i in range(5)]
    got = proposed(boxes)
    assert not joined(got)
    assert len(got.hypotheses) == 5


@pytest.mark.parametrize(
    "strokes", [[(66, 88, 69, 100), (80, 88, 83, 100)], [(66, 58, 69, 70), (90, 58, 93, 70)]], ids=["low", "far apart"]
)
def test_strokes_that_are_no_quotes_are_not_joined(strokes: list[Corners]) -> None:
    assert frozenset([2, 3]) not in joined(proposed([H_LETTER, *strokes, T_LETTER]))


def test_letters_are_joined_to_their_own_dot_only() -> None:
    boxes = [(10, 70, 16, 100), (10, 56, 16, 62), (50, 70, 56, 100), (50, 56, 56, 62)]
    assert joined(proposed(boxes)) == {frozenset({1, 2}), frozenset({3, 4})}


def test_parts_are_bonded_and_letters_are_not() -> None:
    got = proposed([(10, 70, 16, 100), (9, 56, 17, 62), (60, 60, 84, 100)])
    assert got.bonds[0] > 0 > got.bonds[1]


def test_marks_are_in_reading_order() -> None:
    boxes = [(120, 60, 144, 100), (10, 60, 34, 100), (60, 70, 66, 100), (60, 55, 66, 60)]
    got = proposed(boxes)
    assert got.ids[0] == 2
    assert set(got.ids[1:3].tolist()) == {3, 4}
    assert got.ids[3] == 1


def test_places_are_in_capital_heights_from_the_baseline() -> None:
    got = proposed([(20, 60, 40, 100), (60, 90, 80, 110)])
    assert got.places == pytest.approx(np.array([[0, 1, 0.5, 0], [1, 0.25, 1.5, -0.25]]))
    assert got.sizes == pytest.approx(np.array([[0.5, 1], [0.5, 0.5]]))
    assert got.sizes.dtype == np.float32


def test_places_follow_a_slanting_baseline() -> None:
    boxes = [(x, 40 + x // 10, x + 20, 80 + x // 10) for x in (0, 100, 200)]
    row = Row(np.arange(3), np.array([0.1, 79.0]), CAP)
    got = propose_hypotheses(row, marks_in(boxes))
    assert got.places[:, 1] == pytest.approx([1, 1, 1])
    assert got.places[:, 3] == pytest.approx([0, 0, 0])


def test_the_resolution_does_not_matter() -> None:
    boxes = [H_LETTER, (60, 60, 66, 100), (64, 78, 80, 82), T_LETTER, (147, 60, 160, 100)]
    plain = proposed(boxes)
    row = Row(np.arange(len(boxes)), LEVEL * 4, CAP * 4)
    enlarged = propose_hypotheses(row, marks_in([tuple(4 * side for side in box) for box in boxes]))
    assert [(h.first, h.last) for h in plain.hypotheses] == [(h.first, h.last) for h in enlarged.hypotheses]
    assert plain.places == pytest.approx(enlarged.places)
    assert plain.bonds == pytest.approx(enlarged.bonds)


BOXES = st.tuples(st.integers(0, 260), st.integers(30, 100), st.integers(1, 60), st.integers(1, 60)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(st.lists(BOXES, min_size=1, max_size=16))
def test_hypotheses_are_complete_bounded_and_consistent(boxes: list[Corners]) -> None:
    got = proposed(boxes)
    count = len(boxes)
    assert sorted(got.ids.tolist()) == list(range(1, count + 1))
    singles = [h.first for h in got.hypotheses if h.first == h.last]
    assert singles == list(range(count))
    assert len(got.hypotheses) <= MOST_MARKS * count
    assert len({(h.first, h.last) for h in got.hypotheses}) == len(got.hypotheses)
    assert got.bonds.shape == (count - 1,)
    assert got.places.shape == (len(got.hypotheses), 4)
    assert got.sizes.shape == (len(got.hypotheses), 2)
    assert (got.sizes > 0).all()
    for hypothesis in got.hypotheses:
        assert 0 <= hypothesis.last - hypothesis.first < MOST_MARKS
        held = np.array([boxes[i - 1] for i in got.ids[hypothesis.first : hypothesis.last + 1]])
        assert hypothesis.box == (*held[:, :2].min(axis=0), *held[:, 2:].max(axis=0))


def cut(parts: Sequence[Corners], shape: tuple[int, int] = (140, 180)) -> tuple[RowHypotheses, np.ndarray]:
    mask = filled(parts, shape)
    marks = find_marks(mask)
    got = propose_hypotheses(Row(np.arange(len(marks)), LEVEL, CAP), marks)
    return got, crops(got, marks, mask * np.uint8(255))


def test_there_is_a_crop_for_every_hypothesis() -> None:
    got, pictures = cut([H_LETTER, (70, 72, 75, 100), (69, 58, 76, 64), T_LETTER])
    assert pictures.shape == (len(got.hypotheses), letter_crop.SIZE, letter_crop.SIZE)
    assert pictures.dtype == np.uint8
    assert (pictures.max(axis=(1, 2)) == 255).all()


def test_a_neighbours_ink_is_not_in_the_crop() -> None:
    nested = (68, 70, 90, 80)
    hook = [(60, 60, 66, 100), (60, 96, 96, 100), (92, 60, 96, 100)]
    _, alone = cut(hook)
    got, pictures = cut([*hook, nested])
    whole = [i for i, h in enumerate(got.hypotheses) if h.first == h.last and h.box == (60, 60, 96, 100)]
    np.testing.assert_array_equal(pictures[whole[0]], alone[0])
    both = [i for i, h in enumerate(got.hypotheses) if h.last > h.first]
    assert both
    assert (pictures[both[0]] != alone[0]).any()


def test_a_join_shows_all_of_its_parts() -> None:
    parts = [(60, 60, 66, 100), (69, 78, 90, 82)]
    got, pictures = cut(parts)
    both = [i for i, h in enumerate(got.hypotheses) if h.last > h.first]
    expected = letter_crop.crop(filled(parts, (140, 180))[59:101, 59:91] * np.uint8(255))
    np.testing.assert_array_equal(pictures[both[0]], expected)


def test_a_strokes_soft_edge_is_in_the_crop() -> None:
    ink = np.zeros((60, 60), np.uint8)
    ink[19:41, 19:31] = 100
    ink[20:40, 20:30] = 255
    marks = find_marks(ink > 127)
    got = propose_hypotheses(Row(np.arange(1), LEVEL, CAP), marks)
    np.testing.assert_array_equal(crops(got, marks, ink)[0], letter_crop.crop(ink[19:41, 19:31]))


@pytest.mark.parametrize("box", [(0, 0, 20, 40), (160, 100, 180, 140)], ids=["top left", "bottom right"])
def test_a_mark_in_the_pictures_corner_is_cut_out(box: Corners) -> None:
    _, pictures = cut([box])
    assert pictures[0].max() == 255
