"""The result of reading: `Page` -> `Line` -> `Word` -> `Glyph`, with a `Box` for each glyph.

All are frozen dataclasses. Text, confidence and box of a word, line or page are computed from its glyphs, so they
cannot disagree. Tables refer to the words in their cells. Nothing else of ocrcli is imported until a page is drawn or
written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ocrcli.core.box import Box
from ocrcli.core.table import Cell, Table

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Box", "Cell", "Glyph", "Line", "Page", "Table", "Word"]


@dataclass(frozen=True, slots=True)
class Glyph:
    """One recognized character.

    Attributes:
        text: The character.
        confidence: Calibrated probability, 0 to 1, that `text` is right.
        box: The bounding box of its ink.
        alternatives: Other characters with their probabilities, the most probable first.
    """

    text: str
    confidence: float
    box: Box
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word: one or more glyphs without a space between them, in reading order.

    Attributes:
        glyphs: Its characters.
        recognizer: Which model read it: ``letters`` (the letter classifier, glyph by glyph) or ``lines`` (the line
            recognizer, the whole text line at once).
    """

    glyphs: tuple[Glyph, ...]
    recognizer: str = "letters"

    @property
    def text(self) -> str:
        """The characters."""
        return "".join(g.text for g in self.glyphs)

    @property
    def confidence(self) -> float:
        """Mean confidence of the glyphs: the share of them expected to be right."""
        return _mean(self.glyphs)

    @property
    def box(self) -> Box:
        """The box around all glyphs."""
        return Box.around(g.box for g in self.glyphs)


@dataclass(frozen=True, slots=True)
class Line:
    """A text line: one or more words, in reading order.

    Attributes:
        words: Its words.
        paragraph: Number of its paragraph in reading order, from 0. A new paragraph begins after a vertical gap and
            at the top of a new column.
    """

    words: tuple[Word, ...]
    paragraph: int = 0

    @property
    def glyphs(self) -> tuple[Glyph, ...]:
        """All glyphs of the line."""
        return tuple(g for w in self.words for g in w.glyphs)

    @property
    def text(self) -> str:
        """The words, with one space between them."""
        return " ".join(w.text for w in self.words)

    @property
    def confidence(self) -> float:
        """Mean confidence of the glyphs: the share of them expected to be right."""
        return _mean(self.glyphs)

    @property
    def box(self) -> Box:
        """The box around all words."""
        return Box.around(w.box for w in self.words)


@dataclass(frozen=True, slots=True)
class Page:
    """The result for one photo.

    Attributes:
        lines: Text lines in reading order; empty if there is no writing.
        width: Width of the upright photo in pixels.
        height: Height of the upright photo in pixels.
        turned: Degrees, 0, 90, 180 or 270, by which the photo was turned clockwise to be upright, in addition to its
            EXIF orientation. Boxes are in pixels of the turned photo.
        language: Language of the language model that was used, a name in `ocrcli.language.model.KNOWN`; None if none
            was used or it is not known.
        unread: Boxes of text lines that were found but could not be read.
        tables: Tables, the largest first.
        source: The `ocrcli.sources.Source` from which the photo can be loaded again, to draw on it; None if it is not
            known, as on a page loaded from JSON. It is not compared and not shown.

    Examples:
        >>> page = Page((Line((Word((Glyph("A", 0.9, Box(0, 0, 9, 9)),)),)),), width=20, height=10)
        >>> page.text, page.confidence
        ('A', 0.9)
    """

    lines: tuple[Line, ...]
    width: int
    height: int
    turned: int = 0
    language: str | None = None
    unread: tuple[Box, ...] = ()
    tables: tuple[Table, ...] = ()
    source: Any = field(default=None, repr=False, compare=False)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words of the page, in reading order."""
        return tuple(w for line in self.lines for w in line.words)

    @property
    def glyphs(self) -> tuple[Glyph, ...]:
        """All glyphs of the page, in reading order."""
        return tuple(g for line in self.lines for g in line.glyphs)

    @property
    def paragraphs(self) -> tuple[tuple[Line, ...], ...]:
        """The lines of each paragraph, in reading order."""
        return tuple(tuple(lines) for _, lines in groupby(self.lines, key=lambda line: line.paragraph))

    @property
    def text(self) -> str:
        """The lines separated by newlines, with an empty line between paragraphs."""
        return "\n\n".join("\n".join(line.text for line in lines) for lines in self.paragraphs)

    @property
    def confidence(self) -> float:
        """Mean confidence of all glyphs; 0 for an empty page.

        The glyphs that unread lines probably hold, estimated from their width, count with confidence 0.
        """
        glyphs = self.glyphs
        if not glyphs or not self.unread:
            return _mean(glyphs)
        wide = sum(glyph.box.right - glyph.box.left for glyph in glyphs) / len(glyphs)
        missing = sum(box.right - box.left for box in self.unread) / max(wide, 1.0)
        return sum(glyph.confidence for glyph in glyphs) / (len(glyphs) + missing)

    def cell_lines(self, cell: Cell) -> list[str]:
        """The lines of a cell of one of its tables; none if nothing is written in it."""
        lines = groupby(cell.words, key=lambda place: place[0])
        return [" ".join(self.lines[i].words[j].text for i, j in places) for _, places in lines]

    def cell_text(self, cell: Cell) -> str:
        """The text of a cell of one of its tables: its lines separated by newlines."""
        return "\n".join(self.cell_lines(cell))

    def table_rows(self, table: Table) -> list[list[str]]:
        """The texts of a table, row by row; a cell that spans others has its text at its first row and column.

        Examples:
            >>> page.table_rows(page.tables[0])  # doctest: +SKIP
            [['EGGS', '2.40'], ['MILK', '1.10']]
        """
        rows = [[""] * table.columns for _ in range(table.rows)]
        for cell in table.cells:
            rows[cell.row][cell.column] = self.cell_text(cell)
        return rows

    def to_dict(self) -> dict[str, Any]:
        """The page as plain dictionaries and lists, as in the output of ``--format json``."""
        from ocrcli.formats.json import page_dict

        return page_dict(self)

    def render(self, image: Any = None, *, long_side: int = 2000) -> Image.Image:
        """Draw the box and the text of every glyph over the photo, coloured by confidence.

        Args:
            image: The photo, as `ocrcli.read` takes it; by default it is loaded again from `source`.
            long_side: Approximate longer side of the drawing in pixels. A photo is never enlarged.

        Returns:
            A Pillow image, RGB.

        Raises:
            InputError: If the photo cannot be loaded.
            ValueError: If no image is given and `source` is None.

        Examples:
            >>> ocrcli.read("note.jpg").render().save("boxes.png")  # doctest: +SKIP
        """
        from PIL import Image

        from ocrcli.inspect.overlay import draw_boxes
        from ocrcli.sources import source_of, turned

        if image is None and self.source is None:
            raise ValueError("this page does not know its photo; give it: page.render(image)")
        picture = source_of(self.source if image is None else image).colour(long_side)
        return Image.fromarray(draw_boxes(turned(picture, self.turned), self))

    def _repr_png_(self) -> bytes | None:
        """The picture that a notebook shows: `render`; None if the photo cannot be loaded any more."""
        from io import BytesIO

        from ocrcli.core.errors import OcrError

        if self.source is None:
            return None
        stream = BytesIO()
        try:
            self.render(long_side=1000).save(stream, "PNG")
        except OcrError:
            return None
        return stream.getvalue()


def _mean(glyphs: tuple[Glyph, ...]) -> float:
    return sum(g.confidence for g in glyphs) / len(glyphs) if glyphs else 0.0
