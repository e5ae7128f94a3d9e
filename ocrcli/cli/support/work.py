"""What is done with one page; it runs in this process or in another one, so all that goes in and out can be pickled."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ocrcli.core.errors import NoRoomError, OcrError, ProcessDiedError
from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings

if TYPE_CHECKING:
    from ocrcli.cli.support.mirror import Files
    from ocrcli.pipeline.reading import Reader
    from ocrcli.pipeline.segmentation import OnStage
    from ocrcli.sources import Source


@dataclass(frozen=True, slots=True)
class Task:
    """A page to read.

    Attributes:
        source: The page.
        boxes: Where the picture with the boxes goes, if anywhere.
        stages: The folder for the pictures of every stage, if wanted.
        files: What is written of this page alone, if anything.
    """

    source: Source
    boxes: Path | None = None
    stages: Path | None = None
    files: Files | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task.

    Attributes:
        task: The task.
        page: What was read; None if nothing was.
        error: Why not.
        bug: The traceback of an exception that nobody foresaw, else empty.
        device: What ran the model.
        notes: Lines for people: what was written where.
        seconds: Name of each stage, and how long it took.
    """

    task: Task
    page: Page | None = None
    error: OcrError | None = None
    bug: str = ""
    device: str = ""
    notes: tuple[str, ...] = ()
    seconds: tuple[tuple[str, float], ...] = field(default=(), repr=False)


def prepare(settings: Settings) -> Callable[[Task], Outcome]:
    """Load the model.

    Args:
        settings: How to read.

    Returns:
        The function that does a task. It raises nothing but what ends all, as that there is no room left: a bad page
        is a result, too.

    Raises:
        OcrError: If the model, the device or a setting cannot be used.
    """
    from ocrcli.pipeline.reading import Reader

    return partial(do, Reader(settings))


def do(reader: Reader, task: Task) -> Outcome:
    """Read one page and draw what was asked for."""
    try:
        return _read(reader, task)
    except NoRoomError:
        raise
    except OcrError as error:
        return Outcome(task, error=error)
    except Exception as error:  # a bug; it must not take the other pages with it
        line = f"{task.source.name}: unexpected {type(error).__name__}; please report it with the photo"
        return Outcome(task, error=OcrError(line), bug=traceback.format_exc())


def lost(task: Task, reason: str) -> Outcome:
    """The outcome of a task at which its process died."""
    return Outcome(task, error=ProcessDiedError(f"{printable(task.source.name)}: {reason}"))


def _read(reader: Reader, task: Task) -> Outcome:
    clock, notes, name = _Clock(), [], task.source.name
    listeners: list[OnStage] = [clock]
    writer = None
    if task.stages:
        from ocrcli.inspect.stages import StageWriter

        writer = StageWriter(task.stages)
        listeners.append(writer)
    if task.source.note:
        notes.append(f"{name}: {task.source.note}")
    page = reader.read(task.source, on_stage=partial(_tell, listeners))
    clock("letters and words", None)
    if writer:
        notes.append(f"{name}: {writer.count} stages in {task.stages}")
    if task.boxes:
        import numpy as np

        from ocrcli.core.files import write_picture
        from ocrcli.inspect.overlay import with_legend

        drawn = np.asarray(page.render(long_side=reader.settings.long_side))
        write_picture(with_legend(drawn), task.boxes)
        notes.append(f"{name}: boxes in {task.boxes}")
        clock("boxes", None)
    if task.files:
        task.files.write(task.source, page)
        clock("files", None)
    return Outcome(task, page, device=reader.device, notes=tuple(notes), seconds=tuple(clock.seconds))


def _tell(listeners: list[OnStage], name: str, result: Any) -> None:
    for listener in listeners:
        listener(name, result)


class _Clock:
    """How long each stage took; with `--stages`, drawing the stage before it counts, too."""

    def __init__(self) -> None:
        self.seconds: list[tuple[str, float]] = []
        self._since = perf_counter()

    def __call__(self, name: str, _result: object) -> None:
        now = perf_counter()
        self.seconds.append((name, now - self._since))
        self._since = now
