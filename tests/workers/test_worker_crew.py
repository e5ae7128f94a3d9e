"""Worker processes that stay: what a server and a watched folder need of them."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children

import pytest
from pool_tasks import deadly, given, sleeping, square, unpicklable, unprepared

from ocrcli.core.errors import ModelError, ProcessDiedError
from ocrcli.workers.crew import Crew, TooSlowError


@contextmanager
def crew(work: Callable[[float], object], jobs: int = 1) -> Iterator[Crew[float, object]]:
    held: Crew[float, object] = Crew(partial(given, work), jobs)
    try:
        yield held
    finally:
        held.stop()
        assert not active_children()


def test_a_process_that_dies_is_replaced_and_its_item_alone_is_lost() -> None:
    with crew(deadly) as held:
        assert held.do(1) == 1
        with pytest.raises(ProcessDiedError, match="died"):
            held.do(2)
        assert held.do(3) == 3
        assert held.alive() == 1


def test_what_takes_too_long_is_killed() -> None:
    with crew(sleeping) as held:
        with pytest.raises(TooSlowError, match=r"more than 0\.2 seconds"):
            held.do(60, seconds=0.2)
        assert held.do(0, seconds=60) == 0


@pytest.mark.slow
def test_many_threads_share_few_processes() -> None:
    with crew(square, 2) as held, ThreadPoolExecutor(20) as threads:
        assert list(threads.map(held.do, range(200))) == [number**2 for number in range(200)]


def test_an_error_of_the_preparation_is_told() -> None:
    held: Crew[int, int] = Crew(unprepared, 1)
    with pytest.raises(ModelError, match="no model; get one"):
        held.wait()
    held.stop()


@pytest.mark.slow
def test_an_error_of_the_work_is_told_and_the_process_stays() -> None:
    with crew(unpicklable) as held:
        with pytest.raises(Exception, match="pickle"):
            held.do(1)
        assert held.do(5) == 5


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_one_that_died_between_two_items_costs_none() -> None:
    with crew(square) as held:
        held.do(1)
        (child,) = active_children()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert held.do(3) == 9


def test_who_waits_is_told_that_it_stops() -> None:
    with crew(sleeping) as held:
        held.wait()
        errors: list[BaseException] = []

        def ask() -> None:
            try:
                held.do(60)
            except ProcessDiedError as error:
                errors.append(error)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        held.stop()
        for thread in threads:
            thread.join(10)
        assert len(errors) == 3
