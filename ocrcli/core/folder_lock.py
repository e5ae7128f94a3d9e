"""Lock of an output folder: only one run at a time writes into it."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

from ocrcli.core.errors import InputError, UsageError
from ocrcli.core.files import UNFINISHED


def make_and_lock(folder: Path, owner: object) -> bool:
    """Create a folder if it is missing, and `lock` it.

    Returns:
        Whether it is locked.

    Raises:
        InputError: If it cannot be created.
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
    """Lock a folder for the lifetime of an object. The system unlocks it when the process ends, also after a kill.

    Returns:
        Whether it is locked; False where the system or the file system has no such locks.

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


def remove_unfinished(folder: Path) -> None:
    """Delete the temporary files that a killed run has left in a folder and below it."""
    for parent, _, files in os.walk(folder):
        for name in files:
            if name.startswith(UNFINISHED):
                Path(parent, name).unlink(missing_ok=True)
