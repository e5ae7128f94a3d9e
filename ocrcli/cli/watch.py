"""`ocr watch`: read photos as they appear in a folder."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ocrcli.cli import options
from ocrcli.cli.read import ForceOption, FormatOption, MinConfidenceOption, PlaceholderOption, RecursiveOption
from ocrcli.cli.support import work
from ocrcli.cli.support.mirror import Mirror
from ocrcli.cli.support.outputs import TextStyle
from ocrcli.cli.support.progress import Notices
from ocrcli.core.errors import InputError, OcrError, UsageError
from ocrcli.core.extras import import_extra
from ocrcli.core.files import check_free
from ocrcli.core.settings import Settings
from ocrcli.formats import FORMATS
from ocrcli.formats.masking import PLACEHOLDER
from ocrcli.pipeline.provenance import made_with
from ocrcli.watch.error_list import ErrorList
from ocrcli.watch.watcher import Reading, Watcher
from ocrcli.workers import pool
from ocrcli.workers.crew import Crew

ERRORS = "ocr-errors.jsonl"
"""Name of the error list in the output folder."""

SECONDS = 600.0
"""A page that takes longer cannot be read."""

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to watch.", show_default=False)]
OutputDirOption = Annotated[
    Path | None,
    typer.Option("--output-dir", metavar="DIR", help="Write the files to DIR instead of beside the photos."),
]
ErrorsOption = Annotated[
    Path | None,
    typer.Option(
        "--errors", metavar="FILE.jsonl", help=f"List of photos that could not be read; DIR/{ERRORS} by default."
    ),
]
ExistingOption = Annotated[
    bool, typer.Option("--existing", help="Also read what is there already and has no current files.")
]
JobsOption = Annotated[int, options.jobs_option("photos")]


@options.with_settings
def command(
    folder: FolderArgument,
    *,
    format: FormatOption = ["text"],  # noqa: B006  typer copies it
    output_dir: OutputDirOption = None,
    errors: ErrorsOption = None,
    existing: ExistingOption = False,
    recursive: RecursiveOption = False,
    force: ForceOption = False,
    min_confidence: MinConfidenceOption = 0.0,
    placeholder: PlaceholderOption = PLACEHOLDER,
    jobs: JobsOption = 1,
    quiet: options.QuietOption = False,
    settings: Settings,
) -> None:
    """Read photos as they appear in a folder, until it is stopped.

    A photo is read when it is whole: when it has stood still for a second. Its files are written beside it, as
    note.jpg.txt for note.jpg. What cannot be read goes on a list of errors.
    """
    import_extra("watchfiles", "to watch a folder")
    if not folder.is_dir():
        raise (UsageError if folder.exists() else InputError)(f"{folder}: no such folder; name the folder to watch")
    root, place = folder.resolve(), output_dir or folder
    look, formats = TextStyle(min_confidence, placeholder), [FORMATS[name] for name in format]
    check_free(errors, True, options.files_read(settings))
    mirror = Mirror(place, formats, look, made_with(settings), resume=True, force=force, root=root)
    listed = ErrorList(errors or place / ERRORS)
    mirror.begin()
    jobs = jobs or pool.cores()
    crew: Crew[work.Task, work.Outcome] = Crew(partial(work.prepare, settings), jobs)
    notices = Notices(quiet, verbose=False)
    desk = _Desk(folder, root, mirror, crew, notices)
    try:
        crew.wait()
        watcher = Watcher(root, desk, listed, recursive=recursive, existing=existing, jobs=jobs)
        notices.say(f"watching {folder}; Ctrl-C ends it")
        watcher.run()
    finally:
        crew.stop()
        failed = f", {desk.failed} failed" if desk.failed else ""
        notices.say(f"{folder}: {desk.count} read{failed}")


class _Desk:
    """Reads the photos of a folder and writes their files.

    Attributes:
        count: Number of files that were read.
        failed: Number of files of which a page could not be read.
    """

    def __init__(
        self, folder: Path, root: Path, mirror: Mirror, crew: Crew[work.Task, work.Outcome], notices: Notices
    ) -> None:
        self.count = self.failed = 0
        self._folder, self._root, self._mirror, self._crew, self._notices = folder, root, mirror, crew, notices
        self._written: set[Path] = set()
        self._lock = threading.Lock()

    def wanted(self, path: Path) -> bool:
        """Whether a photo is to be read; not a PDF that was written here."""
        return not self._mirror.wrote(str(path))

    def name(self, path: Path) -> str:
        """The name of a file, as the folder was given."""
        return str(self._folder / path.relative_to(self._root)) if path.is_relative_to(self._root) else str(path)

    def read(self, path: Path) -> Reading:
        """Read the pages of a file and write their files.

        Raises:
            NoRoomError: If the disk is full.
        """
        from ocrcli.sources.expand import pages_of

        try:
            sources = list(pages_of(self.name(path), str(path)))
            with self._lock:
                due = sources if path in self._written else self._mirror.due(sources, [path])
                self._written.add(path)
        except OcrError as error:
            return Reading(errors=(error,))
        outcomes = [self._outcome(work.Task(source, files=self._mirror.files(source))) for source in due]
        confidences = tuple(outcome.page.confidence for outcome in outcomes if outcome.page)
        failed = tuple(outcome.error for outcome in outcomes if outcome.error)
        return Reading(confidences, failed, "".join(outcome.bug for outcome in outcomes))

    def _outcome(self, task: work.Task) -> work.Outcome:
        from ocrcli.core.errors import ProcessDiedError
        from ocrcli.workers.crew import TooSlowError

        try:
            return self._crew.do(task, SECONDS)
        except (ProcessDiedError, TooSlowError) as error:
            return work.Outcome(task, error=type(error)(f"{task.source.name}: {error}"))

    def tell(self, path: Path, reading: Reading) -> None:
        """Count a file, and tell how well it was read."""
        self.count += bool(reading.confidences)
        self.failed += bool(reading.errors)
        for error in reading.errors:
            self._notices.error(str(error))
        for line in reading.bug.splitlines():
            self._notices.error(line)
        if reading.confidences:
            pages = f", {len(reading.confidences)} pages" if len(reading.confidences) > 1 else ""
            mean = sum(reading.confidences) / len(reading.confidences)
            self._notices.say(f"{self.name(path)}: confidence {mean:.2f}{pages}")

    def say(self, line: str) -> None:
        """Tell what else happens."""
        self._notices.error(line)
