"""A batch: items in, rows out; by processes of this machine in the order of the items, or by Ray."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ocrcli.batch import rows
from ocrcli.batch.files import FOLDER, apart, are_there, names, place_of
from ocrcli.batch.items import Item, items, once
from ocrcli.batch.keys import NO_KEYS, is_known, keys
from ocrcli.batch.store import FAILED, READ, Store
from ocrcli.core import worker_pool
from ocrcli.core.errors import UsageError
from ocrcli.core.settings import Settings

KEY = ("path", "page", "sha256")

LOCAL, RAY = ENGINES = ("local", "ray")
"""Who has the reading done: this machine's processes, or Ray."""

MADE = ("ocrcli", "models", "settings")


@dataclass(slots=True)
class Count:
    """How many items are done, and how many of their pages were read, failed, or have a row already."""

    items: int = 0
    read: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def pages(self) -> int:
        """All pages."""
        return self.read + self.failed + self.skipped


def batch(
    sources: list[str],
    store: Store,
    settings: Settings,
    jobs: int,
    *,
    engine: str = LOCAL,
    address: str | None = None,
    formats: tuple[str, ...] = (),
    resume: bool = False,
    retry_failed: bool = False,
    tell: Callable[[Count, tuple[rows.Row, ...]], None] = lambda _count, _new: None,
) -> Count:
    """Read all photos of some sources into a store.

    What is known when it is ended, by a signal or an error, is written; by ``kill -9`` at most a minute is lost.

    Args:
        sources: As `items` takes them; what is named twice is read once.
        store: Where the rows go.
        settings: How to read.
        jobs: How many processes; of the local engine.
        engine: One of `ENGINES`.
        address: Of a cluster of Ray; None for this machine.
        formats: Names of the formats of which every page has a file beside the table.
        resume: Whether pages are left out that have a row of the same content, settings and models, and all files.
        retry_failed: Whether nothing is read but photos of which a page failed.
        tell: Is told of every item: how far it is, and the new rows.

    Raises:
        UsageError: If the store has rows and neither is wanted.
        InputError: If the store cannot be read or written.
        OcrError: If the models, the device or a setting cannot be used.
    """
    made_by = rows.made(settings)
    failed = store.parts(FAILED)
    known = done = NO_KEYS
    wanted = None
    if resume or retry_failed:
        known = keys(_made_so(store, store.parts(READ) if retry_failed else [*store.parts(READ), *failed], made_by))
        done = _done(store, failed, made_by, formats, retry_failed) if formats else known
    elif failed or store.parts(READ):
        raise UsageError("there are rows already; add --resume to go on, or choose another place")
    if retry_failed:
        wanted = {str(path) for (path,) in store.pages(failed, ["path"])}
    tried = set[str]()
    todo = once(_wanted(items(sources), wanted, tried))
    if formats:
        todo = apart(todo, f"{store.folder}/{FOLDER}")
    if engine == RAY:
        from ocrcli.batch.ray_engine import by_ray

        reading = by_ray(todo, settings, done, made_by, address, formats)
    else:
        prepare, lost = partial(rows.prepare, settings, done, formats), partial(rows.lost, made_by=made_by)
        reading = worker_pool.in_order(todo, prepare, jobs, lost)
    count = _stored(reading, store, NO_KEYS if done is known else known, tell)
    if retry_failed:
        store.replace_failed(failed, tried)
    return count


def _stored(
    reading: Generator[rows.Rows, None, None],
    store: Store,
    known: NDArray[np.uint64],
    tell: Callable[[Count, tuple[rows.Row, ...]], None],
) -> Count:
    """Put into a store what is read, but for rows whose keys are known."""
    count = Count()
    try:
        with closing(reading) as results:
            for result in results:
                new = [row for row in result.rows if not is_known(known, *(row[name] for name in KEY))]
                store.add(new, {place_of(file.path, file.page, file.format): file.content for file in result.files})
                errors = sum(row["error_kind"] is not None for row in result.rows)
                count.items += 1
                count.read += len(result.rows) - errors
                count.failed += errors
                count.skipped += result.skipped
                tell(count, result.rows)
    finally:
        store.flush()
    return count


def _made_so(store: Store, parts: list[str], made_by: rows.Made) -> Iterator[tuple[str, int, str]]:
    """The pages of some files of rows that are made as they would be made now."""
    made_so = (made_by.ocrcli, made_by.models, made_by.settings)
    for page in store.pages(parts, (*KEY, *MADE)):
        if page[3:] == made_so:
            yield page[0], page[1], page[2]


def _done(
    store: Store, failed: list[str], made_by: rows.Made, formats: tuple[str, ...], retry: bool
) -> NDArray[np.uint64]:
    """The keys of pages that have a row, and all files that they can have."""
    there = names(store.names())
    read = _made_so(store, store.parts(READ), made_by)
    whole = (page for page in read if are_there(page[0], page[1], formats, there))
    return keys(chain(whole, () if retry else _made_so(store, failed, made_by)))


def _wanted(found: Iterator[Item], wanted: set[str] | None, tried: set[str]) -> Iterator[Item]:
    """The items whose paths are wanted, all if None; those are noted as tried."""
    for item in found:
        path = item.path.encode(errors="backslashreplace").decode()
        if wanted is None:
            yield item
        elif path in wanted:
            tried.add(path)
            yield item
