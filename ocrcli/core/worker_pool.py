"""The same work on many things: in this process, or in several; the results come in the order of the things."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Generic, TypeVar

from ocrcli.core import worker_process
from ocrcli.core.errors import OcrError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Thing = TypeVar("Thing")
Result = TypeVar("Result")
Work = Callable[[Thing], Result]

AHEAD = 2
"""Things under way for each process: one that it works on and one that waits, so that it never idles."""

WINDOW = 16
"""For each process, how many things may be done while the first that was not still is: it bounds the memory."""

TRIES = 2
"""How often a thing is begun at which a process dies."""

STARTS = 3
"""So many processes in a row that die before they are ready, and it is no accident."""

GRACE = 1.0
"""Seconds in which a process that is told to end does so by itself."""

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What numerical libraries ask for how many threads to start: processes side by side would fight for the cores."""

DIED = "the process that read it was ended, perhaps for want of memory; try a smaller photo, or --jobs 1"

NEVER_READY = (
    "the processes that read end as they begin, perhaps for want of memory; try --jobs 1; "
    'in a script, call this below: if __name__ == "__main__":'
)


def cores() -> int:
    """How many processor cores this process may use."""
    able = getattr(os, "sched_getaffinity", None)
    return len(able(0)) if able else os.cpu_count() or 1


def in_order(
    things: Iterable[Thing],
    prepare: Callable[[], Work[Thing, Result]],
    jobs: int,
    lost: Callable[[Thing], Result],
) -> Generator[Result, None, None]:
    """Do the work on every thing.

    Args:
        things: What to work on, taken as it is needed; can be pickled if `jobs` is above 1, as all else that is passed.
        prepare: Makes the function that does the work: in every process once.
        jobs: How many processes; for 1 it is this one.
        lost: Makes the result of a thing at which a process died, and at the second try another one.

    Yields:
        The results, each as soon as all before it have come.

    Raises:
        Exception: What `prepare` or the work raises; then what has not begun is dropped.
        OcrError: If no process can be started, or lives long enough to begin.
    """
    rest = iter(things)
    first = list(islice(rest, jobs))
    if len(first) <= 1:
        work = prepare()
        yield from map(work, chain(first, rest))
        return
    crew = _Crew(enumerate(chain(first, rest)), prepare, len(first), lost)
    try:
        yield from crew.results()
    finally:
        crew.stop()


@dataclass(slots=True)
class _Worker:
    """A process, and the numbers of the things that it was given and has not answered, in order."""

    process: BaseProcess
    tasks: Connection
    answers: Connection
    held: deque[int] = field(default_factory=deque)
    ready: bool = False


