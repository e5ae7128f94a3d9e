"""Segment a photo into rows of marks: geometry, binarization, connected components and layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.binarize import background, broken_strokes, denoise, threshold
from ocrcli.binarize.page_model import PageModel
from ocrcli.core.errors import NothingWrittenError, check_name
from ocrcli.core.settings import Settings
from ocrcli.geometry import afar, resolution
from ocrcli.geometry.deskew import X_HEIGHT, deskewed, size_error
from ocrcli.geometry.orientation import LEGIBLE_NATS, legibility
from ocrcli.geometry.resolution import SurveyedPhoto
from ocrcli.geometry.survey import Survey, View, survey
from ocrcli.imaging import components
from ocrcli.imaging.components import Marks
from ocrcli.layout import assign, baselines, reading_order
from ocrcli.layout import row_clustering as rows_module
from ocrcli.layout.baselines import Row
from ocrcli.lines.line_model import LineModel
from ocrcli.pipeline import noise
from ocrcli.pipeline.models import Models
from ocrcli.sources import Photo, Source
from ocrcli.tables import rulings
from ocrcli.tables.grids import Grid, find_grids

OnStage = Callable[[str, object], None]
"""A callback that gets the name and the result of each stage."""


def ignore_stage(_name: str, _result: object) -> None:
    """Default callback for stages; does nothing."""


NO_WRITING = "nothing written was found: no mark on the picture has the shape of writing"

BACKGROUND, EVEN = 2.0, 3.0
"""Window sizes in x-heights: of the background estimate, larger than any stroke, and for evening out the ink."""

LARGEST_ERROR = 2**0.5
"""Factor by which writing may be larger or smaller than it was taken for; if it is more, the photo is scaled again, and
kept so if its lines are then read with more certainty. On 135 development pages the factor is 0.66 to 1.80, and 0.83 to
1.18 on all but seven."""

ORIENTATIONS = ("auto", "0", "90", "180", "270")


@dataclass(frozen=True)
class Segmented:
    """A page segmented into marks and rows.

    Attributes:
        photo: The image for reading: upright, deskewed, scaled; all pixel coordinates are those of its `grey`.
        turned: Degrees, 0, 90, 180 or 270, by which the photo was turned clockwise.
        ink: (h, w) uint8, 0 paper to 255 ink.
        marks: Connected components that may be writing.
        rows: Rows of the page, in reading order.
        line_of: Index of the text line of each row, ascending from 0; a row is a text line or a part of one.
        paragraphs: Index of the paragraph of each text line, ascending.
        stroke: Stroke width of the pen in pixels.
        empty: left, top, right, bottom of text lines without ink, or with nothing but dust.
        seen: Values of the page model's maps at each row; None without a page model.
        grids: Grids of drawn lines, which may be tables; none without a page model.
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
    grids: tuple[Grid, ...] = ()


def check_settings(settings: Settings) -> None:
    """Check that the settings name known methods.

    Raises:
        UsageError: If a method is unknown.
    """
    check_name("denoiser", settings.denoise, denoise.DENOISERS)
    check_name("threshold method", settings.threshold, threshold.METHODS)
    check_name("orientation", settings.orientation, ORIENTATIONS)


def segment(
    source: Source, settings: Settings, models: Models, tell: OnStage = ignore_stage
) -> tuple[Photo, Segmented]:
    """Load a photo and segment it into marks and rows.

    Args:
        source: Source of the photo.
        settings: How to segment it.
        models: The page model, if there is one, and the line recognizer, used if orientation or size are uncertain.
        tell: Callback for the result of each stage.

    Returns:
        The loaded photo, and the segmented page.

    Raises:
        NothingWrittenError: If nothing is written there.
        UsageError: If a setting names no known method.
        InputError: If the photo cannot be loaded.
    """
    check_settings(settings)
    photo = source.load(settings.long_side)
    if models.page is None:
        return photo, _without_model(photo, settings, tell)
    page = clean_page(photo, source, settings, models.page, models.line_model)
    return photo, segment_page(page, settings, tell)


@dataclass(frozen=True)
class CleanPage:
    """A page after background normalization, with and without everything that is not writing.

    Attributes:
        photo: The image for reading: upright, deskewed, scaled.
        turned: Degrees by which the photo was turned clockwise.
        view: Maps of the page model for this image, and its text lines.
        flat: (h, w) uint8, dark ink on evenly white paper, with everything on the page.
        writing: (h, w) uint8, the same with only the writing.
    """

    photo: Photo
    turned: int
    view: View
    flat: NDArray[np.uint8]
    writing: NDArray[np.uint8]


