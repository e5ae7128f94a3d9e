"""TSV, the table of tesseract: a row for each page, block, paragraph, line and word.

The columns are those of ``tesseract photo out tsv``. Each paragraph is a block with one paragraph. `conf` is the
calibrated probability in percent for words, and -1 for all other rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ocrcli.core.page import Box, Page
from ocrcli.core.printable import printable
from ocrcli.formats import Document

TSV_COLUMNS = "level page_num block_num par_num line_num word_num left top width height conf text".replace(" ", "\t")

PAGE, BLOCK_LEVEL, PARAGRAPH, LINE, WORD_LEVEL = range(1, 6)
"""Values of the column `level`."""


def to_tsv(documents: Iterable[Document]) -> str:
    """Write all documents as one table, with pages numbered from 1."""
    return "".join(part(document, number) for number, document in enumerate(documents, 1)) or f"{TSV_COLUMNS}\n"


def part(document: Document, number: int) -> str:
    """The rows of one page; the first page has the header of the table above them."""
    rows = [*([TSV_COLUMNS] if number == 1 else []), *_rows(document.page, number)]
    return "".join(f"{row}\n" for row in rows)


def _rows(page: Page, number: int) -> Iterator[str]:
    yield _row(PAGE, (number, 0, 0, 0, 0), Box(0, 0, page.width, page.height))
    for block, lines in enumerate(page.paragraphs, 1):
        around = Box.around(line.box for line in lines)
        yield _row(BLOCK_LEVEL, (number, block, 0, 0, 0), around)
        yield _row(PARAGRAPH, (number, block, 1, 0, 0), around)
        for line_number, line in enumerate(lines, 1):
            yield _row(LINE, (number, block, 1, line_number, 0), line.box)
            for place, word in enumerate(line.words, 1):
                # `printable` also escapes tabs and newlines, which would start another cell or row.
                text, percent = printable(word.text), f"{100 * word.confidence:.2f}"
                yield _row(WORD_LEVEL, (number, block, 1, line_number, place), word.box, percent, text)


def _row(level: int, places: tuple[int, ...], box: Box, confidence: str = "-1", text: str = "") -> str:
    cells = (level, *places, box.left, box.top, box.width, box.height, confidence, text)
    return "\t".join(map(str, cells))
