"""`ocr thresholds`: compare all threshold methods on one photo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ocrcli.binarize.page_model import load_page_model
from ocrcli.cli import options
from ocrcli.cli.support.console import err, out
from ocrcli.cli.support.terminal import show_picture
from ocrcli.core.errors import NothingWrittenError
from ocrcli.core.files import beside, check_free, write_picture
from ocrcli.core.page import Page
from ocrcli.core.settings import Settings
from ocrcli.evaluation.ground_truth import read_truth
from ocrcli.evaluation.scoring import score
from ocrcli.inspect import threshold_sheet
from ocrcli.pipeline import segmentation
from ocrcli.pipeline.reading import Reader, read_page
from ocrcli.sources import source_of

HEADER = ["method", "level", "components", "ink", "confidence", "CER"]


def command(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The photo.")],
    out_path: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Path of the chart; default: NAME.ocr-thresholds.png."),
    ] = None,
    ground_truth: Annotated[
        Path | None,
        typer.Option("--ground-truth", metavar="FILE", help="Text of the photo, to show the CER of each method."),
    ] = None,
    denoise: options.DenoiseOption = options.DEFAULTS.denoise,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing chart.")] = False,
) -> None:
    """Compare the threshold methods: a chart of their masks, and a table of figures.

    The level is the threshold: grey values up to it, of 255, are ink. Local methods have no single level. The best
    method is marked: the one with the lowest CER, or, without --ground-truth, the one with the highest confidence.
    """
    target = out_path or beside(image, ".ocr-thresholds.png")
    read_files = [image, *([ground_truth] if ground_truth else [])]
    check_free(target, force or out_path is None, read_files)  # our own file may be replaced
    truth = None if ground_truth is None else read_truth(ground_truth)
    reader = Reader(Settings(denoise=denoise))
    source = source_of(image)
    photo = source.load(reader.settings.long_side)
    page = segmentation.clean_page(photo, source, reader.settings, load_page_model(), reader.models.line_model)
    results = threshold_sheet.compare(page.writing, lambda method: _read(page, reader, method))
    table = [_figures(result, truth) for result in results]
    best = max(range(len(results)), key=lambda number: _worth(results[number], truth))
    captions = [
        ", ".join([row[0], *(f"{name} {cell}" for name, cell in zip(HEADER[1:], row[1:], strict=False) if cell != "-")])
        for row in table
    ]
    captions[best] = f"best: {captions[best]}"
    write_picture(threshold_sheet.draw(page.photo.grey, results, captions), target)
    header = HEADER if truth is not None else HEADER[:-1]
    widths = [max(len(row[i]) for row in [header, *table]) for i in range(len(header))]
    for number, row in enumerate([header, *table]):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        out("  ".join(cells) + ("  best" if number == best + 1 else ""))
    err(f"chart in {target}")
    show_picture(target, coarsely=False)  # coloured blocks would make the captions illegible


def _read(page: segmentation.CleanPage, reader: Reader, method: str) -> Page | None:
    settings = replace(reader.settings, threshold=method)
    try:
        return read_page(segmentation.segment_page(page, settings), settings, reader.models)
    except NothingWrittenError:
        return None


def _figures(result: threshold_sheet.Comparison, truth: str | None) -> list[str]:
    """One row of the table."""
    if result.mask is None:
        return [result.method, *["-"] * (len(HEADER) - 1 - (truth is None))]
    level = "local" if result.level is None else str(result.level)
    sure = "-" if result.page is None else f"{result.page.confidence:.2f}"
    cer = [] if truth is None else [f"{_cer(result, truth):.3f}"]
    return [result.method, level, str(result.components), f"{result.mask.mean():.1%}", sure, *cer]


def _worth(result: threshold_sheet.Comparison, truth: str | None) -> float:
    if truth is not None:
        return -_cer(result, truth)
    return -1.0 if result.page is None else result.page.confidence


def _cer(result: threshold_sheet.Comparison, truth: str) -> float:
    return score(truth, "" if result.page is None else result.page.text).cer
