"""One process of a pool: it does what it is given, and ends when it is told to or when its parent is gone."""

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

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Signals that ask a program to end; Windows has no SIGHUP."""

PARENT_DEATH = 1
"""PR_SET_PDEATHSIG of Linux's prctl: which signal comes when the parent dies."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a process sends back.

    Attributes:
        number: Of the thing; None for "ready".
        result: What the work gave.
        error: What it raised instead, or what kept the process from being ready.
    """

    number: int | None
    result: Any = None
    error: Exception | None = None


def serve(tasks: Connection, answers: Connection, prepare: Prepare, parent: int | None, grace: float) -> None:
    """Do work until there is no parent any more.

    Args:
        tasks: Gives pairs of number and pickled thing.
        answers: Takes an `Answer` without a number, and then one for every thing.
        prepare: Makes the function that does the work.
        parent: The process whose death ends this one, if the system can see to that; None to watch the pipe alone.
        grace: Seconds that the work may take to clean up when it is to end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent)
    inbox: SimpleQueue[tuple[int, bytes]] = SimpleQueue()
    threading.Thread(target=_receive, args=(tasks, inbox, grace), daemon=True).start()
    code = 0
    try:
        _work(inbox, answers, prepare)
    except SystemExit:
        pass
    except OSError:  # nobody takes the answers any more
        code = 1
    finally:
        # Left as an exception does, so that half-written files are gone; what the libraries would still tidy up is
        # not worth the time.
        sys.stderr.flush()
        os._exit(code)


def _work(inbox: SimpleQueue[tuple[int, bytes]], answers: Connection, prepare: Prepare) -> None:
    try:
        work = prepare()
    except Exception as error:
        answers.send(Answer(None, error=_portable(error)))
        return
    for number in ENDING:  # until now there was nothing to clean up
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _stop)
    answers.send(Answer(None))
    while True:
        number, pickled = inbox.get()
        try:
            answer = pickle.dumps(Answer(number, work(pickle.loads(pickled))))  # noqa: S301  of the process that asks
        except Exception as error:  # also of a result that cannot be sent
            answer = pickle.dumps(Answer(number, error=_portable(error)))
        answers.send_bytes(answer)


def _receive(tasks: Connection, inbox: SimpleQueue[tuple[int, bytes]], grace: float) -> None:
    """Take what comes at once, so that the parent never waits; end with the parent, or at the end of its patience."""
    while True:
        try:
            inbox.put(tasks.recv())
        except (EOFError, OSError):
            break
    if hasattr(signal, "pthread_kill"):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace)
    os._exit(1)


def _die_with(parent: int | None) -> None:
    """Have the system send SIGTERM when the parent dies, where it can."""
    if parent is None or sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before
        os._exit(1)


def _stop(*_signal: object) -> None:
    for number in ENDING:  # nothing disturbs the cleaning up
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit


def _portable(error: Exception) -> Exception:
    """An exception that can be sent; with the traceback of one that nobody foresaw."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    error.add_note("".join(traceback.format_exception(error)))
    return error
