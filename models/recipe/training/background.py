"""Batches made by a process of their own while the network trains."""

from __future__ import annotations

import multiprocessing as mp
from collections.abc import Callable, Iterator
from queue import Empty, Full
from typing import Any, TypeVar

Batch = TypeVar("Batch")

ASIDE = 5.0
"""Seconds after which a process whose batches nobody takes looks whether the training is still there."""


def _fill(queue: Any, make: Callable[..., Iterator[Any]], arguments: tuple[Any, ...]) -> None:
    for batch in make(*arguments):
        while True:
            try:
                queue.put(batch, timeout=ASIDE)
                break
            except Full:
                parent = mp.parent_process()
                if parent is None or not parent.is_alive():  # the trainer was killed: do not wait for ever
                    queue.cancel_join_thread()
                    return


def made_aside(
    make: Callable[..., Iterator[Batch]], arguments: tuple[Any, ...], ahead: int, patience: float
) -> Iterator[Batch]:
    """Yield what ``make(*arguments)`` yields, without end, made by another process.

    Args:
        make: A function at the top of a module; it goes to the process with its arguments, which can be pickled.
        arguments: Its arguments.
        ahead: Batches that may wait to be taken.
        patience: Seconds to wait for one before it is asked whether the process lives.

    Raises:
        RuntimeError: If the process has ended.
    """
    context = mp.get_context("spawn")  # a fork would inherit the locks of torch's and cv2's thread pools
    queue: Any = context.Queue(maxsize=ahead)
    worker = context.Process(target=_fill, args=(queue, make, arguments), daemon=True)
    worker.start()
    try:
        while True:
            try:
                yield queue.get(timeout=patience)
            except Empty:
                if not worker.is_alive():
                    raise RuntimeError("the drawing process has ended: see its traceback above") from None
    finally:
        worker.terminate()
        worker.join()
