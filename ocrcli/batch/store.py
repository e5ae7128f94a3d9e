"""Storage of the rows: Parquet files in a folder or bucket.

``DEST/status=read`` and ``DEST/status=failed`` are Hive partitions: engines read both as one table, and the failed rows
can be read or tried again alone.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from ocrcli.batch.files import FOLDER
from ocrcli.batch.items import file_system, is_address
from ocrcli.batch.rows import Row
from ocrcli.core.errors import InputError
from ocrcli.core.extras import import_extra
from ocrcli.core.files import write_file
from ocrcli.core.folder_lock import make_and_lock, remove_unfinished
from ocrcli.core.printable import printable

READ, FAILED = "status=read", "status=failed"

PART_ROWS = 1000
"""Number of rows after which a Parquet file is written; the pages of one input file stay together."""

BYTES = 32_000_000
"""Size of output files that are collected and then written together: buckets write many in the time of one."""

PART_SECONDS = 60.0
"""Seconds after which a Parquet file is written in any case, so that a killed run loses at most this."""


class Place(Protocol):
    """A place for files: a folder or a bucket."""

    def names(self, folder: str) -> list[str]:
        """The Parquet files in a subfolder, as ``FOLDER/NAME``."""

    def below(self, folder: str) -> Iterator[str]:
        """All files below a subfolder, with its name."""

    def read(self, name: str) -> Any:
        """Open a file for reading."""

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files atomically."""

    def remove(self, name: str) -> None:
        """Delete a file."""


class Disk:
    """A folder on disk. It is locked while this object lives, so that only one run writes there.

    Raises:
        InputError: If it cannot be created.
        UsageError: If it is a file, or another run writes there.
    """

    def __init__(self, folder: Path) -> None:
        if make_and_lock(folder, self):
            remove_unfinished(folder)
        self._folder = folder

    def names(self, folder: str) -> list[str]:  # noqa: D102
        return sorted(f"{folder}/{path.name}" for path in (self._folder / folder).glob("[!.]*.parquet"))

    def below(self, folder: str) -> Iterator[str]:  # noqa: D102
        for parent, _, files in os.walk(self._folder / folder):
            inside = Path(parent).relative_to(self._folder).as_posix()
            yield from (f"{inside}/{name}" for name in files)

    def read(self, name: str) -> Any:  # noqa: D102
        return (self._folder / name).open("rb")

    def write(self, files: Mapping[str, bytes]) -> None:  # noqa: D102
        for name, content in files.items():
            write_file(content, self._folder / name)

    def remove(self, name: str) -> None:  # noqa: D102
        (self._folder / name).unlink()


class Bucket:
    """A bucket that fsspec can reach. It has no lock: the user must not start two runs at once."""

    def __init__(self, address: str) -> None:
        self._files, self._root = file_system(address)
        self._root = self._root.rstrip("/")

    def names(self, folder: str) -> list[str]:  # noqa: D102
        return sorted(
            f"{folder}/{name.rpartition('/')[2]}" for name in self._files.glob(f"{self._root}/{folder}/*.parquet")
        )

    def below(self, folder: str) -> Iterator[str]:  # noqa: D102
        found = self._files.find(f"{self._root}/{folder}") if self._files.exists(f"{self._root}/{folder}") else []
        start = len(self._files._strip_protocol(self._root)) + 1  # noqa: SLF001  fsspec has no other name for it
        yield from (name[start:] for name in found)

    def read(self, name: str) -> Any:  # noqa: D102
        return self._files.open(f"{self._root}/{name}", "rb")

    def write(self, files: Mapping[str, bytes]) -> None:  # noqa: D102
        for folder in {name.rpartition("/")[0] for name in files}:
            self._files.makedirs(f"{self._root}/{folder}", exist_ok=True)
        self._files.pipe({f"{self._root}/{name}": content for name, content in files.items()})  # in parallel

    def remove(self, name: str) -> None:  # noqa: D102
        self._files.rm_file(f"{self._root}/{name}")


def open_store(to: str) -> Store:
    """Open the store in a folder, or in a bucket by its address.

    Raises:
        InputError: If it cannot be reached or written to.
        MissingExtraError: If a package is not installed.
        UsageError: If it is a file, or another run writes there.
    """
    import_extra("pyarrow", "to write Parquet")
    place = Bucket(to) if is_address(to) else Disk(Path(to))
    return Store(place, to)


