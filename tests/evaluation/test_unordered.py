"""Scores for which the order of lines does not count."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.evaluation.scoring import score
from ocrcli.evaluation.unordered import score_unordered

LINES = st.lists(st.text("abcABC .12é", min_size=1, max_size=8), min_size=1, max_size=6)


def edits(reference: str, hypothesis: str, *, spaces: bool = True) -> tuple[int, int]:
    found = score_unordered(reference, hypothesis, spaces=spaces)
    return found.letters.edits, found.characters.edits


def test_columns_that_are_read_in_another_order_cost_nothing() -> None:
    written, read = "LEFT ONE\nLEFT TWO\nRIGHT ONE\nRIGHT TWO", "LEFT ONE\nRIGHT ONE\nLEFT TWO\nRIGHT TWO"
    assert edits(written, read) == (0, 0)
    assert score(written, read).characters.edits > 0


def test_a_missing_line_costs_its_characters_and_its_break() -> None:
    assert edits("one\ntwo\nthree", "three\none") == (3, 4)


def test_a_line_that_was_made_up_costs_the_same() -> None:
    assert edits("three\none", "one\ntwo\nthree") == (3, 4)


def test_a_written_line_that_was_read_as_several_is_one_again() -> None:
    assert edits("first line of all\nsecond", "second\nof all\nfirst line") == (0, 0)
    assert edits("one two three", "three\none\ntwo") == (0, 0)


def test_columns_that_were_read_across_are_two_lines_again() -> None:
    assert edits("left one\nleft two\nright one\nright two", "left two right two\nleft one right one") == (0, 0)


def test_the_edits_within_a_line_count() -> None:
    assert edits("abc\ndefg", "defx\nabc") == (1, 1)


def test_without_spaces_a_line_has_no_break_to_lose() -> None:
    assert edits("a b\nc d e", "c de\nab", spaces=False) == (0, 0)
    assert edits("a b\nc d e", "c de", spaces=False) == (2, 2)


@pytest.mark.parametrize("read", ["", "\n\n", " "])
def test_nothing_read_loses_everything(read: str) -> None:
    found = score_unordered("ab\ncd", read)
    assert (found.letters.rate, found.characters.rate) == (1, 1)


def test_lengths_are_those_of_the_ordered_score() -> None:
    ordered, found = score("ab\ncd e", "cd"), score_unordered("ab\ncd e", "cd")
    assert (found.letters.length, found.characters.length) == (ordered.letters.length, ordered.characters.length)


@given(LINES, LINES, st.booleans())
def test_it_is_never_more_than_in_order(written: list[str], read: list[str], spaces: bool) -> None:
    reference, hypothesis = "\n".join(written), "\n".join(read)
    ordered = score(reference, hypothesis, spaces=spaces)
    found = score_unordered(reference, hypothesis, spaces=spaces)
    assert 0 <= found.letters.edits <= ordered.letters.edits
    assert 0 <= found.characters.edits <= ordered.characters.edits
    # No order of lines makes up for letters that are missing or too many.
    assert found.letters.edits >= abs(found.letters.length - score(hypothesis, "").letters.length)


@given(LINES, st.randoms(use_true_random=False), st.booleans())
def test_any_order_of_the_same_lines_is_perfect(written: list[str], chance: random.Random, spaces: bool) -> None:
    read = written.copy()
    chance.shuffle(read)
    assert edits("\n".join(written), "\n".join(read), spaces=spaces) == (0, 0)
