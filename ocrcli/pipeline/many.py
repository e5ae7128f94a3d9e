"""Read many photos from Python in several processes, with results in order and errors as results."""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from ocrcli.core.errors import OcrError, ProcessDiedError
from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.sources import Picture, Source, source_of
from ocrcli.workers import pool

if TYPE_CHECKING:
    from ocrcli.pipeline.reading import Reader

DIED = "the process that read it died, perhaps because memory ran out; try a smaller photo, or jobs=1"


@dataclass(frozen=True, slots=True)
class Result:
    """The result for one of many photos.

    Attributes:
        source: The photo; its `name` is the path as it was given.
        page: The page that was read; None after an error.
        error: Why the photo was not read; for an unexpected exception, its notes have the traceback.
        seconds: Time for reading.
    """

    source: Source
    page: Page | None = None
    error: OcrError | None = None
    seconds: float = 0.0


def read_many(
    pictures: Iterable[Picture], settings: Settings | None = None, *, jobs: int = 1
) -> Generator[Result, None, None]:
    """Read many photos, in one process or several.

    Photos are taken as they are needed and results are not kept, so memory does not grow with their number.
    With more than one job, a script must call this below ``if __name__ == "__main__":``.

    Args:
        pictures: What `Reader.read` takes; `ocrcli.expand` makes `Source`s of folders, patterns and addresses.
        settings: How to read; None for the defaults.
        jobs: Number of processes; 0 is one for each core.

    Yields:
        A `Result` for each photo, in order. It has an `error` if the photo cannot be read, or if two processes died
        while reading it.

    Raises:
        OcrError: If the model, the device or a setting cannot be used, or no process can be started.
        TypeError: If a picture has a type that cannot be a photo.
    """
    sources = (source_of(picture) for picture in pictures)
    return _read_all(sources, settings or Settings(), jobs or pool.cores())


def _read_all(sources: Iterable[Source], settings: Settings, jobs: int) -> Generator[Result, None, None]:
    # A separate generator, so that the processes end when the caller drops it.
    with closing(pool.in_order(sources, partial(_prepare, settings), jobs, _lost)) as results:
        yield from results


def _prepare(settings: Settings) -> partial[Result]:
    from ocrcli.pipeline.reading import Reader

    return partial(read_one, Reader(settings))


def read_one(reader: Reader, source: Source) -> Result:
    """Read one photo; an error becomes part of the result."""
    begun = perf_counter()
    try:
        page, error = reader.read(source), None
    except OcrError as wrong:
        page, error = None, wrong
    except Exception as wrong:  # a bug; the other photos must still be read
        unforeseen = f"{printable(source.name)}: unexpected {type(wrong).__name__}; please report it with the photo"
        page, error = None, OcrError(unforeseen)
        error.add_note(traceback.format_exc())
    return Result(source, page, error, perf_counter() - begun)


def _lost(source: Source) -> Result:
    return Result(source, error=ProcessDiedError(f"{printable(source.name)}: {DIED}"))
