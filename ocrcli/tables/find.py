"""Tables: which words stand in which cell of a grid, and whether a grid is a table at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

import numpy as np

from ocrcli.layout.baselines import Row
from ocrcli.letters.row_reading import ReadGlyph
from ocrcli.tables.aligned import PlacedWord, aligned_grids
from ocrcli.tables.grids import Grid, Span

MOST_CUT = 0.15
"""Share of words that an edge of a grid runs through, above which it is squared paper or a drawing. Chosen, as were
those below, on drawn tables and on half of ``wild/``: hundredths in tables, a third on squared paper."""

INNER = 0.25
"""Share of a letter on each side through which an edge may run."""

FEWEST_WORDS = 4
"""Fewest words of a table with drawn lines; they stand in two rows and two columns at least."""

MOST_JOINED = 0.5
"""Share of the places of a grid that may be missing, as cells span several; where more are, it is a drawing."""


@dataclass(frozen=True)
class ReadWord:
    """A word that was read, in pixels of the image for reading.

    Attributes:
        glyphs: Its characters.
        recognizer: The model that read it.
        row: The row that it is in.
    """

    glyphs: tuple[ReadGlyph, ...]
    recognizer: str
    row: Row

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Bounding box in pixels: left, top, right, bottom."""
        left, top, right, bottom = zip(*(glyph.box for glyph in self.glyphs), strict=True)
        return min(left), min(top), max(right), max(bottom)

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its width and of its capitals."""
        left, _, right, _ = self.box
        x = (left + right) / 2
        return x, float(np.polyval(self.row.baseline, x)) - self.row.cap_height / 2


@dataclass(frozen=True)
class ReadLine:
    """A text line that was read.

    Attributes:
        words: Its words, from left to right.
        paragraph: Number of its paragraph, ascending.
    """

    words: tuple[ReadWord, ...]
    paragraph: int


Place = tuple[int, int]
"""Number of a line, and of a word in it."""


@dataclass(frozen=True)
class FoundTable:
    """A table: its grid, and the places of the words in each cell."""

    grid: Grid
    words: Mapping[Span, Sequence[Place]]


def find_tables(lines: Sequence[ReadLine], grids: Sequence[Grid]) -> tuple[list[ReadLine], tuple[FoundTable, ...]]:
    """Find the tables among the words of a page.

    Args:
        lines: Text lines of the page, in reading order.
        grids: Grids of drawn lines.

    Returns:
        The text lines, cut where a drawn line parts them, those of drawn tables row by row, and the tables, the largest
        first. Without drawn tables the lines are those that were given.
    """
    words = [word for line in lines for word in line.words]
    ruled = [grid for grid in grids if _is_table(grid, words)]
    if ruled:
        lines = [replace(line, words=tuple(p for word in line.words for p in _cut(word, ruled))) for line in lines]
    for grid in ruled:
        lines = _row_by_row(lines, grid)
    places = [(i, j) for i, line in enumerate(lines) for j in range(len(line.words))]
    tables, free = [], places
    for grid in ruled:
        tables.append(_filled(grid, lines, free))
        held = {place for own in tables[-1].words.values() for place in own}
        free = [place for place in free if place not in held]
    capital = float(np.median([word.row.cap_height for word in words])) if words else 1.0
    aligned = aligned_grids([_placed(lines[i].words[j]) for i, j in free], capital)
    tables += [_filled(grid, lines, free) for grid in aligned]
    return list(lines), tuple(sorted(tables, key=lambda table: -len(table.grid.cells)))


def _row_by_row(lines: Sequence[ReadLine], grid: Grid) -> list[ReadLine]:
    """The lines with the words of a table row by row, as a paragraph where its first word was.

    A row is a line if none of its cells has several; otherwise each cell is read after the other.
    """
    cells = [[grid.cell_at(*word.middle) for word in line.words] for line in lines]
    held: dict[int, dict[Span, list[tuple[ReadWord, ...]]]] = {}
    for line, places in zip(lines, cells, strict=True):
        for cell, own in groupby(zip(line.words, places, strict=True), key=itemgetter(1)):
            if cell is not None:
                held.setdefault(cell.row, {}).setdefault(cell, []).append(tuple(word for word, _ in own))
    first = next((i for i, places in enumerate(cells) if any(places)), len(lines))
    found: list[tuple[tuple[ReadWord, ...], object]] = [(line.words, line.paragraph) for line in lines[:first]]
    for _, row in sorted(held.items()):
        parts = [row[cell] for cell in sorted(row, key=lambda cell: cell.column)]
        if all(len(part) == 1 for part in parts):
            parts = [[tuple(word for part in parts for word in part[0])]]
        found += [(words, "table") for part in parts for words in part]
    for line, places in zip(lines[first:], cells[first:], strict=True):
        outside = tuple(word for word, cell in zip(line.words, places, strict=True) if cell is None)
        if outside:
            found.append((outside, ("after", line.paragraph)))
    paragraphs = enumerate(groupby(found, key=itemgetter(1)))
    return [ReadLine(words, number) for number, (_, own) in paragraphs for words, _ in own]


def _placed(word: ReadWord) -> PlacedWord:
    left, _, right, _ = word.box
    return PlacedWord(left, right, word.middle[1], len(word.glyphs))


def _filled(grid: Grid, lines: Sequence[ReadLine], places: Sequence[Place]) -> FoundTable:
    """A grid with the words in its cells."""
    found: dict[Span, list[Place]] = {}
    for i, j in places:
        cell = grid.cell_at(*lines[i].words[j].middle)
        if cell is not None:
            found.setdefault(cell, []).append((i, j))
    return FoundTable(grid, found)


def _is_table(grid: Grid, words: Sequence[ReadWord]) -> bool:
    """Whether words stand in the cells of a grid of drawn lines, and not across them."""
    if len(grid.cells) < MOST_JOINED * (len(grid.across) - 1) * (len(grid.down) - 1):
        return False
    inside = [(word, cell) for word in words if (cell := grid.cell_at(*word.middle)) is not None]
    rows, columns = {cell.row for _, cell in inside}, {cell.column for _, cell in inside}
    if len(inside) < FEWEST_WORDS or min(len(rows), len(columns)) < 2:
        return False
    return float(np.mean([_is_cut(word, grid) for word, _ in inside])) <= MOST_CUT


def _is_cut(word: ReadWord, grid: Grid) -> bool:
    """Whether an edge of a cell runs through a letter of a word."""
    return any(len(set(_cells_of(glyph, grid))) > 1 for glyph in word.glyphs)


def _cells_of(glyph: ReadGlyph, grid: Grid) -> list[Span | None]:
    """The cells at the four corners of the inner part of a letter."""
    left, top, right, bottom = glyph.box
    x, y = INNER * (right - left), INNER * (bottom - top)
    return [grid.cell_at(u, v) for u in (left + x, right - x) for v in (top + y, bottom - y)]


def _cut(word: ReadWord, grids: Sequence[Grid]) -> list[ReadWord]:
    """The parts of a word that stand in different cells."""

    def place(glyph: ReadGlyph) -> tuple[Span | None, ...]:
        left, _, right, _ = glyph.box
        return tuple(grid.cell_at((left + right) / 2, word.middle[1]) for grid in grids)

    return [replace(word, glyphs=tuple(part)) for _, part in groupby(word.glyphs, key=place)]
