"""`ocr thresholds`: every threshold method on one photo, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrcli import chart, segmentation
from ocrcli.cli import options
from ocrcli.cli.console import err, out
from ocrcli.cli.terminal import show_picture
from ocrcli.files import beside, check_free, write_picture
from ocrcli.line_reader import load_line_reader
from ocrcli.page_model import load_page_model
from ocrcli.settings import Settings
from ocrcli.sources import source_of


def command(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The photo.")],
    out_path: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where the chart goes; NAME.ocr-thresholds.png beside the photo."),
    ] = None,
    denoise: options.DenoiseOption = options.DEFAULTS.denoise,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the chart if it exists.")] = False,
) -> None:
    """Compare the threshold methods: a chart of their masks, and their components and share of ink."""
    target = out_path or beside(image, ".ocr-thresholds.png")
    check_free(target, force or out_path is None, [image])  # a picture with our own suffix is ours to replace
    settings = Settings(denoise=denoise)
    segmentation.check(settings)
    source = source_of(image)
    page = segmentation.cleaned(source.load(settings.long_side), source, settings, load_page_model(), load_line_reader)
    results = chart.compare(page.cleaned)
    write_picture(chart.draw(page.photo.grey, results), target)
    out("method     components  ink")
    for result in results:
        out(f"{result.method:<10} {_figures(result)}")
    err(f"chart in {target}")
    show_picture(target, coarsely=False)  # its captions would not be legible


def _figures(result: chart.Comparison) -> str:
    if result.mask is None:
        return "         -  cannot tell ink from paper here"
    return f"{result.components:>10}  {result.mask.mean():.1%}"