class _Crew(Generic[Thing, Result]):
    """The processes; one that dies is replaced, and what it was at tried once more.

    Args:
        numbered: The things, with their numbers from 0.
        prepare: As in `in_order`.
        jobs: How many processes there may be.
        lost: As in `in_order`.
    """

    def __init__(
        self,
        numbered: Iterator[tuple[int, Thing]],
        prepare: Callable[[], Work[Thing, Result]],
        jobs: int,
        lost: Callable[[Thing], Result],
    ) -> None:
        self._numbered, self._prepare, self._jobs, self._lost = numbered, prepare, jobs, lost
        self._workers: list[_Worker] = []
        self._again: deque[int] = deque()  # begun in vain
        self._things: dict[int, Thing] = {}  # that have no result yet
        self._done: dict[int, worker_process.Answer] = {}
        self._tries: Counter[int] = Counter()
        self._stillborn = 0
        self._next = 0  # the number of the result that comes next

    def results(self) -> Iterator[Result]:
        """All results in order."""
        while True:
            self._hand_out()
            while self._next in self._done:
                answer = self._done.pop(self._next)
                if answer.error:
                    raise answer.error
                self._next += 1
                yield answer.result
            self._hand_out()
            if not self._things:
                return
            self._wait()

    def stop(self) -> None:
        """End all processes; what they had begun is dropped."""
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

    def _hand_out(self) -> None:
        """Give every process as much as it may have ahead, the idle ones first."""
        for ahead in range(AHEAD):
            for place in range(self._jobs):
                worker = self._workers[place] if place < len(self._workers) else None
                if worker and len(worker.held) > ahead:
                    continue
                number = self._following()
                if number is None:
                    return
                if worker is None:
                    worker = self._start()
                worker.held.append(number)
                with suppress(OSError):  # it has died: `_wait` will see
                    worker.tasks.send((number, pickle.dumps(self._things[number])))

    def _following(self) -> int | None:
        """The number of the thing to begin next; None if there is none for now."""
        if self._again:
            return self._again.popleft()
        if len(self._things) + len(self._done) >= WINDOW * self._jobs:
            return None
        for number, thing in self._numbered:
            self._things[number] = thing
            return number
        return None

    def _start(self) -> _Worker:
        from multiprocessing import get_context

        # Spawned, since a process that has started threads, as onnxruntime does, cannot be forked safely.
        context = get_context("spawn")
        taken, tasks = context.Pipe(duplex=False)
        answers, given = context.Pipe(duplex=False)
        # Linux ends a process with the thread that started it, not with the whole of its parent.
        main = threading.current_thread() is threading.main_thread()
        parent = os.getpid() if main else None
        process = context.Process(
            target=worker_process.serve, args=(taken, given, self._prepare, parent, GRACE), daemon=True
        )
        worker = _Worker(process, tasks, answers)
        with _for_children():
            try:
                process.start()
            except OSError as error:
                raise OcrError(f"no process can be started ({error.strerror}); try --jobs 1") from error
            self._workers.append(worker)
        taken.close()  # so that the end of either process is the end of the pipes
        given.close()
        return worker

    def _wait(self) -> None:
        """Take what has come: answers, and the deaths of processes."""
        from multiprocessing.connection import wait

        heard = set(wait([worker.answers for worker in self._workers]))
        for worker in [worker for worker in self._workers if worker.answers in heard]:
            try:
                answer: worker_process.Answer = worker.answers.recv()
            except (EOFError, OSError):
                self._bury(worker)
                continue
            if answer.number is None:
                if answer.error:
                    raise answer.error
                worker.ready, self._stillborn = True, 0
            else:
                worker.held.remove(answer.number)
                del self._things[answer.number]
                self._done[answer.number] = answer

    def _bury(self, worker: _Worker) -> None:
        """What a process that died was at is tried once more, if it was; what waited for it, in any case."""
        self._workers.remove(worker)
        worker.process.join(GRACE)
        worker.tasks.close()
        worker.answers.close()
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn >= STARTS:
                raise OcrError(NEVER_READY)
        elif worker.held:
            number = worker.held[0]
            self._tries[number] += 1
            if self._tries[number] >= TRIES:
                worker.held.popleft()
                del self._tries[number]
                self._done[number] = worker_process.Answer(number, self._lost(self._things.pop(number)))
        self._again.extendleft(reversed(worker.held))


@contextmanager
def _for_children() -> Iterator[None]:
    """What processes that are started meanwhile inherit: one thread each, and deaf to Ctrl-C: that is for this one.

    A signal that comes meanwhile waits: half a process is no use.
    """
    from multiprocessing import resource_tracker

    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    heard: list[int] = []
    handlers = {}
    if threading.current_thread() is threading.main_thread():  # no other has to do with signals
        handlers = {
            number: handler for number in worker_process.ENDING if callable(handler := signal.getsignal(number))
        }
    for number in handlers:
        signal.signal(number, lambda number, _frame: heard.append(number))
    mask = getattr(signal, "pthread_sigmask", None)  # not on Windows, where `serve` is a little late
    if mask:
        resource_tracker.ensure_running()  # it would lift the mask
        mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if mask:
            mask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        for number in heard:
            handlers[number](number, None)
