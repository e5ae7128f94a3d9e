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
    cutout,
    faint,
    layout,
    level,
    pale,
    rectify,
    rules,
    settle,
    sheet,
    squares,
    strays,
    threshold,
    turn,
)
from ocrcli import rows as rows_module
from ocrcli.baselines import Row
from ocrcli.components import Marks
from ocrcli.errors import NothingWrittenError, check_name
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


def check(settings: Settings) -> None:
    """See whether the settings name methods that there are.

    Raises:
        UsageError: If one does not.
    """
    check_name("denoiser", settings.denoise, clean.DENOISERS)
    check_name("threshold method", settings.threshold, threshold.METHODS)


def segment(photo: Photo, settings: Settings, tell: OnStage) -> Segmented:
    """Find the ink, its marks and their rows.

    Args:
        photo: The grey image.
        settings: How to find them.
        tell: Told of each stage and what it made.

    Raises:
        NothingWrittenError: If nothing is written there.
        UsageError: If a setting names no known method.
    """
    check(settings)
    try:
        return _segment(photo, settings, tell)
    except NothingWrittenError:
        # What lies around a note may be so rough that all of its ink seems to be noise.
        note = cutout.note_of(clean.background(photo.grey))
        if note is None:
            raise
        return _segment(cutout.cut_out(photo, note), settings, tell, may_cut=False)


def _segment(
    photo: Photo,
    settings: Settings,
    tell: OnStage,
    may_cut: bool = True,
    may_turn: bool = True,
    light_ink: bool | None = None,
) -> Segmented:
    quiet = clean.DENOISERS[settings.denoise](photo.grey)
    if light_ink is None:
        light_ink = clean.has_light_ink(quiet)
    dark = 255 - quiet if light_ink else quiet
    paper = clean.background(dark)
    region = sheet.find_sheet(paper)
    if may_cut and region is None:
        # What lies around a note may be busy enough to tell the wrong tone of ink.
        note = cutout.note_of(clean.background(quiet) if light_ink else paper)
        if note is not None:
            return _segment(cutout.cut_out(photo, note), settings, tell, may_cut=False)
    corners = rectify.corners_of(region) if may_turn and region is not None else None
    if corners is not None:
        return _segment(rectify.rectified(photo, corners), settings, tell, may_cut=False, may_turn=False)
    tell("grey", photo.grey)
    flat = sheet.without_surroundings(clean.divide(dark, paper), paper, region)
    tell("flat", flat)
    mask = rules.without_rules(threshold.binarize(flat, settings.threshold), flat)
    ink = 255 - flat
    stroke = components.stroke_width(sheet.ink_on_sheet(mask, region))
    found = sheet.on_sheet(components.find_marks(mask), region, stroke)
    sample = turn.take_sample(found, stroke, ink)
    height = baselines.letter_height(found, stroke)
    if may_turn and (slant := level.slant_of(found, height)):
        # The corners that a turned photo gains say nothing about the tone of ink.
        return _segment(
            level.levelled(photo, slant), settings, tell, may_cut=False, may_turn=False, light_ink=light_ink
        )
    cleared = squares.without_squares(mask, flat) if squares.are_likely(found, height) else None
    if cleared is not None:
        mask = cleared
        found = sheet.on_sheet(components.find_marks(mask), region, stroke)
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
