"""Tables as CSV, as Python's own reader takes them."""

from __future__ import annotations

import csv
import dataclasses
import io

import pages

from ocrcli.core.page import Box, Cell, Page, Table
from ocrcli.formats import FORMATS, Document
from ocrcli.formats.csv import part, to_csv

PRICES = pages.with_table(pages.page('EGGS 2,40\n=1+1 "M"'), 2, 2)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_cells_are_quoted_where_they_must_be_and_not_changed() -> None:
    written = to_csv([Document("a.jpg", PRICES)])
    assert written == 'EGGS,"2,40"\r\n=1+1,"""M"""\r\n'
    assert rows(written) == [["EGGS", "2,40"], ["=1+1", '"M"']]


def test_an_empty_line_parts_tables() -> None:
    two = [Document("a.jpg", PRICES)] * 2
    assert rows(to_csv(two)) == [["EGGS", "2,40"], ["=1+1", '"M"'], [], ["EGGS", "2,40"], ["=1+1", '"M"']]
    assert part(two[0], 1) + part(two[1], 2) == to_csv(two)


def test_a_cell_of_several_lines_and_one_that_spans_others() -> None:
    page = pages.page("MILK\nOATS\nTWO")
    cells = (Cell(0, 0, 1, 2, Box(0, 0, 9, 9), ((0, 0), (1, 0))), Cell(1, 0, 1, 1, Box(0, 9, 4, 18)))
    last = Cell(1, 1, 1, 1, Box(4, 9, 9, 18), ((2, 0),))
    page = dataclasses.replace(page, tables=(Table((*cells, last), ruled=False),))
    assert rows(to_csv([Document("a.jpg", page)])) == [["MILK\nOATS", ""], ["", "TWO"]]


def test_a_page_without_a_table_is_left_out() -> None:
    assert to_csv([Document("a.jpg", pages.NOTE)]) == ""
    assert FORMATS["csv"].needs_table
    assert to_csv([Document("a.jpg", pages.NOTE), Document("b.jpg", PRICES)]) == to_csv([Document("b.jpg", PRICES)])
    assert to_csv([]) == ""


def test_control_characters_are_escaped() -> None:
    evil = pages.with_table(Page((pages.line("A\x1bB"),), 900, 900), 1, 1)
    assert "\x1b" not in to_csv([Document("a.jpg", evil)])
