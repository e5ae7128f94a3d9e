"""From rows that were read to a `Page`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.letters import spaces
from ocrcli.letters.row_reading import RowReading
from ocrcli.pipeline.segmentation import Segmented
from ocrcli.sources import Photo


def page_of(rows: Sequence[RowReading], page: Segmented, language: str | None) -> Page:
    """The page that rows make; those that say nothing are among its `unread` text lines.

    Args:
        rows: What each of the page's rows says.
        page: The page taken apart.
        language: In whose they were read; None for none.
    """
    lost = [row.box(page.marks) for row, read in zip(page.rows, rows, strict=True) if not read.glyphs]
    unread = tuple(Box(*page.photo.full_size(box)) for box in [*lost, *page.empty])
    return Page(_lines(rows, page), page.photo.width, page.photo.height, page.turned, language, unread)


def _lines(rows: Sequence[RowReading], page: Segmented) -> tuple[Line, ...]:
    """Text lines of what was read of each row; none that says nothing."""
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
