"""Tesseract's table."""

from __future__ import annotations

import csv
from typing import Any

import pages
import pytest
from hypothesis import given

from ocrcli.core.page import Box, Page
from ocrcli.core.printable import printable
from ocrcli.formats import Document
from ocrcli.formats.tsv import to_tsv

NUMBERS = ("level", "page_num", "block_num", "par_num", "line_num", "word_num", "left", "top", "width", "height")


def table(text: str) -> list[dict[str, Any]]:
    """The rows as the csv module reads tesseract's: tabs, and no quotes."""
    rows = list(csv.DictReader(text.split("\n")[:-1], delimiter="\t", quoting=csv.QUOTE_NONE))
    return [{**row, **{name: int(row[name]) for name in NUMBERS}} for row in rows]


def box(row: dict[str, Any]) -> Box:
    return Box(row["left"], row["top"], row["left"] + row["width"], row["top"] + row["height"])


def test_the_columns_are_tesseracts() -> None:
    header = "level page_num block_num par_num line_num word_num left top width height conf text"
    assert to_tsv([]) == header.replace(" ", "\t") + "\n"


def test_a_small_page() -> None:
    rows = table(to_tsv([pages.document()]))
    assert [row["level"] for row in rows] == [1, 2, 3, 4, 5, 5, 2, 3, 4, 5, 5, 5, 4, 5, 5, 2, 3, 4, 5, 5, 5, 5]
    assert [row["text"] for row in rows if row["level"] == 5] == [word.text for word in pages.NOTE.words]
    assert {row["conf"] for row in rows if row["level"] < 5} == {"-1"}
    assert {row["conf"] for row in rows if row["level"] == 5} == {"90.00"}
    assert [(row["block_num"], row["line_num"], row["word_num"]) for row in rows[-5:]] == [
        (3, 1, 0), (3, 1, 1), (3, 1, 2), (3, 1, 3), (3, 1, 4),
    ]  # fmt: skip
    assert box(rows[0]) == Box(0, 0, pages.NOTE.width, pages.NOTE.height)


@pytest.mark.parametrize("text", ["=1+1", "+49", "-5", "@home"])
def test_what_a_spreadsheet_takes_for_a_formula_stays_as_it_was_read(text: str) -> None:
    """A documented choice: programs get the text itself; people import the column as text."""
    page = Page((pages.line(text),), 1200, 900)
    assert [row["text"] for row in table(to_tsv([Document("a", page)])) if row["level"] == 5] == [text]


@given(pages.pages(pages.ANY), pages.pages(pages.LABELS))
def test_words_come_back(first: Page, second: Page) -> None:
    rows = table(to_tsv([Document("a", first), Document("b", second)]))
    for number, page in enumerate((first, second), 1):
        own = [row for row in rows if row["page_num"] == number]
        words = [row for row in own if row["level"] == 5]
        assert [row["text"] for row in words] == [printable(word.text) for word in page.words]
        assert [box(row) for row in words] == [word.box for word in page.words]
        assert [float(row["conf"]) for row in words] == pytest.approx(
            [100 * w.confidence for w in page.words], abs=0.01
        )
        assert [box(row) for row in own if row["level"] == 4] == [line.box for line in page.lines]
        places = [tuple(row[name] for name in NUMBERS[1:6]) for row in own]
        assert places == sorted(set(places))
