"""Pages made by hand and by hypothesis: what the tests of the formats write down."""

from __future__ import annotations

import dataclasses

from hypothesis import strategies as st
from PIL import Image

from ocrcli.core.page import Box, Cell, Glyph, Line, Page, Table, Word
from ocrcli.formats import Document

SIDE, HEIGHT = 24, 40
"""Width and height of a capital, in pixels."""

EVIL = (
    "a\nb",
    "[red]x[/red]",
    "<script>alert(1)</script>",
    "\x1b[31m\x07",
    "\udcff\x00",
    "&amp;\"';--]]>",
    "\ufffe\u2028",
)
"""What a name or a text may be, and must do no harm."""


def line(text: str, left: int = 50, top: int = 100, *, paragraph: int = 0, size: float = 1) -> Line:
    """A line of text in letters of even width, `size` times as large as usual; small letters are lower."""
    words, x = [], float(left)
    for word in text.split():
        glyphs = []
        for letter in word:
            height = HEIGHT * size * (0.68 if letter in "acemnorsuvwxz" else 1)
            bottom = top + HEIGHT * size + (0.25 * HEIGHT * size if letter in "gpqyj" else 0)
            box = Box(round(x), round(bottom - height), round(x + SIDE * size - 2), round(bottom))
            glyphs.append(Glyph(letter, 0.9, box, (("?", 0.06), ("#", 0.04))))
            x += SIDE * size
        words.append(Word(tuple(glyphs)))
        x += SIDE * size
    return Line(tuple(words), paragraph)


def page(text: str, width: int = 1200, height: int = 900) -> Page:
    """A page of evenly spaced lines; an empty line begins a paragraph."""
    lines, paragraph = [], 0
    for number, row in enumerate(text.split("\n")):
        if row:
            lines.append(line(row, top=60 + 70 * number, paragraph=paragraph))
        else:
            paragraph += 1
    return Page(tuple(lines), width, height)


def with_table(of: Page, rows: int, columns: int) -> Page:
    """A page whose words fill a table, row by row, one a cell."""
    places = [(i, j) for i, line in enumerate(of.lines) for j in range(len(line.words))]
    cells = []
    for number in range(rows * columns):
        row, column = divmod(number, columns)
        box = Box(100 * column, 70 * row, 100 * column + 100, 70 * row + 70)
        cells.append(Cell(row, column, 1, 1, box, tuple(places[number : number + 1])))
    return dataclasses.replace(of, tables=(Table(tuple(cells), ruled=True),))


NOTE = page('SHOPPING LIST\n\nmilk & "oats"\n<b>6</b> eggs\n\n2*3 is [red] 6')
"""A page of three paragraphs whose text looks like markup."""


def blank(of: Page) -> Image.Image:
    """A picture as large as a page."""
    return Image.new("RGB", (of.width, of.height), "white")


def document(of: Page = NOTE, name: str = "a note.jpg") -> Document:
    """A page with a name and a white picture."""
    return Document(name, of, blank(of))


def share(confidence: float) -> float:
    """A confidence as it is written: with four decimals."""
    return round(confidence, 4)


def rounded(of: Page) -> Page:
    """A page whose confidences have been written and read again."""

    def glyph(g: Glyph) -> Glyph:
        others = tuple((text, share(p)) for text, p in g.alternatives)
        return dataclasses.replace(g, confidence=share(g.confidence), alternatives=others)

    def written(row: Line) -> Line:
        words = (dataclasses.replace(w, glyphs=tuple(map(glyph, w.glyphs))) for w in row.words)
        return dataclasses.replace(row, words=tuple(words))

    return dataclasses.replace(of, lines=tuple(map(written, of.lines)))


def pages(characters: st.SearchStrategy[str]) -> st.SearchStrategy[Page]:
    """Any pages: boxes lie where they like, and paragraphs are numbered anyhow."""
    sides, lengths, shares = st.integers(0, 3000), st.integers(1, 900), st.floats(0, 1)
    boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), sides, sides, lengths, lengths)
    others = st.lists(st.tuples(characters, shares), max_size=2).map(tuple)
    glyphs = st.builds(Glyph, characters, shares, boxes, others)
    recognizers = st.sampled_from(["letters", "lines"])
    words = st.builds(Word, st.lists(glyphs, min_size=1, max_size=3).map(tuple), recognizers)
    lines = st.builds(Line, st.lists(words, min_size=1, max_size=2).map(tuple), st.integers(0, 3))
    turns = st.sampled_from([0, 90, 180, 270])
    unread = st.lists(boxes, max_size=2).map(tuple)
    return st.builds(Page, st.lists(lines, max_size=3).map(tuple), lengths, lengths, turns, unread=unread)


LABELS = st.characters(min_codepoint=33, max_codepoint=126)
"""What the models read: printable ASCII."""
LETTERS = st.sampled_from("abcxyzABC019") | LABELS
ANY = st.characters() | st.sampled_from(EVIL)
"""Any text at all, also such as no file can hold."""
NAMES = st.text(st.characters(), max_size=8) | st.sampled_from(EVIL)
