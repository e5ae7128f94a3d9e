"""`ocr explain`: why a line was read as it was."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrcli.cli import options
from ocrcli.cli.console import out
from ocrcli.decode import RowReading
from ocrcli.errors import UsageError
from ocrcli.explain import ExplainedGlyph, Explanation, explain
from ocrcli.page import Page
from ocrcli.printable import printable
from ocrcli.reading import Reader, known_by

COLUMNS = (
    "what", "text", "behind", "confidence", "crop", "place", "geometry", "kinds", "language", "others", "instead",
)  # fmt: skip
"""Of the table. A row is a `reading` of the line, or a `glyph` of the best one."""

SHOWN = 0.01
"""Probability from which on another character of the same marks is shown."""


def command(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The photo.")],
    line: Annotated[int, typer.Option("--line", metavar="N", min=1, help="Which line, counted as they are printed.")],
    threshold: options.ThresholdOption = options.DEFAULTS.threshold,
    denoise: options.DenoiseOption = options.DEFAULTS.denoise,
    device: options.DeviceOption = options.DEFAULTS.device,
    model: options.ModelOption = None,
    language: options.LanguageOption = options.DEFAULTS.language,
    words: options.WordsOption = None,
    allow: options.AllowOption = None,
) -> None:
    """Print the readings of a line, best first, and what the score of each glyph is made of.

    A table: tab-separated in a pipe. `behind` says by how much a reading of the line is worse than the best one,
    in nats: 2.3 is ten times less likely. For a glyph it is the best reading without that glyph, and `instead` what
    then stands in its place, which may be cut or joined in another way. `others` are other characters of the same
    marks with their probabilities. Crop, place, geometry, kinds and language add up to a glyph's score. Lines are
    those of reading letter by letter.
    """
    asked = options.settings_from(denoise, threshold, device, model, language, words, allow)
    settings = replace(asked, recognizer="letters")
    told: dict[str, Any] = {}
    page = Reader(settings).read(image, on_stage=told.__setitem__)
    if line > len(page.lines):
        raise UsageError(f"{image}: there is no line {line}; it has {len(page.lines)}")
    rows = rows_of(explain(row_of(page, line - 1, told["paths"]), known_by(settings)))
    if sys.stdout.isatty():
        _print_table(rows)
        return
    for row in (COLUMNS, *rows):
        out("\t".join(map(printable, row)))


def row_of(page: Page, line: int, rows: list[RowReading]) -> RowReading:
    """The row that became a line of the page; lines may be in another order than rows."""
    texts = ["".join(word.text for word in line.words) for line in page.lines]
    alike = [row for row in rows if "".join(glyph.text for glyph in row.glyphs) == texts[line]]
    return alike[texts[:line].count(texts[line])]


def rows_of(found: Explanation) -> list[tuple[str, ...]]:
    """The table's rows: the readings of the line, then the glyphs of the best one."""
    blank = ("",) * (len(COLUMNS) - 3)
    readings = [("reading", text, f"{behind:.2f}", *blank) for text, behind in found.readings]
    return [*readings, *map(_glyph_row, found.glyphs)]


def _glyph_row(glyph: ExplainedGlyph) -> tuple[str, ...]:
    parts = (glyph.crop, glyph.place, glyph.geometry, glyph.kinds, glyph.language)
    others = " ".join(f"{text} {p:.2f}" for text, p in glyph.others if p >= SHOWN)
    figures = (f"{part:.2f}" for part in parts)
    return ("glyph", glyph.text, f"{glyph.behind:.2f}", f"{glyph.confidence:.3f}", *figures, others, glyph.instead)


def _print_table(rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    figures = COLUMNS[2:9]
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in figures else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    # Cut to the terminal's width the figures would be lost; it wraps longer rows itself.
    Console(highlight=False, width=1000).print(table)
