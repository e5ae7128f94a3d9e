"""A batch by Ray Data: on the cores of this machine, or on those of a cluster."""

from __future__ import annotations

import logging
import signal
import socket
import threading
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
"""Of an actor: it reads with one thread, and what is left of its core keeps Ray's own work from waiting for ever."""

BLOCK_ROWS = 16
"""Items that go to an actor at once."""

CHUNK = 20_000
"""Items of one data set: there is no more in the memory of the driver, and to start the actors costs a second."""

START_SECONDS = 10.0
"""In which a cluster answers."""

ACTOR_TRIES = 1
"""How often Ray begins a block again whose actor or node died, before its items are tried one by one."""


class Reading:
    """What an actor does with blocks of items; it holds a loaded `Reader`.

    Args:
        settings: How to read.
        known: Where Ray keeps the keys of the pages that are left out.
        formats: Names of the formats of files beside the table.
    """

    def __init__(self, settings: Settings, known: Any, formats: tuple[str, ...]) -> None:
        import ray

        self._maker = rows.prepare(settings, ray.get(known), formats)

    def __call__(self, block: Any) -> Any:
        """The rows of a block of items, by the items' numbers."""
        import pyarrow as pa

        done = []
        for number, path, content in zip(*(block.column(name).to_pylist() for name in _ITEM), strict=True):
            made = self._maker(Item(path, content))
            files = [asdict(file) for file in made.files]
            done.append({"number": number, "skipped": made.skipped, "rows": list(made.rows), "files": files})
        row = pa.struct(list(schema()))
        names = [("path", pa.string()), ("page", pa.int32()), ("format", pa.string())]
        file = pa.struct([*names, ("content", pa.large_binary())])
        told = [("number", pa.int64()), ("skipped", pa.int32()), ("rows", pa.list_(row)), ("files", pa.list_(file))]
        return pa.Table.from_pylist(done, schema=pa.schema(told))


_ITEM = ("number", "path", "content")


def by_ray(
    items: Iterable[Item],
    settings: Settings,
    known: NDArray[np.uint64],
    made_by: rows.Made,
    address: str | None,
    formats: tuple[str, ...] = (),
) -> Generator[rows.Rows, None, None]:
    """Read items with Ray Data.

    Args:
        items: What to read; every node must reach it, and have ocrcli installed.
        settings: How to read; files that they name must be on every node.
        known: Sorted keys of the pages that are left out.
        made_by: What rows say that they are made with.
        address: Of a cluster, as `ray.init` takes it, ``ray://`` and all; None for this machine, or the cluster that it
            belongs to.
        formats: Names of the formats of files beside the table.

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
        reading = _from_afar if ray.util.client.ray.is_connected() else _read
        kept, order = ray.put(known), _Order(settings, made_by, formats)
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


def _knock(address: str | None) -> None:
    """Raise OSError at once where nobody answers: Ray would try for minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), START_SECONDS).close()


@dataclass(frozen=True, slots=True)
class _Order:
    """How to read, what rows say that they are made with, and the formats of files beside the table."""

    settings: Settings
    made_by: rows.Made
    formats: tuple[str, ...]


def _read(left: dict[int, Item], known: Any, order: _Order) -> Iterator[rows.Rows]:
    for size in (BLOCK_ROWS, 1):  # of a block that ends its actor nobody knows which item it was
        if left:
            for number, result in _blocks(left, size, known, order):
                if left.pop(number, None) is not None:
                    yield result
    for item in left.values():
        yield rows.lost(item, order.made_by)


class _Near:
    """Reads items in a process of the cluster: Ray Data does not run where only a client of it does.

    Args:
        left: Items by their numbers.
        known: Sorted keys of the pages that are left out.
        order: How.
    """

    def __init__(self, left: dict[int, Item], known: NDArray[np.uint64], order: _Order) -> None:
        import ray

        self._results = _read(left, ray.put(known), order)

    def take(self) -> list[rows.Rows]:
        """The next results; none when that was all."""
        return list(islice(self._results, BLOCK_ROWS))


def _from_afar(left: dict[int, Item], known: Any, order: _Order) -> Iterator[rows.Rows]:
    import ray

    near = ray.remote(_Near).options(num_cpus=0).remote(left, known, order)
    while results := ray.get(near.take.remote()):
        yield from results


def _blocks(items: dict[int, Item], size: int, known: Any, order: _Order) -> Iterator[tuple[int, rows.Rows]]:
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
        Reading, fn_constructor_args=(order.settings, known, order.formats), batch_format="pyarrow", batch_size=None,
        concurrency=(1, most), num_cpus=CPUS, ray_remote_args_fn=lambda: {"max_task_retries": ACTOR_TRIES},
    )  # fmt: skip
    for block in read.iter_batches(batch_size=None, batch_format="pyarrow"):
        for told in block.to_pylist():
            files = tuple(File(**file) for file in told["files"])
            yield told["number"], rows.Rows(tuple(told["rows"]), told["skipped"], files)
