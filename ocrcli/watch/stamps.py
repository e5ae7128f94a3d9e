"""What tells one content of a file from another: quickly, by its status, and surely, by its hash."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stamp:
    """The status of a file; another content has another one, and so may the same content.

    Attributes:
        size: Size in bytes.
        changed: Time of its last change, in nanoseconds.
        number: Device and inode.
    """

    size: int
    changed: int
    number: tuple[int, int]


def stamp_of(path: Path) -> Stamp | None:
    """The status of a file; None if it is not there, or is no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Stamp(status.st_size, status.st_mtime_ns, (status.st_dev, status.st_ino))


def digest_of(path: Path) -> str:
    """The SHA-256 of a file; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
