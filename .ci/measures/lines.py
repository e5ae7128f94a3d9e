"""Whether the text lines of pages are found, merged or split, against the geometry of ``lined_pages/``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measures.outlines import Counts, Outline, compare, outline, reference, untouched
from measures.photos import folder_of
from measures.runner import read, spread
from measures.text import Row

FOLDS = 4
"""Of each source every so many-th page, from the first on, is held out from training."""

MEASURED_ONLY = "csafe"
"""The source that nothing is trained on: all of its pages count."""


def held_out(folder: str = "lined_pages") -> list[Path]:
    """The pages that nothing is trained on: files of their lines, beside the pictures."""
    sources = sorted(path for path in folder_of(folder).iterdir() if path.is_dir())
    return [
        page
        for source in sources
        for page in sorted(source.glob("*.json"))[:: 1 if source.name == MEASURED_ONLY else FOLDS]
    ]


def read_lines(reader: Any, path: Path) -> Counts:
    """Read a page and compare its lines."""
    known = json.loads(path.read_text(encoding="utf-8"))
    size = (known["width"], known["height"])
    written = [reference(line) for line in known["lines"]]
    page = read(reader, path.with_suffix(".jpg")).page
    if page is None:
        return Counts(written=len(written))
    found = [outline(line) for line in page.lines]
    placed = [Outline(*(untouched(points, page, size) for points in (line.around, line.base))) for line in found]
    return compare(written, [_rightward(line) for line in placed], size)


def _rightward(line: Outline) -> Outline:
    """With its baseline from left to right, as one of a page that was turned may not be."""
    return Outline(line.around, line.base[line.base[:, 0].argsort(kind="stable")])


def row(name: str, pages: int, counts: Counts) -> Row:
    """A row of the table."""
    read_, written = max(1, counts.read), max(1, counts.written)
    return (
        name,
        str(pages),
        str(counts.written),
        f"{counts.found / read_:.3f} / {counts.found / written:.3f}",
        f"{counts.along_read / read_:.3f} / {counts.along_written / written:.3f}",
        str(counts.merged),
        str(counts.split),
    )


def lines() -> Iterator[Row]:
    """The table: a row for each source, and one for all."""
    yield ("", "pages", "lines", "outlines, precision / recall", "baselines, precision / recall", "merged", "split")
    pages = held_out()
    found: dict[str, list[Counts]] = {}
    for path, counts in zip(pages, spread(read_lines, pages), strict=True):
        found.setdefault(path.parent.name, []).append(counts)
    for source, of in found.items():
        yield row(source, len(of), sum(of, start=Counts()))
    yield row("all", len(pages), sum((counts for of in found.values() for counts in of), start=Counts()))
