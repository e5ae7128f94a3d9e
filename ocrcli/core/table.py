"""Tables of a page: `Table` -> `Cell`, which refers to words of the page."""

from __future__ import annotations

from dataclasses import dataclass

from ocrcli.core.box import Box


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        row: Its first row, from 0.
        column: Its first column, from 0.
        row_span: Number of rows that it spans.
        column_span: Number of columns that it spans.
        box: Its box in the upright photo, in pixels.
        words: Its words in reading order: number of the line on the page and of the word in the line, both from 0.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    box: Box
    words: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        cells: Its cells, row by row; together they fill it.
        ruled: Whether lines are drawn between the cells; otherwise the cells are known by the gaps between them.

    Examples:
        >>> table = Table((Cell(0, 0, 1, 1, Box(0, 0, 9, 9)), Cell(0, 1, 2, 1, Box(9, 0, 18, 18))), ruled=True)
        >>> table.rows, table.columns, table.box.bottom
        (2, 2, 18)
    """

    cells: tuple[Cell, ...]
    ruled: bool

    @property
    def rows(self) -> int:
        """Number of rows."""
        return max(cell.row + cell.row_span for cell in self.cells)

    @property
    def columns(self) -> int:
        """Number of columns."""
        return max(cell.column + cell.column_span for cell in self.cells)

    @property
    def box(self) -> Box:
        """The box around all cells."""
        return Box.around(cell.box for cell in self.cells)
