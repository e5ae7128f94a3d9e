"""Text lines that are seen only from afar: in letters many times as large as the rest, or beside long strokes.

The page model sees letters of some sizes. At the resolution for reading, which suits most of the page, a headline as
high as a hand looks like a drawing, and `__` like a ruled line. In the small views, in which the photo was surveyed,
they are clear.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.binarize.page_model import FOLD
from ocrcli.geometry.deskew import PAGE_MARGIN
from ocrcli.geometry.survey import Survey, View, rotation
from ocrcli.layout.assign import REACH_ABOVE, REACH_BELOW, REACH_BESIDE
from ocrcli.layout.cores import TextLine, text_lines

CLEAR = 0.75
"""Least median of the core map along a stretch that is seen only from afar. Of 0.65 and 0.75 chosen on the development
pages, where two pages gain and none loses with the latter."""

SHORTEST = 3.0
"""Least length of such a stretch, in x-heights."""

COVER = 1.3
"""Distance from the middle of a text line, in x-heights, within which everything is this line's."""

MOST = 0.5
"""Share of a text line that lies outside of the box of a survey if the line does."""


def completed(view: View, small: View, matrix: NDArray[np.float64]) -> View:
    """Add to the maps of an image the text lines that only a smaller view of it shows.

    Args:
        view: View of the image.
        small: View of a smaller image.
        matrix: (3, 3) affine transform from pixels of the image to pixels of the smaller one.

    Returns:
        The same view where nothing is missed.
    """
    maps = view.maps
    core = _warped(small.maps.core, matrix, FOLD, maps.core.shape)
    covered = np.zeros(core.shape, bool)
    for line in view.lines:
        _paint(covered, line, FOLD, COVER, COVER)
    if not np.any((core > CLEAR) & ~covered):
        return view
    stretches = [stretch for line in text_lines(core) for stretch in _missed(line, core, covered)]
    if not stretches:
        return view
    ink = _warped(small.maps.ink, matrix, 1, maps.ink.shape)
    cores, inks = np.zeros(core.shape, bool), np.zeros(ink.shape, bool)
    for stretch in stretches:
        _paint(cores, stretch, FOLD, 1.0, 1.0)
        _paint(inks, stretch, 1, REACH_ABOVE, REACH_BELOW, beyond=stretch.x_height)
    return View(
        replace(
            maps,
            core=np.where(cores, np.maximum(maps.core, core), maps.core),
            ink=np.where(inks, np.maximum(maps.ink, ink), maps.ink),
        )
    )


def with_room(found: Survey, view: View, scale: float) -> Survey:
    """Enlarge the box of a survey to hold the text lines of a smaller view that lie outside.

    Args:
        found: The survey.
        view: View of the whole photo.
        scale: Pixels of the photo per pixel of the view.
    """
    height, width = view.maps.ink.shape
    middle = np.array([width - 1, height - 1]) / 2
    margin = PAGE_MARGIN * found.x_height  # which every box gets
    low, high = np.array(found.box[:2]) - margin, np.array(found.box[2:]) + margin
    for line in view.lines:
        if line.sure < CLEAR or np.ptp(line.x) < SHORTEST * line.x_height:
            continue
        on = np.stack([line.x, line.middle], axis=1)
        reach = line.x_height * np.array([[-REACH_BESIDE, -REACH_ABOVE], [REACH_BESIDE, REACH_BELOW]])
        on, first, last = (
            ((places - middle) @ rotation(found.slope) + middle) * scale
            for places in (on, on + reach[0], on + reach[1])
        )
        if np.mean(((on < low) | (on > high)).any(axis=1)) > MOST:
            low, high = np.minimum(low, first.min(axis=0)), np.maximum(high, last.max(axis=0))
    box = np.concatenate([low + margin, high - margin])
    return replace(found, box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])))


def _warped(values: NDArray[Any], matrix: NDArray[np.float64], fold: int, shape: tuple[int, ...]) -> NDArray[Any]:
    """A map of the smaller image where the larger one is, of this shape; maps are `fold` times smaller than images."""
    scale = np.diag([fold, fold, 1.0])
    data = (np.linalg.inv(scale) @ matrix @ scale)[:2].ravel().tolist()
    size = shape[1], shape[0]
    return np.asarray(Image.fromarray(values).transform(size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR))


def _columns(line: TextLine, fold: int, width: int, beyond: float = 0.0) -> NDArray[np.intp]:
    """Columns of a map that a text line has, and `beyond` pixels of the image on both sides."""
    first, last = max(int(line.x[0] - beyond) // fold, 0), min(int(line.x[-1] + beyond) // fold + 1, width)
    return np.arange(first, max(last, first))


def _paint(mask: NDArray[np.bool_], line: TextLine, fold: int, above: float, below: float, beyond: float = 0.0) -> None:
    """Set a map where it is near the middle of a text line, within so many x-heights up and down, in place."""
    columns = _columns(line, fold, mask.shape[1], beyond)
    if not len(columns):
        return
    middle = line.middle_at(np.asarray(columns * fold, np.float64))
    top, bottom = middle - above * line.x_height, middle + below * line.x_height
    first = max(int(top.min()) // fold, 0)
    last = max(min(int(bottom.max()) // fold + 1, len(mask)), first)
    y = np.arange(first, last)[:, None] * fold
    mask[first:last, columns] |= (y >= top) & (y <= bottom)


def _missed(line: TextLine, core: NDArray[np.float32], covered: NDArray[np.bool_]) -> list[TextLine]:
    """Stretches of a text line that no known line covers, and in which it is clear."""
    columns = _columns(line, FOLD, core.shape[1])
    own = np.zeros(core.shape, bool)
    _paint(own, line, FOLD, 0.5, 0.5)
    free = ~(own & covered)[:, columns].any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]])))
    found = []
    for start, stop in edges.reshape(-1, 2).tolist():
        here = columns[start:stop]
        x = np.asarray(here * FOLD, np.float64)
        down = np.clip(line.middle_at(x) // FOLD, 0, core.shape[0] - 1).astype(np.intp)
        if len(here) * FOLD >= SHORTEST * line.x_height and np.median(core[down, here]) >= CLEAR:
            found.append(TextLine(x, np.interp(x, line.x, line.base), line.x_height, line.sure))
    return found
