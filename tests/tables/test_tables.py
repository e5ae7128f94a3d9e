"""Tables from photo to page: drawn with a font, read with the models that ship."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLES, Ocr, few
from drawn import sparse_table, straight, written
from PIL import Image, ImageDraw

from ocrcli import Reader
from ocrcli.core.page import Page
from ocrcli.inspect.stages import StageWriter

CELLS = [["MILK", "2", "TOM"], ["BREAD", "4", "ANNA"], ["HONEY", "1", "MARK"], ["LEMON", "6", "ZOE"]]
NOTES = ("shopping_list", "lecture_note", "letter", "sticky_note", "todo_list")
X, Y = (40, 320, 480, 760), (40, 140, 240, 340, 440)


def table(lines: bool, ruled: bool = False) -> Image.Image:
    """A picture of `CELLS`, with lines between them or on ruled paper."""
    ink = np.zeros((500, 820), np.uint8)
    for row, (texts, top) in enumerate(zip(CELLS, Y, strict=False)):
        for text, left in zip(texts, X, strict=False):
            own = written([text], ink.shape, size=44, origin=(left + 35, top + 68), course=straight(0.2 * row))
            ink = np.maximum(ink, own)
    image = Image.fromarray(255 - (0.85 * ink).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    if lines:
        for x in X:
            draw.line((x, Y[0], x, Y[-1]), 60, 3)
    if lines or ruled:
        for y in Y:
            draw.line((X[0], y, X[-1], y) if lines else (0, y - 20, 820, y - 20), 60 if lines else 170, 3)
    return image


def texts(page: Page) -> list[list[str]]:
    return page.table_rows(page.tables[0])


@pytest.mark.parametrize("lines", [True, False])
def test_the_cells_of_a_table(reader: Reader, lines: bool) -> None:
    page = reader.read(table(lines))
    (found,) = page.tables
    assert (found.rows, found.columns, found.ruled) == (4, 3, lines)
    right = sum(a == b for own, real in zip(texts(page), CELLS, strict=True) for a, b in zip(own, real, strict=True))
    assert right >= 10
    boxes = [cell.box for cell in found.cells if cell.row == 1]
    assert all(abs(one.right - other.left) < 5 for one, other in pairwise(boxes))


def test_a_sparse_table_is_read_row_by_row(reader: Reader, tmp_path: Path) -> None:
    page = reader.read(sparse_table(), on_stage=StageWriter(tmp_path))
    assert page.text.split("\n") == ["VISITS", "MAJOR JOINT", "KNEE NEW", "RAY BE", "US", "SIGN SEEM"]
    (found,) = page.tables
    assert [(c.row, c.column, c.column_span) for c in found.cells[:3]] == [(0, 0, 2), (1, 0, 1), (1, 1, 1)]
    assert texts(page)[:2] == [["VISITS", ""], ["MAJOR", "JOINT"]]
    (picture,) = tmp_path.glob("*-grids.png")
    colours = np.unique(np.asarray(Image.open(picture)).reshape(-1, 3), axis=0)
    assert sum(len(set(colour)) > 1 for colour in colours.tolist()) >= 7  # a colour for each of the first cells


@pytest.mark.parametrize(
    "name", few(["shopping_list", "lecture_note", "letter", "sticky_note", "todo_list"], "shopping_list")
)
def test_notes_hold_no_table(reader: Reader, name: str) -> None:
    assert not reader.read(EXAMPLES / f"{name}.jpg").tables


def test_a_price_list_is_a_table(ocr: Ocr) -> None:
    done = ocr("read", "--quiet", "--format", "csv", EXAMPLES / "price_list.jpg")
    rows = done.stdout.split("\r\n") if "\r\n" in done.stdout else done.stdout.split("\n")
    assert rows[:2] == ["Blue teapot,12.50", "Brass lamp,8.75"]
    assert "Radio (works),16.40" in rows  # whose gap is narrow


def test_a_score_sheet_is_a_table_row_by_row(ocr: Ocr) -> None:
    rows = ["Team Trivia Music Sum", "Owls 7 9 16", "Foxes 5 8 13", "Otters 10 6 16", "Hens 4 7 11"]
    done = ocr("read", "--quiet", "--format", "csv", EXAMPLES / "score_sheet.jpg")
    assert done.stdout.split() == [row.replace(" ", ",") for row in rows]
    done = ocr("read", "--quiet", EXAMPLES / "score_sheet.jpg")
    assert done.stdout.split("\n")[2:-1] == rows


def test_a_note_without_a_table_says_so(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("read", "--format", "csv", EXAMPLES / "sticky_note.jpg")
    assert (done.returncode, done.stdout) == (3, "")
    assert "sticky_note.jpg: no table was found; --format text has what is written there" in done.stderr
    other = ocr("read", "--format", "text,csv", "--output", tmp_path / "note", EXAMPLES / "sticky_note.jpg")
    assert other.returncode == 0
    assert "no table was found" in other.stderr
    assert (tmp_path / "note.txt").read_text(encoding="utf-8")
    assert (tmp_path / "note.csv").read_text(encoding="utf-8") == ""
    both = ocr("read", "--format", "csv", EXAMPLES / "sticky_note.jpg", EXAMPLES / "price_list.jpg")
    assert both.returncode == 5
    assert "12.50" in both.stdout
