"""Build the `Page` from the readings of its rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.letters import spaces
from ocrcli.letters.row_reading import RowReading
from ocrcli.pipeline.segmentation import Segmented
from ocrcli.sources import Photo


def page_of(rows: Sequence[RowReading], page: Segmented, language: str | None) -> Page:
    """Build a page from the readings of its rows; rows without glyphs become `unread` text lines.

    Args:
        rows: Reading of each row of the page.
        page: The segmented page.
        language: Language that the rows were read with; None for none.
    """
    lost = [row.box(page.marks) for row, read in zip(page.rows, rows, strict=True) if not read.glyphs]
    unread = tuple(Box(*page.photo.full_size(box)) for box in [*lost, *page.empty])
    return Page(_lines(rows, page), page.photo.width, page.photo.height, page.turned, language, unread)


def _lines(rows: Sequence[RowReading], page: Segmented) -> tuple[Line, ...]:
    """Text lines from the readings of rows, without those that have no glyphs."""
    words: dict[int, list[Word]] = {}
    for row, number in zip(rows, page.line_of, strict=True):
        if row.glyphs:
            words.setdefault(number, []).extend(_words(row, page.photo))
    paragraphs = np.unique([page.paragraphs[number] for number in words], return_inverse=True)[1].tolist()
    return tuple(Line(tuple(own), paragraph) for own, paragraph in zip(words.values(), paragraphs, strict=True))


def _words(row: RowReading, photo: Photo) -> list[Word]:
    words = [
        tuple(Glyph(read.text, read.confidence, Box(*photo.full_size(read.box)), read.alternatives) for read in word)
        for word in spaces.split_words(row.glyphs)
    ]
    return [Word(word, row.recognizer) for word in words]
