"""The photos of a batch: from folders, patterns, lists and Parquet tables, on disk or in buckets.

Only tables are loaded here, in parts. A photo is loaded in the process that reads it.
"""

from __future__ import annotations

import glob
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ocrcli.batch.keys import key
from ocrcli.core.errors import InputError, MissingExtraError, OcrError, UsageError
from ocrcli.core.extras import import_extra
from ocrcli.core.printable import printable
from ocrcli.sources.decoding.kinds import open_readable, read_all
from ocrcli.sources.folders import SUFFIXES, matching, photos_in

PATH_COLUMNS = ("path", "file", "filename", "uri", "url")

BYTES_COLUMNS = ("bytes", "content", "image", "data")

TABLE_ROWS = 64
"""Rows of a table that are loaded at a time; each may hold a whole photo."""


@dataclass(frozen=True, slots=True)
class Item:
    """A photo, or a file with several pages.

    Attributes:
        path: Its path or address; for a table without paths, the path of the table and the number of the row.
        content: The bytes of the file, if a table holds them.
        error: The reason why it cannot be loaded, or None.
    """

    path: str
    content: bytes | None = field(default=None, repr=False)
    error: OcrError | None = None

    def load(self) -> tuple[str | bytes, str]:
        """Load the item.

        Returns:
            What to read, a path or the bytes of a file; and the SHA-256 of the content.

        Raises:
            InputError: If it cannot be loaded or is not an image.
        """
        if self.error:
            raise self.error
        if self.content is None and not is_address(self.path):
            _, stream = open_readable(self.path, self.path)
            with stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
            return self.path, digest
        content = self.content if self.content is not None else _fetched(self.path)
        return content, hashlib.sha256(content).hexdigest()


def is_address(text: str) -> bool:
    """Whether a text is an address for fsspec, such as ``s3://bucket/notes``."""
    return "://" in text


def file_system(address: str) -> tuple[Any, str]:
    """The fsspec file system of an address, and the path in it.

    Raises:
        MissingExtraError: If fsspec, or the package for this kind of address, is not installed.
        UsageError: If fsspec does not know this kind of address.
    """
    fsspec = import_extra("fsspec", f"{printable(address)}: to reach it")
    try:
        found: tuple[Any, str] = fsspec.core.url_to_fs(address)
    except ImportError as error:  # the error names the package to install
        raise MissingExtraError(f"{printable(address)}: {printable(str(error))}; pip install brings it") from error
    except ValueError as error:
        raise UsageError(f"{printable(address)}: {printable(str(error))}; give another address") from error
    return found


def items(sources: list[str]) -> Iterator[Item]:
    """The photos of the sources, in order. A source that fails gives an item with an error in its place.

    Args:
        sources: Each is a photo; a folder, with all below it; a pattern; a Parquet table (``.parquet``) with a column
            of paths or of bytes; or a list, which is any other file, with a path on each line.
    """
    for source in sources:
        try:
            yield from _in_bucket(source) if is_address(source) else _on_disk(source)
        except OcrError as error:
            yield Item(source, error=error)


def unique_items(found: Iterable[Item]) -> Iterator[Item]:
    """Drop repeated items: a photo may be named by itself and also be in a folder.

    Items are the same if they have the same absolute path and, for photos from a table, the same bytes.
    """
    seen = set[int]()  # 64-bit keys: ten million paths would take gigabytes
    for item in found:
        where = item.path if is_address(item.path) else str(Path(item.path).absolute())
        if (number := key(where, 0, hashlib.sha256(item.content or b"").hexdigest())) not in seen:
            seen.add(number)
            yield item


def check(sources: list[str]) -> None:
    """Check, before a batch begins, that the named files and folders exist.

    Raises:
        InputError: If one does not exist, or its name is empty.
    """
    for source in sources:
        if not source:  # an empty shell variable gives this; as a path it would mean the current folder
            raise InputError("the name is empty; name a folder, or . for the current one")
        if not is_address(source) and not glob.has_magic(source) and not Path(source).exists():
            raise InputError(f"{printable(source)}: no such file or folder; check the name")


def count(sources: list[str]) -> int | None:
    """The number of items, for the progress bar; None if counting would need a bucket or a table."""
    if any(is_address(source) or source.lower().endswith(".parquet") for source in sources):
        return None
    return sum(1 for _ in unique_items(items(sources)))


