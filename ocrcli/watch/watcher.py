"""The loop of a watched folder: what changed, what stands still, what is being read, what became of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ocrcli.core.errors import NoRoomError, OcrError
from ocrcli.sources.folders import is_photo_name, photos_in
from ocrcli.watch.error_list import ErrorList
from ocrcli.watch.events import Events
from ocrcli.watch.settling import STILL, Settling
from ocrcli.watch.stamps import Stamp, digest_of, stamp_of

TICK = 0.2
"""Seconds between two looks at what is waited for."""

IDLE = 2.0
"""Seconds between two looks if nothing is waited for; a change that the system tells ends it at once."""

LOOK = 30.0
"""Seconds between two looks at the whole folder: not every change is told, as after sleep or on a network drive."""

PATIENCE = 5.0
"""Seconds after which a photo that could not be read is tried once more: perhaps the rest of it is still to come."""

ROOM = 10.0
"""Seconds between two tries while results cannot be written, as on a full disk."""

SURE = ("nothing-written", "usage", "missing-package")
"""Kinds of errors that a second try would not change."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a file.

    Attributes:
        confidences: The confidence of each page that was read.
        errors: The error of each page that could not be read.
        bug: Traceback of an unexpected exception; otherwise empty.
    """

    confidences: tuple[float, ...] = ()
    errors: tuple[OcrError, ...] = ()
    bug: str = ""


class Desk(Protocol):
    """Who reads."""

    def wanted(self, path: Path) -> bool:
        """Whether a photo is to be read; not what the desk itself has written."""

    def name(self, path: Path) -> str:
        """The name of a file for people."""

    def read(self, path: Path) -> Reading:
        """Read a file and write its results; several threads call this.

        Raises:
            NoRoomError: If the disk is full.
        """

    def tell(self, path: Path, reading: Reading) -> None:
        """Tell what became of a file, once for each content."""

    def say(self, line: str) -> None:
        """Tell what else happens."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The content of a file that needs no reading; the digest is empty for one that was there before."""

    stamp: Stamp
    digest: str = ""


@dataclass(frozen=True, slots=True)
class _Done:
    """What a thread found; no reading if the content is known, an obstacle if results could not be written."""

    stamp: Stamp
    digest: str
    reading: Reading | None = None
    obstacle: str = ""


