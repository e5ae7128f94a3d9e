"""HTML report for proof-reading: the photos with boxes, and the text beside them.

It is one file that needs only a browser and no network. The text can be corrected there and saved as ``NAME.gt.txt``
for `ocr learn` and `ocr eval`. If scripts do not run, the report still shows the photos and the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element

from ocrcli.core.page import Box, Glyph, Line, Page, Table, Word
from ocrcli.core.printable import printable
from ocrcli.evaluation.ground_truth import TRUTH_SUFFIX
from ocrcli.formats import Document
from ocrcli.formats.text import plain
from ocrcli.web import node, picture_uri, short_names, web_page

PHOTO_SIDE = 2000
"""Longest side of a photo in the report, in pixels; larger photos are downscaled."""

STYLE_SHEETS = ("common.css", "reading.css", "reading-choice.css", "reading-print.css")
SCRIPTS = (
    "reading-text.js",
    "reading-photo.js",
    "reading-view.js",
    "reading-choice.js",
    "reading-edit.js",
    "reading-word.js",
    "reading-draft.js",
    "reading.js",
)


def to_html(documents: Iterable[Document]) -> str:
    """Write all documents as one report.

    Raises:
        ValueError: If a document has no picture.
    """
    held = [(document.name, _section(document, number), _page(document)) for number, document in enumerate(documents)]
    names = short_names([name for name, _, _ in held])
    for name, (_, section, _) in zip(names, held, strict=True):
        section[0].text = printable(name)
    data = [{"name": printable(name), **page} for name, (_, _, page) in zip(names, held, strict=True)]
    title = names[0] if len(names) == 1 else f"{len(names)} pages"
    header = node("header", node("h1", title), id="top")
    body = [header, node("main", *(section for _, section, _ in held), id="pages")]
    return web_page(f"{title} - ocr", body, STYLE_SHEETS, SCRIPTS, {"pages": data})


def _page(document: Document) -> dict[str, Any]:
    """The data of a page for the report's script; all texts are escaped, so that saved files are safe, too."""
    page = document.page
    return {
        "file": truth_name(document.name),
        "width": page.width,
        "height": page.height,
        "lines": [_line(line) for line in page.lines],
        "unread": [_box(box) for box in page.unread],
    }


def truth_name(name: str) -> str:
    """The name of the file in which the corrected text is saved.

    Examples:
        >>> truth_name("in/note.jpg"), truth_name("a.pdf#2")
        ('note.gt.txt', 'a-2.gt.txt')
    """
    last = re.split(r"[/\\]", name)[-1]
    stem, number = re.fullmatch(r"(.*?)(?:\.[^.#]*)?(#\d+)?", last, re.DOTALL).groups()  # type: ignore[union-attr]
    whole = (stem or "page") + (number or "").replace("#", "-")
    return (re.sub(r'[<>:"|?*\\]', "_", printable(whole)).strip("._ ") or "page") + TRUTH_SUFFIX


def _section(document: Document, number: int) -> Element:
    if document.picture is None:
        raise ValueError("a report needs the picture of every document")
    uri, (width, height) = picture_uri(document.picture, PHOTO_SIDE)
    photo = node("img", src=uri, alt="The photo", width=str(width), height=str(height))
    return node(
        "section",
        node("h2", id=f"name-{number}"),
        node("figure", node("div", photo, class_="sheet"), class_="photo"),
        node("noscript", node("pre", plain(document.page)), _unread(document.page)),
        *(_table(document.page, table) for table in document.page.tables),
        class_="page",
        aria_labelledby=f"name-{number}",
    )


def _table(page: Page, table: Table) -> Element:
    """A table as it was read, which opens with a click."""
    rows = []
    for row in range(table.rows):
        cells = []
        for cell in (cell for cell in table.cells if cell.row == row):
            spans = {f"{way}span": str(n) for way, n in (("row", cell.row_span), ("col", cell.column_span)) if n > 1}
            parts = [part for line in page.cell_lines(cell) for part in (node("br"), printable(line))][1:]
            cells.append(node("td", *parts, **spans))
        rows.append(node("tr", *cells))
    title = f"Table, {table.rows} rows, {table.columns} columns, as read"
    return node("details", node("summary", title), node("table", *rows), class_="table")


def _unread(page: Page) -> Element | None:
    """A note about text lines that could not be read; None if there are none."""
    count = len(page.unread)
    return node("p", f"{count} text line{'s' * (count > 1)} could not be read.") if count else None


def _line(line: Line) -> dict[str, Any]:
    return {"paragraph": line.paragraph, "words": [_word(word) for word in line.words]}


def _word(word: Word) -> dict[str, Any]:
    return {"recognizer": word.recognizer, "glyphs": [_glyph(glyph) for glyph in word.glyphs]}


def _glyph(glyph: Glyph) -> list[Any]:
    others = [[printable(text), round(p, 4)] for text, p in glyph.alternatives]
    return [printable(glyph.text), round(glyph.confidence, 4), _box(glyph.box), others]


def _box(box: Box) -> list[int]:
    return [box.left, box.top, box.width, box.height]
