"""Search for photos: in folders, and by patterns."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".heic", ".heif", ".hif", ".webp"}
    | {".tif", ".tiff", ".pdf", ".bmp", ".gif", ".pbm", ".pgm", ".ppm"}
)
"""Suffixes of the files that count as photos in a folder, in lower case."""

_OWN_PICTURE = re.compile(r"\.ocr-[a-z]+\.[a-z]+$")
"""Pictures that `ocr` writes beside photos, such as ``note.ocr-boxes.png``."""


def photos_in(folder: Path, recursive: bool, on_error: Callable[[OSError], object]) -> Iterator[Path]:
    """The photos in a folder, sorted by name with ``page2`` before ``page10``.

    Hidden files and pictures written by `ocr` are left out. Links to folders are not followed.

    Args:
        folder: The folder.
        recursive: Whether to search subfolders, too; a folder's own files come first.
        on_error: Called with the error of each folder that cannot be listed.
    """
    for parent, folders, files in os.walk(folder, onerror=on_error):
        folders[:] = sorted((f for f in folders if not f.startswith(".")), key=natural_key) if recursive else []
        for name in sorted(files, key=natural_key):
            path = Path(parent, name)
            if is_photo_name(name) and path.is_file():  # no pipe or device
                yield path


def is_photo_name(name: str) -> bool:
    """Whether a file of this name in a folder counts as a photo: not if it is hidden, or a picture written by `ocr`.

    Examples:
        >>> is_photo_name("note.JPG"), is_photo_name("note.jpg.part")
        (True, False)
    """
    return Path(name).suffix.lower() in SUFFIXES and not name.startswith(".") and not _OWN_PICTURE.search(name)


def matching(pattern: str) -> list[Path]:
    """The files that match a pattern, sorted by name; ``**`` matches any folders."""
    # Path.glob takes no absolute patterns.
    return [Path(found) for found in sorted(glob.glob(pattern, recursive=True), key=natural_key)]  # noqa: PTH207


def has_wildcards(text: str) -> bool:
    """Whether a text has a wildcard character (``*``, ``?`` or ``[``)."""
    return glob.has_magic(text)


def natural_key(name: str) -> tuple[list[tuple[int, str]], str]:
    """Sort key for names, in which digits compare as numbers.

    Examples:
        >>> sorted(["page10", "page2"], key=natural_key)
        ['page2', 'page10']
    """
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(int(part), "") if part.isdecimal() and part.isascii() else (-1, part) for part in parts], name
