"""Ink mask -> marks: connected components that may be writing.

Marks are kept as arrays, one row a mark, so that every question to all of them is one numpy
expression; a page of a thousand letters never costs a thousand Python calls here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class Marks:
    """Connected components of ink.

    Attributes:
        labels: (h, w) int32; 0 is paper, mark i has the value `ids[i]`.
        ids: (n,) int32.
        boxes: (n, 4) int32: left, top, right, bottom, the last two exclusive; pixels of `labels`.
        areas: (n,) int64, ink pixels.
        parents: (n,) int32, id of the component that a mark is all or, once cut, a piece of.
    """

    labels: NDArray[np.int32]
    ids: NDArray[np.int32]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int64]
    parents: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def widths(self) -> NDArray[np.int32]:
        """(n,) widths in pixels."""
        return self.boxes[:, 2] - self.boxes[:, 0]

    @property
    def heights(self) -> NDArray[np.int32]:
        """(n,) heights in pixels."""
        return self.boxes[:, 3] - self.boxes[:, 1]

    @cached_property
    def pixels(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Of every pixel of the marks' ink (p,) the mark's index, its y and its x, sorted by y."""
        index_of = np.full(int(self.labels.max(initial=0)) + 1, -1)
        index_of[self.ids] = np.arange(len(self))
        pixels = np.flatnonzero(self.labels)
        index = index_of[self.labels.ravel()[pixels]]
        pixels, index = pixels[index >= 0], index[index >= 0]
        y, x = np.divmod(pixels, self.labels.shape[1])
        return index, y, x

    def keep(self, wanted: NDArray[np.bool_]) -> Marks:
        """The marks where `wanted`, (n,) bool, is True. Labels of the others stay in the picture."""
        return Marks(self.labels, self.ids[wanted], self.boxes[wanted], self.areas[wanted], self.parents[wanted])


def find_marks(mask: NDArray[np.bool_]) -> Marks:
    """Label the connected components (8-connected) of an ink mask.

    Args:
        mask: (h, w) bool.
    """
    labels = connected(mask)
    boxes, areas = measured(labels)
    ids = np.arange(1, len(areas) + 1, dtype=np.int32)
    return Marks(labels, ids, boxes, areas, ids)


