"""`ocr read`: print the text of photos."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ocrcli.cli import options
from ocrcli.cli.support import work
from ocrcli.cli.support.copying import copier
from ocrcli.cli.support.failures import Failures
from ocrcli.cli.support.mirror import Mirror
from ocrcli.cli.support.outputs import Outputs, TextStyle, check_front_matter, place_of
from ocrcli.cli.support.progress import Bar, Notices
from ocrcli.cli.support.tasks import Tasks
from ocrcli.cli.support.terminal import show_picture
from ocrcli.core.errors import OcrError, UsageError
from ocrcli.core.files import check_free
from ocrcli.core.settings import Settings
from ocrcli.formats import FORMATS
from ocrcli.formats.masking import PLACEHOLDER
from ocrcli.language.model import KNOWN
from ocrcli.pipeline.provenance import made_with
from ocrcli.sources import Source, expand
from ocrcli.workers import pool

DOUBTFUL_PAGE = 0.85
"""Confidence below which a hint is printed: 16 of 124 development pages. Such a page is usually blurred, joined
writing, or not handwriting."""

SHOW_BOXES = ("none", "terminal", "file")
"""Values of `--show-boxes`: no picture; written to a file and shown in the terminal; only written."""


ImagesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[IMAGE]",
        help="Photos, PDFs, folders, patterns or https addresses; - or nothing for stdin, clipboard: for the "
        "clipboard.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    list[str], options.format_option("Output format; for several, repeat the option or use commas.")
]
OutputOption = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="STEM", help="Write STEM.txt, STEM.json, ... instead of to stdout."),
]
OutputDirOption = Annotated[
    Path | None,
    typer.Option(
        "--output-dir",
        metavar="DIR",
        help="Write files for each photo as soon as it is read: DIR/notes/a.jpg.txt for notes/a.jpg.",
    ),
]
ResumeOption = Annotated[
    bool,
    typer.Option("--resume", help="Skip photos whose files in DIR are newer and made with the same settings."),
]
ErrorsOption = Annotated[
    Path | None,
    typer.Option("--errors", metavar="FILE.jsonl", help="Write path, kind and message of each failure to FILE."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite existing files.")]
ConfidenceOption = Annotated[
    bool, typer.Option("--confidence", help="Print the confidence of each line, and a tab, before it.")
]
MinConfidenceOption = Annotated[
    float,
    typer.Option(
        "--min-confidence",
        metavar="P",
        callback=options.probability,
        help="Print ? for letters with a confidence below P, from 0 to 1.",
    ),
]
PlaceholderOption = Annotated[
    str, typer.Option("--placeholder", metavar="TEXT", help="Text to print instead of ? for these letters.")
]
FrontMatterOption = Annotated[
    bool,
    typer.Option("--front-matter", help="Begin Markdown with source, date, confidence and language, and the photo."),
]
CopyOption = Annotated[bool, typer.Option("--copy", help="Copy the text to the clipboard, too.")]
RecursiveOption = Annotated[bool, typer.Option("--recursive", "-r", help="Search subfolders, too.")]
PagesOption = Annotated[str | None, typer.Option("--pages", metavar="1-3,7", help="Pages of PDF and TIFF files.")]
ShowBoxesOption = Annotated[
    str,
    options.choice(
        "--show-boxes",
        SHOW_BOXES,
        "Draw boxes and text over the photo: NAME.ocr-boxes.png beside it, and in the terminal unless =file.",
    ),
]
BoxesOutOption = Annotated[
    Path | None,
    typer.Option("--boxes-out", metavar="PATH", help="Path of that picture: a file, or a folder for several."),
]
StagesOption = Annotated[
    Path | None, typer.Option("--stages", metavar="DIR", help="Write a picture of every stage to DIR.")
]
JobsOption = Annotated[int, options.jobs_option("pages")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Print the time of each stage.")]


@options.with_settings
def command(
    images: ImagesArgument = None,
    *,
    format: FormatOption = ["text"],  # noqa: B006  typer copies it
    output: OutputOption = None,
    output_dir: OutputDirOption = None,
    resume: ResumeOption = False,
    errors: ErrorsOption = None,
    force: ForceOption = False,
    confidence: ConfidenceOption = False,
    min_confidence: MinConfidenceOption = 0.0,
    placeholder: PlaceholderOption = PLACEHOLDER,
    front_matter: FrontMatterOption = False,
    copy: CopyOption = False,
    recursive: RecursiveOption = False,
    pages: PagesOption = None,
    show_boxes: ShowBoxesOption = "none",
    boxes_out: BoxesOutOption = None,
    stages: StagesOption = None,
    jobs: JobsOption = 1,
    quiet: options.QuietOption = False,
    verbose: VerboseOption = False,
    settings: Settings,
) -> None:
    """Print the text of photographed notes.

    Lines are printed in reading order, with one space between words. The confidence is printed on stderr.
    """
    if quiet and verbose:
        raise UsageError("--quiet and --verbose contradict each other; leave one out")
    put = copier() if copy else None
    stem, output_dir = place_of(output, output_dir)
    if resume and output_dir is None:
        raise UsageError("--resume needs the folder of earlier results; add --output-dir DIR")
    sources = list(expand(images or piped(), recursive=recursive, **({"pages": pages} if pages else {})))
    read = _FilesRead(sources, options.files_read(settings))
    check_free(errors, force or resume, read)
    look, formats = TextStyle(min_confidence, placeholder, confidence, front_matter), [FORMATS[name] for name in format]
    check_front_matter(look, formats, len(sources) > 1 and output_dir is None)
    due, mirror = sources, None
    if output_dir is not None:
        mirror = Mirror(output_dir, formats, look, made_with(settings), resume=resume, force=force)
        due = mirror.due(sources, read)
    drawn, alone = show_boxes != "none" or boxes_out is not None, [format.needs_table for format in formats]
    tasks = Tasks(due, len(sources) > 1, drawn, boxes_out, stages, mirror, (any(alone), all(alone)))
    tasks.check(force or not boxes_out, read)  # NAME.ocr-boxes.png is our own file and may be replaced
    notices, skipped = Notices(quiet, verbose), len(sources) - len(due)
    with Bar(len(due), not quiet, skipped) as bar, Failures(errors) as failures:
        outputs = Outputs([] if mirror else formats, stem, len(sources) > 1, look, force, read, bar.paused, put)
        if mirror:
            mirror.begin()
        with outputs:
            _read_all(tasks, settings, jobs or pool.cores(), outputs, failures, notices, bar, show_boxes == "terminal")
            written = outputs.close()
    done = _told(output_dir, len(due), failures.count, skipped) if mirror else []
    for line in [*(f"written: {path}" for path in written), *["copied to the clipboard"] * copy, *done]:
        notices.say(line)
    failures.report(len(sources))


def _told(folder: Path | None, due: int, failed: int, skipped: int) -> list[str]:
    """What became of the photos of a folder of results, in a line."""
    return [f"{folder}: {due - failed} read{f', {failed} failed' if failed else ''}, {skipped} skipped"]


@dataclass(frozen=True, slots=True)
class _FilesRead:
    """The input files of a run, made lazily because there may be very many."""

    sources: Sequence[Source]
    others: Sequence[Path]

    def __iter__(self) -> Iterator[Path]:
        yield from self.others
        yield from (Path(source.origin) for source in self.sources if isinstance(source.origin, str))


def piped() -> list[str]:
    """The arguments if none are given: stdin, if a photo is piped in.

    Raises:
        UsageError: If nothing is piped in.
    """
    held = sys.stdin.buffer
    if sys.stdin.isatty() or not (held.peek(1) if isinstance(held, io.BufferedReader) else True):
        raise UsageError("name a photo, as in: ocr read note.jpg; or pipe one in: cat note.jpg | ocr read")
    return ["-"]


def _read_all(
    tasks: Tasks,
    settings: Settings,
    jobs: int,
    outputs: Outputs,
    failures: Failures,
    notices: Notices,
    bar: Bar,
    show: bool,
) -> None:
    """Read all pages and pass the results on, page by page."""
    if not tasks.sources:
        return
    prepare = partial(work.prepare, settings)
    with closing(pool.in_order(tasks, prepare, jobs, partial(work.lost, reason=pool.DIED))) as outcomes:
        for number, outcome in enumerate(outcomes, 1):
            if outcome.page is not None:
                outputs.add(outcome.task.source, outcome.page)
            else:
                failures.add(outcome)
                outputs.add_failed(outcome.task.source, outcome.error or OcrError("nothing was read"))
            with bar.paused():
                _report(outcome, notices, alone=not tasks.several)
                if show and outcome.task.boxes and outcome.page is not None:
                    show_picture(outcome.task.boxes)
            bar.step(number, failures.count)


def _report(outcome: work.Outcome, notices: Notices, alone: bool) -> None:
    name, page = outcome.task.source.name, outcome.page
    for note in outcome.notes:
        notices.say(note)
    for line in outcome.bug.splitlines():
        notices.detail(line)
    if outcome.error and not alone:
        notices.error(str(outcome.error))
    if outcome.seconds:
        stages = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in outcome.seconds)
        notices.detail(f"{name}: {sum(s for _, s in outcome.seconds):.3f} seconds: {stages}")
    if page is not None:
        language = "" if page.language in (None, KNOWN[0]) else f" in {page.language}"
        summary = f"confidence {page.confidence:.2f}, {len(page.glyphs)} letters{language}, on {outcome.device}"
        notices.say(f"{name}: {summary}")
        if page.unread:
            count = len(page.unread)
            notices.say(
                f"{name}: {count} text line{'s' if count > 1 else ''} could not be read; see --format json, unread"
            )
        if page.confidence < DOUBTFUL_PAGE:
            notices.say(f"{name}: many letters are unsure; is the photo sharp? see --show-boxes")
