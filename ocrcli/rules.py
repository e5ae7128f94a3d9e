"""Lines across the page, printed or drawn with a ruler, are taken out of the ink mask.

What crosses a line stays: the bar of an E that stands on it, the tail of a g that runs through it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.components import Marks, measured
from ocrcli.runs import Runs, components_of, darkest, holding, painted, runs_of

MAX_SKEW = 12.0
"""Degrees by which lines are looked for on either side of level."""

LEVEL = 1.0
"""Degrees up to which a line is found as it is."""

SAMPLED = 8
"""Only every so many columns are looked at to find how lines run."""

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

WORDLY, DASH, STRAIGHT = 3.0, 1.5, 0.4
"""Letter heights: how long an underline is at least, how long a run of ink within it, and how wide the straight band is
that holds it all. A t's bar is shorter than all that."""

SLOPE = 0.1
"""Of an underline at most."""

THROUGHOUT = 0.6
"""Share of a mark's width that an underline in it has; bars of letters that touch each other have less."""


def without_underlines(marks: Marks, height: float) -> NDArray[np.bool_] | None:
    """The ink of the page without underlines that touch the writing above them: they hold a word's letters together.

    Args:
        marks: Marks of the page.
        height: Typical letter height in pixels.

    Returns:
        (h, w) bool; None where there is no underline.
    """
    mask = None
    letters = marks.boxes[(marks.heights > 0.5 * height) & (marks.widths < WORDLY * height)]
    for index in np.flatnonzero((marks.widths > WORDLY * height) & (marks.heights > 0.5 * height)).tolist():
        left, top, right, bottom = marks.boxes[index].tolist()
        above = (letters[:, 0] > left) & (letters[:, 2] < right) & (letters[:, 1] < bottom) & (letters[:, 3] > top)
        if not above.any():  # letters that all touch the line share their bars with it
            continue
        own = marks.ink_of(index)
        runs = runs_of(own)
        long = runs.keep(runs.lengths > DASH * height)
        line = long.mask()
        length = int(line.any(axis=0).sum())
        if length <= max(WORDLY * height, THROUGHOUT * (right - left)):
            continue
        if _band((long.starts + long.ends) / 2, long.rows) < STRAIGHT * height:
            mask = marks.labels > 0 if mask is None else mask
            mask[top:bottom, left:right] &= ~_line_part(own, line, None)
    return mask


def _band(x: NDArray[np.float64], y: NDArray[np.intp]) -> float:
    """Height of the straight band, rising or sinking by no more than `SLOPE`, that holds (n,) points, one or more."""
    spread = float(np.ptp(x))
    slope = np.clip(np.polyfit(x, y, 1)[0], -SLOPE, SLOPE) if spread else 0.0
    return float(np.ptp(y - slope * x))


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
    turned = transposed(level)
    upright = _without_level(turned, flat, across=True)
    return level if upright is turned else transposed(upright)


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
    columns = np.arange(x.max() + 1)
    profiles = [np.bincount(y + (steep - slope * columns).astype(np.intp)[x]) for slope in slopes.tolist()]
    sharpest = int(np.argmax([(profile.astype(float) ** 2).sum() for profile in profiles]))
    slope = slopes[sharpest] / SAMPLED
    if abs(slope) <= np.tan(np.radians(LEVEL)) or profiles[sharpest].max() < LINE_LENGTH * mask.shape[1] / SAMPLED:
        return None
    shifts = np.round(-slope * np.arange(mask.shape[1])).astype(np.intp)
    return shifts - shifts.min()


def transposed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The transpose as an array of its own; Pillow goes by blocks that fit the cache, numpy by columns."""
    turned = Image.fromarray(mask.view(np.uint8)).transpose(Image.Transpose.TRANSPOSE)
    return np.asarray(turned).view(np.bool_)


def _without_horizontal(
    mask: NDArray[np.bool_], flat: NDArray[np.uint8] | None, across: bool = False
) -> NDArray[np.bool_]:
    """Erase level lines; the arguments are those of `_without_level`."""
    width, long_side = mask.shape[1], max(mask.shape)
    run = max(16, round(long_side * LINE_RUN))
    length = max(LINE_LENGTH * width, LINE_LENGTH / 2 * long_side)
    runs = runs_of(mask)
    long = runs.keep(runs.lengths >= run)
    # Cheap way out for the pages, most of them, that have no lines.
    if long.lengths.sum() < length:
        return mask
    # Join the steps of a sloping line, and small breaks, before measuring its length; whole blocks of
    # columns, since a line is far longer than one.
    block, reach = max(1, run // 8), run // 4
    coarse = (mask.shape[0], -(-width // block))
    from_block = np.maximum(long.starts - reach, 0) // block
    to_block = np.minimum((long.ends + reach) // block + 1, coarse[1])
    level = Runs(coarse, long.rows, from_block, to_block).mask()
    inked = Runs(coarse, long.rows, long.starts // block, (long.ends - 1) // block + 1).mask()
    joined = level.copy()
    joined[1:] |= level[:-1]
    joined[:-1] |= level[1:]
    pieces = runs_of(joined)
    component = components_of(pieces)
    labels = painted(pieces, component + 1)
    is_line = [False]
    for number, (left, top, right, bottom) in enumerate(measured(pieces, component)[0].tolist(), start=1):
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
    line = long.mask() & on_line
    if not line.any():
        return mask
    if flat is None:
        return mask & ~_line_part(mask, line, None)
    # By columns, which are one after the other in memory once a picture is transposed.
    columns = (
        np.ascontiguousarray(flat) if across else np.asarray(Image.fromarray(flat).transpose(Image.Transpose.TRANSPOSE))
    )
    return mask & ~_line_part(mask, line, columns)


def _line_part(mask: NDArray[np.bool_], line: NDArray[np.bool_], flat: NDArray[np.uint8] | None) -> NDArray[np.bool_]:
    """The columns' runs of ink through a line that are hardly thicker than it, nor as dark as the writing.

    Args:
        mask: (h, w) bool, ink.
        line: (h, w) bool, long runs of it on lines.
        flat: (w, h) uint8, transposed: the grey levels.
    """
    columns = runs_of(transposed(mask))
    thickness = columns.lengths
    touched = holding(columns, np.flatnonzero(transposed(line)))
    typical = float(np.median(thickness[touched]))
    thin = touched & (thickness <= THICKER * typical + 1)
    if flat is not None and (~touched).any():
        levels = darkest(columns, flat)
        line_level, ink_level = np.median(levels[thin]), np.median(levels[~touched])
        if line_level - ink_level > PALER:
            thin &= levels > (line_level + ink_level) / 2
    return transposed(columns.keep(thin).mask())
