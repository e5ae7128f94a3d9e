"""A photo of a batch -> its rows, one a page, in plain dictionaries that Parquet, Ray and Spark take alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.batch.items import Item
from ocrcli.errors import OcrError, ProcessDiedError
from ocrcli.many import read_one
from ocrcli.page import Line, Page, Word
from ocrcli.pool import DIED
from ocrcli.printable import printable
from ocrcli.provenance import made_with
from ocrcli.reading import Reader
from ocrcli.settings import Settings
from ocrcli.sources import Source
from ocrcli.sources.expand import pages_of

Row = dict[str, Any]

NO_HASHES: NDArray[np.uint64] = np.zeros(0, np.uint64)


def key(path: str, page: int, sha256: str) -> int:
    """What tells a page from all others, in 64 bits: of ten million two are the same with odds of one to 300,000."""
    return int.from_bytes(hashlib.sha256(f"{sha256} {page} {path}".encode(errors="backslashreplace")).digest()[:8])


def keys(pages: Iterable[tuple[str, int, str]]) -> NDArray[np.uint64]:
    """The keys of many pages, sorted; eight bytes each, since they go to every process."""
    return np.unique(np.fromiter((key(*page) for page in pages), np.uint64))


@dataclass(frozen=True, slots=True)
class Made:
    """What rows are made with, as their columns say it.

    Attributes:
        ocrcli: The version.
        models: A hash over those of all models and of the words.
        settings: The other settings, as JSON.
    """

    ocrcli: str
    models: str
    settings: str


def made(settings: Settings) -> Made:
    """What is made with these settings here; raises as `made_with`."""
    told = made_with(settings)
    models = hashlib.sha256(json.dumps(told["models"], sort_keys=True).encode()).hexdigest()
    return Made(told["ocrcli"], models[:16], json.dumps(told["settings"], sort_keys=True))


@dataclass(frozen=True, slots=True)
class Rows:
    """What came of an item.

    Attributes:
        rows: Of its pages that were read, or failed.
        skipped: How many of its pages have a row already.
    """

    rows: tuple[Row, ...] = ()
    skipped: int = 0


@dataclass(slots=True)
class RowMaker:
    """Reads items; can be pickled, and called as often as wanted.

    Attributes:
        reader: What reads.
        made: What its rows say that they are made with.
        known: Sorted `keys` of the pages that are left out.
    """

    reader: Reader
    made: Made
    known: NDArray[np.uint64] = field(default_factory=NO_HASHES.copy)

    def __call__(self, item: Item) -> Rows:
        """Read an item; whatever goes wrong with it is a row, too."""
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
        return Rows(tuple(self._row(item.path, source, sha256) for source in new), len(sources) - len(new))

    def _failed(self, path: str, sha256: str, error: OcrError, begun: float) -> Rows:
        return failed(path, sha256, error, self.made, self.known, perf_counter() - begun)

    def _row(self, path: str, source: Source, sha256: str) -> Row:
        result = read_one(self.reader, source)
        return row(path, source.page_number or 1, sha256, self.made, result.page, result.error, result.seconds)


def is_known(known: NDArray[np.uint64], path: str, page: int, sha256: str) -> bool:
    """Whether a page is among sorted keys."""
    wanted = np.uint64(key(path, page, sha256))
    place = int(np.searchsorted(known, wanted))
    return place < len(known) and bool(known[place] == wanted)


def prepare(settings: Settings, known: NDArray[np.uint64]) -> RowMaker:
    """Load the models; raises as `Reader`."""
    return RowMaker(Reader(settings), made(settings), known)


def failed(
    path: str, sha256: str, error: OcrError, made_by: Made, known: NDArray[np.uint64], seconds: float = 0.0
) -> Rows:
    """The row of an item of which no page could be looked at, unless it is there already."""
    if is_known(known, path, 1, sha256):
        return Rows(skipped=1)
    return Rows((row(path, 1, sha256, made_by, error=error, seconds=seconds),))


def lost(item: Item, made_by: Made) -> Rows:
    """The row of an item at which two processes died."""
    try:
        _, sha256 = item.load()
    except OcrError:
        sha256 = ""
    return Rows((row(item.path, 1, sha256, made_by, error=ProcessDiedError(f"{printable(item.path)}: {DIED}")),))


def row(
    path: str,
    page_number: int,
    sha256: str,
    made_by: Made,
    page: Page | None = None,
    error: OcrError | None = None,
    seconds: float = 0.0,
) -> Row:
    """A page, or what went wrong with it, as one row of the table."""
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
    told = [box.left, box.top, box.right, box.bottom]
    return {"text": part.text, "confidence": round(part.confidence, 4), "box": told}
