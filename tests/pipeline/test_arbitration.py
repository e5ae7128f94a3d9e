"""Which of two readings of a row is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import EXAMPLES
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocrcli.core.settings import Settings
from ocrcli.imaging.components import Marks, find_marks
from ocrcli.language.priors import STYLES
from ocrcli.layout.baselines import Row
from ocrcli.letters.row_reading import ReadGlyph
from ocrcli.pipeline.arbitration import (
    case_odds,
    confidence,
    first_capitals,
    in_likelier_case,
    in_style_of_row,
    is_joined,
    needs_second_reading,
    prefers_line_reading,
    unread_share,
)
from ocrcli.pipeline.reading import Reader

BOX = (0, 0, 10, 10)


def letters(text: str, sure: float) -> list[ReadGlyph]:
    return [ReadGlyph(c, sure, (), BOX, i == 0) for i, c in enumerate(text)]


def whole(text: str, sure: float) -> list[ReadGlyph]:
    return [ReadGlyph(c, sure, (), BOX, i == 0) for i, c in enumerate(text)]


def text_of(row: Sequence[ReadGlyph]) -> str:
    return "".join(glyph.text for glyph in row)


@pytest.mark.parametrize("style", STYLES)
def test_a_row_that_is_surely_read_asks_for_nothing(style: str) -> None:
    assert not needs_second_reading(letters("MILK", 0.995), style)
    assert needs_second_reading(letters("MILK", 0.4), style)
    assert needs_second_reading([], style)


def test_quotes_that_stand_alone_are_kept_as_letters_have_them() -> None:
    quotes = letters('"""', 0.3)
    assert not prefers_line_reading(whole("IIUI", 0.9), quotes)
    assert prefers_line_reading(whole("IIUI", 0.9), letters('"m', 0.3))


def apart(text: str, sure: float, gap: int) -> list[ReadGlyph]:
    """Letters ten pixels high with gaps between them."""
    boxes = [(i * (8 + gap), 0, i * (8 + gap) + 8, 10) for i in range(len(text))]
    return [ReadGlyph(c, sure, (), b, True) for i, (c, b) in enumerate(zip(text, boxes, strict=True))]


def test_the_second_reading_is_kept_unless_it_reads_nothing() -> None:
    assert prefers_line_reading(whole("milk", 0.3), letters("m11k", 0.8))
    assert prefers_line_reading(whole("milk", 0.2), [])
    assert not prefers_line_reading([], letters("m11k", 0.1))


def test_letters_that_stand_far_apart_are_read_one_by_one_where_that_is_surer() -> None:
    assert not prefers_line_reading(whole("parst", 0.7), apart("pqrst", 0.8, 7))
    assert prefers_line_reading(whole("parst", 0.9), apart("pqrst", 0.8, 7))
    assert prefers_line_reading(whole("parst", 0.7), apart("pqrst", 0.8, 2))
    assert prefers_line_reading(whole("par", 0.7), apart("pqr", 0.8, 7))  # so few tell nothing


def test_letters_do_not_stand_far_apart_where_the_second_reading_has_more_of_them() -> None:
    read = placed([0, 40, 80, 120], 0.9)
    assert not prefers_line_reading(whole("maam", 0.8), read)
    assert prefers_line_reading(whole("maaamaaamaaam", 0.8), read)


def test_a_page_whose_rows_begin_with_capitals_decides_where_the_readings_do_not() -> None:
    line, apart = whole("owls", 0.85), letters("Owls", 0.8)
    custom = first_capitals(["Foxes", "Otters", "Hens", "7"])
    assert custom == pytest.approx(-first_capitals(["def", "for", "x = 1"]))
    assert first_capitals(["7", "", "Foxes", "hens"]) == 0
    assert text_of(in_likelier_case(line, apart, custom)) == "Owls"
    assert text_of(in_likelier_case(line, apart, -custom)) == "owls"
    assert text_of(in_likelier_case(whole("foxes", 0.9), letters("fOxes", 0.8), custom)) == "foxes"


def test_the_odds_of_a_case_count_and_not_how_sure_the_letter_is() -> None:
    doubtful = [replace(glyph, alternatives=(("O", 0.4),)) for glyph in whole("o", 0.45)]
    assert case_odds(doubtful[0], letters("O", 0.4)[0]) == pytest.approx(np.log(0.45 / 0.4))
    assert text_of(in_likelier_case(doubtful, letters("O", 0.4))) == "O"


def test_letters_that_differ_in_case_alone_have_the_surer_one() -> None:
    assert text_of(in_likelier_case(whole("owls", 0.7), letters("Owls", 0.8))) == "Owls"
    assert text_of(in_likelier_case(whole("owls", 0.9), letters("Owls", 0.8))) == "owls"
    assert text_of(in_likelier_case(whole("owis", 0.7), letters("Owls", 0.8))) == "owis"
    assert in_likelier_case(whole("owl", 0.7), letters("Owls", 0.8)) == whole("owl", 0.7)


def test_joined_letters_taken_for_one_each_do_not_stand_far_apart() -> None:
    read = placed([0, 60, 120, 180], 0.9)
    assert not prefers_line_reading(whole("maam", 0.8), read)
    joined = [replace(glyph, box=(glyph.box[0], 0, glyph.box[0] + 25, 20)) for glyph in read]
    assert prefers_line_reading(whole("maam", 0.8), joined)


