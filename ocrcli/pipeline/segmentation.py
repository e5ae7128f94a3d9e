"""From a photo to rows of marks: what is written where, before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.binarize import background, broken_strokes, denoise, threshold
from ocrcli.binarize.page_model import Maps, PageModel
from ocrcli.core.errors import NothingWrittenError, check_name
from ocrcli.core.settings import Settings
from ocrcli.geometry import resolution
from ocrcli.geometry.deskew import X_HEIGHT, deskewed
from ocrcli.imaging import components
from ocrcli.imaging.components import Marks
from ocrcli.layout import assign, baselines, cores, reading_order
from ocrcli.layout import row_clustering as rows_module
from ocrcli.layout.baselines import Row
from ocrcli.lines.line_model import LineModel
from ocrcli.pipeline import noise
from ocrcli.pipeline.models import Models
from ocrcli.sources import Photo, Source

OnStage = Callable[[str, object], None]
"""Called with the name of each stage and what it made."""


def ignore_stage(_name: str, _result: object) -> None:
    """Is told of stages, and does nothing."""


NO_WRITING = "nothing written was found: no mark on the picture has the shape of writing"

BACKGROUND, EVEN = 2.0, 3.0
"""X-heights of the windows that the paper is estimated in, which no stroke fills, and in which ink is made even."""

ORIENTATIONS = ("auto", "0", "90", "180", "270")


@dataclass(frozen=True)
class Segmented:
    """A page taken apart.

    Attributes:
        photo: What is read: upright, level, at the resolution of reading; all pixels are of its `grey`.
        turned: Degrees, 0, 90, 180 or 270, by which the photo was turned clockwise.
        ink: (h, w) uint8, 0 paper to 255 ink.
        marks: What may be writing.
        rows: Its rows, in reading order.
        line_of: Number of the line that each row is all or a stretch of, ascending from 0.
        paragraphs: Number of the paragraph of each line, ascending.
        stroke: Width of the pen's strokes in pixels.
        empty: left, top, right, bottom of text lines of which no ink was found, or nothing but dust.
        seen: What the page model saw of each row; None without it.
    """

    photo: Photo
    turned: int
    ink: NDArray[np.uint8]
    marks: Marks
    rows: list[Row]
    line_of: list[int]
    paragraphs: list[int]
    stroke: float
    empty: tuple[tuple[int, int, int, int], ...] = ()
    seen: tuple[noise.RowMaps | None, ...] = ()


def check_settings(settings: Settings) -> None:
    """See whether the settings name methods that there are.

    Raises:
        UsageError: If one does not.
    """
    check_name("denoiser", settings.denoise, denoise.DENOISERS)
    check_name("threshold method", settings.threshold, threshold.METHODS)
    check_name("orientation", settings.orientation, ORIENTATIONS)


def segment(
    source: Source, settings: Settings, models: Models, tell: OnStage = ignore_stage
) -> tuple[Photo, Segmented]:
    """Find the ink of writing, its marks and their rows.

    Args:
        source: Where the photo is loaded from.
        settings: How to find them.
        models: The page model, if there is one, and the line model, which tells which way is up where that does not.
        tell: Told of each stage and what it made.

    Returns:
        The photo as it was loaded, and the page.

    Raises:
        NothingWrittenError: If nothing is written there.
        UsageError: If a setting names no known method.
        InputError: If the photo cannot be loaded.
    """
    check_settings(settings)
    photo = source.load(settings.long_side)
    if models.page is None:
        return photo, _without_model(photo, settings, tell)
    return photo, segment_page(clean_page(photo, source, settings, models.page, models.line_model), settings, tell)


@dataclass(frozen=True)
class CleanPage:
    """A page of which only the writing is left.

    Attributes:
        photo: The image that is read: upright, level, at the resolution of reading.
        turned: Degrees by which the photo was turned clockwise.
        maps: What the page model says of it.
        flat: (h, w) uint8, dark ink on evenly white paper, with all that is on it.
        writing: (h, w) uint8, the same with nothing but writing.
    """

    photo: Photo
    turned: int
    maps: Maps
    flat: NDArray[np.uint8]
    writing: NDArray[np.uint8]


def clean_page(
    photo: Photo, source: Source, settings: Settings, model: PageModel, line_model: Callable[[], LineModel]
) -> CleanPage:
    """Find the writing of a photo, and clean it.

    Args:
        photo: As it was loaded.
        source: Where from, should its writing ask for more pixels.
        settings: Of the reading: `orientation` and `denoise` matter.
        model: The page model.
        line_model: Gives the line model, which tells which way is up where the page model does not.

    Raises:
        NothingWrittenError: If nothing is written there.
    """
    known = None if settings.orientation == "auto" else int(settings.orientation)
    seen = resolution.survey_photo(photo, source, model, line_model, known)
    if seen.found is None:
        raise NothingWrittenError(NO_WRITING)
    image = deskewed(seen.photo, seen.found)
    if settings.denoise != "auto":  # the model was shown noise
        image = replace(image, grey=denoise.DENOISERS[settings.denoise](image.grey))
    maps = model.maps(image.grey)
    flat = background.normalise_by_ink(image.grey, maps.ink, round(BACKGROUND * X_HEIGHT))
    return CleanPage(image, seen.turned, maps, *background.even_ink(flat, maps.ink, round(EVEN * X_HEIGHT)))


def segment_page(page: CleanPage, settings: Settings, tell: OnStage = ignore_stage) -> Segmented:
    """Find the marks and the rows of a cleaned page.

    Args:
        page: The page.
        settings: Of the reading: `threshold` matters.
        tell: Told of each stage and what it made.

    Raises:
        NothingWrittenError: If nothing is written there, as far as the threshold method can tell.
    """
    tell("photo", page.photo)
    tell("grey", page.photo.grey)
    tell("ink", 255 - page.flat)
    tell("flat", page.writing)
    mask = threshold.binarize(page.writing, settings.threshold, quiet=True)
    mask = broken_strokes.restore_strokes(mask, page.flat, X_HEIGHT)
    tell("mask", mask)
    stroke = components.stroke_width(mask)
    marks = components.without_specks(components.find_marks(mask), stroke)
    lines = cores.text_lines(page.maps.core)
    if not lines or len(lines) > reading_order.MOST_LINES:
        raise NothingWrittenError(NO_WRITING)
    tell("lines", lines)
    marks, members = assign.assign(marks, lines)
    tell("marks", marks)
    height = baselines.letter_height(marks, stroke)
    # What is dust would cost the square of its marks here, and far more to read.
    written = components.not_dust(members, marks, X_HEIGHT)
    if not any(written):
        raise NothingWrittenError(NO_WRITING)
    rows = baselines.measured_rows([own for own, kept in zip(members, written, strict=True) if kept], marks, height)
    found, paragraphs = reading_order.in_reading_order(rows, marks, page.maps.core)
    rows, line_of = _in_stretches(found)
    empty = tuple(line.box for line, kept in zip(lines, written, strict=True) if not kept)
    seen = tuple(noise.row_maps(row, marks, page.maps) for row in rows)
    return Segmented(page.photo, page.turned, 255 - page.flat, marks, rows, line_of, paragraphs, stroke, empty, seen)


def _in_stretches(lines: list[tuple[Row, ...]]) -> tuple[list[Row], list[int]]:
    """The rows of all lines, and the number of the line of each."""
    numbered = [(row, number) for number, stretches in enumerate(lines) for row in stretches]
    return [row for row, _ in numbered], [number for _, number in numbered]


def _without_model(photo: Photo, settings: Settings, tell: OnStage) -> Segmented:
    """The baseline: background, threshold, components, and rows clustered from their boxes."""
    turned = 0 if settings.orientation == "auto" else int(settings.orientation)
    image = photo.turned(turned)
    tell("photo", image)
    tell("grey", image.grey)
    flat = background.normalise(denoise.DENOISERS[settings.denoise](image.grey))
    tell("ink", 255 - flat)
    tell("flat", flat)
    mask = threshold.binarize(flat, settings.threshold)
    tell("mask", mask)
    stroke = components.stroke_width(mask)
    marks = components.find_marks(mask)
    height = baselines.letter_height(marks, stroke)
    marks = components.letter_sized(components.without_specks(marks, stroke), height)
    tell("marks", marks)
    found, paragraphs = reading_order.in_reading_order(rows_module.cluster_rows(marks, height), marks)
    rows, line_of = _in_stretches(found)
    return Segmented(image, turned, 255 - flat, marks, rows, line_of, paragraphs, stroke, seen=(None,) * len(rows))
