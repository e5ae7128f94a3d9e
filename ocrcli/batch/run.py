"""A batch: items in, rows out; by processes of this machine in the order of the items, or by Ray."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from ocrcli import pool
from ocrcli.batch import rows
from ocrcli.batch.items import Item, items, once
from ocrcli.batch.store import FAILED, READ, Store
from ocrcli.errors import UsageError
from ocrcli.settings import Settings

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
    resume: bool = False,
    retry_failed: bool = False,
    tell: Callable[[Count, tuple[rows.Row, ...]], None] = lambda count, new: None,
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
        resume: Whether pages are left out that have a row of the same content, settings and models.
        retry_failed: Whether nothing is read but photos of which a page failed.
        tell: Is told of every item: how far it is, and the new rows.

    Raises:
        UsageError: If the store has rows and neither is wanted.
        InputError: If the store cannot be read or written.
        OcrError: If the models, the device or a setting cannot be used.
    """
    made_by = rows.made(settings)
    failed = store.parts(FAILED)
    known, wanted = rows.NO_HASHES, None
    if resume or retry_failed:
        columns = (*KEY, *MADE)
        found = store.pages(store.parts(READ) if retry_failed else [*store.parts(READ), *failed], columns)
        made_so = (made_by.ocrcli, made_by.models, made_by.settings)
        known = rows.keys(page[:3] for page in found if page[3:] == made_so)
    elif failed or store.parts(READ):
        raise UsageError("there are rows already; add --resume to go on, or choose another place")
    if retry_failed:
        wanted = {str(path) for (path,) in store.pages(failed, ["path"])}
    count, tried = Count(), set[str]()
    todo = once(_wanted(items(sources), wanted, tried))
    if engine == RAY:
        from ocrcli.batch.ray_engine import by_ray

        reading = by_ray(todo, settings, known, made_by, address)
    else:
        prepare, lost = partial(rows.prepare, settings, known), partial(rows.lost, made_by=made_by)
        reading = pool.in_order(todo, prepare, jobs, lost)
    try:
        with closing(reading) as results:
            for result in results:
                store.add(result.rows)
                count.items += 1
                errors = sum(row["error_kind"] is not None for row in result.rows)
                count.read += len(result.rows) - errors
                count.failed += errors
                count.skipped += result.skipped
                tell(count, result.rows)
    finally:
        store.flush()
    if retry_failed:
        store.replace_failed(failed, tried)
    return count


def _wanted(found: Iterator[Item], wanted: set[str] | None, tried: set[str]) -> Iterator[Item]:
    """The items whose paths are wanted, all if None; those are noted as tried."""
    for item in found:
        path = item.path.encode(errors="backslashreplace").decode()
        if wanted is None:
            yield item
        elif path in wanted:
            tried.add(path)
            yield item
