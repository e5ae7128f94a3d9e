"""What the system tells of changes in a folder, by watchfiles (inotify, FSEvents, ReadDirectoryChangesW)."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty, SimpleQueue

from ocrcli.core.extras import import_extra

STEP = 50
"""Milliseconds without a change after which those before are told together."""

AT_MOST = 400
"""Milliseconds for which changes are gathered at most."""


class Events:
    """Paths that changed below a folder.

    A thread of its own listens, because watchfiles would take the signals of the main thread. Where the system tells
    nothing, as of a network drive, or the folder is gone, `get` returns nothing: look at the folder now and then.

    Args:
        folder: The folder, absolute.
        recursive: Whether to listen to subfolders, too.

    Raises:
        MissingExtraError: If watchfiles is not installed.
    """

    def __init__(self, folder: Path, recursive: bool) -> None:
        self._watchfiles = import_extra("watchfiles", "to watch a folder")
        self._folder, self._recursive = folder, recursive
        self._told: SimpleQueue[set[Path]] = SimpleQueue()
        self._stop = threading.Event()
        self._gone = False
        self._thread = self._listening()

    def get(self, seconds: float) -> set[Path]:
        """The paths that changed since this was last called; waits for the first one for at most so many seconds."""
        paths: set[Path] = set()
        try:
            paths |= self._told.get(timeout=seconds)
            while True:
                paths |= self._told.get_nowait()
        except Empty:
            return paths

    @property
    def lost(self) -> bool:
        """Whether the folder is gone, or another one has its name: look, and listen again."""
        return self._gone and not self._thread.is_alive()

    def listen_again(self) -> None:
        """Listen again if listening has ended."""
        if not self._thread.is_alive():
            self._gone = False
            self._thread = self._listening()

    def stop(self) -> None:
        """Listen no longer."""
        self._stop.set()
        self._thread.join(2)

    def _listening(self) -> threading.Thread:
        thread = threading.Thread(target=self._listen, daemon=True)
        thread.start()
        return thread

    def _listen(self) -> None:
        try:
            before = _number(self._folder)
            for changes in self._watchfiles.watch(
                self._folder, watch_filter=None, stop_event=self._stop, recursive=self._recursive,
                raise_interrupt=False, ignore_permission_denied=True, step=STEP, debounce=AT_MOST, rust_timeout=1000,
                yield_on_timeout=True,
            ):  # fmt: skip
                if changes:
                    self._told.put({Path(path) for _, path in changes})
                if _number(self._folder) != before:  # it is another one, of which the system tells nothing
                    self._gone = True
                    return
        except FileNotFoundError:
            self._gone = True
        except Exception:  # watchfiles' errors share no base class but Exception: too many watches, no permission
            return


def _number(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
