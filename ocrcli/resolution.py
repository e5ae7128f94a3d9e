"""The resolution that a photo is read at, from the height of its writing.

Letters a hundred pixels high are read no better than letters of fifty, and cost four times as much at every stage;
letters of ten are hardly read. How high they are shows in a picture of a quarter of the side, at a sixteenth of the
cost of the whole way.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli import baselines, clean, components, glyphs, threshold, turn
from ocrcli.components import Marks
from ocrcli.errors import NothingWrittenError
from ocrcli.sources import Photo, Source

GLANCE = 4
"""Times smaller is the picture in which the writing is measured."""

ENOUGH = 55.0
"""Pixels of letter height that reading needs at most. On the development pages joined writing is read a little worse
at 40, and nothing is better above 60."""

LEAST, WANTED = 22.0, 36.0
"""Pixels of letter height below which a photo that has more is loaded again, and how many it then gets."""

NO_CROPS = np.zeros((0, glyphs.SIZE, glyphs.SIZE), np.uint8)


def fitted(photo: Photo, source: Source) -> Photo:
    """The photo at the resolution that its writing asks for.

    Args:
        photo: As it was loaded.
        source: Where from, should more of it be wanted.
    """
    height = letter_height(photo.grey)
    if height >= 2 * ENOUGH:
        return replace(photo, grey=np.asarray(Image.fromarray(photo.grey).reduce(int(height / ENOUGH))))
    if 0 < height < LEAST and photo.scale > 1:
        return source.load(round(max(photo.grey.shape) * min(photo.scale, WANTED / height)))
    return photo


def letter_height(grey: NDArray[np.uint8]) -> float:
    """About how high a letter is, in pixels; 0 where nothing seems to be written.

    Args:
        grey: (h, w) uint8.
    """
    if min(grey.shape) < 8 * GLANCE:
        return 0.0
    flat = clean.flatten(np.asarray(Image.fromarray(grey).reduce(GLANCE)))
    try:
        mask = threshold.binarize(flat, "auto")
    except NothingWrittenError:
        return 0.0
    marks = components.find_marks(mask)
    stroke = components.stroke_width(mask)
    if _are_lying(marks, stroke):
        marks = replace(marks, boxes=marks.boxes[:, [1, 0, 3, 2]])
    return GLANCE * baselines.letter_height(marks, stroke)


def _are_lying(marks: Marks, stroke: float) -> bool:
    """Whether these are joined words on their sides, whose length is no letter's height."""
    longest = np.maximum(marks.widths, marks.heights)
    written = longest >= 2.5 * stroke
    boxes = marks.boxes[written]
    if not len(boxes) or turn.elongation(boxes) > -turn.OBLONG:
        return False
    sample = turn.Sample(boxes, float(np.median(longest[written])), NO_CROPS)
    return turn.rows_across(sample) < 0
