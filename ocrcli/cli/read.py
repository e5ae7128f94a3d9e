"""`ocr read`: photos in, text out."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ocrcli.cli import options, pool, work
from ocrcli.cli.outputs import Look, Outputs, stem_of
from ocrcli.cli.progress import Bar, Notices
from ocrcli.cli.terminal import show_picture
from ocrcli.errors import OcrError, SomeFailedError, UsageError
from ocrcli.files import beside, check_free
from ocrcli.formats import FORMATS
from ocrcli.language import KNOWN
from ocrcli.masked import PLACEHOLDER
from ocrcli.settings import Settings
from ocrcli.sources import Source, expand

DOUBTFUL_PAGE = 0.78
"""A page of lower confidence is usually joined writing, blurred, or no handwriting."""

BOXES_SUFFIX = ".ocr-boxes.png"

SHOW_BOXES = ("none", "terminal", "file")
"""What `--show-boxes` takes: the picture is not wanted, written and shown, or written alone."""


def command(
    images: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[IMAGE]",
            help="Photos, PDFs, folders, patterns or https addresses to read; - or none is stdin, "
            "clipboard: the clipboard.",
            show_default=False,
        ),
    ] = None,
    *,
    format: options.FormatOption = ["text"],  # noqa: B006  typer copies it
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="STEM", help="Write STEM.txt, STEM.json, ... in place of stdout."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Print each line's confidence before it, separated by a tab.")
    ] = False,
    min_confidence: Annotated[
        float,
        typer.Option(
            "--min-confidence",
            metavar="P",
            callback=options.probability,
            help="Print ? for letters less sure than this, from 0 to 1.",
        ),
    ] = 0.0,
    placeholder: Annotated[
        str, typer.Option("--placeholder", metavar="TEXT", help="What to print for those letters.")
    ] = PLACEHOLDER,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Look into folders in folders.")] = False,
    pages: Annotated[
        str | None, typer.Option("--pages", metavar="1-3,7", help="Which pages of PDF and TIFF files.")
    ] = None,
    show_boxes: Annotated[
        str,
        options.choice(
            "--show-boxes",
            SHOW_BOXES,
            "Draw what was read over the photo: NAME.ocr-boxes.png beside it, and in the terminal unless =file.",
        ),
    ] = "none",
    boxes_out: Annotated[
        Path | None,
        typer.Option("--boxes-out", metavar="PATH", help="Where that picture goes: a file, or a folder for several."),
    ] = None,
    stages: Annotated[
        Path | None, typer.Option("--stages", metavar="DIR", help="Write a picture of every stage into DIR.")
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, metavar="N", help="Read N pages at a time; 0: one for each core.")
    ] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on stderr but errors.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say how long each stage took.")] = False,
    threshold: options.ThresholdOption = options.DEFAULTS.threshold,
    denoise: options.DenoiseOption = options.DEFAULTS.denoise,
    device: options.DeviceOption = options.DEFAULTS.device,
    model: options.ModelOption = None,
    recognizer: options.RecognizerOption = options.DEFAULTS.recognizer,
    page_model: options.PageModelOption = None,
    orientation: options.OrientationOption = options.DEFAULTS.orientation,
    language: options.LanguageOption = options.DEFAULTS.language,
    words: options.WordsOption = None,
    allow: options.AllowOption = None,
) -> None:
    """Print the text of photographed notes.

    Rows come in reading order, words are separated by one space; the confidence goes to stderr.
    """
    if quiet and verbose:
        raise UsageError("--quiet and --verbose contradict each other; leave one out")
    settings = options.settings_from(
        denoise, threshold, device, model, language, words, allow, recognizer, page_model, orientation
    )
    stem = None if output is None else stem_of(output)
    sources = list(expand(images or piped(), recursive=recursive, **({"pages": pages} if pages else {})))
    tasks = _tasks(sources, show_boxes != "none" or boxes_out is not None, boxes_out, stages)
    read = [Path(source.origin) for source in sources if isinstance(source.origin, str)] + options.files_read(settings)
    for task in tasks:
        check_free(task.boxes, force or not boxes_out, read)  # a picture with our own suffix is ours to replace
    notices = Notices(quiet, verbose)
    with Bar(len(tasks), not quiet) as bar:
        look = Look(min_confidence, placeholder, confidence)
        outputs = Outputs([FORMATS[name] for name in format], stem, len(tasks) > 1, look, force, read, bar.aside)
        failures = _read_all(tasks, settings, jobs or options.cores(), outputs, notices, bar, show_boxes == "terminal")
    for path in outputs.close():
        notices.say(f"written: {path}")
    _report(failures, len(tasks))


def piped() -> list[str]:
    """Stdin as the only argument, where a photo is piped in.

    Raises:
        UsageError: If none is.
    """
    held = sys.stdin.buffer
    if sys.stdin.isatty() or not (held.peek(1) if isinstance(held, io.BufferedReader) else True):
        raise UsageError("name a photo, as in: ocr read note.jpg; or pipe one in: cat note.jpg | ocr read")
    return ["-"]


def _read_all(
    tasks: Sequence[work.Task],
    settings: Settings,
    jobs: int,
    outputs: Outputs,
    notices: Notices,
    bar: Bar,
    show: bool,
) -> list[work.Outcome]:
    """Read and hand on page after page; gives the outcomes without a page."""
    failures = []
    prepare = partial(work.prepare, settings)
    with closing(pool.in_order(tasks, prepare, jobs, partial(work.lost, reason=pool.DIED))) as outcomes:
        for outcome in outcomes:
            if outcome.page is not None:
                outputs.add(outcome.task.source, outcome.page)
            else:
                failures.append(outcome)
            with bar.aside():
                _tell(outcome, notices, alone=len(tasks) == 1)
                if show and outcome.task.boxes and outcome.page is not None:
                    show_picture(outcome.task.boxes)
            bar.step()
    return failures


def _tell(outcome: work.Outcome, notices: Notices, alone: bool) -> None:
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
        tongue = "" if page.language in (None, KNOWN[0]) else f" in {page.language}"
        told = f"confidence {page.confidence:.2f}, {len(page.glyphs)} letters{tongue}, on {outcome.device}"
        notices.say(f"{name}: {told}")
        if page.unread:
            count = len(page.unread)
            notices.say(
                f"{name}: {count} text line{'s' if count > 1 else ''} could not be read; see --format json, unread"
            )
        if page.confidence < DOUBTFUL_PAGE:
            notices.say(f"{name}: many letters are unsure; is the photo sharp? see --show-boxes")


def _report(failures: Sequence[work.Outcome], total: int) -> None:
    errors = [outcome.error for outcome in failures if outcome.error]
    if not errors:
        return
    if total == 1:
        raise errors[0]
    if any(outcome.bug for outcome in failures):
        raise OcrError("the unexpected happened; see above, and --verbose")
    if len(errors) == total:  # of the first one's kind, so that the exit code tells a bad model from bad photos
        raise type(errors[0])(f"none of {total} pages could be read; see above")
    raise SomeFailedError(f"{len(errors)} of {total} pages could not be read; see above")


def _tasks(sources: Sequence[Source], draw: bool, boxes_out: Path | None, stages: Path | None) -> list[work.Task]:
    several = len(sources) > 1
    tasks = []
    for source in sources:
        boxes = beside(source.stem, BOXES_SUFFIX) if draw else None
        if boxes and boxes_out:
            boxes = boxes_out / boxes.name if several or boxes_out.is_dir() else boxes_out
        tasks.append(work.Task(source, boxes, stages / source.stem.name if stages and several else stages))
    for targets in ([task.boxes for task in tasks if task.boxes], [task.stages for task in tasks if task.stages]):
        if len(set(targets)) < len(targets):
            raise UsageError("two images have the same name, so their pictures would too; read them one by one")
    return tasks
