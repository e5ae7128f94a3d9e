"""JSON: pages -> lines -> words -> glyphs; `page.schema.json` in this folder is the schema.

Boxes are [left, top, right, bottom] in pixels of the upright photo, right and bottom exclusive. Confidences are
probabilities, rounded to four decimals. The document is ASCII, so the encoding of a pipe does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ocrcli.core.errors import InputError
from ocrcli.core.page import Box, Cell, Glyph, Line, Page, Table, Word
from ocrcli.core.printable import printable
from ocrcli.formats import Document

LARGEST_INTEGER = 10**9
"""Largest absolute value of a number of pixels or a paragraph that `from_json` accepts."""

MOST_CELLS = 1000
"""Largest number of a row or column of a table that `from_json` accepts, and largest span."""

FORMAT_VERSION = 1
"""Raised when a member is removed or changes its meaning; a new member does not raise it."""


def to_json(documents: Iterable[Document]) -> str:
    """Write all documents as one JSON document."""
    pages = [document_dict(document) for document in documents]
    return json.dumps({"version": FORMAT_VERSION, "pages": pages}, indent=1) + "\n"


def from_json(text: str | bytes) -> list[Document]:
    """Parse what `to_json` wrote; the documents have no pictures.

    Text, confidence and box of words, lines and pages are computed from the glyphs again; those in the JSON are
    ignored.

    Raises:
        InputError: If it is not such a document.

    Examples:
        >>> from_json('{"version": 1, "pages": []}')
        []
    """
    try:
        held = json.loads(text)
        if held["version"] != FORMAT_VERSION:
            version = printable(repr(held["version"])[:40])
            raise InputError(f"JSON of version {version}; this ocrcli reads version {FORMAT_VERSION}: update it")
        return [Document(_typed(str, page["image"]), _read_page(page)) for page in _typed(list, held["pages"])]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        reason = printable(f"{type(error).__name__}: {error}"[:200])  # some errors quote the whole text
        raise InputError(f"not JSON written by ocr ({reason}); make it with: ocr read --format json") from error


def document_dict(document: Document) -> dict[str, Any]:
    """A page as a dictionary, with the name of its image."""
    return {"image": plain_name(document.name), **page_dict(document.page)}


def plain_name(name: str) -> str:
    r"""The name of an image, with bytes that are not valid text escaped, as in ``\udcff``."""
    return name.encode(errors="backslashreplace").decode()


def page_dict(page: Page) -> dict[str, Any]:
    """A page as dictionaries and lists, without a name."""
    return {
        "width": page.width,
        "height": page.height,
        "turned": page.turned,
        "language": page.language,
        "text": page.text,
        "confidence": round(page.confidence, 4),
        "lines": [_line(line) for line in page.lines],
        "unread": [_box(box) for box in page.unread],
        "tables": [_table(page, table) for table in page.tables],
    }


def _table(page: Page, table: Table) -> dict[str, Any]:
    cells = [
        {
            "row": cell.row,
            "column": cell.column,
            "row_span": cell.row_span,
            "column_span": cell.column_span,
            "box": _box(cell.box),
            "text": page.cell_text(cell),
            "words": [list(place) for place in cell.words],
        }
        for cell in table.cells
    ]
    return {"rows": table.rows, "columns": table.columns, "ruled": table.ruled, "box": _box(table.box), "cells": cells}


def _common(part: Line | Word | Glyph) -> dict[str, Any]:
    return {"text": part.text, "confidence": round(part.confidence, 4), "box": _box(part.box)}


def _line(line: Line) -> dict[str, Any]:
    return {**_common(line), "paragraph": line.paragraph, "words": [_word(word) for word in line.words]}


def _word(word: Word) -> dict[str, Any]:
    return {**_common(word), "recognizer": word.recognizer, "glyphs": [_glyph(glyph) for glyph in word.glyphs]}


def _glyph(glyph: Glyph) -> dict[str, Any]:
    others = [{"text": text, "confidence": round(p, 4)} for text, p in glyph.alternatives]
    return {**_common(glyph), "alternatives": others}


def _box(box: Box) -> list[int]:
    return [box.left, box.top, box.right, box.bottom]


def _read_page(held: dict[str, Any]) -> Page:
    lines = tuple(_read_line(line) for line in _typed(list, held["lines"]))
    turned = _one_of((0, 90, 180, 270), _typed(int, held["turned"]))
    language = held.get("language")  # earlier versions did not write it
    known = None if language is None else _typed(str, language)
    unread = tuple(_read_box(box) for box in _typed(list, held.get("unread", [])))
    tables = tuple(_read_table(table, lines) for table in _typed(list, held.get("tables", [])))
    width, height = _integer_from(1, held["width"]), _integer_from(1, held["height"])
    return Page(lines, width, height, turned, known, unread, tables)


def _read_table(held: dict[str, Any], lines: tuple[Line, ...]) -> Table:
    cells = tuple(_read_cell(cell, lines) for cell in _non_empty_list(held["cells"]))
    return Table(cells, _one_of((True, False), held["ruled"]))


def _read_cell(held: dict[str, Any], lines: tuple[Line, ...]) -> Cell:
    row, column = (_integer_from(0, held[name], MOST_CELLS) for name in ("row", "column"))
    tall, wide = (_integer_from(1, held[name], MOST_CELLS) for name in ("row_span", "column_span"))
    words = []
    for line, word in _typed(list, held["words"]):
        at = _integer_from(0, line, len(lines) - 1)
        words.append((at, _integer_from(0, word, len(lines[at].words) - 1)))
    return Cell(row, column, tall, wide, _read_box(held["box"]), tuple(words))


def _read_line(held: dict[str, Any]) -> Line:
    words = tuple(_read_word(word) for word in _non_empty_list(held["words"]))
    return Line(words, _integer_from(0, held["paragraph"]))


def _read_word(held: dict[str, Any]) -> Word:
    glyphs = tuple(_read_glyph(glyph) for glyph in _non_empty_list(held["glyphs"]))
    return Word(glyphs, _one_of(("letters", "lines"), _typed(str, held["recognizer"])))


def _read_glyph(held: dict[str, Any]) -> Glyph:
    others = tuple(_read_choice(other) for other in _typed(list, held["alternatives"]))
    text, confidence = _read_choice(held)
    if not text:
        raise ValueError("a letter without a text")
    return Glyph(text, confidence, _read_box(held["box"]), others)


def _read_box(held: list[Any]) -> Box:
    left, top, right, bottom = (_integer_from(-LARGEST_INTEGER, side) for side in held)
    return Box(left, top, right, bottom)


def _read_choice(held: dict[str, Any]) -> tuple[str, float]:
    confidence = _typed(int | float, held["confidence"])
    if not 0 <= confidence <= 1:
        raise ValueError("a confidence that is no probability")
    return _typed(str, held["text"]), float(confidence)


def _non_empty_list(held: Any) -> list[Any]:
    if not _typed(list, held):
        raise ValueError("an empty line or word")
    return list(held)


def _integer_from(least: int, value: Any, most: int = LARGEST_INTEGER) -> int:
    if not least <= _typed(int, value) <= most:
        raise ValueError(f"a number that is not from {least} to {most}")
    return int(value)


def _one_of(choices: tuple[Any, ...], value: Any) -> Any:
    if value not in choices:
        raise ValueError(f"none of {choices}")
    return value


def _typed(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{value!r:.40} is no {getattr(kind, '__name__', 'number')}")
    return value
