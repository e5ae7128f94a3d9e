"""Work in several processes: the order, the errors, and what becomes of the others when one dies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import active_children
from pathlib import Path

import pytest
from conftest import few
from pool_tasks import (
    deadly,
    die_once,
    dying,
    given,
    lost,
    slow_at_first,
    square,
    threads,
    unpicklable,
    unprepared,
)

from ocrcli.core.errors import ModelError, OcrError
from ocrcli.workers import pool

EACH_NUMBER_OF_JOBS = pytest.mark.parametrize("jobs", [1, 2])


def results(work: Callable[[int], object], count: int, jobs: int) -> list[object]:
    return list(pool.in_order(range(count), partial(given, work), jobs, lost))


@EACH_NUMBER_OF_JOBS
@pytest.mark.parametrize("count", few([0, 1, 2, 9], 0, 9))
def test_results_come_in_the_order_of_the_things(count: int, jobs: int) -> None:
    assert results(square, count, jobs) == [number**2 for number in range(count)]


@pytest.mark.slow
def test_a_slow_first_thing_does_not_change_the_order() -> None:
    assert results(slow_at_first, 4, 2) == [0, 1, 2, 3]


@pytest.mark.slow
@EACH_NUMBER_OF_JOBS
def test_an_error_of_the_preparation_ends_it_all(jobs: int) -> None:
    with pytest.raises(ModelError, match="no model; get one"):
        list(pool.in_order(range(3), unprepared, jobs, lost))
    assert not active_children()


def test_a_process_that_dies_costs_one_thing() -> None:
    assert results(deadly, 6, 2) == [0, 1, "lost 2", 3, 4, 5]


@pytest.mark.slow
def test_nothing_goes_on_when_no_more_is_wanted() -> None:
    taken = pool.in_order(range(50), partial(given, slow_at_first), 2, lost)
    assert next(taken) == 0
    taken.close()
    assert not active_children()


@pytest.mark.slow
def test_processes_side_by_side_have_one_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    assert results(threads, 2, 2) == ["1", "1"]
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "OPENBLAS_NUM_THREADS" not in os.environ


@pytest.mark.slow
def test_what_a_process_died_at_is_tried_once_more(tmp_path: Path) -> None:
    marker = str(tmp_path / "died")
    things = [(number, marker) for number in range(6)]
    assert list(pool.in_order(things, partial(given, die_once), 2, lost)) == [0, 1, 2, 3, 4, 5]
    assert Path(marker).exists()


@pytest.mark.slow
def test_processes_that_never_begin_end_it_all() -> None:
    with pytest.raises(OcrError, match="--jobs 1"):
        list(pool.in_order(range(9), dying, 2, lost))
    assert not active_children()


@pytest.mark.slow
def test_a_result_that_cannot_be_sent_is_an_error() -> None:
    taken = pool.in_order(range(3), partial(given, unpicklable), 2, lost)
    assert next(taken) == 0
    with pytest.raises(Exception, match="pickle"):
        next(taken)


@pytest.mark.slow
def test_things_are_taken_as_they_are_needed() -> None:
    taken = []

    def things() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    results = pool.in_order(things(), partial(given, slow_at_first), 2, lost)
    assert next(results) == 0
    assert len(taken) <= 2 * pool.WINDOW + 1
    results.close()
