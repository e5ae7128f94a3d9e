"""Build the `Page` from the readings of its rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrcli.core.page import Box, Cell, Glyph, Line, Page, Table, Word
from ocrcli.letters import spaces
from ocrcli.letters.row_reading import RowReading
from ocrcli.pipeline.segmentation import Segmented
from ocrcli.sources import Photo
from ocrcli.tables.find import FoundTable, ReadLine, ReadWord, find_tables


def page_of(rows: Sequence[RowReading], page: Segmented, language: str | None) -> Page:
    """Build a page from the readings of its rows; rows without glyphs become `unread` text lines.

    Args:
        rows: Reading of each row of the page.
        page: The segmented page.
        language: Language that the rows were read with; None for none.
    """
    photo = page.photo
    lost = [row.box(page.marks) for row, reading in zip(page.rows, rows, strict=True) if not reading.glyphs]
    unread = tuple(Box(*photo.full_size(box)) for box in [*lost, *page.empty])
    words = _words(rows, page)
    paragraphs = np.unique([page.paragraphs[number] for number in words], return_inverse=True)[1].tolist()
    read = [ReadLine(tuple(own), paragraph) for own, paragraph in zip(words.values(), paragraphs, strict=True)]
    written, found = find_tables(read, page.grids)
    lines = tuple(Line(tuple(_word(word, photo) for word in line.words), line.paragraph) for line in written)
    shown = tuple(_table(table, photo) for table in found)
    return Page(lines, photo.width, photo.height, page.turned, language, unread, shown)


def _words(rows: Sequence[RowReading], page: Segmented) -> dict[int, list[ReadWord]]:
    """The words of each text line by its number, without lines that have no glyphs."""
    words: dict[int, list[ReadWord]] = {}
    for row, read, number in zip(page.rows, rows, page.line_of, strict=True):
        if read.glyphs:
            own = (ReadWord(tuple(word), read.recognizer, row) for word in spaces.split_words(read.glyphs))
            words.setdefault(number, []).extend(own)
    return words


def _word(word: ReadWord, photo: Photo) -> Word:
    glyphs = (Glyph(read.text, read.confidence, Box(*photo.full_size(read.box)), read.alternatives)
              for read in word.glyphs)  # fmt: skip
    return Word(tuple(glyphs), word.recognizer)


def _table(table: FoundTable, photo: Photo) -> Table:
    """A table with its boxes in pixels of the photo."""
    grid = table.grid
    cells = (
        Cell(
            place.row,
            place.column,
            place.row_span,
            place.column_span,
            Box(*photo.full_size(grid.box(place))),
            tuple(table.words.get(place, ())),
        )
        for place in grid.cells
    )
    return Table(tuple(cells), grid.ruled)
