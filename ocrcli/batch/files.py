"""Output files for each photo beside the table, in any format: ``DEST/_files/notes/may/a.jpg.json``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrcli.batch.items import Item, is_address
from ocrcli.batch.keys import is_known, key, keys
from ocrcli.core.errors import UsageError
from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.formats import FORMATS, document, encoded
from ocrcli.sources import Source

FOLDER = "_files"
"""Folder of the files. Engines ignore names that begin with an underscore, so DEST is still read as one table."""

LONGEST_NAME = 200
"""Largest length of a file name in bytes, without suffixes; longer names are cut, because systems allow 255."""


@dataclass(frozen=True, slots=True)
class File:
    """One output file of a page.

    Attributes:
        path: Path of the photo, as in its row.
        page: Number of the page, from 1.
        format: Name of the format.
        content: The bytes of the file.
    """

    path: str
    page: int
    format: str
    content: bytes = field(repr=False)


def files_of(formats: Sequence[str], source: Source, path: str, number: int, page: Page) -> tuple[File, ...]:
    """Write a page in several formats.

    Args:
        formats: Names of the formats.
        source: The source that the page was read from.
        path: Path of the photo.
        number: Number of the page.
        page: The page.

    Raises:
        InputError: If a format includes the photo and it cannot be loaded again.
        MissingExtraError: If a format needs a package that is not installed.
    """
    path = path.encode(errors="backslashreplace").decode()
    named = map(FORMATS.__getitem__, formats)
    return tuple(
        File(path, number, format.name, encoded(format.write([document(format, source, page)]))) for format in named
    )


def place_of(path: str, page: int, format: str) -> str:
    """The name of an output file in the folder or bucket.

    It mirrors the path of the photo, relative to the current folder or the root and without ``..``; for an address,
    the part after ``://``. Pages after the first have their number: ``scan.pdf-2.json``.

    Examples:
        >>> place_of("notes/scan.pdf", 2, "json")
        '_files/notes/scan.pdf-2.json'
    """
    where = Path(path.partition("://")[2].lstrip("/") if is_address(path) else path)
    if where.is_absolute() and where.is_relative_to(here := Path.cwd()):
        where = where.relative_to(here)
    parts = [_short(printable(part)) for part in where.parts if part not in ("..", where.anchor)]
    number = "" if page == 1 else f"-{page}"
    return "/".join([FOLDER, *parts]) + number + FORMATS[format].suffix


def _short(name: str) -> str:
    encoded = name.encode()
    if len(encoded) <= LONGEST_NAME:
        return name
    return f"{encoded[: LONGEST_NAME // 2].decode(errors='ignore')}-{hashlib.sha256(encoded).hexdigest()[:16]}"


def file_keys(there: Iterable[str]) -> NDArray[np.uint64]:
    """The keys of the names of existing files."""
    return keys((name, 0, "") for name in there)


def all_exist(path: str, page: int, formats: Iterable[str], there: NDArray[np.uint64]) -> bool:
    """Whether all output files of a page exist.

    Args:
        path: Path of the photo.
        page: Number of the page.
        formats: Names of the formats.
        there: The existing files, from `file_keys`.
    """
    return all(is_known(there, place_of(path, page, format), 0, "") for format in formats)


def without_name_clashes(found: Iterable[Item], folder: str) -> Iterator[Item]:
    """Yield the photos; a photo whose output files would have the names of another photo's gets an error.

    Args:
        found: The photos, each once.
        folder: Folder of the output files; photos in it are outputs themselves, and left out.
    """
    seen = set[int]()
    for item in found:
        name = place_of(item.path, 1, "text").removesuffix(FORMATS["text"].suffix)
        number = key(name, 0, "")
        if number in seen and not item.error:
            shown = printable(item.path)
            message = f"{shown}: another photo of this run has the same output file {name}; read them into two folders"
            yield Item(item.path, error=UsageError(message))
        elif not _within(item.path, folder):
            seen.add(number)
            yield item


def _within(path: str, folder: str) -> bool:
    if is_address(folder) or is_address(path):
        return path.startswith(f"{folder.rstrip('/')}/")
    return Path(path).absolute().is_relative_to(Path(folder).absolute())
