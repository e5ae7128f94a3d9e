"""The resolution that a photo is surveyed and read at, from the height of its writing.

Writing may be as high as the photo, or a hundredth of it. The photo is surveyed small first, at several sizes at once
for little, and larger only where its writing is small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.binarize.page_model import PageModel
from ocrcli.geometry import orientation
from ocrcli.geometry.survey import Survey, View, survey
from ocrcli.lines.line_model import LineModel
from ocrcli.sources import Photo, Source
from ocrcli.sources import turned as rotated

GLIMPSE, GLANCE = 512, 1024
"""Pixels of the longer side of the photo that tells which way is up, and of the one that is surveyed: in a smaller one
the lines of a densely written page run together."""

ROOMY_X_HEIGHT = 10.0
"""Pixels of x-height from which the former need not be seen larger, if its lines can be read: they did not run
together."""

SMALLER_VIEWS, LARGER_VIEW = (512, 256, 128), 2048
"""The same where hardly any writing is seen, for it may be too large, and where it is too small."""

SMALLEST_SEEN, BEST_SEEN, LARGEST_SEEN = 5.0, 16.0, 28.0
"""Pixels of x-height of writing that is seen well: at least, best, at most; the model has learnt from capitals of 8 to
52 pixels."""

LITTLE_COVER, MORE_COVER = 0.03, 5.0
"""Share of the photo that text lines cover, up to which its writing may be too large to be seen; and times as much that
they must cover at a smaller size if it is: the grain of a paper on which one word is written in letters as high as a
hand looks like small writing. On the development pages it is 1 to 2 times, or more than 10."""

RELOAD_BELOW, RELOAD_AT = 14.0, 24.0
"""Pixels of x-height below which a photo that has more is loaded again, and how many it then gets."""


@dataclass(frozen=True)
class SurveyedPhoto:
    """A photo whose writing was surveyed.

    Attributes:
        photo: Upright.
        turned: Degrees by which it was turned clockwise for that.
        found: How its writing lies; None where there is none.
    """

    photo: Photo
    turned: int
    found: Survey | None


def survey_photo(
    photo: Photo, source: Source, model: PageModel, reader: Callable[[], LineModel], turned: int | None = None
) -> SurveyedPhoto:
    """Turn a photo upright, survey it, and load it anew where its writing asks for more pixels.

    Args:
        photo: As it was loaded.
        source: Where from, should more of it be wanted.
        model: The page model.
        reader: Gives the line model, and is called only where it must tell which way is up.
        turned: Degrees by which it must be turned clockwise, if that is known.
    """
    glimpse, views = None, dict[int, View]()
    if turned is None:
        turned, glimpse, views = _turn(photo.grey, model, reader)
    upright = photo.turned(turned)
    found = _survey(upright.grey, model, glimpse, views)
    if found is not None and found.x_height < RELOAD_BELOW and photo.scale > 1:
        more = source.load(round(max(photo.grey.shape) * min(photo.scale, RELOAD_AT / found.x_height))).turned(turned)
        return SurveyedPhoto(more, turned, found.scaled(max(more.grey.shape) / max(photo.grey.shape)))
    return SurveyedPhoto(upright, turned, found)


def _turn(
    grey: NDArray[np.uint8], model: PageModel, reader: Callable[[], LineModel]
) -> tuple[int, Survey | None, dict[int, View]]:
    """Degrees by which a photo must be turned, seen small, and larger besides where that leaves doubt.

    With them a survey of what is plainly upright and can be read at `GLIMPSE`; and the views of the photo turned so, by
    the pixels of their longer sides.
    """
    nats, seen = np.array([orientation.UPRIGHT_PRIOR, 0, 0, 0]), dict[int, list[View]]()
    for side in (GLIMPSE, GLANCE):
        small = reduced(grey, side)
        views = [View(model.maps(small))]
        if side == GLIMPSE and orientation.is_plainly_upright(views[0], reader):
            return 0, survey(views[0]), {side: views[0]}
        views += [View(model.maps(rotated(small, degrees))) for degrees in (90, 180, 270)]
        seen[side] = views
        nats = nats + orientation.evidence(views, reader)
        if orientation.lead(nats) > orientation.CLEAR_LEAD:
            break
    quarters = int(nats.argmax())
    return 90 * quarters, None, {side: views[quarters] for side, views in seen.items()}


def _survey(
    grey: NDArray[np.uint8], model: PageModel, glimpse: Survey | None, views: Mapping[int, View]
) -> Survey | None:
    """How writing lies in an upright photo, in its own pixels.

    Args:
        grey: (h, w) uint8, the photo.
        model: The page model.
        glimpse: A survey at `GLIMPSE` of lines that can be read; None to begin at `GLANCE`.
        views: Those that are known, by the pixels of their longer sides.
    """

    def at(side: int) -> Survey | None:
        seen = survey(views[side] if side in views else View(model.maps(reduced(grey, side))))
        return seen and seen.scaled(max(1.0, max(grey.shape) / side))

    if glimpse is not None and glimpse.x_height >= ROOMY_X_HEIGHT:
        side: int = GLIMPSE
        best: Survey | None = glimpse.scaled(max(1.0, max(grey.shape) / GLIMPSE))
    else:
        side, best = GLANCE, at(GLANCE)
    for smaller in SMALLER_VIEWS if best is None or best.share <= LITTLE_COVER else ():
        seen = at(smaller)
        if seen is not None and (best is None or seen.share > MORE_COVER * best.share):
            side, best = smaller, seen
    there = 0.0 if best is None else best.x_height * side / max(grey.shape)
    if best is not None and there > LARGEST_SEEN:
        smaller_still = at(round(side * BEST_SEEN / there))
        if smaller_still is None or smaller_still.share * MORE_COVER < best.share:
            return best
        # Tall letters run into one another in a small photo, and seem taller still.
        return replace(smaller_still, x_height=min(smaller_still.x_height, best.x_height))
    return at(LARGER_VIEW) or best if there < SMALLEST_SEEN else best


def reduced(grey: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(h, w) uint8 with at most so many pixels along its longer side; a smaller one as it is."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
