"""`ocr read`: photos in, text out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ocrcli.cli import options
from ocrcli.cli.console import err, out
from ocrcli.cli.terminal import print_coloured, show_picture
from ocrcli.errors import OcrError, SomeFailedError, UsageError
from ocrcli.files import beside, check_free, write_picture
from ocrcli.formats import Document
from ocrcli.page import Page
from ocrcli.reading import Reader
from ocrcli.sources import load_colour

STDIN = "-"
DOUBTFUL_PAGE = 0.82
"""A page of lower confidence is usually turned, blurred, or no handwriting."""
BOXES_SUFFIX = ".ocr-boxes.png"


class Format(StrEnum):
    """What is printed."""

    text = "text"
    json = "json"


@dataclass(frozen=True)
class _Job:
    name: str
    source: str | bytes
    boxes: Path | None
    stages: Path | None


def command(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE", help="Photos to read; - is stdin.")],
    threshold: options.ThresholdOption = options.DEFAULTS.threshold,
    denoise: options.DenoiseOption = options.DEFAULTS.denoise,
    device: options.DeviceOption = options.DEFAULTS.device,
    model: options.ModelOption = None,
    language: options.LanguageOption = options.DEFAULTS.language,
    words: options.WordsOption = None,
    allow: options.AllowOption = None,
    format: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Print each line's confidence before it, separated by a tab.")
    ] = False,
    show_boxes: Annotated[
        bool, typer.Option("--show-boxes", help="Draw what was read over the photo: NAME.ocr-boxes.png beside it.")
    ] = False,
    boxes_out: Annotated[
        Path | None,
        typer.Option("--boxes-out", metavar="PATH", help="Where that picture goes: a file, or a folder for several."),
    ] = None,
    stages: Annotated[
        Path | None, typer.Option("--stages", metavar="DIR", help="Write a picture of every stage into DIR.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite pictures that exist.")] = False,
) -> None:
    """Print the text of photographed notes.

    Rows come from top to bottom, words are separated by one space; the confidence goes to stderr.
    """
    jobs = _jobs(images, show_boxes, boxes_out, stages)
    for job in jobs:
        check_free(job.boxes, force)
    reader = Reader(options.settings_from(denoise, threshold, device, model, language, words, allow))
    pages: list[Document] = []
    failures: list[OcrError] = []
    for number, job in enumerate(jobs):
        try:
            page = _read(reader, job)
        except OcrError as error:
            failures.append(error)
            if len(jobs) > 1:
                err(f"ocr: {error}")
            continue
        pages.append(Document(job.name, page))
        if format is Format.text:
            if len(jobs) > 1:
                out(f"{'' if number == 0 else chr(10)}==> {job.name} <==")
            _print_text(page, confidence)
        err(f"{job.name}: confidence {page.confidence:.2f}, {len(page.glyphs)} letters, on {reader.device}")
        if page.confidence < DOUBTFUL_PAGE:
            err(f"{job.name}: many letters are unsure; is the photo upright and sharp? see --show-boxes")
    if format is Format.json and pages:
        from ocrcli.formats.json import to_json

        out(to_json(pages).rstrip("\n"))
    if failures and len(jobs) == 1:
        raise failures[0]
    if failures:
        raise SomeFailedError(f"{len(failures)} of {len(jobs)} images could not be read; see above")


def _jobs(images: list[str], show_boxes: bool, boxes_out: Path | None, stages: Path | None) -> list[_Job]:
    if images.count(STDIN) > 1:
        raise UsageError("stdin (-) can be read only once")
    several = len(images) > 1
    jobs = []
    for image in images:
        is_stdin = image == STDIN
        name = "stdin" if is_stdin else image
        boxes = beside(Path(name), BOXES_SUFFIX) if show_boxes else None
        if boxes_out:
            into_folder = several or boxes_out.is_dir()
            boxes = boxes_out / beside(Path(name), BOXES_SUFFIX).name if into_folder else boxes_out
        folder = stages / Path(name).stem if stages and several else stages
        jobs.append(_Job(name, sys.stdin.buffer.read() if is_stdin else image, boxes, folder))
    targets = [job.boxes for job in jobs if job.boxes] + [job.stages for job in jobs if job.stages]
    if len(set(targets)) < len(targets):
        raise UsageError("two images have the same name, so their pictures would too; read them one by one")
    return jobs


def _read(reader: Reader, job: _Job) -> Page:
    if job.stages:
        from ocrcli.stages import StageWriter

        writer = StageWriter(job.stages)
        page = reader.read(job.source, name=job.name, on_stage=writer)
        err(f"{job.name}: {writer.count} stages in {job.stages}")
    else:
        page = reader.read(job.source, name=job.name)
    if job.boxes:
        from ocrcli.overlay import draw_boxes

        picture = draw_boxes(load_colour(job.source, reader.settings.long_side), page)
        write_picture(picture, job.boxes)
        err(f"{job.name}: boxes in {job.boxes}")
        show_picture(job.boxes)
    return page


def _print_text(page: Page, confidence: bool) -> None:
    if sys.stdout.isatty() and not confidence:
        print_coloured(page)
        return
    for line in page.lines:
        out(f"{line.confidence:.2f}\t{line.text}" if confidence else line.text)
