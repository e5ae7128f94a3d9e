"""Commands that run until they are stopped, started as people start them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import environment

PATIENCE = 90
"""Seconds for anything that is waited for; the machine may be busy."""


class Running:
    """A command that runs, and the lines of its stderr so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.lines = process, list[str]()
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def _collect(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def line(self, part: str) -> str:
        """Wait for a line of stderr that holds this."""
        wait(lambda: any(part in line for line in self.lines) or self.process.poll() is not None, str(self.lines))
        found = [line for line in self.lines if part in line]
        assert found, self.lines
        return found[0]

    def end(self, number: int) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._thread.join(PATIENCE)
        return code


def wait(condition: Callable[[], object], what: str = "") -> None:
    """Wait until something holds."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"waited for too long: {what}"
        time.sleep(0.05)


@contextmanager
def running(*arguments: str | Path, cwd: Path | None = None, **variables: str) -> Iterator[Running]:
    """Start the command; it is killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=cwd,
        env=environment(**variables),
    )  # fmt: skip
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()


def children(parent: int) -> list[int]:
    """The workers among the processes that a process has started."""
    found = []
    for tasks in Path(f"/proc/{parent}/task").iterdir():
        found += [
            child
            for child in map(int, (tasks / "children").read_text().split())
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]
    return found


def alive(process: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
