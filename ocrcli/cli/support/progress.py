"""What people see while several pages are read: on stderr, and a bar only where it is a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocrcli.cli.support.console import err

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def is_drawn() -> bool:
    """Whether there is somebody to see a bar, and a terminal that can draw it."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class Bar:
    """A progress bar with the time left; it steps aside while anything is printed.

    Args:
        total: How many pages there are to read; None if nobody has counted them.
        wanted: Whether to draw it, if stderr is a terminal that can.
        skipped: How many more there are that need not be read.
    """

    def __init__(self, total: int | None, wanted: bool, skipped: int = 0) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._skipped, self._since = skipped, time.monotonic()
        if wanted and (total is None or total > 1) and is_drawn():
            self._progress = _progress()
            self._task = self._progress.add_task("reading", total=total, told=self._told(0, 0))

    def __enter__(self) -> Bar:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._progress:
            self._progress.stop()

    def step(self, done: int, failed: int, skipped: int | None = None) -> None:
        """Show that so many pages are done, so many of these failed, and so many were skipped if that is news."""
        self._skipped = self._skipped if skipped is None else skipped
        if self._progress and self._task is not None:
            self._progress.update(self._task, completed=done, told=self._told(done, failed))

    def _told(self, done: int, failed: int) -> str:
        rate = done / max(time.monotonic() - self._since, 0.001)
        parts = [f"{failed} failed" if failed else "", f"{self._skipped} skipped" if self._skipped else ""]
        return ", ".join([*filter(None, parts), f"{rate:.1f}/s"])

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar off the screen, since stdout may be the same terminal, and put it back below."""
        if not self._progress:
            yield
            return
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    return Progress(
        BarColumn(20), MofNCompleteColumn(), "{task.fields[told]}", TimeElapsedColumn(), "left", TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip


class Notices:
    """Lines for people, as many as they asked for.

    Args:
        quiet: Errors alone.
        verbose: Also how long what took.
    """

    def __init__(self, quiet: bool, verbose: bool) -> None:
        self.quiet, self.verbose = quiet, verbose

    def say(self, line: str) -> None:
        """What is good to know."""
        if not self.quiet:
            err(line)

    def detail(self, line: str) -> None:
        """What only the curious want to know."""
        if self.verbose:
            err(line)

    def error(self, line: str) -> None:
        """What went wrong."""
        err(f"ocr: {line}")
