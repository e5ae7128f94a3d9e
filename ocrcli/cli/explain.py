"""`ocr explain`: why a line was read as it was."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from ocrcli.cli import options
from ocrcli.cli.support.console import out
from ocrcli.core.errors import UsageError
from ocrcli.core.page import Line
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.inspect.explain import ExplainedGlyph, Explanation, explain
from ocrcli.letters.row_reading import LINES, RowReading
from ocrcli.pipeline.reading import Reader
from ocrcli.sources import expand
from ocrcli.sources.selection import ALL

TABLE_COLUMNS = (
    "what", "text", "behind", "confidence", "crop", "place", "geometry", "kinds", "language", "others", "instead",
)  # fmt: skip
"""Of the table. A row is a `reading` of the line, or a `glyph` of the best one."""

SHOWN = 0.01
"""Probability from which on another character of the same marks is shown."""


@options.with_settings
def command(
    image: Annotated[
        str, typer.Argument(metavar="IMAGE", help="The photo: a file, an https address, - for stdin, clipboard:.")
    ],
    line: Annotated[
        int,
        typer.Option("--line", metavar="N", min=1, help="Which line, counted as they are printed, empty ones aside."),
    ],
    pages: Annotated[str | None, typer.Option("--pages", metavar="N", help="Which page of a PDF or TIFF file.")] = None,
    *,
    settings: Settings,
) -> None:
    """Print the readings of a line, best first, and what the score of each glyph is made of.

    A table: tab-separated in a pipe. `behind` says by how much a reading of the line is worse than the best one,
    in nats: 2.3 is ten times less likely. For a glyph it is the best reading without that glyph, and `instead` what
    then stands in its place, which may be cut or joined in another way. `others` are other characters of the same
    marks with their probabilities. Crop, place, geometry, kinds and language add up to a glyph's score. A line
    that was read as a whole has no such parts: see `--recognizer letters`.
    """
    told: dict[str, Any] = {}
    sources = list(expand([image], pages=pages or ALL))
    if len(sources) != 1:
        raise UsageError(f"{image}: {len(sources)} pages; explain takes one: name a photo, or a page with --pages")
    page = Reader(settings).read(sources[0], on_stage=told.__setitem__)
    if line > len(page.lines):
        raise UsageError(f"{sources[0].name}: there is no line {line}; it has {len(page.lines)}")
    wanted = page.lines[line - 1]
    if wanted.words[0].recognizer == LINES:
        rows = rows_of_whole(row_of(wanted, told["wholes"]), wanted)
    else:
        rows = rows_of(explain(row_of(wanted, told["paths"]), told["language"]))
    if sys.stdout.isatty():
        _print_table(rows)
        return
    for row in (TABLE_COLUMNS, *rows):
        out("\t".join(map(printable, row)))


def row_of(line: Line, rows: Sequence[RowReading]) -> RowReading:
    """The row that became a line of the page: the one with the same confidences, since the text may be in capitals."""
    sure = [glyph.confidence for word in line.words for glyph in word.glyphs]
    return next(row for row in rows if [glyph.confidence for glyph in row.glyphs] == sure)


def rows_of_whole(found: RowReading, line: Line) -> list[tuple[str, ...]]:
    """The table's rows of a line that was read as a whole."""
    glyphs = [glyph for word in line.words for glyph in word.glyphs]
    told = [("glyph", g.text, "", f"{g.confidence:.3f}", *[""] * 5, _alternatives(g.alternatives), "") for g in glyphs]
    return [*_readings(found.readings), *told]


def _readings(readings: Sequence[tuple[str, float]]) -> list[tuple[str, ...]]:
    blank = ("",) * (len(TABLE_COLUMNS) - 3)
    return [("reading", text, f"{behind:.2f}", *blank) for text, behind in readings]


def _alternatives(others: Sequence[tuple[str, float]]) -> str:
    return " ".join(f"{text} {p:.2f}" for text, p in others if p >= SHOWN)


def rows_of(found: Explanation) -> list[tuple[str, ...]]:
    """The table's rows: the readings of the line, then the glyphs of the best one."""
    return [*_readings(found.readings), *map(_glyph_row, found.glyphs)]


def _glyph_row(glyph: ExplainedGlyph) -> tuple[str, ...]:
    parts = (glyph.crop, glyph.place, glyph.geometry, glyph.kinds, glyph.language)
    figures = (f"{part:.2f}" for part in parts)
    told = (*figures, _alternatives(glyph.others), glyph.instead)
    return ("glyph", glyph.text, f"{glyph.behind:.2f}", f"{glyph.confidence:.3f}", *told)


def _print_table(rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    figures = TABLE_COLUMNS[2:9]
    for name in TABLE_COLUMNS:
        table.add_column(name, justify="right" if name in figures else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    # Cut to the terminal's width the figures would be lost; it wraps longer rows itself.
    Console(highlight=False, width=1000).print(table)
