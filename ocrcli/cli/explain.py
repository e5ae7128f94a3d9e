"""`ocr explain`: the runner-up readings of a line, and the parts of the score of each glyph."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

import typer

from ocrcli.cli import options
from ocrcli.cli.support.console import out
from ocrcli.core.errors import UsageError
from ocrcli.core.page import Glyph, Line
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.inspect.explain import ExplainedGlyph, Explanation, explain
from ocrcli.letters.row_reading import LETTERS, LINES, RowReading
from ocrcli.pipeline.confidence import scaled
from ocrcli.pipeline.reading import Reader
from ocrcli.sources import expand
from ocrcli.sources.selection import ALL

TABLE_COLUMNS = (
    "what", "text", "behind", "confidence", "crop", "place", "geometry", "kinds", "language", "others", "instead",
)  # fmt: skip
"""Columns of the table. A row is a `reading` of the line, or a `glyph` of the best reading."""

SHOWN = 0.01
"""Smallest probability of an alternative character that is shown."""


@options.with_settings
def command(
    image: Annotated[
        str, typer.Argument(metavar="IMAGE", help="The photo: a file, an https address, - for stdin, or clipboard:.")
    ],
    line: Annotated[
        int,
        typer.Option("--line", metavar="N", min=1, help="Number of the line in the printed text, without empty lines."),
    ],
    pages: Annotated[str | None, typer.Option("--pages", metavar="N", help="Page of a PDF or TIFF file.")] = None,
    *,
    settings: Settings,
) -> None:
    """Print the readings of a line, the best first, and the parts of the score of each glyph.

    The output is a table, separated by tabs in a pipe. `behind` is how much worse a reading is than the best one, in
    nats: 2.3 means ten times less likely. For a glyph, it is about the best reading without that glyph, and `instead`
    is what that reading has in its place. `others` are other characters for the same ink with their probabilities.
    The score of a glyph is the sum of `crop` (letter classifier), `place` (height and position), `geometry` (gaps),
    `kinds` (kind of character after the one before) and `language` (language model). A line that was read as a whole
    has no such parts: use `--recognizer letters`.
    """
    stages: dict[str, Any] = {}
    sources = list(expand([image], pages=pages or ALL))
    if len(sources) != 1:
        raise UsageError(f"{image}: {len(sources)} pages; explain takes one: name a photo, or a page with --pages")
    page = Reader(settings).read(sources[0], on_stage=stages.__setitem__)
    if line > len(page.lines):
        raise UsageError(f"{sources[0].name}: there is no line {line}; it has {len(page.lines)}")
    language = stages["language"]
    read = {name: scaled(stages.get(stage, ()), language) for name, stage in ((LETTERS, "paths"), (LINES, "wholes"))}
    rows = [
        cells
        for recognizer, glyphs in runs_of(page.lines[line - 1])
        for row, own in rows_with(glyphs, read[recognizer])
        for cells in (line_recognizer_rows(row, own) if recognizer == LINES else letter_rows(explain(row, language)))
    ]
    if sys.stdout.isatty():
        _print_table(rows)
        return
    for row in (TABLE_COLUMNS, *rows):
        out("\t".join(map(printable, row)))


def runs_of(line: Line) -> Iterator[tuple[str, list[Glyph]]]:
    """The glyphs of a line, as far as the same model has read them, and the model."""
    for recognizer, words in groupby(line.words, key=lambda word: word.recognizer):
        yield recognizer, [glyph for word in words for glyph in word.glyphs]


def rows_with(glyphs: Sequence[Glyph], rows: Iterable[RowReading]) -> list[tuple[RowReading, Sequence[Glyph]]]:
    """The rows that glyphs of a line come from, in the order of the line, and the glyphs from each.

    A line has several where there are wide gaps, and a part of one where a drawn line cuts it. They are found by their
    confidences, because capitals may change the text.
    """
    sure, found = [glyph.confidence for glyph in glyphs], []
    for row in rows:
        own = [glyph.confidence for glyph in row.glyphs]
        if not own:
            continue
        if (start := _within(own, sure)) is not None:
            found.append((start, row, glyphs[start : start + len(own)]))
        elif _within(sure, own) is not None:
            found.append((0, row, glyphs))
    return [(row, part) for _, row, part in sorted(found, key=itemgetter(0))]


def _within(part: Sequence[float], whole: Sequence[float]) -> int | None:
    """Where a sequence begins within another; None if it is not there."""
    return next((i for i in range(len(whole) - len(part) + 1) if whole[i : i + len(part)] == part), None)


def line_recognizer_rows(found: RowReading, glyphs: Sequence[Glyph]) -> list[tuple[str, ...]]:
    """The rows of the table for glyphs that the line recognizer read."""
    cells = [("glyph", g.text, "", f"{g.confidence:.3f}", *[""] * 5, _alternatives(g.alternatives), "") for g in glyphs]
    return [*_readings(found.readings), *cells]


def _readings(readings: Sequence[tuple[str, float]]) -> list[tuple[str, ...]]:
    blank = ("",) * (len(TABLE_COLUMNS) - 3)
    return [("reading", text, f"{behind:.2f}", *blank) for text, behind in readings]


def _alternatives(others: Sequence[tuple[str, float]]) -> str:
    return " ".join(f"{text} {p:.2f}" for text, p in others if p >= SHOWN)


def letter_rows(found: Explanation) -> list[tuple[str, ...]]:
    """The rows of the table for a line that was read letter by letter: the readings, then the best one's glyphs."""
    return [*_readings(found.readings), *map(_glyph_row, found.glyphs)]


def _glyph_row(glyph: ExplainedGlyph) -> tuple[str, ...]:
    parts = (glyph.crop, glyph.place, glyph.geometry, glyph.kinds, glyph.language)
    figures = (f"{part:.2f}" for part in parts)
    cells = (*figures, _alternatives(glyph.others), glyph.instead)
    return ("glyph", glyph.text, f"{glyph.behind:.2f}", f"{glyph.confidence:.3f}", *cells)


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
    # Do not cut rows at the width of the terminal, which would hide figures; the terminal wraps them.
    Console(highlight=False, width=1000).print(table)
