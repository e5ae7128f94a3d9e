"""Choose the resolution to survey and read a photo at, from the x-height of its writing.

Writing may be as high as the photo, or a hundredth of it. The photo is surveyed at a small size first, at several small
sizes if little writing is found, which takes little time, and at a larger size only if its writing is small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.binarize.page_model import PageModel
from ocrcli.geometry import afar, orientation
from ocrcli.geometry.deskew import deskewed
from ocrcli.geometry.orientation import ReadView
from ocrcli.geometry.survey import Survey, View, survey
from ocrcli.lines.line_model import LineModel
from ocrcli.sources import Photo, Source
from ocrcli.sources import turned as rotated

GLIMPSE, GLANCE = 512, 1024
"""Longer side in pixels of the view to detect the orientation, and of the view to survey: in a smaller one, the lines
of a densely written page run together."""

ROOMY_X_HEIGHT = 10.0
"""X-height in pixels from which the view of `GLIMPSE` is enough to survey, if its lines can be read: they did not run
together."""

SMALLER_VIEWS, LARGER_VIEW = (512, 256, 128), 2048
"""Longer sides in pixels of views for writing that may be too large, as hardly any is found, or that is too small."""

FROM_AFAR = GLIMPSE, 256
"""Longer sides in pixels of the views in which letters are looked for that are too large to be seen for reading."""

SMALLEST_SEEN, BEST_SEEN, LARGEST_SEEN = 5.0, 16.0, 28.0
"""X-heights in pixels that the page model sees well: minimum, best, maximum. It was trained on capitals of 8 to 52
pixels."""

LITTLE_COVER, MORE_COVER = 0.03, 5.0
"""Share of the photo covered by text lines up to which its writing may be too large to be seen; and the factor by which
they must cover more at a smaller size if it is: the grain of the paper around one word in letters as high as a hand
looks like small writing. On the development pages the factor is 1 to 2, or more than 10."""

RELOAD_BELOW, RELOAD_AT = 14.0, 24.0
"""X-height in pixels below which a photo is loaded again with more pixels, if it has them; x-height after that."""


@dataclass(frozen=True)
class SurveyedPhoto:
    """An upright photo with the survey of its writing.

    Attributes:
        photo: The upright photo.
        turned: Degrees by which it was turned clockwise.
        found: Survey of its writing; None if there is no writing.
        afar: Views of the whole photo, much smaller than the photo.
    """

    photo: Photo
    turned: int
    found: Survey | None
    afar: tuple[View, ...] = ()


def survey_photo(
    photo: Photo, source: Source, model: PageModel, reader: Callable[[], LineModel], turned: int | None = None
) -> SurveyedPhoto:
    """Turn a photo upright, survey its writing, and load it again with more pixels if the writing is small.

    Args:
        photo: The loaded photo.
        source: Source of the photo, to load it again.
        model: The page model.
        reader: Loads the line recognizer; called only if the orientation or the size of the writing is uncertain.
        turned: Degrees by which to turn the photo clockwise; None to detect the orientation.
    """
    legible, known = False, dict[int, View]()
    if turned is None:
        turned, legible, known = _turn(photo, model, reader)
    upright = photo.turned(turned)
    view = Views(upright.grey, model, known)
    found = _survey(view, reader, legible)
    if found is None:
        return SurveyedPhoto(upright, turned, None)
    views = tuple(view(side) for side in FROM_AFAR)
    for small in views:
        found = afar.with_room(found, small, max(upright.grey.shape) / max(small.maps.ink.shape))
    if found.x_height < RELOAD_BELOW and photo.scale > 1:
        more = source.load(round(max(photo.grey.shape) * min(photo.scale, RELOAD_AT / found.x_height))).turned(turned)
        return SurveyedPhoto(more, turned, found.scaled(max(more.grey.shape) / max(photo.grey.shape)), views)
    return SurveyedPhoto(upright, turned, found, views)


def _turn(photo: Photo, model: PageModel, reader: Callable[[], LineModel]) -> tuple[int, bool, dict[int, View]]:
    """Detect the orientation in a small view; if it leaves doubt, also in a larger one; then by reading at full size.

    Returns:
        Degrees by which the photo must be turned clockwise; whether the small view was enough, as its lines can be
        read; and the views of the turned photo, by their longer side in pixels.
    """
    nats, seen = np.array([orientation.UPRIGHT_PRIOR, 0, 0, 0]), dict[int, list[View]]()
    for side in sorted({min(side, max(photo.grey.shape)) for side in (GLIMPSE, GLANCE)}):
        small = reduced(photo.grey, side)
        as_it_is = ReadView(View(model.maps(small)), reader)
        if not seen and orientation.is_plainly_upright(as_it_is):
            return 0, True, {side: as_it_is.view}
        others = [ReadView(View(model.maps(rotated(small, degrees))), reader) for degrees in (90, 180, 270)]
        views = [as_it_is, *others]
        seen[side] = [view.view for view in views]
        nats = nats + orientation.evidence(seen[side])
        # Most photos are upright; before one is turned, a few of its lines are read.
        if nats.argmax() or orientation.lead(nats) <= orientation.CLEAR_LEAD:
            nats = nats + orientation.evidence_of_reading(views)
        if orientation.lead(nats) > orientation.CLEAR_LEAD:
            break
    known = [{side: views[quarters] for side, views in seen.items()} for quarters in range(4)]
    close = np.flatnonzero(nats >= nats.max() - orientation.CLEAR_LEAD).tolist()
    if len(close) > 1:
        for way in close:
            legibility = _legibility(photo.turned(90 * way), model, reader, known[way])
            nats[way] += orientation.FULL_SIZE * legibility
    best = max(close, key=lambda way: nats[way])
    return 90 * best, False, known[best]


def _legibility(upright: Photo, model: PageModel, reader: Callable[[], LineModel], known: Mapping[int, View]) -> float:
    """How certain the lines of a photo are read at the size of reading, as `orientation.legibility`, but at least 0."""
    found = _survey(Views(upright.grey, model, known), reader, legible=False)
    if found is None:
        return 0.0
    view = View(model.maps(deskewed(upright, found).grey))
    return max(orientation.legibility(view, reader(), orientation.READ_PIXELS), 0.0)


class Views:
    """Views of a photo at any size, each computed once.

    Args:
        grey: (h, w) uint8, the photo.
        model: The page model.
        known: Views that exist already, by their longer side in pixels.
    """

    def __init__(self, grey: NDArray[np.uint8], model: PageModel, known: Mapping[int, View]) -> None:
        self.grey, self.model, self.known = grey, model, dict(known)
        self.longest = max(grey.shape)

    def __call__(self, side: int) -> View:
        """The view with this longer side in pixels, or that of the photo itself if it is smaller."""
        side = min(side, self.longest)
        if side not in self.known:
            self.known[side] = View(self.model.maps(reduced(self.grey, side)))
        return self.known[side]


def _survey(view: Views, reader: Callable[[], LineModel], legible: bool) -> Survey | None:
    """Survey the writing of an upright photo, in pixels of the photo.

    Args:
        view: Views of the photo.
        reader: Loads the line recognizer.
        legible: Whether the lines of the view of `GLIMPSE` can be read, which is then enough if they are high.
    """
    longest = view.longest

    def at(side: int) -> Survey | None:
        found = survey(view(side))
        return found and found.scaled(longest / side)

    side = min(GLIMPSE, longest)
    best = at(side) if legible else None
    if best is None or best.x_height * side / longest < ROOMY_X_HEIGHT:
        side = min(GLANCE, longest)
        best = at(side)
    for smaller in SMALLER_VIEWS if best is None or best.share <= LITTLE_COVER else ():
        larger_writing = at(smaller) if smaller < side else None
        if larger_writing is None or (best is not None and larger_writing.share <= MORE_COVER * best.share):
            continue
        # From afar, a drawn table looks like large letters.
        if best is not None:
            from_afar, from_near = (orientation.legibility(view(size), reader()) for size in (smaller, side))
            if from_afar <= from_near:
                continue
        side, best = smaller, larger_writing
    there = 0.0 if best is None else best.x_height * side / longest
    if best is not None and there > LARGEST_SEEN:
        smaller_still = at(round(side * BEST_SEEN / there))
        if smaller_still is None or smaller_still.share * MORE_COVER < best.share:
            return best
        # In a small view, tall letters run together, and the x-height is overestimated.
        return replace(smaller_still, x_height=min(smaller_still.x_height, best.x_height))
    larger = min(LARGER_VIEW, longest)
    return at(larger) or best if there < SMALLEST_SEEN and larger > side else best


def reduced(grey: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(h, w) uint8, the image scaled down to a longer side of at most `side` pixels; a smaller image is unchanged."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
