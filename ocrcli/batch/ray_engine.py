"""Batch engine on Ray Data, for this machine or a cluster."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import warnings
from collections.abc import Generator, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.batch import rows
from ocrcli.batch.files import File
from ocrcli.batch.items import Item
from ocrcli.batch.store import schema
from ocrcli.core.errors import OcrError
from ocrcli.core.extras import import_extra
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.pipeline.reading import Reader

CPUS = 0.9
"""CPUs for each actor. It reads with one thread; the rest of the core is left for Ray's own tasks."""

BLOCK_ROWS = 16
"""Items in one block for an actor."""

CHUNK = 20_000
"""Items in one data set. The driver holds no more in memory, and starting the actors for a data set takes a second."""

START_SECONDS = 10.0
"""Seconds to wait for the answer of a cluster."""

ACTOR_TRIES = 1
"""How often Ray repeats a block whose actor or node died, before its items are tried one by one."""


class Reading:
    """Actor that reads blocks of items with a loaded `Reader`.

    Args:
        settings: How to read.
        known: Ray reference to the sorted keys of pages to skip.
        formats: Formats of files beside the table.
    """

    def __init__(self, settings: Settings, known: Any, formats: tuple[str, ...]) -> None:
        import ray

        self._maker = rows.prepare(settings, ray.get(known), formats)

    def __call__(self, block: Any) -> Any:
        """Read a block of items; return one row with the results for each item."""
        import pyarrow as pa

        done = []
        for number, path, content in zip(*(block.column(name).to_pylist() for name in _COLUMNS), strict=True):
            made = self._maker(Item(path, content))
            files = [asdict(file) for file in made.files]
            done.append({"number": number, "skipped": made.skipped, "rows": list(made.rows), "files": files})
        row = pa.struct(list(schema()))
        names = [("path", pa.string()), ("page", pa.int32()), ("format", pa.string())]
        file = pa.struct([*names, ("content", pa.large_binary())])
        fields = [("number", pa.int64()), ("skipped", pa.int32()), ("rows", pa.list_(row)), ("files", pa.list_(file))]
        return pa.Table.from_pylist(done, schema=pa.schema(fields))


_COLUMNS = ("number", "path", "content")


def read_with_ray(
    items: Iterable[Item],
    settings: Settings,
    known: NDArray[np.uint64],
    made_by: rows.MadeWith,
    address: str | None,
    formats: tuple[str, ...] = (),
) -> Generator[rows.Rows, None, None]:
    """Read items with Ray Data.

    Args:
        items: The items; every node must be able to reach them and have ocrcli installed.
        settings: How to read; files that they name must be on every node.
        known: Sorted keys of pages to skip.
        made_by: Version, models and settings for the rows.
        address: Address of a cluster as `ray.init` takes it, also with ``ray://``; None for this machine or the cluster
            that it belongs to.
        formats: Formats of files beside the table.

    Yields:
        The results of the items, in any order. An item that kills its actor, also when it is read alone, is a result
        with an error.

    Raises:
        MissingExtraError: If Ray is not installed.
        OcrError: If the cluster cannot be reached, or a setting cannot be used.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster that is there already has decided for itself
    ray = import_extra("ray", "to read with --engine ray")
    import_extra("ray.data", "to read with --engine ray")
    Reader(settings)  # report a wrong setting here, not from each actor
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # blocks that fail are handled here
    mine = not ray.is_initialized()
    handler = signal.getsignal(signal.SIGTERM)
    try:
        _check_reachable(address)
        ray.init(address=address, ignore_reinit_error=True, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError) as error:
        reason = printable(str(error).strip())[:200]
        raise OcrError(f"the cluster {address!r} cannot be reached ({reason}); see: ray status") from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)  # Ray replaces it
    try:
        reading = _read_through_client if ray.util.client.ray.is_connected() else _read
        kept, order = ray.put(known), _Job(settings, made_by, formats)
        rest = iter(items)
        while chunk := list(islice(rest, CHUNK)):
            left = {number: item for number, item in enumerate(chunk) if not item.error}
            for item in chunk:
                if item.error:
                    yield rows.failed(item.path, "", item.error, made_by, known)
            yield from reading(left, kept, order)
    finally:
        if mine:
            ray.shutdown()


def _check_reachable(address: str | None) -> None:
    """Raise OSError if nothing answers at the address: Ray itself would try for minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), START_SECONDS).close()


@dataclass(frozen=True, slots=True)
class _Job:
    """The settings, the version and models for the rows, and the formats of files beside the table."""

    settings: Settings
    made_by: rows.MadeWith
    formats: tuple[str, ...]


def _read(left: dict[int, Item], known: Any, order: _Job) -> Iterator[rows.Rows]:
    for size in (BLOCK_ROWS, 1):  # if a block kills its actor, read its items alone to find which one it was
        if left:
            for number, result in _blocks(left, size, known, order):
                if left.pop(number, None) is not None:
                    yield result
    for item in left.values():
        yield rows.lost(item, order.made_by)


class _RemoteReader:
    """Actor that runs Ray Data inside the cluster, because Ray Data does not run in a Ray client.

    Args:
        left: Items by their numbers.
        known: Sorted keys of pages to skip.
        order: Settings of the job.
    """

    def __init__(self, left: dict[int, Item], known: NDArray[np.uint64], order: _Job) -> None:
        import ray

        self._results = _read(left, ray.put(known), order)

    def take(self) -> list[rows.Rows]:
        """The next results; an empty list at the end."""
        return list(islice(self._results, BLOCK_ROWS))


def _read_through_client(left: dict[int, Item], known: Any, order: _Job) -> Iterator[rows.Rows]:
    import ray

    near = ray.remote(_RemoteReader).options(num_cpus=0).remote(left, known, order)
    while results := ray.get(near.take.remote()):
        yield from results


def _blocks(items: dict[int, Item], size: int, known: Any, order: _Job) -> Iterator[tuple[int, rows.Rows]]:
    """The numbers of items and their results; blocks that kill their actors are left out."""
    import pyarrow as pa
    import ray

    context = ray.data.DataContext.get_current()
    context.max_errored_blocks = -1
    context.enable_progress_bars = False
    numbers = list(items)
    columns = pa.schema([("number", pa.int64()), ("path", pa.string()), ("content", pa.large_binary())])
    tables = [
        pa.Table.from_pylist(
            [{"number": n, "path": items[n].path, "content": items[n].content} for n in numbers[start : start + size]],
            schema=columns,
        )
        for start in range(0, len(numbers), size)
    ]
    most = max(min(int(ray.cluster_resources().get("CPU", 1)), len(tables)), 1)
    with warnings.catch_warnings():
        # Ray has no other way to say how often a block is tried; it is why pyproject.toml bounds its version.
        warnings.filterwarnings("ignore", message="`ray_remote_args`")
        read = ray.data.from_arrow(tables).map_batches(
            Reading, fn_constructor_args=(order.settings, known, order.formats), batch_format="pyarrow",
            batch_size=None, concurrency=(1, most), num_cpus=CPUS, max_task_retries=ACTOR_TRIES,
        )  # fmt: skip
    for block in read.iter_batches(batch_size=None, batch_format="pyarrow"):
        for result in block.to_pylist():
            files = tuple(File(**file) for file in result["files"])
            yield result["number"], rows.Rows(tuple(result["rows"]), result["skipped"], files)
