"""Folders that one run at a time writes into."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

from ocrcli.core.errors import InputError, UsageError
from ocrcli.core.files import UNFINISHED


def take(folder: Path, owner: object) -> bool:
    """Make a folder where there is none, and `lock` it; returns what that does.

    Raises:
        InputError: If it cannot be made.
        UsageError: If it is a file, or another run writes there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return lock(folder, owner)
    except FileExistsError as error:
        raise UsageError(f"{folder} is a file; give the name of a folder") from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror}); choose another place") from error


def lock(folder: Path, owner: object) -> bool:
    """Lock a folder while an object lives; the system unlocks it when the process is gone, however it ends.

    Returns:
        Whether it is locked; not where the system has no such locks.

    Raises:
        UsageError: If another process has locked it.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise UsageError(f"{folder}: another run is writing there; wait for it, or choose another folder") from error
    except OSError:  # a file system without locks
        os.close(handle)
        return False
    weakref.finalize(owner, os.close, handle)
    return True


def sweep(folder: Path) -> None:
    """Take away what was half written when a run was killed."""
    for parent, _, files in os.walk(folder):
        for name in files:
            if name.startswith(UNFINISHED):
                Path(parent, name).unlink(missing_ok=True)
