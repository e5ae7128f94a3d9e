"""Run of a batch: read the items of some sources and write their rows, with local processes or with Ray."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ocrcli.batch import rows
from ocrcli.batch.files import FOLDER, all_exist, file_keys, place_of, without_name_clashes
from ocrcli.batch.items import Item, items, unique_items
from ocrcli.batch.keys import NO_KEYS, is_known, keys
from ocrcli.batch.store import FAILED, READ, Store
from ocrcli.core.errors import UsageError
from ocrcli.core.settings import Settings
from ocrcli.workers import pool

KEY = ("path", "page", "sha256")

LOCAL, RAY = ENGINES = ("local", "ray")
"""Engines: processes on this machine, or Ray."""

MADE = ("ocrcli", "models", "settings")


@dataclass(slots=True)
class Count:
    """Counts of finished items, and of their pages that were read, failed, or were skipped."""

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

    Finished rows are written also when a signal or an error ends the run; ``kill -9`` loses at most a minute.

    Args:
        sources: Sources as for `items`; a photo that is named twice is read once.
        store: The store for the rows.
        settings: How to read.
        jobs: Number of processes of the local engine.
        engine: One of `ENGINES`.
        address: Address of a Ray cluster; None for this machine.
        formats: Formats in which each page also gets a file beside the table.
        resume: Whether to skip pages that have a row with the same content, settings and models, and all files.
        retry_failed: Whether to read only photos with a failed page.
        tell: Called for every item with the counts so far and its new rows.

    Returns:
        The counts.

    Raises:
        UsageError: If the store has rows and neither `resume` nor `retry_failed` is set.
        InputError: If the store cannot be read or written.
        OcrError: If the models, the device or a setting cannot be used.

    Examples:
        >>> batch(["notes/"], open_store("table"), Settings(), jobs=4).read  # doctest: +SKIP
    """
    made_by = rows.made(settings)
    failed = store.parts(FAILED)
    if (failed or store.parts(READ)) and not (resume or retry_failed):
        raise UsageError(f"{store.folder} already has rows; add --resume to continue, or choose another place")
    known = done = NO_KEYS
    if resume or retry_failed:
        made_so = [*store.parts(READ), *([] if retry_failed else failed)]
        known = keys(_up_to_date_pages(store, made_so, made_by))
        done = _done(store, failed, made_by, formats, retry_failed) if formats else known
    wanted = {str(path) for (path,) in store.pages(failed, ["path"])} if retry_failed else None
    tried = set[str]()
    todo = unique_items(_wanted(items(sources), wanted, tried))
    if formats:
        todo = without_name_clashes(todo, f"{store.folder}/{FOLDER}")
    reading = _reading(todo, settings, done, made_by, formats, engine=engine, address=address, jobs=jobs)
    count = _stored(reading, store, NO_KEYS if done is known else known, tell)
    if retry_failed:
        store.replace_failed(failed, tried)
    return count


def _reading(
    todo: Iterator[Item],
    settings: Settings,
    done: NDArray[np.uint64],
    made_by: rows.MadeWith,
    formats: tuple[str, ...],
    *,
    engine: str,
    address: str | None,
    jobs: int,
) -> Generator[rows.Rows, None, None]:
    """Read items, but for pages whose keys are `done`; the other arguments are those of `batch`."""
    if engine == RAY:
        from ocrcli.batch.ray_engine import read_with_ray

        return read_with_ray(todo, settings, done, made_by, address, formats)
    prepare, lost = partial(rows.prepare, settings, done, formats), partial(rows.lost, made_by=made_by)
    return pool.in_order(todo, prepare, jobs, lost)


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


def _up_to_date_pages(store: Store, parts: list[str], made_by: rows.MadeWith) -> Iterator[tuple[str, int, str]]:
    """The pages in some Parquet files whose rows have the current version, models and settings."""
    current = (made_by.ocrcli, made_by.models, made_by.settings)
    for page in store.pages(parts, (*KEY, *MADE)):
        if page[3:] == current:
            yield page[0], page[1], page[2]


def _done(
    store: Store, failed: list[str], made_by: rows.MadeWith, formats: tuple[str, ...], retry: bool
) -> NDArray[np.uint64]:
    """The keys of pages that have a row and all their files; a failed page needs no files."""
    there = file_keys(store.names())
    read = _up_to_date_pages(store, store.parts(READ), made_by)
    whole = (page for page in read if all_exist(page[0], page[1], formats, there))
    return keys(chain(whole, () if retry else _up_to_date_pages(store, failed, made_by)))


def _wanted(found: Iterator[Item], wanted: set[str] | None, tried: set[str]) -> Iterator[Item]:
    """The items whose paths are wanted; all if it is None. Wanted paths are added to `tried`."""
    for item in found:
        path = item.path.encode(errors="backslashreplace").decode()
        if wanted is None:
            yield item
        elif path in wanted:
            tried.add(path)
            yield item