@given(st.lists(st.floats(0, 1), max_size=9))
def test_a_confidence_is_a_share(sures: list[float]) -> None:
    row = [whole("x", sure)[0] for sure in sures]
    assert 0 <= confidence(row) <= 1


def test_joined_writing_is_told_by_its_marks() -> None:
    mask = np.zeros((60, 400), bool)
    mask[20:50, 10:30] = mask[20:50, 50:70] = True
    apart = find_marks(mask)
    assert not is_joined(Row(np.arange(2), np.array([50.0]), 30.0), apart)
    mask[40:44, 10:300] = mask[20:50, 200:220] = True
    joined = find_marks(mask)
    assert is_joined(Row(np.arange(len(joined)), np.array([50.0]), 30.0), joined)


def test_small_capitals_become_capitals() -> None:
    assert text_of(in_style_of_row(whole("SERonI", 0.9), "capitals")) == "SERONI"
    assert text_of(in_style_of_row(whole("Été", 0.9), "mixed")) == "Été"
    assert text_of(in_style_of_row(whole("a small word", 0.9), "capitals")) == "a small word"
    assert text_of(in_style_of_row(whole("Our cousins soon saw", 0.9), "capitals")) == "Our cousins soon saw"


@given(st.text("abcXYZ01é .", max_size=12), st.sampled_from(STYLES))
def test_style_changes_case_only(text: str, style: str) -> None:
    row = whole(text, 0.8)
    changed = in_style_of_row(row, style)
    assert text_of(changed).casefold() == text.casefold()
    assert [g.box for g in changed] == [g.box for g in row]


@pytest.mark.parametrize("style", STYLES)
def test_where_letters_tell_little_of_the_sample_rows_the_others_are_read_as_a_whole_only(
    monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    note = np.asarray(Image.open(EXAMPLES / "shopping_list.jpg").convert("L"))
    monkeypatch.setattr("ocrcli.pipeline.arbitration.needs_second_reading", lambda letters, style, unread: True)
    monkeypatch.setattr("ocrcli.letters.decode.styles_of", lambda lattices: [style] * len(lattices[style]))
    told: dict[str, Any] = {}
    page = Reader().read(note, on_stage=told.__setitem__)
    assert len(page.lines) == len(told["wholes"]) == 7
    assert (len(told["paths"]) < 7) is (style == "mixed"), "letters tell block capitals"
    told.clear()
    Reader(Settings(recognizer="letters")).read(note, on_stage=told.__setitem__)
    assert len(told["paths"]) == 7


def test_in_print_all_rows_are_read_letter_by_letter() -> None:
    note = np.asarray(Image.open(EXAMPLES / "shopping_list.jpg").convert("L"))
    told: dict[str, Any] = {}
    page = Reader().read(note, on_stage=told.__setitem__)
    assert len(told["paths"]) == len(page.lines) == 7


def placed(lefts: list[int], sure: float) -> list[ReadGlyph]:
    """Letters 10 wide and 20 high at those places."""
    boxes = [(left, 0, left + 10, 20) for left in lefts]
    return [ReadGlyph("m", sure, (), box, i == 0) for i, box in enumerate(boxes)]


def row_of(lefts: list[int], height: int = 20) -> tuple[Row, Marks]:
    mask = np.zeros((30, 400), bool)
    for left in lefts:
        mask[:height, left : left + 10] = True
    marks = find_marks(mask)
    return Row(np.arange(len(marks)), np.array([20.0]), 20.0), marks


def test_ink_that_no_glyph_takes_is_left_out() -> None:
    everywhere = [0, 12, 24, 36, 48]
    row, marks = row_of(everywhere)
    assert unread_share(row, marks, placed(everywhere, 0.9)) == 0
    assert unread_share(row, marks, placed([0, 12, 48], 0.9)) == pytest.approx(0.4)
    assert unread_share(row, marks, placed([12, 36], 0.9)) == pytest.approx(1 / 3)  # what is outside does not count
    assert unread_share(row, marks, []) == 0


def test_specks_are_left_out_for_good_reason() -> None:
    row, marks = row_of([0, 12, 24], height=5)
    assert unread_share(row, marks, placed([0], 0.9)) == 0


def test_a_row_of_which_much_is_left_out_is_not_surely_read() -> None:
    assert not needs_second_reading(placed([0, 12], 0.99), "mixed")
    assert needs_second_reading(placed([0, 12], 0.99), "mixed", 0.3)


def test_one_letter_that_is_left_out_of_a_long_row_asks_for_a_second_reading() -> None:
    row = placed([12 * i for i in range(26)], 0.99)
    assert not needs_second_reading(row, "capitals", 0.4 / 26)
    assert needs_second_reading(row, "capitals", 0.6 / 26)


def test_a_mark_of_which_a_glyph_takes_half_is_left_out_by_half() -> None:
    row, marks = row_of([0, 10, 40])  # the first two touch
    assert unread_share(row, marks, placed([10, 40], 0.9)) == pytest.approx(1 / 3)
