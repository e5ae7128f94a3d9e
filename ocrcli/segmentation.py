"""From a photo to rows of marks: what is written where, before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli import (
    baselines,
    clean,
    components,
    faint,
    layout,
    level,
    pale,
    rectify,
    rules,
    settle,
    sheet,
    strays,
    threshold,
    turn,
)
from ocrcli import rows as rows_module
from ocrcli.baselines import Row
from ocrcli.components import Marks
from ocrcli.errors import UsageError
from ocrcli.settings import Settings
from ocrcli.sources import Photo

OnStage = Callable[[str, object], None]
"""Called with the name of each stage and what it made."""


@dataclass(frozen=True)
class Segmented:
    """A page taken apart.

    Attributes:
        photo: The photo, put right where it was taken at an angle; all pixels are of its `grey`.
        ink: (h, w) uint8, 0 paper to 255 ink.
        marks: What may be writing.
        rows: Its rows, in reading order.
        paragraphs: Number of the paragraph of each row, ascending.
        stroke: Width of the pen's strokes in pixels.
        sample: Marks that tell which way up the photo is.
    """

    photo: Photo
    ink: NDArray[np.uint8]
    marks: Marks
    rows: list[Row]
    paragraphs: list[int]
    stroke: float
    sample: turn.Sample


def segment(photo: Photo, settings: Settings, tell: OnStage) -> Segmented:
    """Find the ink, its marks and their rows.

    Raises:
        NothingWrittenError: If nothing is written there.
        UsageError: If a setting names no known method.
    """
    if settings.denoise not in clean.DENOISERS:
        raise UsageError(f"no denoiser {settings.denoise!r}; choose one of: {', '.join(clean.DENOISERS)}")
    dark = clean.darken(clean.DENOISERS[settings.denoise](photo.grey))
    paper = clean.background(dark)
    region = sheet.find_sheet(paper)
    corners = None if region is None or photo.course is not None else rectify.corners_of(region)
    if corners is not None:
        return segment(rectify.rectified(photo, corners), settings, tell)
    tell("grey", photo.grey)
    flat = sheet.without_surroundings(clean.divide(dark, paper), paper, region)
    tell("flat", flat)
    mask = rules.without_rules(threshold.binarize(flat, settings.threshold), flat)
    ink = 255 - flat
    stroke = components.stroke_width(sheet.ink_on_sheet(mask, region))
    found = sheet.on_sheet(components.find_marks(mask), region, stroke)
    sample = turn.take_sample(found, stroke, ink)
    height = baselines.letter_height(found, stroke)
    if photo.course is None and (slant := level.slant_of(found, height)):
        return segment(level.levelled(photo, slant), settings, tell)
    rows, marks = _rows(found, region, stroke, height, ink)
    fuller = faint.with_faint_rows(mask, flat, rows, marks) if settings.threshold == "auto" else None
    if fuller is not None:
        mask = rules.without_rules(fuller, flat)
        found = sheet.on_sheet(components.find_marks(mask), region, stroke)
        rows, marks = _rows(found, region, stroke, height, ink)
    tell("mask", mask)
    tell("marks", marks)
    rows, marks = settle.settle(rows, marks, height)
    rows, paragraphs = layout.arrange(rows, marks)
    return Segmented(photo, ink, marks, rows, paragraphs, stroke, sample)


def _rows(
    found: Marks, region: sheet.Region | None, stroke: float, height: float, ink: NDArray[np.uint8]
) -> tuple[list[Row], Marks]:
    """Rows of what may be writing among the marks of a page."""
    loose = rules.without_underlines(found, height)
    if loose is not None:
        found = sheet.on_sheet(components.find_marks(loose), region, stroke)
    marks = components.writing(found, height, stroke)
    rows, marks = strays.without_strays(rows_module.find_rows(marks, height), marks, height)
    return pale.without_pale(rows, marks, ink, height)
