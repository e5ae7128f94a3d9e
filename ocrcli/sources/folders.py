"""Files in folders, and files that fit a pattern."""

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
"""What counts as a photo in a folder, in lower case."""

_OWN_PICTURE = re.compile(r"\.ocr-[a-z]+\.[a-z]+$")
"""Pictures that ocr itself writes beside photos."""


def photos_in(folder: Path, recursive: bool, on_error: Callable[[OSError], object]) -> Iterator[Path]:
    """The photos in a folder, by name: ``page2`` comes before ``page10``.

    Hidden files and what ocr itself wrote are left out; links to folders are not followed.

    Args:
        folder: Where to look.
        recursive: Whether to look in the folders in it, too; a folder's own files come first.
        on_error: Told of each folder that cannot be listed.
    """
    for parent, folders, files in os.walk(folder, onerror=on_error):
        folders[:] = sorted((f for f in folders if not f.startswith(".")), key=natural) if recursive else []
        for name in sorted(files, key=natural):
            path = Path(parent, name)
            left_out = name.startswith(".") or _OWN_PICTURE.search(name)
            if path.suffix.lower() in SUFFIXES and not left_out and path.is_file():  # no pipe or device
                yield path


def fitting(pattern: str) -> list[Path]:
    """What a pattern fits that the shell left as it is, by name; ``**`` is any folders."""
    # Path.glob takes no absolute patterns.
    return [Path(found) for found in sorted(glob.glob(pattern, recursive=True), key=natural)]  # noqa: PTH207


def is_pattern(text: str) -> bool:
    """Whether a text has a character that stands for others in a pattern."""
    return glob.has_magic(text)


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """A key to sort names by, in which numbers count as numbers."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(int(part), "") if part.isdecimal() and part.isascii() else (-1, part) for part in parts], name
