"""Rulings: straight lines that are drawn or printed on the page, found beside the writing.

The page model leaves them out of the writing, so they are what is dark on the flat image and not on the image of the
writing. Everything here is at 1 / `POOL` of the image for reading, where the x-height is 6 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.runs import components_of, dilated, runs_of

POOL = 4
"""Downscaling factor, by the darkest pixel, so that thin lines stay whole and aslant lines have long runs."""

LEVELS = (0.8, 0.4)
"""Smallest darkness of a ruling, as a share of that of the writing: lines by the same pen are found apart from those of
the paper beneath them. Chosen, as were the lengths below, on drawn tables and on half of ``wild/``."""

LONGEST_GAP = 48.0
"""Largest gap between two pieces of one ruling, in pooled pixels."""

LONG = 24
"""Shortest piece of a ruling, in pooled pixels: longer than any stroke of a letter."""

THICK = 7.0
"""Largest mean thickness of a piece, in pooled pixels; what is thicker is a shadow or the edge of a table."""

STEEP = 0.15
"""Largest slope of a ruling."""

ASIDE = 3.0
"""Largest step across from one piece of a ruling to the next, in pooled pixels, and 1 more for every 20 of a gap."""


Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ruling:
    """A straight line, in pixels of the image for reading.

    Attributes:
        slope: Of ``across = slope * along + offset``: y over x for one that runs across the page, x over y for one that
            runs down.
        offset: See `slope`.
        spans: Where it is drawn: pairs of first and last `along`, in order.
    """

    slope: float
    offset: float
    spans: tuple[tuple[float, float], ...]

    def at(self, along: float) -> float:
        """How far across it is at `along`, in pixels."""
        return self.slope * along + self.offset

    @property
    def start(self) -> float:
        """Where it begins, in pixels along it."""
        return self.spans[0][0]

    @property
    def end(self) -> float:
        """Where it ends, in pixels along it."""
        return self.spans[-1][1]

    @property
    def middle(self) -> float:
        """How far across it is at its middle, in pixels."""
        return self.at((self.start + self.end) / 2)

    def covers(self, start: float, end: float) -> float:
        """Share of the stretch from `start` to `end`, in pixels along it, on which it is drawn."""
        shared = sum(max(0.0, min(end, last) - max(start, first)) for first, last in self.spans)
        return shared / max(end - start, 1e-6)

    def reaches(self, along: float, tolerance: float) -> bool:
        """Whether it is drawn within `tolerance` pixels of a place along it."""
        return any(first - tolerance <= along <= last + tolerance for first, last in self.spans)


@dataclass(frozen=True)
class Rulings:
    """The rulings that run across a page, from top to bottom, and those that run down, from left to right."""

    across: tuple[Ruling, ...]
    down: tuple[Ruling, ...]


def find_rulings(flat: NDArray[np.uint8], writing: NDArray[np.uint8]) -> tuple[Rulings, ...]:
    """Find the rulings that are as dark as the writing, and all that are dark enough.

    Args:
        flat: (h, w) uint8, dark ink on white paper, with everything on the page.
        writing: (h, w) uint8, the same with only the writing.

    Returns:
        The rulings for each of `LEVELS`.
    """
    written = pooled(255 - writing)
    strong = written[written > 255 * LEVELS[-1]]
    ink = float(np.median(strong)) if len(strong) else 255.0
    other = pooled(writing - np.minimum(writing, flat))
    masks = [dilated(other > level * ink) for level in LEVELS]
    return tuple(Rulings(tuple(_rulings(mask)), tuple(_rulings(np.ascontiguousarray(mask.T)))) for mask in masks)


def pooled(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w) uint8 -> (h // POOL, w // POOL) uint8, the largest value of each square."""
    height, width = (side // POOL * POOL for side in image.shape)
    rows = image[0:height:POOL, :width]
    for shift in range(1, POOL):
        rows = np.maximum(rows, image[shift:height:POOL, :width])
    found = rows[:, 0::POOL]
    for shift in range(1, POOL):
        found = np.maximum(found, rows[:, shift::POOL])
    return found


def _rulings(mask: NDArray[np.bool_]) -> list[Ruling]:
    """The rulings that run along the rows of a pooled mask, ordered across."""
    runs = runs_of(mask)
    runs = runs.keep(runs.lengths >= LONG)
    if not len(runs):
        return []
    numbers = components_of(runs)
    order = np.argsort(numbers, kind="stable")
    pieces = []
    for own in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
        starts, ends, across = (side[own].astype(float) for side in (runs.starts, runs.ends, runs.rows))
        start, end, lengths = float(starts.min()), float(ends.max()), ends - starts
        slope, offset = _fit((starts + ends - 1) / 2, across, lengths, lengths)
        if lengths.sum() <= THICK * (end - start) and abs(slope) <= STEEP:
            pieces.append(Ruling(slope, offset, ((start, end),)))
    joined = _joined(sorted(pieces, key=lambda piece: piece.start))
    return sorted((_full_size(ruling) for ruling in joined), key=lambda ruling: ruling.middle)


def _fit(along: Floats, across: Floats, weights: Floats, lengths: Floats | float = 0.0) -> tuple[float, float]:
    """Slope and offset of a line, by weighted least squares.

    Args:
        along: (n,) places along the line.
        across: (n,) how far across it is there.
        weights: (n,) weights.
        lengths: (n,) lengths, if these are the middles of level runs; 0 for points.
    """
    mean, level = np.average(along, weights=weights), np.average(across, weights=weights)
    spread = float((weights * ((along - mean) ** 2 + np.square(lengths) / 12)).sum())
    slope = float((weights * (along - mean) * (across - level)).sum()) / max(spread, 1e-6)
    return slope, float(level - slope * mean)


def _joined(pieces: list[Ruling]) -> list[Ruling]:
    """Join pieces, ordered by their start, that continue each other."""
    found: list[Ruling] = []
    for piece in pieces:
        near = [(aside, i) for i, other in enumerate(found) if (aside := _aside(other, piece)) is not None]
        if near:
            _, best = min(near)
            found[best] = _both(found[best], piece)
        else:
            found.append(piece)
    return found


def _aside(ruling: Ruling, piece: Ruling) -> float | None:
    """Step across from a ruling to a piece that starts behind it; None if the piece is not part of it."""
    gap = piece.start - ruling.end
    if not -LONG / 2 < gap < LONGEST_GAP:
        return None
    middle = (piece.start + ruling.end) / 2
    aside = abs(ruling.at(middle) - piece.at(middle))
    return aside if aside <= ASIDE + max(gap, 0) / 20 else None


def _both(ruling: Ruling, piece: Ruling) -> Ruling:
    """One ruling of two that continue each other."""
    ends = [(end, part.at(end), part.end - part.start) for part in (ruling, piece) for end in (part.start, part.end)]
    slope, offset = _fit(*np.array(ends).T)
    return Ruling(slope, offset, (*ruling.spans, *piece.spans))


def _full_size(ruling: Ruling) -> Ruling:
    """From pooled pixels to those of the image for reading."""
    spans = tuple((POOL * first, POOL * last) for first, last in ruling.spans)
    return replace(ruling, offset=POOL * (ruling.offset + 0.5) - ruling.slope * POOL / 2, spans=spans)
