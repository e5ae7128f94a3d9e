"""Work for processes of a pool, and nothing else: each process imports this module."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from ocrcli.core.errors import ModelError


def square(number: int) -> int:
    """The square of a number."""
    return number * number


def slow_at_first(number: int) -> int:
    """The number itself; 0 takes longer than the others."""
    time.sleep(0.3 if number == 0 else 0)
    return number


def deadly(number: int) -> int:
    """The number itself; the process ends at 2."""
    if number == 2:
        os._exit(9)
    return number


def threads(_number: int) -> str | None:
    """How many threads numerical libraries may start in this process."""
    return os.environ.get("OMP_NUM_THREADS")


def given(work: Callable[[int], object]) -> Callable[[int], object]:
    """Prepare nothing: the work is given."""
    return work


def unprepared() -> Callable[[int], int]:
    """Fail before any work."""
    raise ModelError("no model; get one")


def lost(number: int) -> str:
    """What becomes of a thing whose process died."""
    return f"lost {number}"


def die_once(thing: tuple[int, str]) -> int:
    """The number itself; the process ends at 2, unless the file that marks this is there."""
    number, marker = thing
    if number == 2 and not Path(marker).exists():
        Path(marker).touch()
        os._exit(9)
    return number


def dying() -> Callable[[int], int]:
    """End the process before any work."""
    os._exit(9)


def unpicklable(number: int) -> object:
    """The number itself; for 1, what cannot be sent."""
    return (lambda: number) if number == 1 else number


def sleeping(seconds: float) -> float:
    """The seconds themselves, after so many of them."""
    time.sleep(seconds)
    return seconds
