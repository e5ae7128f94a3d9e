"""The text of a page is found in what was read, whatever is missing or in another order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.learn.pages import known_lines, split_text

TEXT = ["milk and oats", "six brown eggs", "call the dentist", "water the plants"]


def texts(truth: list[str], rows: list[str], line_of: list[int] | None = None) -> dict[tuple[int, ...], str]:
    lines, _ = known_lines("\n".join(truth), rows, line_of or list(range(len(rows))))
    return {line.rows: line.text for line in lines}


def test_misread_lines_are_found() -> None:
    read = ["nilk ond oats", "slx brown eqqs", "coll fhe dentist", "wafer the plonts"]
    assert texts(TEXT, read) == {(i,): text for i, text in enumerate(TEXT)}


def test_lines_may_be_missing_on_either_side_and_in_any_order() -> None:
    read = ["water the plants", "|||", "milk ond oats"]
    lines, missed = known_lines("\n".join(TEXT), read, [0, 1, 2])
    assert [(line.rows, line.text) for line in lines] == [((0,), TEXT[3]), ((2,), TEXT[0])]
    assert missed == 2


def test_a_line_that_has_little_in_common_with_its_text_teaches_nothing() -> None:
    assert not texts(["milk and oats"], ["xxxx yyy zzzz"])
    assert not texts(["milk and oats"], [""])


def test_a_line_of_several_rows_is_split_between_them() -> None:
    assert texts(["bread and milk"], ["brcad", "and nilk"], [0, 0]) == {(0, 1): "bread and milk"}
    lines, _ = known_lines("bread and milk", ["brcad", "and nilk"], [0, 0])
    assert lines[0].texts == ("bread", "and milk")


@pytest.mark.parametrize("rows", [["bread and milk"], ["bread", "and", "milk"], ["brea", "d and milk"]])
def test_parts_together_are_the_whole(rows: list[str]) -> None:
    assert "".join(split_text("bread and milk", rows)).replace(" ", "") == "breadandmilk"


@given(st.text("abc ", max_size=12), st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=4))
def test_any_text_is_split_without_loss(text: str, rows: list[str]) -> None:
    text = " ".join(text.split())
    parts = split_text(text, rows)
    assert len(parts) == len(rows)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