def clean_page(
    photo: Photo, source: Source, settings: Settings, model: PageModel, line_model: Callable[[], LineModel]
) -> CleanPage:
    """Find the writing of a photo, deskew and scale the image, and normalize its background.

    Args:
        photo: The loaded photo.
        source: Source of the photo, to load it again with more pixels.
        settings: Settings; `orientation` and `denoise` are used.
        model: The page model.
        line_model: Loads the line recognizer, used if orientation or size are uncertain.

    Raises:
        NothingWrittenError: If nothing is written there.
    """
    known = None if settings.orientation == "auto" else int(settings.orientation)
    seen = resolution.survey_photo(photo, source, model, line_model, known)
    if seen.found is None:
        raise NothingWrittenError(NO_WRITING)
    image, view = _for_reading(seen.photo, seen.found, settings, model)
    factor = size_error(seen.photo, seen.found, image, survey(view))
    if factor > LARGEST_ERROR or factor * LARGEST_ERROR < 1:
        found = replace(seen.found, x_height=seen.found.x_height * factor)
        other, other_view = _for_reading(seen.photo, found, settings, model)
        if legibility(other_view, line_model()) > legibility(view, line_model()) + LEGIBLE_NATS:
            image, view = other, other_view
    view = _completed(image, view, seen)
    flat = background.normalise_by_ink(image.grey, view.maps.ink, round(BACKGROUND * X_HEIGHT))
    return CleanPage(image, seen.turned, view, *background.even_ink(flat, view.maps.ink, round(EVEN * X_HEIGHT)))


def _for_reading(photo: Photo, found: Survey, settings: Settings, model: PageModel) -> tuple[Photo, View]:
    """The image for reading, and what the page model sees in it."""
    image = deskewed(photo, found)
    if settings.denoise != "auto":  # the page model was trained with noise
        image = replace(image, grey=denoise.DENOISERS[settings.denoise](image.grey))
    return image, View(model.maps(image.grey))


def _completed(image: Photo, view: View, seen: SurveyedPhoto) -> View:
    """What the page model sees in the image for reading, and what it sees only from afar."""
    to_photo = np.linalg.inv(seen.photo.to_full) @ image.to_full
    for small in seen.afar:
        reduction = np.array(small.maps.ink.shape) / seen.photo.grey.shape
        view = afar.completed(view, small, np.diag([reduction[1], reduction[0], 1.0]) @ to_photo)
    return view


def segment_page(page: CleanPage, settings: Settings, tell: OnStage = ignore_stage) -> Segmented:
    """Find the marks and the rows of a cleaned page.

    Args:
        page: The page.
        settings: Settings; `threshold` is used.
        tell: Callback for the result of each stage.

    Raises:
        NothingWrittenError: If no writing is left after thresholding.
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
    maps, lines = page.view.maps, page.view.lines
    if not lines or len(lines) > reading_order.MOST_LINES:
        raise NothingWrittenError(NO_WRITING)
    tell("lines", lines)
    marks, members = assign.assign(marks, lines)
    tell("marks", marks)
    height = baselines.letter_height(marks, stroke)
    # Dust is dropped now: time grows with the square of the number of marks here, and reading costs far more.
    written = components.not_dust(members, marks, X_HEIGHT)
    if not any(written):
        raise NothingWrittenError(NO_WRITING)
    rows = baselines.measured_rows([own for own, kept in zip(members, written, strict=True) if kept], marks, height)
    found, paragraphs = reading_order.in_reading_order(rows, marks, maps.core)
    rows, line_of = _in_stretches(found)
    empty = tuple(line.box for line, kept in zip(lines, written, strict=True) if not kept)
    seen = tuple(noise.row_maps(row, marks, maps) for row in rows)
    drawn = rulings.find_rulings(page.flat, page.writing)
    grids = find_grids(drawn, page.flat.shape, X_HEIGHT)
    if grids:
        tell("grids", grids)
    ink = 255 - page.flat
    return Segmented(page.photo, page.turned, ink, marks, rows, line_of, paragraphs, stroke, empty, seen, grids)


def _in_stretches(lines: list[tuple[Row, ...]]) -> tuple[list[Row], list[int]]:
    """Rows of all text lines, and the index of the text line of each row."""
    numbered = [(row, number) for number, stretches in enumerate(lines) for row in stretches]
    return [row for row, _ in numbered], [number for _, number in numbered]


def _without_model(photo: Photo, settings: Settings, tell: OnStage) -> Segmented:
    """Segment without the page model: background, threshold, components, and rows clustered from their boxes."""
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