class Store:
    """The table of a batch: collects rows and writes them in parts.

    Args:
        place: The place of its files.
        folder: Name for messages: the folder, or the address of the bucket.
    """

    def __init__(self, place: Place, folder: str) -> None:
        self.folder = folder
        self._place = place
        self._rows: list[Row] = []
        self._files: dict[str, bytes] = {}
        self._since = time.monotonic()
        self._run = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.urandom(4).hex()}"
        self._number = 1

    def parts(self, *partitions: str) -> list[str]:
        """Names of the Parquet files of some partitions."""
        with _store_errors(self.folder):
            return [name for partition in partitions for name in self._place.names(partition)]

    def pages(self, parts: Sequence[str], columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Read some columns of some Parquet files, row by row."""
        from pyarrow.parquet import ParquetFile

        for name in parts:
            with _store_errors(self.folder), self._place.read(name) as file:
                for batch in ParquetFile(file).iter_batches(columns=list(columns)):
                    yield from zip(*(batch.column(column).to_pylist() for column in columns), strict=True)

    def names(self) -> Iterator[str]:
        """Names of the files beside the table."""
        with _store_errors(self.folder):
            yield from self._place.below(FOLDER)

    def add(self, rows: Sequence[Row], files: Mapping[str, bytes] = MappingProxyType({})) -> None:
        """Add rows and the files, by name, that belong to them. They are written later, see `flush`."""
        self._rows += rows
        self._files.update(files)
        if sum(map(len, self._files.values())) >= BYTES:
            self._write_files()
        if len(self._rows) >= PART_ROWS or time.monotonic() - self._since >= PART_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write all added rows and files; files first, so that every row in the table has its files.

        After an error it can be called again and writes no row twice.

        Raises:
            InputError: If they cannot be written.
        """
        self._write_files()
        for partition in (READ, FAILED):
            rows = [row for row in self._rows if (row["error_kind"] is None) == (partition == READ)]
            if rows:
                self._write(f"{partition}/{self._run}-{self._number:06d}.parquet", table(rows))
        self._rows = []
        self._number += 1
        self._since = time.monotonic()

    def replace_failed(self, parts: Sequence[str], tried: set[str]) -> None:
        """Delete the failed rows of photos that were tried again.

        Args:
            parts: Parquet files of failed rows before the new try.
            tried: Paths of the photos.
        """
        from pyarrow import array
        from pyarrow.parquet import read_table

        for name in parts:
            with _store_errors(self.folder), self._place.read(name) as file:
                table = read_table(file)
            kept = table.filter(array([path not in tried for path in table.column("path").to_pylist()], "bool"))
            if len(kept) == len(table):
                continue
            if len(kept):
                self._write(name, kept)
            else:
                with _store_errors(self.folder):
                    self._place.remove(name)

    def _write_files(self) -> None:
        if self._files:
            with _store_errors(self.folder):
                self._place.write(self._files)
            self._files = {}

    def _write(self, name: str, table: Any) -> None:
        from pyarrow.parquet import write_table

        written = io.BytesIO()
        write_table(table, written, compression="zstd")
        with _store_errors(self.folder):
            self._place.write({name: written.getvalue()})


def schema() -> Any:
    """The pyarrow schema of the table; docs/commands/batch.md describes the columns."""
    import pyarrow as pa

    part = [("text", pa.string()), ("confidence", pa.float32()), ("box", pa.list_(pa.int32()))]
    word = pa.struct(part)
    line = pa.struct([*part, ("paragraph", pa.int32()), ("words", pa.list_(word))])
    text, whole, share = pa.string(), pa.int32(), pa.float32()
    page = [
        ("path", text),
        ("page", whole),
        ("sha256", text),
        ("text", text),
        ("confidence", share),
        ("language", text),
    ]
    sides = [("width", whole), ("height", whole), ("turned", whole)]
    rest = [("lines", pa.list_(line)), ("unread", whole), ("error_kind", text), ("error", text), ("seconds", share)]
    return pa.schema([*page, *sides, *rest, ("ocrcli", text), ("models", text), ("settings", text)])


def table(rows: Sequence[Row]) -> Any:
    """Rows as a pyarrow table."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=schema())


class _store_errors:  # noqa: N801  to be used as a function
    """Context that turns errors of a store into an `InputError`; each file system has its own exceptions."""

    def __init__(self, name: str) -> None:
        self._name = printable(name)

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, InputError):
            reason = printable(f"{type(error).__name__}: {error}")[:200]
            raise InputError(f"{self._name}: cannot be read or written ({reason}); check the place") from error
