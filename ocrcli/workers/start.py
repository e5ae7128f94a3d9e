"""Start of worker processes: spawned, with a pipe each way, and with threads that do not compete for the cores."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocrcli.core.errors import OcrError
from ocrcli.workers.process import STOP_SIGNALS, Prepare, serve

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

GRACE = 1.0
"""Seconds that a process has to end by itself before it is killed."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables that set the threads of numerical libraries."""

_environment = threading.Lock()


def launch(prepare: Prepare) -> tuple[BaseProcess, Connection, Connection]:
    """Start a process that works on what it is sent; to be called within `child_environment`.

    Args:
        prepare: Makes the function that does the work; it must be picklable.

    Returns:
        The process, the pipe for tasks, and the pipe of its answers, as `ocrcli.workers.process.serve` describes them.

    Raises:
        OcrError: If no process can be started.
    """
    from multiprocessing import get_context

    # Spawn, not fork: forking is not safe after onnxruntime has started threads.
    context = get_context("spawn")
    taken, tasks = context.Pipe(duplex=False)
    answers, given = context.Pipe(duplex=False)
    # Linux sends the parent-death signal when the starting thread ends, so use it for the main thread only.
    parent = os.getpid() if threading.current_thread() is threading.main_thread() else None
    process = context.Process(target=serve, args=(taken, given, prepare, parent, GRACE), daemon=True)
    try:
        process.start()
    except OSError as error:
        raise OcrError(f"no process can be started ({error.strerror}); try --jobs 1") from error
    taken.close()  # the child has its own ends; a pipe must close when either process ends
    given.close()
    return process, tasks, answers


@contextmanager
def child_environment(threads: int = 1) -> Iterator[None]:
    """Context in which child processes are started: without Ctrl-C, which the parent handles.

    Signals that arrive meanwhile are handled at its end, so that no process is left half started.

    Args:
        threads: Number of threads that numerical libraries may start in each process.
    """
    from multiprocessing import resource_tracker

    with _environment:  # it belongs to all threads
        before = {name: os.environ.get(name) for name in THREADS}
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
        heard: list[int] = []
        handlers = {}
        if threading.current_thread() is threading.main_thread():  # only this thread may set signal handlers
            handlers = {number: handler for number in STOP_SIGNALS if callable(handler := signal.getsignal(number))}
        for number in handlers:
            signal.signal(number, lambda number, _frame: heard.append(number))
        mask = getattr(signal, "pthread_sigmask", None)  # missing on Windows; there `serve` ignores Ctrl-C later
        if mask:
            resource_tracker.ensure_running()  # its own start would unblock the signal
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
