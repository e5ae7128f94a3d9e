"""Progress bar and messages on stderr; the bar is drawn only in a terminal."""

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
    """Whether stderr is a terminal that can draw a progress bar."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class Bar:
    """A progress bar with the remaining time. It can be hidden while text is printed.

    Args:
        total: Number of pages to read; None if it is not known.
        wanted: Whether to draw the bar if the terminal can.
        skipped: Number of skipped pages.
    """

    def __init__(self, total: int | None, wanted: bool, skipped: int = 0) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._skipped, self._since = skipped, time.monotonic()
        if wanted and (total is None or total > 1) and is_drawn():
            self._progress = _progress()
            self._task = self._progress.add_task("reading", total=total, status=self._status(0, 0))

    def __enter__(self) -> Bar:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._progress:
            self._progress.stop()

    def step(self, done: int, failed: int, skipped: int | None = None) -> None:
        """Update the bar: pages done, pages failed among them, and, if given, pages skipped."""
        self._skipped = self._skipped if skipped is None else skipped
        if self._progress and self._task is not None:
            self._progress.update(self._task, completed=done, status=self._status(done, failed))

    def _status(self, done: int, failed: int) -> str:
        rate = done / max(time.monotonic() - self._since, 0.001)
        parts = [f"{failed} failed" if failed else "", f"{self._skipped} skipped" if self._skipped else ""]
        return ", ".join([*filter(None, parts), f"{rate:.1f}/s"])

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Context without the bar on the screen, for printing: stdout may be the same terminal."""
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
        BarColumn(20), MofNCompleteColumn(), "{task.fields[status]}",
        TimeElapsedColumn(), "left", TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip


class Notices:
    """Messages on stderr, by verbosity.

    Args:
        quiet: Whether to print only errors.
        verbose: Whether to print details, too.
    """

    def __init__(self, quiet: bool, verbose: bool) -> None:
        self.quiet, self.verbose = quiet, verbose

    def say(self, line: str) -> None:
        """Print a message, unless quiet."""
        if not self.quiet:
            err(line)

    def detail(self, line: str) -> None:
        """Print a detail, if verbose."""
        if self.verbose:
            err(line)

    def error(self, line: str) -> None:
        """Print an error."""
        err(f"ocr: {line}")