class Watcher:
    """Watches a folder until it is interrupted.

    Args:
        folder: The folder, absolute.
        desk: Who reads.
        errors: The list of contents that could not be read.
        recursive: Whether to watch subfolders, too.
        existing: Whether to read what is there already.
        jobs: How many files are read at a time.

    Raises:
        MissingExtraError: If watchfiles is not installed.
    """

    def __init__(
        self, folder: Path, desk: Desk, errors: ErrorList, *, recursive: bool, existing: bool, jobs: int
    ) -> None:
        self._folder, self._desk, self._errors, self._recursive, self._jobs = folder, desk, errors, recursive, jobs
        self._events = Events(folder, recursive)
        self._settling = Settling()
        self._ready: deque[Path] = deque()
        self._busy: dict[Path, Future[_Done | None]] = {}
        self._known: dict[Path, _Known] = {}
        self._failed: dict[Path, Stamp] = {}  # once; the second time counts
        self._obstacle, self._until = "", 0.0
        if not existing:
            self._known = {path: _Known(stamp) for path in self._photos() if (stamp := stamp_of(path))}

    def run(self) -> None:
        """Read what appears. Ends only by an exception, such as the one of a signal."""
        threads = ThreadPoolExecutor(self._jobs)
        look = 0.0
        try:
            while True:
                waiting = self._settling or self._ready or self._busy
                for path in self._events.get(TICK if waiting else IDLE):
                    self._consider(path)
                now = time.monotonic()
                if now >= look or self._events.lost:
                    look = now + (LOOK if look else STILL)  # the first one also finds what came as listening began
                    self._events.listen_again()
                    self._look()
                self._begin(threads, now)
                for path, future in [item for item in self._busy.items() if item[1].done()]:
                    del self._busy[path]
                    if done := future.result():
                        self._finish(path, done, now)
        finally:
            self._events.stop()
            threads.shutdown(wait=False, cancel_futures=True)

    def _photos(self) -> Iterable[Path]:
        return photos_in(self._folder, self._recursive, self._unlisted)

    def _unlisted(self, error: OSError) -> None:
        self._wait_for(f"{self._desk.name(Path(str(error.filename)))}: cannot be listed ({error.strerror})")

    def _look(self) -> None:
        """Look at the whole folder."""
        for path in [path for path in self._known if stamp_of(path) is None]:
            del self._known[path]
        for path in self._photos():
            self._consider(path)

    def _consider(self, path: Path) -> None:
        """Wait for a photo that is new or has changed; look into a folder that is new."""
        if not self._is_inside(path):
            return
        if self._recursive and path.is_dir():
            for found in photos_in(path, True, lambda _: None):
                self._consider(found)
            return
        stamp = stamp_of(path)
        if stamp is None:
            self._known.pop(path, None)
            return
        known = self._known.get(path)
        if is_photo_name(path.name) and not (known and known.stamp == stamp) and self._desk.wanted(path):
            self._settling.see(path, time.monotonic())

    def _is_inside(self, path: Path) -> bool:
        try:
            parts = path.relative_to(self._folder).parts
        except ValueError:
            return False
        return bool(parts) and (self._recursive or len(parts) == 1) and not any(p.startswith((".", "~")) for p in parts)

    def _begin(self, threads: ThreadPoolExecutor, now: float) -> None:
        """Begin to read what stands still; not while results cannot be written."""
        self._ready.extend(self._settling.settled(now))
        if now < self._until:
            return
        while self._ready and len(self._busy) < self._jobs:
            path = self._ready.popleft()
            if path not in self._busy:
                self._busy[path] = threads.submit(self._work, path)

    def _work(self, path: Path) -> _Done | None:
        """In a thread: read a file, unless its content is known."""
        stamp = stamp_of(path)
        if stamp is None:
            return None
        digest, known = digest_of(path), self._known.get(path)
        if digest and (digest in self._errors or (known and known.digest == digest)):
            return _Done(stamp, digest)
        try:
            return _Done(stamp, digest, self._desk.read(path))
        except (NoRoomError, OSError) as error:
            return _Done(stamp, digest, obstacle=str(error))

    def _finish(self, path: Path, done: _Done, now: float) -> None:
        if done.obstacle:
            self._wait_for(done.obstacle)
            self._settling.see(path, now)
            return
        after, reading = stamp_of(path), done.reading
        if after is None:  # it is gone, or has another name now, under which it is read
            if reading and not reading.errors:
                self._desk.tell(path, reading)
            return
        if after != done.stamp:
            self._settling.see(path, now)
            return
        if reading and any(error.kind not in SURE for error in reading.errors) and self._failed.get(path) != after:
            self._failed[path] = after
            self._settling.see(path, now, PATIENCE)
            return
        if reading and reading.errors:
            try:
                self._errors.add(self._desk.name(path), done.digest, list(reading.errors))
            except NoRoomError as error:
                self._wait_for(str(error))
                self._settling.see(path, now)
                return
            except OcrError as error:
                self._desk.say(str(error))
        self._failed.pop(path, None)
        self._known[path] = _Known(after, done.digest)
        if reading:
            self._go_on()
            self._desk.tell(path, reading)

    def _wait_for(self, obstacle: str) -> None:
        """Read nothing for a while; tell why, once."""
        self._until = time.monotonic() + ROOM
        if not self._obstacle:
            self._desk.say(f"{obstacle}; waiting, and trying again every {ROOM:g} seconds")
        self._obstacle = obstacle

    def _go_on(self) -> None:
        if self._obstacle:
            self._desk.say("results can be written again")
        self._obstacle = ""
