"""Rows as Parquet in a folder or bucket: written a part at a time, and looked through to see what is there.

``DEST/status=read`` and ``DEST/status=failed`` are partitions as Hive has them: every engine reads the two as one, and
what failed can be looked at, and tried again, alone.
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
"""After which a part is written; the pages of one file are never parted."""

BYTES = 32_000_000
"""Of files that are written at once: a bucket takes many in the time of one."""

PART_SECONDS = 60.0
"""After which a part is written, however few rows there are: a run that is killed loses no more."""


class Place(Protocol):
    """Where files can be: a folder, or a bucket."""

    def names(self, folder: str) -> list[str]:
        """The Parquet files in a folder of it, with the folder's name."""

    def below(self, folder: str) -> Iterator[str]:
        """All files in a folder of it and the folders there, with the folder's name."""

    def read(self, name: str) -> Any:
        """A file, open to be read."""

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, each as a whole."""

    def remove(self, name: str) -> None:
        """Take a file away."""


class Disk:
    """A folder on disk, locked while this object lives, so that no two runs write there at once.

    Raises:
        InputError: If it cannot be made.
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
    """What fsspec reaches; it is to see to it that no two runs write there at once."""

    def __init__(self, address: str) -> None:
        self._files, self._root = file_system(address)
        self._root = self._root.rstrip("/")

    def names(self, folder: str) -> list[str]:  # noqa: D102
        return sorted(
            f"{folder}/{name.rpartition('/')[2]}" for name in self._files.glob(f"{self._root}/{folder}/*.parquet")
        )

    def below(self, folder: str) -> Iterator[str]:  # noqa: D102
        found = self._files.find(f"{self._root}/{folder}") if self._files.exists(f"{self._root}/{folder}") else []
        start = len(self._files._strip_protocol(self._root)) + 1
        yield from (name[start:] for name in found)

    def read(self, name: str) -> Any:  # noqa: D102
        return self._files.open(f"{self._root}/{name}", "rb")

    def write(self, files: Mapping[str, bytes]) -> None:  # noqa: D102
        for folder in {name.rpartition("/")[0] for name in files}:
            self._files.makedirs(f"{self._root}/{folder}", exist_ok=True)
        self._files.pipe({f"{self._root}/{name}": content for name, content in files.items()})  # all at once

    def remove(self, name: str) -> None:  # noqa: D102
        self._files.rm_file(f"{self._root}/{name}")


def open_store(to: str) -> Store:
    """Open a folder, or a bucket by its address.

    Raises:
        InputError: If it cannot be reached or written to.
        MissingExtraError: If a package is not installed.
        UsageError: If it is no place for files, or another run writes there.
    """
    import_extra("pyarrow", "to write Parquet")
    place = Bucket(to) if is_address(to) else Disk(Path(to))
    return Store(place, to)


class Store:
    """The rows of a batch.

    Args:
        place: Where its files are.
        folder: What messages call it: the folder, or the address of the bucket.
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
        """Names of the files of some partitions."""
        with _told(self.folder):
            return [name for partition in partitions for name in self._place.names(partition)]

    def pages(self, parts: Sequence[str], columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Some columns of the rows of some files, row by row."""
        from pyarrow.parquet import ParquetFile

        for name in parts:
            with _told(self.folder), self._place.read(name) as file:
                for batch in ParquetFile(file).iter_batches(columns=list(columns)):
                    yield from zip(*(batch.column(column).to_pylist() for column in columns), strict=True)

    def names(self) -> Iterator[str]:
        """Names of the files beside the table."""
        with _told(self.folder):
            yield from self._place.below(FOLDER)

    def add(self, rows: Sequence[Row], files: Mapping[str, bytes] = MappingProxyType({})) -> None:
        """Take rows, and files that belong to them by their names; they are written a little later."""
        self._rows += rows
        self._files.update(files)
        if sum(map(len, self._files.values())) >= BYTES:
            self._write_files()
        if len(self._rows) >= PART_ROWS or time.monotonic() - self._since >= PART_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what was taken, files first, so that what has a row has its files.

        What breaks off in the middle may be begun again, and gives no row twice.

        Raises:
            InputError: If it cannot be written.
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
        """Take away the failed rows of paths that were tried again.

        Args:
            parts: Files of failed rows; later ones are left alone.
            tried: The paths.
        """
        from pyarrow import array
        from pyarrow.parquet import read_table

        for name in parts:
            with _told(self.folder), self._place.read(name) as file:
                table = read_table(file)
            kept = table.filter(array([path not in tried for path in table.column("path").to_pylist()], "bool"))
            if len(kept) == len(table):
                continue
            if len(kept):
                self._write(name, kept)
            else:
                with _told(self.folder):
                    self._place.remove(name)

    def _write_files(self) -> None:
        if self._files:
            with _told(self.folder):
                self._place.write(self._files)
            self._files = {}

    def _write(self, name: str, table: Any) -> None:
        from pyarrow.parquet import write_table

        written = io.BytesIO()
        write_table(table, written, compression="zstd")
        with _told(self.folder):
            self._place.write({name: written.getvalue()})


def schema() -> Any:
    """The columns of the table, as pyarrow has them."""
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
    """Rows as a table of pyarrow's."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=schema())


class _told:
    """What goes wrong with a store, as one line that says what to do: each kind of it has errors of its own."""

    def __init__(self, name: str) -> None:
        self._name = printable(name)

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, InputError):
            reason = printable(f"{type(error).__name__}: {error}")[:200]
            raise InputError(f"{self._name}: cannot be read or written ({reason}); check the place") from error
