"""The work on one page, in this or a worker process, so that tasks and outcomes must be picklable."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ocrcli.core.errors import NoRoomError, NoTableError, OcrError, ProcessDiedError
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
        boxes: Path for the picture with the boxes, or None.
        stages: Folder for the pictures of every stage, or None.
        files: Output files of this page, or None.
        wants_table: Whether some format holds nothing but tables; that a page has none is told.
        needs_table: Whether all of them do; a page without a table then counts as failed.
    """

    source: Source
    boxes: Path | None = None
    stages: Path | None = None
    files: Files | None = None
    wants_table: bool = False
    needs_table: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a task.

    Attributes:
        task: The task.
        page: The page that was read; None after an error.
        error: The error, or None.
        bug: Traceback of an unexpected exception; otherwise empty.
        device: Device that ran the models.
        notes: Messages for the user, such as which files were written.
        seconds: Name and duration of each stage.
    """

    task: Task
    page: Page | None = None
    error: OcrError | None = None
    bug: str = ""
    device: str = ""
    notes: tuple[str, ...] = ()
    seconds: tuple[tuple[str, float], ...] = field(default=(), repr=False)


def prepare(settings: Settings) -> Callable[[Task], Outcome]:
    """Load the models.

    Args:
        settings: How to read.

    Returns:
        The function that does a task. For a bad page it returns an outcome with an error; it raises only errors that
        end the run, such as a full disk.

    Raises:
        OcrError: If a model, the device or a setting cannot be used.
    """
    from ocrcli.pipeline.reading import Reader

    return partial(do, Reader(settings))


def do(reader: Reader, task: Task) -> Outcome:
    """Read one page and write its files."""
    try:
        return _read(reader, task)
    except NoRoomError:
        raise
    except OcrError as error:
        return Outcome(task, error=error)
    except Exception as error:  # a bug; it must not stop the other pages
        line = f"{task.source.name}: unexpected {type(error).__name__}; please report it with the photo"
        return Outcome(task, error=OcrError(line), bug=traceback.format_exc())


def lost(task: Task, reason: str) -> Outcome:
    """The outcome of a task on which its process died."""
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
    if task.wants_table and not page.tables:
        from ocrcli.formats.csv import NO_TABLE

        if task.needs_table:
            raise NoTableError(f"{printable(name)}: {NO_TABLE}")
        notes.append(f"{name}: {NO_TABLE}")
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
    """Callback that measures the time of each stage; with `--stages` it includes drawing the stage before."""

    def __init__(self) -> None:
        self.seconds: list[tuple[str, float]] = []
        self._since = perf_counter()

    def __call__(self, name: str, _result: object) -> None:
        now = perf_counter()
        self.seconds.append((name, now - self._since))
        self._since = now
