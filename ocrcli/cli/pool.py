"""The same work on many things: in this process, or in several; the results come in the order of the things."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

Thing = TypeVar("Thing")
Result = TypeVar("Result")
Work = Callable[[Thing], Result]

AHEAD = 2
"""Things under way for each process: one that it works on and one that waits, so that it never idles."""

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What numerical libraries ask for how many threads to start: processes side by side would fight for the cores."""

DIED = "the process that read it was ended, perhaps for want of memory; try a smaller photo, or --jobs 1"


def in_order(
    things: Sequence[Thing],
    prepare: Callable[[], Work[Thing, Result]],
    jobs: int,
    lost: Callable[[Thing], Result],
) -> Generator[Result, None, None]:
    """Do the work on every thing.

    Args:
        things: What to work on; can be pickled if `jobs` is above 1, as all else that is passed.
        prepare: Makes the function that does the work: in every process once.
        jobs: How many processes; for 1 it is this one.
        lost: Makes the result of a thing at which a process died.

    Yields:
        The results, each as soon as all before it have come.

    Raises:
        Exception: What `prepare` or the work raises; then what has not begun is dropped.
    """
    if min(jobs, len(things)) <= 1:
        work = prepare()
        yield from map(work, things)
        return
    waiting = deque(things)
    while waiting:
        # A process that dies takes the pool with it, and which thing it was at is not known. So the first that
        # has no result is tried alone, and the others in a new pool.
        for result in _until_a_process_dies(waiting, prepare, min(jobs, len(waiting))):
            waiting.popleft()
            yield result
        if waiting:
            first = waiting.popleft()
            yield from list(_until_a_process_dies([first], prepare, 1)) or [lost(first)]


def _until_a_process_dies(
    things: Sequence[Thing], prepare: Callable[[], Work[Thing, Result]], jobs: int
) -> Iterator[Result]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    # Spawned, since a process that has started threads, as onnxruntime does, cannot be forked safely.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start, (prepare,))
    under_way: deque[Future[Result]] = deque()
    rest = iter(list(things))
    try:
        _submit(pool, under_way, rest, jobs * AHEAD)
        while under_way:
            result = under_way[0].result()
            under_way.popleft()
            yield result
            _submit(pool, under_way, rest, 1)
    except BrokenProcessPool:
        return
    finally:
        if under_way:  # no more results are wanted
            for child in active_children():
                child.terminate()
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, under_way: deque[Future[Any]], rest: Iterator[Any], count: int) -> None:
    with _for_children():
        for _, thing in zip(range(count), rest, strict=False):
            under_way.append(pool.submit(_work_on, thing))


@contextmanager
def _for_children() -> Iterator[None]:
    """What processes that are started meanwhile inherit: one thread each, and deaf to Ctrl-C: that is for this one."""
    from multiprocessing import resource_tracker

    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    heard: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _frame: heard.append(number))  # half a process is no use
    mask = getattr(signal, "pthread_sigmask", None)  # not on Windows, where `_start` is a little late
    if mask:
        resource_tracker.ensure_running()  # it would lift the mask
        mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if mask:
            mask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, handler)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        if heard:
            raise KeyboardInterrupt


_prepare: Callable[[], Work[Any, Any]]
_work: Work[Any, Any] | None = None


def _start(prepare: Callable[[], Work[Any, Any]]) -> None:
    global _prepare  # noqa: PLW0603  a process of a pool has no other place to keep its model
    _prepare = prepare
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work_on(thing: Any) -> Any:
    global _work  # noqa: PLW0603
    if _work is None:  # not in `_start`, of whose exceptions the other side learns nothing
        _work = _prepare()
        signal.signal(signal.SIGTERM, _stop)  # until now there was nothing to take away
    return _work(thing)


def _stop(*_signal: object) -> None:
    """Leave what is being done as an exception does, so that half-written files are taken away; begin nothing more."""
    global _work  # noqa: PLW0603
    _work = sys.exit
    sys.exit()
