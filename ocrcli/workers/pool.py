"""A pool of worker processes: the same work on many items, with the results in the order of the items.

Unlike `concurrent.futures`, it replaces a process that dies (memory, a crash in a library) and tries its item once
more.
"""

from __future__ import annotations

import os
import pickle
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Generic, TypeVar

from ocrcli.core.errors import OcrError
from ocrcli.workers import start
from ocrcli.workers.process import Answer
from ocrcli.workers.start import GRACE

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Result]

AHEAD = 2
"""Items assigned to each process: one in work and one waiting, so that the process never idles."""

WINDOW = 16
"""Items for each process that may be finished ahead of the first unfinished one; this bounds the memory."""

MAX_TRIES = 2
"""How often an item is tried on which a process dies."""

MAX_FAILED_STARTS = 3
"""After this many processes in a row that die before they are ready, the pool gives up."""

DIED = "the process that read it died, perhaps because memory ran out; try a smaller photo, or --jobs 1"

NEVER_READY = (
    "the worker processes die as they start, perhaps because memory ran out; try --jobs 1; "
    'in a script, put the call under: if __name__ == "__main__":'
)


def cores() -> int:
    """The number of processor cores that this process may use."""
    able = getattr(os, "sched_getaffinity", None)
    return len(able(0)) if able else os.cpu_count() or 1


def in_order(
    items: Iterable[Item],
    prepare: Callable[[], Work[Item, Result]],
    jobs: int,
    lost: Callable[[Item], Result],
) -> Generator[Result, None, None]:
    """Do the same work on every item, in one or several processes.

    Args:
        items: The items, taken as they are needed. If `jobs` is above 1, items and all other arguments must be
            picklable.
        prepare: Makes the function that does the work; called once in each process, for example to load models.
        jobs: Number of processes; 1 means this process.
        lost: Makes the result of an item on which a process died at both tries.

    Yields:
        The results in the order of the items, each as early as that order allows.

    Raises:
        Exception: Whatever `prepare` or the work raises; items that were not begun are dropped.
        OcrError: If no process can be started, or all die before they are ready.

    Examples:
        >>> list(in_order([1, 2, 3], lambda: str, jobs=1, lost=repr))
        ['1', '2', '3']
    """
    rest = iter(items)
    first = list(islice(rest, jobs))
    if len(first) <= 1:
        work = prepare()
        yield from map(work, chain(first, rest))
        return
    pool = _Pool(enumerate(chain(first, rest)), prepare, len(first), lost)
    try:
        yield from pool.results()
    finally:
        pool.stop()


@dataclass(slots=True)
class _Worker:
    """A process, and the numbers of its assigned, unanswered items, in order."""

    process: BaseProcess
    tasks: Connection
    answers: Connection
    held: deque[int] = field(default_factory=deque)
    ready: bool = False


class _Pool(Generic[Item, Result]):
    """The worker processes; one that dies is replaced, and its item is tried once more.

    Args:
        numbered: The items with their numbers, from 0.
        prepare: As in `in_order`.
        jobs: Largest number of processes.
        lost: As in `in_order`.
    """

    def __init__(
        self,
        numbered: Iterator[tuple[int, Item]],
        prepare: Callable[[], Work[Item, Result]],
        jobs: int,
        lost: Callable[[Item], Result],
    ) -> None:
        self._numbered, self._prepare, self._jobs, self._lost = numbered, prepare, jobs, lost
        self._workers: list[_Worker] = []
        self._retries: deque[int] = deque()  # numbers of items to try again
        self._items: dict[int, Item] = {}  # items without a result
        self._done: dict[int, Answer] = {}
        self._tries: Counter[int] = Counter()
        self._failed_starts = 0
        self._next = 0  # number of the next result

    def results(self) -> Iterator[Result]:
        """Yield all results in order."""
        while True:
            self._assign_tasks()
            while self._next in self._done:
                answer = self._done.pop(self._next)
                if answer.error:
                    raise answer.error
                self._next += 1
                yield answer.result
            self._assign_tasks()
            if not self._items:
                return
            self._wait()

    def stop(self) -> None:
        """End all processes; unfinished work is dropped."""
        for worker in self._workers:
            worker.process.terminate()
        patience = time.monotonic() + GRACE
        for worker in self._workers:
            worker.process.join(max(patience - time.monotonic(), 0))
            if worker.process.is_alive():
                worker.process.kill()
            worker.tasks.close()
            worker.answers.close()
        self._workers.clear()

    def _assign_tasks(self) -> None:
        """Assign up to `AHEAD` items to every process, idle processes first."""
        for ahead in range(AHEAD):
            for place in range(self._jobs):
                worker = self._workers[place] if place < len(self._workers) else None
                if worker and len(worker.held) > ahead:
                    continue
                number = self._next_number()
                if number is None:
                    return
                if worker is None:
                    worker = self._start()
                worker.held.append(number)
                with suppress(OSError):  # the process has died; `_wait` handles that
                    worker.tasks.send((number, pickle.dumps(self._items[number])))

    def _next_number(self) -> int | None:
        """The number of the next item to assign; None if there is none at present."""
        if self._retries:
            return self._retries.popleft()
        if len(self._items) + len(self._done) >= WINDOW * self._jobs:
            return None
        for number, item in self._numbered:
            self._items[number] = item
            return number
        return None

    def _start(self) -> _Worker:
        with start.child_environment():
            worker = _Worker(*start.launch(self._prepare))
            self._workers.append(worker)
        return worker

    def _wait(self) -> None:
        """Wait for answers and for the end of processes, and handle them."""
        from multiprocessing.connection import wait

        heard = set(wait([worker.answers for worker in self._workers]))
        for worker in [worker for worker in self._workers if worker.answers in heard]:
            try:
                answer: Answer = worker.answers.recv()
            except (EOFError, OSError):
                self._replace_dead(worker)
                continue
            if answer.number is None:
                if answer.error:
                    raise answer.error
                worker.ready, self._failed_starts = True, 0
            else:
                worker.held.remove(answer.number)
                del self._items[answer.number]
                self._done[answer.number] = answer

    def _replace_dead(self, worker: _Worker) -> None:
        """Remove a dead process and queue its items again; an item on which it died has `MAX_TRIES` tries."""
        self._workers.remove(worker)
        worker.process.join(GRACE)
        worker.tasks.close()
        worker.answers.close()
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= MAX_FAILED_STARTS:
                raise OcrError(NEVER_READY)
        elif worker.held:
            number = worker.held[0]
            self._tries[number] += 1
            if self._tries[number] >= MAX_TRIES:
                worker.held.popleft()
                del self._tries[number]
                self._done[number] = Answer(number, self._lost(self._items.pop(number)))
        self._retries.extendleft(reversed(worker.held))