def _on_disk(source: str) -> Iterator[Item]:
    path = Path(source)
    if path.is_dir():
        unlisted: list[OSError] = []
        for photo in photos_in(path, True, unlisted.append):
            yield Item(str(photo))
        for error in unlisted:
            reason = f"cannot list the folder ({error.strerror}); make it readable for you"
            yield Item(str(error.filename), error=InputError(f"{printable(str(error.filename))}: {reason}"))
    elif not path.exists() and glob.has_magic(source):
        if not (found := matching(source)):
            raise InputError(f"{printable(source)}: no file matches; check the pattern")
        yield from items([str(fits) for fits in found])
    elif path.suffix.lower() in SUFFIXES or not path.is_file():  # if it is missing, reading it reports that
        yield Item(source)
    else:
        try:
            with path.open("rb") as file:
                yield from _of_file(source, file)
        except OSError as error:
            raise InputError(f"{printable(source)}: cannot be read ({error.strerror}); check the name") from error


def _in_bucket(source: str) -> Iterator[Item]:
    files, path = file_system(source)
    try:
        if glob.has_magic(path):
            found = sorted(files.glob(path))
            if not found:
                raise InputError(f"{printable(source)}: no file matches; check the pattern")
            for name in found:
                yield from items([files.unstrip_protocol(name)])
        elif PurePosixPath(path).suffix.lower() in SUFFIXES:
            yield Item(source)
        elif files.isdir(path):
            for parent, folders, names in files.walk(path):
                folders.sort()
                for name in sorted(names):
                    if PurePosixPath(name).suffix.lower() in SUFFIXES:
                        yield Item(files.unstrip_protocol(f"{parent}/{name}"))
        else:
            with files.open(path, "rb") as file:
                yield from _of_file(source, file)
    except OcrError:
        raise
    except Exception as error:  # each file system has its own errors
        raise _unreachable(source, error) from error


def _of_file(source: str, file: Any) -> Iterator[Item]:
    if source.lower().endswith(".parquet"):
        yield from _of_table(source, file)
        return
    try:
        for line in io.TextIOWrapper(file, encoding="utf-8-sig"):
            if line.strip():
                yield Item(line.rstrip("\r\n"))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{printable(source)}: not a photo, a table or a list of paths in UTF-8; check the name"
        ) from error


def _of_table(source: str, file: Any) -> Iterator[Item]:
    pyarrow = import_extra("pyarrow", f"{printable(source)}: to read Parquet")
    parquet = import_extra("pyarrow.parquet", f"{printable(source)}: to read Parquet")
    number = 0
    try:
        table = parquet.ParquetFile(file)
        columns = _columns(table.schema_arrow.names, source)
        for batch in table.iter_batches(TABLE_ROWS, columns=columns):
            yield from in_table(batch, source, number)
            number += len(batch)
    except pyarrow.ArrowException as error:
        reason = printable(str(error))[:200]
        raise InputError(f"{printable(source)}: cannot be read as Parquet ({reason}); write it again") from error


def in_table(table: Any, name: str, before: int = 0) -> Iterator[Item]:
    """The photos of a table in memory.

    Args:
        table: A pyarrow table or record batch with a column of paths or of bytes.
        name: Name of the table.
        before: Number of earlier rows of the table.

    Raises:
        InputError: If it has no such column.
    """
    for number, row in enumerate(table.select(_columns(table.schema.names, name)).to_pylist(), before + 1):
        yield _of_row(row, f"{name}#{number}")


def _columns(names: list[str], source: str) -> list[str]:
    """The names of the columns that hold paths or bytes, as spelt in the table."""
    spelt = {name.lower(): name for name in names}
    columns = [spelt[name] for name in (*PATH_COLUMNS, *BYTES_COLUMNS) if name in spelt]
    if not columns:
        known = ", ".join((*PATH_COLUMNS, *BYTES_COLUMNS))
        raise InputError(f"{printable(source)}: none of its columns is named {known}; rename one")
    return columns


def _of_row(row: dict[str, Any], name: str) -> Item:
    """The photo of one row; a column ``image`` may be a struct of path and bytes, as in Hugging Face data sets."""
    cells = [cell for value in row.values() for cell in (value.values() if isinstance(value, dict) else [value])]
    path = next((cell for cell in cells if isinstance(cell, str) and cell), None)
    content = next((cell for cell in cells if isinstance(cell, bytes) and cell), None)
    if path is None and content is None:
        return Item(name, error=InputError(f"{printable(name)}: the row has neither a path nor bytes; fill it in"))
    return Item(path or name, content)


def _fetched(address: str) -> bytes:
    files, path = file_system(address)
    try:
        with files.open(path, "rb") as file:
            return read_all(file, address)
    except OcrError:
        raise
    except Exception as error:
        raise _unreachable(address, error) from error


def _unreachable(address: str, error: Exception) -> InputError:
    reason = printable(f"{type(error).__name__}: {error}")[:200]
    return InputError(f"{printable(address)}: cannot be reached ({reason}); check the address and your access to it")
