"""Many photos for Python: read in several processes, given in order, the bad ones among them."""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from ocrcli.core import worker_pool
from ocrcli.core.errors import OcrError, ProcessDiedError
from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.sources import Picture, Source, source_of

if TYPE_CHECKING:
    from ocrcli.pipeline.reading import Reader

DIED = "the process that read it died, perhaps because memory ran out; try a smaller photo, or jobs=1"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one of many photos.

    Attributes:
        source: The photo; its `name` is the path as it was given.
        page: What was read; None if nothing was.
        error: Why not; of an exception that nobody foresaw, its notes have the traceback.
        seconds: How long it took.
    """

    source: Source
    page: Page | None = None
    error: OcrError | None = None
    seconds: float = 0.0


def read_many(
    pictures: Iterable[Picture], settings: Settings | None = None, *, jobs: int = 1
) -> Generator[Result, None, None]:
    """Read many photos, in one process or in several.

    What is given is taken as it is needed and results are not kept, so that memory does not grow with their number.
    With more than one job a script calls this below ``if __name__ == "__main__":``.

    Args:
        pictures: What `Reader.read` takes; `ocrcli.expand` makes `Source`s of folders, patterns and addresses.
        settings: How to read; the defaults decide by themselves.
        jobs: How many processes; 0 is one for each core.

    Yields:
        A `Result` for each, in order; a photo that cannot be read is one with an `error`, and so is one that ends two
        processes that try it.

    Raises:
        OcrError: If the model, the device or a setting cannot be used, or no process can be started.
        TypeError: If a picture is nothing that can be a photo.
    """
    sources = (source_of(picture) for picture in pictures)
    return _read_all(sources, settings or Settings(), jobs or worker_pool.cores())


def _read_all(sources: Iterable[Source], settings: Settings, jobs: int) -> Generator[Result, None, None]:
    # A generator of its own, so that no process outlives the one that the caller throws away.
    with closing(worker_pool.in_order(sources, partial(_prepare, settings), jobs, _lost)) as results:
        yield from results


def _prepare(settings: Settings) -> partial[Result]:
    from ocrcli.pipeline.reading import Reader

    return partial(read_one, Reader(settings))


def read_one(reader: Reader, source: Source) -> Result:
    """Read one photo; whatever goes wrong with it is a result, too."""
    begun = perf_counter()
    try:
        page, error = reader.read(source), None
    except OcrError as wrong:
        page, error = None, wrong
    except Exception as wrong:  # a bug; it must not take the other photos with it
        unforeseen = f"{printable(source.name)}: unexpected {type(wrong).__name__}; please report it with the photo"
        page, error = None, OcrError(unforeseen)
        error.add_note(traceback.format_exc())
    return Result(source, page, error, perf_counter() - begun)


def _lost(source: Source) -> Result:
    return Result(source, error=ProcessDiedError(f"{printable(source.name)}: {DIED}"))
