"""Gaps between marks become spaces between words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from drawn import Corners, marks_in
from hypothesis import assume, given
from hypothesis import strategies as st

from ocrcli.layout.baselines import Row
from ocrcli.letters.hypotheses import RowHypotheses, propose_hypotheses
from ocrcli.letters.row_reading import ReadGlyph
from ocrcli.letters.spaces import DOUBLED, GAP_SLOPE, UNSURE_GAP, mark_gaps, space_odds, split_words

CAP, BASE, LETTER = 40, 100, 24


def row_of(boxes: Sequence[Corners], cap: float = CAP) -> RowHypotheses:
    marks = marks_in(boxes)
    return propose_hypotheses(Row(np.arange(len(boxes)), np.array([float(BASE)]), cap), marks)


def spaced(gaps: Sequence[float], scale: float = 1) -> RowHypotheses:
    """Letters with these gaps, in capital heights, before all but the first."""
    lefts = 20 + np.concatenate([[0], np.cumsum([LETTER + gap * CAP for gap in gaps])])
    boxes = [(left, BASE - CAP, left + LETTER, BASE) for left in lefts.round().astype(int).tolist()]
    scaled = [tuple(round(side * scale) for side in box) for box in boxes]
    return row_of(scaled, CAP * scale)


def word_starts(rows: Sequence[RowHypotheses]) -> list[np.ndarray]:
    """Where a space is likelier than none."""
    return [odds > 0 for odds in space_odds(list(rows))]


def words(row: Sequence[float], page: Sequence[Sequence[float]] = ()) -> list[int]:
    """Lengths of the words of a row that is on a page with others."""
    starts = word_starts([spaced(row), *map(spaced, page)])[0]
    return np.diff(np.flatnonzero([*starts, True])).tolist()


@pytest.mark.parametrize(
    ("gaps", "lengths"),
    [
        ([0.2, 0.2, 1.0, 0.2, 0.2, 0.2, 1.0, 0.2], [3, 4, 2]),
        ([0.5, 0.5, 0.5, 1.4, 0.5, 0.5, 1.4, 0.5, 0.5], [4, 3, 3]),
        ([0.05, 0.1, 0.02, 0.9, 0.1, 0.05, 0.08, 0.75, 0.1], [4, 4, 2]),
        ([0.3, 0.15, 0.35, 0.2, 1.3, 0.25, 0.3, 0.1, 2.5, 0.2], [5, 4, 2]),
        ([0.2] * 9, [10]),
        ([0.6] * 9, [10]),
        ([0.1, 0.25, 0.05, 0.3, 0.2, 0.15, 0.1, 0.3], [9]),
    ],
    ids=["plain", "wide hand", "tight hand", "uneven hand", "one word", "one wide word", "one uneven word"],
)
def test_words_are_told_by_their_gaps(gaps: list[float], lengths: list[int]) -> None:
    assert words(gaps) == lengths


def test_a_short_row_takes_the_usual_gap_from_the_page() -> None:
    others = [[0.6, 0.6, 1.6, 0.6, 0.6, 0.6, 1.6, 0.6]] * 3
    assert words([0.6, 1.6], others) == [2, 1]
    assert words([1.6], others) == [1, 1]
    assert words([0.6], others) == [2]


def test_one_letter_is_one_word() -> None:
    assert [starts.tolist() for starts in word_starts([spaced([])])] == [[True]]


def test_letters_that_overlap_are_in_one_word() -> None:
    assert words([0.2, -0.1, 0.2, 1.2, -0.2, 0.2, 0.2]) == [4, 4]


def test_a_dot_over_a_letter_begins_no_word_and_hides_no_space() -> None:
    letters = [(20 + 32 * i, BASE - CAP, 20 + 32 * i + LETTER, BASE) for i in range(4)]
    second = [(left + 60, top, right + 60, bottom) for left, top, right, bottom in letters]
    second = [(left + 128, top, right + 128, bottom) for left, top, right, bottom in second]
    dot = (letters[1][0] + 9, BASE - CAP - 14, letters[1][0] + 15, BASE - CAP - 8)
    row = row_of([*letters, dot, *second])
    (starts,) = word_starts([row])
    lefts = row.places[[h.first == h.last for h in row.hypotheses], 0]
    assert starts.sum() == 2
    assert lefts[starts].tolist() == pytest.approx([0, (second[0][0] - letters[0][0]) / CAP])


def test_the_gap_after_a_wide_bar_is_measured_from_the_bar() -> None:
    stem, bar, letter = (60, 60, 66, 100), (40, 56, 96, 61), (100, 60, 120, 100)
    gaps = mark_gaps(row_of([stem, bar, letter]))
    assert len(gaps) == 2
    assert np.isneginf(gaps).sum() == 1
    assert gaps[np.isfinite(gaps)] == pytest.approx([(100 - 96) / CAP])


@given(st.lists(st.floats(0, 3), max_size=12))
def test_every_row_begins_a_word_and_gaps_are_measured(gaps: list[float]) -> None:
    row = spaced(gaps)
    measured = mark_gaps(row)
    (starts,) = word_starts([row])
    assert len(starts) == len(row.ids) == len(measured) + 1
    assert starts[0]
    kept = np.isfinite(measured)
    assert measured[kept] == pytest.approx(np.array(gaps)[kept], abs=1.01 / CAP)
    assert not starts[1:][~kept].any()


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 1.2, 1.5]), min_size=1, max_size=12), st.sampled_from([2, 3, 5]))
def test_the_resolution_does_not_matter(gaps: list[float], scale: int) -> None:
    (plain,), (enlarged,) = word_starts([spaced(gaps)]), word_starts([spaced(gaps, scale)])
    assert plain.tolist() == enlarged.tolist()


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 1.4]), min_size=6, max_size=14))
def test_a_wide_gap_among_narrow_ones_is_a_space(gaps: list[float]) -> None:
    assume(2 * sum(gap < 1 for gap in gaps) > len(gaps))
    (starts,) = word_starts([spaced(gaps)])
    assert starts[1:].tolist() == [gap > 1 for gap in gaps]


def test_a_gap_near_the_split_is_doubtful_and_others_are_not() -> None:
    gaps = [0.15] * 6 + [0.5, 0.15, 0.15, 1.4, 0.15]
    (odds,) = space_odds([spaced(gaps)])
    assert odds[0] == np.inf
    assert np.isfinite(odds[7])
    assert abs(odds[7]) <= GAP_SLOPE * UNSURE_GAP
    assert odds[10] == np.inf
    (wider,) = space_odds([spaced([*gaps[:6], 0.55, *gaps[7:]])])
    assert wider[7] > odds[7]
    assert (odds[[1, 2, 3]] < 0).all()


def read(text: str) -> list[ReadGlyph]:
    """Glyphs of a text, with a gap where it has a space."""
    places = [i for i, character in enumerate(text) if character != " "]
    return [ReadGlyph(text[i], 0.9, (), (i, 0, i + 1, 1), i > 0 and text[i - 1] == " ") for i in places]


def text_of(row: Sequence[ReadGlyph]) -> str:
    return " ".join("".join(glyph.text for glyph in word) for word in split_words(row))


@pytest.mark.parametrize(
    ("gaps", "text"),
    [("if a = = 0", "if a == 0"), ("_ _main_ _", "__main__"), ("a = b - - c", "a = b -- c"), ("- a", "- a"), ("", "")],
)
def test_a_gap_within_a_double_sign_is_no_space(gaps: str, text: str) -> None:
    assert text_of(read(gaps)) == text


@given(st.text("ab1 .", max_size=20))
def test_words_begin_where_gaps_are_and_no_glyph_is_lost(text: str) -> None:
    row = read(text)
    assert text_of(row) == " ".join(text.split())
    assert [glyph for word in split_words(row) for glyph in word] == row
    assert not set(DOUBLED) & set(text)
