"""Files of each photo beside the table, in any format: ``DEST/_files/notes/may/a.jpg.json``."""

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
"""Engines leave alone what begins with a low line: the folder around it is one table all the same."""

LONGEST_NAME = 200
"""Bytes of a name; longer ones are cut, for no system takes more than 255 with all endings."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a page.

    Attributes:
        path: Of the photo, as its row has it.
        page: The number of the page, from 1.
        format: The format's name.
        content: All of it.
    """

    path: str
    page: int
    format: str
    content: bytes = field(repr=False)


def files_of(formats: Sequence[str], source: Source, path: str, number: int, page: Page) -> tuple[File, ...]:
    """A page in some formats.

    Args:
        formats: Their names.
        source: What the page was read from.
        path: Of the photo.
        number: The number of the page.
        page: What was read.

    Raises:
        InputError: If the photo is to be a part of a file and cannot be loaded again.
        MissingExtraError: If a format needs a package that is not installed.
    """
    path = path.encode(errors="backslashreplace").decode()
    named = map(FORMATS.__getitem__, formats)
    return tuple(
        File(path, number, format.name, encoded(format.write([document(format, source, page)]))) for format in named
    )


def place_of(path: str, page: int, format: str) -> str:
    """Where a file goes in the folder or bucket.

    It mirrors the folders of the photo: the path from the current folder or the root, without steps up; of an address
    what comes after ``://``. Pages but the first have their number: ``scan.pdf-2.json``.
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


def names(there: Iterable[str]) -> NDArray[np.uint64]:
    """Keys of the names of files that are there."""
    return keys((name, 0, "") for name in there)


def are_there(path: str, page: int, formats: Iterable[str], there: NDArray[np.uint64]) -> bool:
    """Whether a page has all its files.

    Args:
        path: Of the photo.
        page: The number of the page.
        formats: Names of the formats that there should be.
        there: What `names` gave.
    """
    return all(is_known(there, place_of(path, page, format), 0, "") for format in formats)


def apart(found: Iterable[Item], folder: str) -> Iterator[Item]:
    """Photos; those whose files would have the names of another's have an error instead.

    Args:
        found: The photos, each once.
        folder: Where the files go; photos in it are files of ours, and left out.
    """
    seen = set[int]()
    for item in found:
        name = place_of(item.path, 1, "text").removesuffix(FORMATS["text"].suffix)
        number = key(name, 0, "")
        if number in seen and not item.error:
            shown = printable(item.path)
            message = f"{shown}: another photo of this run has the same {name}; read them into two folders"
            yield Item(item.path, error=UsageError(message))
        elif not _within(item.path, folder):
            seen.add(number)
            yield item


def _within(path: str, folder: str) -> bool:
    if is_address(folder) or is_address(path):
        return path.startswith(f"{folder.rstrip('/')}/")
    return Path(path).absolute().is_relative_to(Path(folder).absolute())
