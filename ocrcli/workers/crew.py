"""Worker processes that stay: they take one item after another, from any thread, as long as a server runs.

Unlike in `ocrcli.workers.pool`, there is no end of the items, and no order of the results.
"""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import LifoQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from ocrcli.core.errors import OcrError, ProcessDiedError
from ocrcli.workers import start
from ocrcli.workers.pool import cores

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from ocrcli.workers.process import Answer

Item = TypeVar("Item")
Result = TypeVar("Result")

DIED = "the process that read it died, perhaps because memory ran out; try a smaller photo"

STOPPED = "this program is being stopped; ask again later"


class TooSlowError(OcrError):
    """The work on one item took longer than it may. Exit code 3."""

    exit_code = 3
    kind = "too-slow"


@dataclass(slots=True)
class _Worker:
    """A process; `ready` once it has said so."""

    process: BaseProcess
    tasks: Connection
    answers: Connection
    ready: bool = False

    def end(self) -> None:
        """Kill it and wait for its end."""
        self.process.kill()
        self.process.join(start.GRACE)
        self.tasks.close()
        self.answers.close()

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.exitcode is None


class Crew(Generic[Item, Result]):
    """So many worker processes. One that dies or takes too long is replaced.

    Args:
        prepare: Makes the function that does the work; called once in each process, for example to load models.
        jobs: Number of processes.

    Raises:
        OcrError: If a process cannot be started.
    """

    def __init__(self, prepare: Callable[[], Callable[[Item], Result]], jobs: int) -> None:
        self._prepare, self._threads = prepare, max(cores() // jobs, 1)
        # The last one that worked is taken first: what it needs is in memory.
        self._idle: LifoQueue[_Worker | None] = LifoQueue()
        self._workers: list[_Worker] = []
        self._lock, self._stopped = threading.Lock(), False
        for _ in range(jobs):
            self._idle.put(self._start())

    def wait(self) -> None:
        """Wait until one of the processes is ready.

        Raises:
            Exception: Whatever `prepare` raises.
            ProcessDiedError: If it dies.
        """
        worker = self._take()
        try:
            self._wait_until_ready(worker)
        finally:
            self._idle.put(worker)

    def alive(self) -> int:
        """The number of processes that run."""
        return sum(worker.alive() for worker in list(self._workers))

    def do(self, item: Item, seconds: float | None = None) -> Result:
        """Do the work on an item, as soon as a process is free. Any thread may call it.

        Args:
            item: The item; it must be picklable.
            seconds: How long the work may take once it is begun; None for as long as it takes.

        Raises:
            Exception: Whatever the work raises.
            ProcessDiedError: If the process dies on it, or this crew was stopped.
            TooSlowError: If it takes longer than `seconds`; its process is then killed.
        """
        worker = self._take()
        try:
            if not worker.alive():  # in the meantime, not on this item
                worker = self._replaced(worker)
            self._wait_until_ready(worker)
            answer = _answered(worker, item, seconds)
        finally:
            self._idle.put(worker if worker.alive() or self._stopped else self._replaced(worker))
        if answer.error:
            raise answer.error
        result: Result = answer.result
        return result

    def stop(self) -> None:
        """End all processes; unfinished work is dropped, and who waits for it gets a `ProcessDiedError`."""
        with self._lock:
            self._stopped = True
        self._idle.put(None)
        for worker in self._workers:
            worker.process.terminate()
        patience = time.monotonic() + start.GRACE
        for worker in self._workers:
            worker.process.join(max(patience - time.monotonic(), 0))
            if worker.alive():
                worker.process.kill()
                worker.process.join(start.GRACE)

    def _take(self) -> _Worker:
        worker = self._idle.get()
        if worker is None:
            self._idle.put(None)  # for the others that wait
            raise ProcessDiedError(STOPPED)
        return worker

    def _wait_until_ready(self, worker: _Worker) -> None:
        if worker.ready:
            return
        answer = _answer(worker)
        if answer.error:
            raise answer.error
        worker.ready = True

    def _start(self) -> _Worker:
        with start.child_environment(self._threads):
            worker = _Worker(*start.launch(self._prepare))
            self._workers.append(worker)
        return worker

    def _replaced(self, worker: _Worker) -> _Worker:
        """A new process in the place of a dead one; the dead one itself if there is to be no other."""
        with self._lock:
            if self._stopped:
                return worker
            worker.end()
            self._workers.remove(worker)
            try:
                return self._start()
            except OcrError:  # out of memory or processes for now; the next item tries again
                self._workers.append(worker)
                return worker


def _answered(worker: _Worker, item: object, seconds: float | None) -> Answer:
    """The answer of a process to an item; the process is killed if that takes longer than so many seconds."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        worker.process.kill()

    # Not only the answer may take long: a process that stands still does not even take the item.
    timer = threading.Timer(seconds, kill) if seconds is not None else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        with suppress(OSError):  # it has died; the answer tells
            worker.tasks.send((0, pickle.dumps(item)))
        return _answer(worker)
    except ProcessDiedError as error:
        if late.is_set():
            raise TooSlowError(f"reading it takes more than {seconds:g} seconds; try a smaller photo") from error
        raise
    finally:
        if timer:
            timer.cancel()


def _answer(worker: _Worker) -> Answer:
    try:
        answer: Answer = worker.answers.recv()
    except (EOFError, OSError) as error:
        worker.process.join(start.GRACE)  # its pipe closes a moment before it ends
        if worker.alive():
            worker.process.kill()
            worker.process.join(start.GRACE)
        raise ProcessDiedError(DIED) from error
    return answer
