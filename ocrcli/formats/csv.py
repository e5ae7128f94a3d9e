"""CSV (RFC 4180): the tables of the pages, row by row, an empty line between two tables.

A cell that spans others has its text in the first of them. Lines of a cell are separated by newlines, within quotes.
Cells are not changed, whatever they begin with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from ocrcli.core.page import Page, Table
from ocrcli.core.printable import printable
from ocrcli.formats import Document

NEWLINE = "\r\n"

NO_TABLE = "no table was found; --format text has what is written there"
"""What a page without a table says of itself."""


def to_csv(documents: Iterable[Document]) -> str:
    """Write the tables of all documents; nothing if there are none."""
    return NEWLINE.join(_table(document.page, table) for document in documents for table in document.page.tables)


def part(document: Document, number: int) -> str:
    """The tables of one of several documents; an empty line separates them from those before."""
    return (NEWLINE if number > 1 and document.page.tables else "") + to_csv([document])


def _table(page: Page, table: Table) -> str:
    stream = io.StringIO()
    rows = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row][cell.column] = "\n".join(map(printable, page.cell_lines(cell)))
    csv.writer(stream, lineterminator=NEWLINE).writerows(rows)
    return stream.getvalue()
