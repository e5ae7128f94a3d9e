"""A batch by Ray Data: on the cores of this machine, or on those of a cluster."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.batch import rows
from ocrcli.batch.items import Item
from ocrcli.batch.store import schema
from ocrcli.errors import OcrError
from ocrcli.extras import import_extra
from ocrcli.printable import printable
from ocrcli.reading import Reader
from ocrcli.settings import Settings

CPUS = 0.9
"""Of an actor: it reads with one thread, and what is left of its core keeps Ray's own work from waiting for ever."""

BLOCK = 16
"""Items that go to an actor at once."""

CHUNK = 20_000
"""Items of one data set: there is no more in the memory of the driver, and to start the actors costs a second."""

SECONDS = 10.0
"""In which a cluster answers."""

TRIES = 1
"""How often Ray begins a block again whose actor or node died, before its items are tried one by one."""


class Reading:
    """What an actor does with blocks of items; it holds a loaded `Reader`.

    Args:
        settings: How to read.
        known: Where Ray keeps the keys of the pages that are left out.
    """

    def __init__(self, settings: Settings, known: Any) -> None:
        import ray

        self._maker = rows.prepare(settings, ray.get(known))

    def __call__(self, block: Any) -> Any:
        """The rows of a block of items, by the items' numbers."""
        import pyarrow as pa

        done = []
        for number, path, content in zip(*(block.column(name).to_pylist() for name in _ITEM), strict=True):
            made = self._maker(Item(path, content))
            done.append({"number": number, "skipped": made.skipped, "rows": list(made.rows)})
        row = pa.struct(list(schema()))
        told = pa.schema([("number", pa.int64()), ("skipped", pa.int32()), ("rows", pa.list_(row))])
        return pa.Table.from_pylist(done, schema=told)


_ITEM = ("number", "path", "content")


def by_ray(
    items: Iterable[Item], settings: Settings, known: NDArray[np.uint64], made_by: rows.Made, address: str | None
) -> Generator[rows.Rows, None, None]:
    """Read items with Ray Data.

    Args:
        items: What to read; every node must reach it, and have ocrcli installed.
        settings: How to read; files that they name must be on every node.
        known: Sorted keys of the pages that are left out.
        made_by: What rows say that they are made with.
        address: Of a cluster, as `ray.init` takes it; None for this machine, or the cluster that it belongs to.

    Yields:
        What came of the items, in any order; what ends the actors that try it, alone in the end, is told as lost.

    Raises:
        MissingExtraError: If Ray is not installed.
        OcrError: If the cluster cannot be reached, or a setting not be used.
    """
    ray = import_extra("ray", "to read with --engine ray")
    import_extra("ray.data", "to read with --engine ray")
    Reader(settings)  # what is wrong with a setting is told here, not by each actor
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what it tells of blocks that died is no news
    mine = not ray.is_initialized()
    handler = signal.getsignal(signal.SIGTERM)
    try:
        _knock(address)
        ray.init(address=address, ignore_reinit_error=True, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError) as error:
        reason = printable(str(error).strip())[:200]
        raise OcrError(f"the cluster {address!r} cannot be reached ({reason}); see: ray status") from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)  # Ray puts its own there
    try:
        kept = ray.put(known)
        rest = iter(items)
        while chunk := list(islice(rest, CHUNK)):
            left = {number: item for number, item in enumerate(chunk) if not item.error}
            for item in chunk:
                if item.error:
                    yield rows.failed(item.path, "", item.error, made_by, known)
            yield from _read(left, settings, kept, made_by)
    finally:
        if mine:
            ray.shutdown()


def _knock(address: str | None) -> None:
    """Raise OSError at once where nobody answers: Ray would try for minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), SECONDS).close()


def _read(left: dict[int, Item], settings: Settings, known: Any, made_by: rows.Made) -> Iterator[rows.Rows]:
    for size in (BLOCK, 1):  # of a block that ends its actor nobody knows which item it was
        if left:
            for number, result in _blocks(left, size, settings, known):
                if left.pop(number, None) is not None:
                    yield result
    for item in left.values():
        yield rows.lost(item, made_by)


def _blocks(items: dict[int, Item], size: int, settings: Settings, known: Any) -> Iterator[tuple[int, rows.Rows]]:
    """The numbers of items and what came of them; blocks that end their actors are left out."""
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
    read = ray.data.from_arrow(tables).map_batches(
        Reading, fn_constructor_args=(settings, known), batch_format="pyarrow", batch_size=None,
        concurrency=(1, most), num_cpus=CPUS, ray_remote_args_fn=lambda: {"max_task_retries": TRIES},
    )  # fmt: skip
    for block in read.iter_batches(batch_size=None, batch_format="pyarrow"):
        for told in block.to_pylist():
            yield told["number"], rows.Rows(tuple(told["rows"]), told["skipped"])
