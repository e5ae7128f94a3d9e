"""Reads many photos in several processes, each with one thread and one loaded reader.

Only the public interface of ocrcli is used, `Reader(settings).read(picture)`, so that any two versions of it can be
measured by the same code.
"""

from __future__ import annotations

import os
import time
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

PROCESSES = 2

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a picture.

    Attributes:
        page: An `ocrcli.Page` without its source; None if nothing written was found, or if reading failed.
        seconds: That it took, with the other processes busy.
        error: What went wrong, as ``Type: message``; empty if nothing did. To find nothing written is no error.
    """

    page: Any
    seconds: float
    error: str = ""

    @property
    def text(self) -> str:
        """What was read."""
        return "" if self.page is None else str(self.page.text)


def read(reader: Any, picture: Any) -> Reading:
    """Read a picture; whatever goes wrong is part of the result.

    Args:
        reader: An `ocrcli.Reader`.
        picture: Anything that it reads.
    """
    from dataclasses import replace

    from ocrcli.core.errors import NothingWrittenError

    start = time.perf_counter()
    page, error = None, ""
    try:
        page = replace(reader.read(picture), source=None)  # which need not travel between processes
    except NothingWrittenError:
        pass
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    return Reading(page, time.perf_counter() - start, error)


_reader: Any = None


def _begin(flags: Sequence[str]) -> None:
    global _reader  # noqa: PLW0603 - a process of a pool has no other place for what it loads once
    from ocrcli import Reader

    _reader = Reader(settings_of(flags))


def _apply(work: Callable[[Any, Item], Result], item: Item) -> Result:
    return work(_reader, item)


def spread(
    work: Callable[[Any, Item], Result], items: Iterable[Item], flags: Sequence[str] = (), processes: int = PROCESSES
) -> Iterator[Result]:
    """Call `work` with a reader and each item, in several processes.

    Args:
        work: A function of a module, which gets an `ocrcli.Reader` and an item.
        items: What it is called with; has to be picklable, as has what it returns.
        flags: Settings of the reader, see `settings_of`.
        processes: How many.

    Yields:
        What it returned, in the order of the items, each as soon as it is there.
    """
    settings_of(flags)  # what is wrong with them is told once, here
    os.environ["OMP_NUM_THREADS"] = "1"  # threads of several processes mostly wait for each other
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (tuple(flags),)) as pool:
        for future in [pool.submit(_apply, work, item) for item in items]:
            yield future.result()


def settings_of(flags: Sequence[str]) -> Any:
    """The `ocrcli.Settings` that ``--name value`` pairs ask for, whichever settings this version has.

    Raises:
        SystemExit: If there is no such setting, or it has another type.
    """
    from ocrcli import Settings

    types_of = get_type_hints(Settings)
    known = {"--" + field.name.replace("_", "-"): field.name for field in fields(Settings)}
    if len(flags) % 2 or any(flag not in known for flag in flags[::2]):
        raise SystemExit(f"settings go as --name value; the names are {', '.join(known)}")
    given = {known[flag]: value for flag, value in zip(flags[::2], flags[1::2], strict=True)}
    return Settings(**{name: _as_type(types_of[name], value) for name, value in given.items()})


def _as_type(kind: Any, value: str) -> Any:
    choices = [c for c in get_args(kind) if c is not types.NoneType] if get_args(kind) else [kind]
    for choice in choices:
        if choice is bool:
            return value.lower() in ("1", "true", "yes", "on")
        if choice in (int, float, str, Path):
            return choice(value)
    raise SystemExit(f"{value}: cannot be given as a flag")