def connected(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """8-connected components by scikit-image: (h, w) int32, 0 for paper, 1 to n for the components."""
    try:
        # The core of skimage.measure.label, whose own module imports scipy: a third of a short run.
        from skimage.measure._ccomp import label_cython as label
    except ImportError:
        from skimage.measure import label
    return np.asarray(label(mask.view(np.uint8), background=0, connectivity=2), np.int32)


def measured(labels: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Box (n, 4) and area (n,) of every component; boxes are left, top, right, bottom, the last two exclusive."""
    pixels = np.flatnonzero(labels)
    label_of = labels.ravel()[pixels]
    areas = np.bincount(label_of)[1:]
    boxes = np.empty((len(areas) + 1, 4), np.int32)
    boxes[:, 0], boxes[:, 2] = np.iinfo(np.int32).max, 0
    y, x = np.divmod(pixels, labels.shape[1])
    # Pixels come row by row, and of several assignments to one place the last one stays.
    boxes[label_of[::-1], 1] = y[::-1]
    boxes[label_of, 3] = y + 1
    # Left and right need the ends of level runs only.
    apart = (np.diff(pixels) > 1) | (x[1:] == 0)
    first, last = np.concatenate([[True], apart]), np.concatenate([apart, [True]])
    np.minimum.at(boxes[:, 0], label_of[first[: len(x)]], x[first[: len(x)]])
    np.maximum.at(boxes[:, 2], label_of[last[: len(x)]], x[last[: len(x)]] + 1)
    return boxes[1:], areas


def stroke_width(mask: NDArray[np.bool_]) -> float:
    """Typical width of the pen's strokes in pixels.

    Most strokes of print are nearer to upright than to level, so the median length of horizontal runs
    of ink says it to within their slant, without a distance transform.

    Args:
        mask: (h, w) bool, ink.

    Returns:
        The median run of ink, 1.0 or more.
    """
    _, starts, ends = runs(mask)
    return float(np.median(ends - starts)) if len(starts) else 1.0


MAX_MARKS = 10_000
"""More than any page holds; a carpet or a hedge has more, and must not exhaust the memory."""


def writing(marks: Marks, height: float, stroke: float) -> Marks:
    """Leave out what is surely not writing.

    Args:
        marks: Marks of the page.
        height: Typical letter height in pixels.
        stroke: Width of the pen's strokes in pixels.

    Returns:
        Marks without specks, what is far too large for a letter, and what leans on the picture's edge.
    """
    rows, columns = marks.labels.shape
    left, top, right, bottom = marks.boxes.T
    longest = np.maximum(marks.widths, marks.heights)
    speck = (marks.areas < 0.35 * stroke**2) | (longest < 0.08 * height)
    # A joined word is long but no taller than its tallest letters.
    too_large = (marks.heights > 4.5 * height) | (marks.widths > 0.7 * columns)
    # So is an underline, but flat; the area alone would take a word of thin joined strokes for one.
    flat = marks.heights < np.maximum(0.5 * height, 0.1 * marks.widths)
    level = flat & (marks.widths > 3.5 * height) & (marks.areas < 1.6 * stroke * marks.widths)
    # A bracket is as tall, but bent.
    upright = (marks.heights > 2.3 * height) & (marks.widths < 0.15 * marks.heights)
    at_edge = (left == 0) | (top == 0) | (right == columns) | (bottom == rows)
    # A letter may be cut by the edge; a strip of table or shadow is long and lies along it.
    strip = at_edge & ((longest > 2.2 * height) | (marks.areas > 0.8 * height**2))
    kept = marks.keep(~(speck | too_large | level | upright | strip))
    kept = kept.keep(~_frames(kept, height))
    if len(kept) <= MAX_MARKS:
        return kept
    largest = np.zeros(len(kept), bool)
    largest[np.argsort(-kept.areas, kind="stable")[:MAX_MARKS]] = True
    return kept.keep(largest)


def without_rules(mask: NDArray[np.bool_], flat: NDArray[np.uint8] | None = None) -> NDArray[np.bool_]:
    """Erase lines across the page (ruled paper, table edges), leaving the strokes that cross them.

    A line is what survives an opening with a run of ink far longer than a letter's stroke, and
    whose pieces together cross a third of the page. Where the ink above or below is thicker than
    the line itself a letter crosses, and the ink stays; so it does where it is as dark as the
    writing, on a line that is paler.

    Args:
        mask: (h, w) bool, ink.
        flat: (h, w) uint8, the picture that it was made from, dark ink on evenly white paper.

    Returns:
        (h, w) bool.
    """
    level = _without_level(mask, flat)
    turned = _transposed(level)
    upright = _without_level(turned, flat, across=True)
    return level if upright is turned else _transposed(upright)


MAX_SKEW = 12.0
"""Degrees by which lines are looked for on either side of level."""

LEVEL = 1.0
"""Degrees up to which a line is found as it is."""

SAMPLED = 8
"""Only every so many columns are looked at to find how lines run."""


def _without_level(mask: NDArray[np.bool_], flat: NDArray[np.uint8] | None, across: bool = False) -> NDArray[np.bool_]:
    """Erase lines that run from left to right; where the mask is `across`, it is the transpose of what `flat` shows."""
    shifts = _line_shifts(mask)
    if shifts is None:
        return _without_horizontal(mask, flat, across)
    # Columns are moved until the lines are level, in a picture with room for that, and moved back.
    height, width = mask.shape
    room = np.zeros((height + int(shifts.max()), width), bool)
    y, x = np.nonzero(mask)
    room[y + shifts[x], x] = True
    cleared = _without_horizontal(room, None)
    if cleared is room:
        return mask
    kept = np.zeros_like(mask)
    kept[y, x] = cleared[y + shifts[x], x]
    return kept


def _line_shifts(mask: NDArray[np.bool_]) -> NDArray[np.intp] | None:
    """(w,) pixels by which to lower each column so that the page's lines are level, or None if there are no
    sloping lines.

    The slope is that of the sharpest projection profile (Postl 1986) of some of the ink.
    """
    y, x = np.nonzero(mask[:, ::SAMPLED])
    if not len(y):
        return None
    degrees = np.arange(-MAX_SKEW, MAX_SKEW + 0.25, 0.5)
    slopes = SAMPLED * np.tan(np.radians(degrees[np.argsort(np.abs(degrees), kind="stable")]))
    steep = int(np.ceil(slopes.max() * mask.shape[1] / SAMPLED))
    profiles = [np.bincount((y - slope * x).astype(np.intp) + steep) for slope in slopes.tolist()]
    sharpest = int(np.argmax([(profile.astype(float) ** 2).sum() for profile in profiles]))
    slope = slopes[sharpest] / SAMPLED
    if abs(slope) <= np.tan(np.radians(LEVEL)) or profiles[sharpest].max() < LINE_LENGTH * mask.shape[1] / SAMPLED:
        return None
    shifts = np.round(-slope * np.arange(mask.shape[1])).astype(np.intp)
    return shifts - shifts.min()


def _transposed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The transpose as an array of its own; Pillow goes by blocks that fit the cache, numpy by columns."""
    turned = Image.fromarray(mask.view(np.uint8)).transpose(Image.Transpose.TRANSPOSE)
    return np.asarray(turned).view(np.bool_)


def _frames(marks: Marks, height: float) -> NDArray[np.bool_]:
    """(n,) bool: outlines drawn around letters, boxes and balloons, whose own box holds several of them."""
    frames = np.zeros(len(marks), bool)
    letters = marks.boxes[marks.heights > 0.5 * height]
    hollow = marks.areas < 0.25 * marks.widths * marks.heights
    for index in np.flatnonzero(hollow & (marks.widths > 2 * height) & (marks.heights > 1.3 * height)):
        left, top, right, bottom = marks.boxes[index]
        within = (letters[:, 0] > left) & (letters[:, 1] > top) & (letters[:, 2] < right) & (letters[:, 3] < bottom)
        frames[index] = within.sum() >= 2
    return frames


LINE_RUN = 1 / 28
"""Share of the long side: a straight run of ink this long belongs to a line (a slope of 3 degrees still
gives it in a line five pixels thick)."""

LINE_LENGTH = 1 / 3
"""Share of the side that a line crosses at least; of the long side, half of it (a strip cut from a
photo is hardly higher than its letters)."""

LINE_COVER = 0.8
"""Share of a line's length that has long runs of ink."""


SLENDER = 25
"""Times its thickness that a line is long, at least."""

THICKER = 1.8
"""Times a line's thickness that a column's ink is at most where there is nothing but the line."""

PALER = 65
"""Grey levels by which the middle of a line is lighter than that of the strokes before it is told by its tone."""


def _without_horizontal(
    mask: NDArray[np.bool_], flat: NDArray[np.uint8] | None, across: bool = False
) -> NDArray[np.bool_]:
    """Erase level lines; the arguments are those of `_without_level`."""
    width, long_side = mask.shape[1], max(mask.shape)
    run = max(16, round(long_side * LINE_RUN))
    length = max(LINE_LENGTH * width, LINE_LENGTH / 2 * long_side)
    rows, starts, ends = runs(mask)
    long = ends - starts >= run
    # Cheap way out for the pages, most of them, that have no lines.
    if (ends - starts)[long].sum() < length:
        return mask
    rows, starts, ends = rows[long], starts[long], ends[long]
    # Join the steps of a sloping line, and small breaks, before measuring its length; whole blocks of
    # columns, since a line is far longer than one.
    block, reach = max(1, run // 8), run // 4
    blocks = -(-width // block)
    from_block = np.maximum(starts - reach, 0) // block
    to_block = np.minimum((ends + reach) // block + 1, blocks)
    level = _painted((mask.shape[0], blocks), rows, from_block, to_block)
    inked = _painted((mask.shape[0], blocks), rows, starts // block, (ends - 1) // block + 1)
    joined = level.copy()
    joined[1:] |= level[:-1]
    joined[:-1] |= level[1:]
    labels = connected(joined)
    is_line = [False]
    for number, (left, top, right, bottom) in enumerate(measured(labels)[0].tolist(), start=1):
        if (right - left) * block < length:
            is_line.append(False)
            continue
        area = np.s_[top:bottom, left:right]
        ink = (inked[area] & (labels[area] == number)).sum(axis=0)
        # The bars of a row of bold letters also join up, but with more gaps than a drawn line has; and the stem of one
        # letter that fills its photo is as long, but not as slender.
        slender = (right - left) * block > SLENDER * np.median(ink)
        is_line.append(bool(slender and (ink > 0).mean() > LINE_COVER))
    if not any(is_line):
        return mask
    on_line = np.repeat(np.array(is_line)[labels], block, axis=1)[:, :width]
    line = _painted(mask.shape, rows, starts, ends) & on_line
    if not line.any():
        return mask
    if flat is None:
        return mask & ~_line_part(mask, line, None)
    # By columns, which are one after the other in memory once a picture is transposed.
    columns = (
        np.ascontiguousarray(flat) if across else np.asarray(Image.fromarray(flat).transpose(Image.Transpose.TRANSPOSE))
    )
    return mask & ~_line_part(mask, line, columns)


def runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Horizontal runs of True: their row, first column and the column after the last; each (n,)."""
    width = mask.shape[1] + 1
    padded = np.zeros(mask.shape[0] * width + 1, bool)
    padded[1:].reshape(-1, width)[:, :-1] = mask
    # One False after each row and one before all: every run has a step up and a step down.
    steps = np.flatnonzero(padded[1:] != padded[:-1])
    starts, ends = steps[::2], steps[1::2]
    return starts // width, starts % width, ends % width


def _painted(
    shape: tuple[int, ...], rows: NDArray[np.intp], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """A mask of horizontal runs; the inverse of `runs`."""
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    pixels = np.arange(lengths.sum()) + np.repeat(rows * shape[1] + starts - before, lengths)
    mask = np.zeros(shape[0] * shape[1], bool)
    mask[pixels] = True
    return mask.reshape(shape[0], shape[1])


def _line_part(mask: NDArray[np.bool_], line: NDArray[np.bool_], flat: NDArray[np.uint8] | None) -> NDArray[np.bool_]:
    """The columns' runs of ink through a line that are hardly thicker than it, nor as dark as the writing.

    Args:
        mask: (h, w) bool, ink.
        line: (h, w) bool, long runs of it on lines.
        flat: (w, h) uint8, transposed: the grey levels.
    """
    turned = _transposed(mask)
    columns, tops, bottoms = runs(turned)
    thickness = bottoms - tops
    starts = columns * mask.shape[0] + tops
    on_line = np.flatnonzero(_transposed(line))
    touched = np.zeros(len(starts), bool)
    touched[np.searchsorted(starts, on_line, side="right") - 1] = True
    typical = float(np.median(thickness[touched]))
    thin = touched & (thickness <= THICKER * typical + 1)
    if flat is not None and (~touched).any():
        levels = flat.ravel()[np.flatnonzero(turned)]  # of all ink, run by run
        darkest = np.minimum.reduceat(levels, np.cumsum(thickness) - thickness)
        line_level, ink_level = np.median(darkest[thin]), np.median(darkest[~touched])
        if line_level - ink_level > PALER:
            thin &= darkest > (line_level + ink_level) / 2
    return _transposed(_painted(mask.shape[::-1], columns[thin], tops[thin], bottoms[thin]))
