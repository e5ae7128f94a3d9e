"""Reading of one batch item into rows, one for each page, as plain dictionaries for Parquet, Ray and Spark."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.batch.files import File, files_of
from ocrcli.batch.items import Item
from ocrcli.batch.keys import NO_KEYS, is_known
from ocrcli.core.errors import OcrError, ProcessDiedError
from ocrcli.core.page import Line, Page, Word
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.pipeline.many import read_one
from ocrcli.pipeline.provenance import made_with
from ocrcli.pipeline.reading import Reader
from ocrcli.sources import Source
from ocrcli.sources.expand import pages_of
from ocrcli.workers.pool import DIED

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MadeWith:
    """The version, models and settings of a run, for the columns of the rows.

    Attributes:
        ocrcli: Version of ocrcli.
        models: Hash over the hashes of all models and of the file of words.
        settings: The other settings, as JSON.
    """

    ocrcli: str
    models: str
    settings: str


def made(settings: Settings) -> MadeWith:
    """The version, models and settings of a run with these settings; errors are those of `made_with`."""
    parts = made_with(settings)
    models = hashlib.sha256(json.dumps(parts["models"], sort_keys=True).encode()).hexdigest()
    return MadeWith(parts["ocrcli"], models[:16], json.dumps(parts["settings"], sort_keys=True))


@dataclass(frozen=True, slots=True)
class Rows:
    """The results of an item.

    Attributes:
        rows: Rows of its pages that were read or failed.
        skipped: Number of its pages that were skipped because they are done.
        files: Files to write beside the table.
    """

    rows: tuple[Row, ...] = ()
    skipped: int = 0
    files: tuple[File, ...] = ()


@dataclass(slots=True)
class RowMaker:
    """Picklable callable that reads items.

    Attributes:
        reader: The reader.
        made: Version, models and settings for the rows.
        known: Sorted `keys` of pages to skip.
        formats: Formats of files beside the table.
    """

    reader: Reader
    made: MadeWith
    known: NDArray[np.uint64] = field(default_factory=NO_KEYS.copy)
    formats: tuple[str, ...] = ()

    def __call__(self, item: Item) -> Rows:
        """Read an item; an error gives a row, too."""
        begun = perf_counter()
        try:
            origin, sha256 = item.load()
        except OcrError as error:
            return self._failed(item.path, "", error, begun)
        try:
            sources = list(pages_of(item.path, origin))
        except OcrError as error:
            return self._failed(item.path, sha256, error, begun)
        new = [source for source in sources if not is_known(self.known, item.path, source.page_number or 1, sha256)]
        made = [self._row(item.path, source, sha256) for source in new]
        files = tuple(file for _, files in made for file in files)
        return Rows(tuple(row for row, _ in made), len(sources) - len(new), files)

    def _failed(self, path: str, sha256: str, error: OcrError, begun: float) -> Rows:
        return failed(path, sha256, error, self.made, self.known, perf_counter() - begun)

    def _row(self, path: str, source: Source, sha256: str) -> tuple[Row, tuple[File, ...]]:
        result, number, files = read_one(self.reader, source), source.page_number or 1, tuple[File, ...]()
        page, error = result.page, result.error
        if page:
            try:
                files = files_of(self.formats, source, path, number, page)
            except OcrError as wrong:
                page, error = None, wrong
        return row(path, number, sha256, self.made, page, error, result.seconds), files


def prepare(settings: Settings, known: NDArray[np.uint64], formats: tuple[str, ...] = ()) -> RowMaker:
    """Load the models and make a `RowMaker`; errors are those of `Reader`."""
    return RowMaker(Reader(settings), made(settings), known, formats)


def failed(
    path: str, sha256: str, error: OcrError, made_by: MadeWith, known: NDArray[np.uint64], seconds: float = 0.0
) -> Rows:
    """The row of an item that could not be opened, unless it is known already."""
    if is_known(known, path, 1, sha256):
        return Rows(skipped=1)
    return Rows((row(path, 1, sha256, made_by, error=error, seconds=seconds),))


def lost(item: Item, made_by: MadeWith) -> Rows:
    """The row of an item on which two processes died."""
    try:
        _, sha256 = item.load()
    except OcrError:
        sha256 = ""
    return Rows((row(item.path, 1, sha256, made_by, error=ProcessDiedError(f"{printable(item.path)}: {DIED}")),))


def row(
    path: str,
    page_number: int,
    sha256: str,
    made_by: MadeWith,
    page: Page | None = None,
    error: OcrError | None = None,
    seconds: float = 0.0,
) -> Row:
    """The row of a page, with its result or its error; `store.schema` has the columns."""
    return {
        "path": path.encode(errors="backslashreplace").decode(),
        "page": page_number,
        "sha256": sha256,
        "text": page.text if page else None,
        "confidence": round(page.confidence, 4) if page else None,
        "language": page.language if page else None,
        "width": page.width if page else None,
        "height": page.height if page else None,
        "turned": page.turned if page else None,
        "lines": [_line(line) for line in page.lines] if page else None,
        "unread": len(page.unread) if page else None,
        "error_kind": error.kind if error else None,
        "error": str(error) if error else None,
        "seconds": round(seconds, 4),
        "ocrcli": made_by.ocrcli,
        "models": made_by.models,
        "settings": made_by.settings,
    }


def _line(line: Line) -> Row:
    return {**_part(line), "paragraph": line.paragraph, "words": [_part(word) for word in line.words]}


def _part(part: Line | Word) -> Row:
    box = part.box
    sides = [box.left, box.top, box.right, box.bottom]
    return {"text": part.text, "confidence": round(part.confidence, 4), "box": sides}
