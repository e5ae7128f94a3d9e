"""A worker process of a pool. It works on what it receives, and ends on a signal or when its parent is gone."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Prepare = Callable[[], Callable[[Any], Any]]
"""Makes the function that does the work."""

STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Signals that ask a program to end; Windows has no SIGHUP."""

PARENT_DEATH = 1
"""PR_SET_PDEATHSIG of Linux's prctl: sets the signal to receive when the parent dies."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A message from a worker process.

    Attributes:
        number: Number of the item; None for "ready".
        result: The result of the work.
        error: The exception that the work raised, or that kept the process from being ready.
    """

    number: int | None
    result: Any = None
    error: Exception | None = None


def serve(tasks: Connection, answers: Connection, prepare: Prepare, parent: int | None, grace: float) -> None:
    """Work on tasks until the parent process is gone.

    Args:
        tasks: Receives pairs of a number and a pickled item.
        answers: Sends an `Answer` without a number when ready, then one for every item.
        prepare: Makes the function that does the work.
        parent: Process id of the parent; its death ends this process where the system supports it. None to watch the
            pipe alone.
        grace: Seconds that the work has to clean up at the end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent(parent)
    inbox: SimpleQueue[tuple[int, bytes]] = SimpleQueue()
    threading.Thread(target=_receive, args=(tasks, inbox, grace), daemon=True).start()
    code = 0
    try:
        _work(inbox, answers, prepare)
    except SystemExit:
        pass
    except OSError:  # the parent no longer reads the answers
        code = 1
    finally:
        # The exception has already removed half-written files; skip the slow cleanup of the libraries.
        sys.stderr.flush()
        os._exit(code)


def _work(inbox: SimpleQueue[tuple[int, bytes]], answers: Connection, prepare: Prepare) -> None:
    try:
        work = prepare()
    except Exception as error:
        answers.send(Answer(None, error=_picklable(error)))
        return
    for number in STOP_SIGNALS:  # from here on there may be files to clean up
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, _exit_on_signal)
    answers.send(Answer(None))
    while True:
        number, pickled = inbox.get()
        try:
            answer = pickle.dumps(Answer(number, work(pickle.loads(pickled))))  # noqa: S301  of the process that asks
        except Exception as error:  # also if the result cannot be pickled
            answer = pickle.dumps(Answer(number, error=_picklable(error)))
        answers.send_bytes(answer)


def _receive(tasks: Connection, inbox: SimpleQueue[tuple[int, bytes]], grace: float) -> None:
    """Receive tasks at once, so that the parent never blocks; when the parent is gone, end this process."""
    while True:
        try:
            inbox.put(tasks.recv())
        except (EOFError, OSError):
            break
    if hasattr(signal, "pthread_kill"):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace)
    os._exit(1)


def _die_with_parent(parent: int | None) -> None:
    """Ask the system to send SIGTERM when the parent dies (Linux only)."""
    if parent is None or sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it has died already
        os._exit(1)


def _exit_on_signal(*_signal: object) -> None:
    for number in STOP_SIGNALS:  # a second signal must not interrupt the cleanup
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit


def _picklable(error: Exception) -> Exception:
    """An exception that can be pickled, with its traceback as a note."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    error.add_note("".join(traceback.format_exception(error)))
    return error
