"""Text lines as geometry: how well the lines that were read lie on those of a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Points = NDArray[np.float64]
"""(n, 2) float64, x and y in pixels of the untouched picture."""

LONG_SIDE = 640
"""Pixels of the longer side of the pictures that outlines are compared in."""

COVERED = 0.5
"""Share of two outlines' union that lies in both of one line; and of an outline that lies in another, to be held."""

STEP = 5.0
"""Pixels between the points that are looked at along a baseline."""

TOLERANCE = 0.25
"""Of the distance of lines: so far off a baseline still counts in full. At three times that it does not count."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A text line.

    Attributes:
        around: Its outline.
        base: Its baseline, from left to right.
    """

    around: Points
    base: Points


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted on a page; may be added.

    Attributes:
        written: Lines of the reference.
        read: Lines that were read.
        found: Pairs of them whose outlines cover each other.
        merged: Read lines that hold two written ones or more.
        split: Written lines that hold two read ones or more.
        along_written: Share of each reference baseline that a read one runs along, summed.
        along_read: Share of each read baseline that runs along its reference, summed.
    """

    written: int = 0
    read: int = 0
    found: int = 0
    merged: int = 0
    split: int = 0
    along_written: float = 0.0
    along_read: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def reference(line: dict[str, Any]) -> Outline:
    """A line as the files of ``lined_pages/`` have it."""
    base = np.asarray(line["base"], float)
    return Outline(np.asarray(line["poly"], float), base[np.argsort(base[:, 0], kind="stable")])


def outline(line: Any) -> Outline:
    """A line that was read, in pixels of the page.

    Its outline goes along the tops of its words from left to right and back along their bottoms, its baseline through
    the median of the lower edges of each word's letters.

    Args:
        line: An `ocrcli.Line`.
    """
    words = sorted(line.words, key=lambda word: word.box.left)
    boxes = [word.box for word in words]
    top = [point for box in boxes for point in ((box.left, box.top), (box.right, box.top))]
    bottom = [point for box in boxes for point in ((box.left, box.bottom), (box.right, box.bottom))]
    feet = [float(np.median([glyph.box.bottom for glyph in word.glyphs])) for word in words]
    base = [point for box, y in zip(boxes, feet, strict=True) for point in ((box.left, y), (box.right, y))]
    return Outline(np.asarray(top + bottom[::-1], float), np.asarray(base, float))


def untouched(points: Points, page: Any, size: tuple[int, int]) -> Points:
    """Points of a page that may have been turned, in pixels of the picture as it was given.

    Args:
        points: (n, 2) in pixels of the page.
        page: The `ocrcli.Page`.
        size: Width and height of the picture.
    """
    x, y = points[:, 0] / page.width, points[:, 1] / page.height
    u, v = {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[page.turned]
    return np.stack([u * size[0], v * size[1]], axis=1)


def masks(lines: Sequence[Outline], size: tuple[int, int]) -> NDArray[np.float32]:
    """What each outline covers: (n, pixels) float32 of 0 and 1, in a picture of `LONG_SIDE`.

    Args:
        lines: The lines.
        size: Width and height of the picture that their pixels are of.
    """
    scale = LONG_SIDE / max(size)
    shape = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    drawn = np.zeros((len(lines), shape[0] * shape[1]), np.float32)
    for row, line in zip(drawn, lines, strict=True):
        image = Image.new("1", shape)
        ImageDraw.Draw(image).polygon([tuple(point) for point in (line.around * scale).tolist()], fill=1, outline=1)
        row[:] = np.asarray(image).ravel()
    return drawn


def interline(lines: Sequence[Outline]) -> float:
    """The median distance of a line to its nearest neighbour above or below, in pixels; of a lone line its height."""
    middles = np.array([line.base.mean(axis=0) for line in lines])
    starts, ends = (np.array([pick(line.base[:, 0]) for line in lines]) for pick in (np.min, np.max))
    overlap = np.minimum(ends[:, None], ends) > np.maximum(starts[:, None], starts)
    off = np.abs(np.subtract.outer(middles[:, 1], middles[:, 1]))
    off[~overlap] = np.inf
    np.fill_diagonal(off, np.inf)
    nearest = off.min(axis=1)
    if not np.isfinite(nearest).any():
        return float(np.median([np.ptp(line.around[:, 1]) for line in lines]))
    return float(np.median(nearest[np.isfinite(nearest)]))


def along(base: Points) -> Points:
    """A point every `STEP` pixels of a baseline's width, at least two."""
    x = np.linspace(base[0, 0], base[-1, 0], max(2, round((base[-1, 0] - base[0, 0]) / STEP) + 1))
    return np.stack([x, np.interp(x, base[:, 0], base[:, 1])], axis=1)


def below(points: Points, base: Points, reach: float) -> NDArray[np.float64]:
    """(n,) how far below a baseline points lie, in pixels; infinite beyond its ends by more than `reach`."""
    off = points[:, 1] - np.interp(points[:, 0], base[:, 0], base[:, 1])
    outside = (points[:, 0] < base[:, 0].min() - reach) | (points[:, 0] > base[:, 0].max() + reach)
    return np.asarray(np.where(outside, np.inf, off), np.float64)


def near(off: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """1 for what is off by no more than the tolerance, falling to 0 at three times as much; same shape."""
    return np.asarray(np.clip((3 * tolerance - np.abs(off)) / (2 * tolerance), 0, 1), np.float64)


def compare(written: Sequence[Outline], read: Sequence[Outline], size: tuple[int, int]) -> Counts:
    """Count how well read lines lie on the written ones.

    Args:
        written: The reference; at least one line.
        read: What was read, in pixels of the same picture.
        size: Width and height of that.
    """
    if not read:
        return Counts(written=len(written))
    from scipy.optimize import linear_sum_assignment

    theirs, ours = masks(written, size), masks(read, size)
    shared = theirs @ ours.T
    areas, own = theirs.sum(axis=1), ours.sum(axis=1)
    union = np.add.outer(areas, own) - shared
    overlap = shared / np.maximum(union, 1)
    pairs = list(zip(*linear_sum_assignment(overlap, maximize=True), strict=True))
    distance = interline(written)
    aside = _offset([(written[i], read[j]) for i, j in pairs if shared[i, j]], distance)
    moved = [Outline(line.around, line.base - (0, aside)) for line in read]
    marks, feet = [along(line.base) for line in written], [along(line.base) for line in moved]
    reach, tolerance = distance / 2, TOLERANCE * distance
    recall = [
        np.max([near(below(points, line.base, reach), tolerance) for line in moved], axis=0).mean() for points in marks
    ]
    precision = np.array(
        [[near(below(points, line.base, reach), tolerance).mean() for points in feet] for line in written]
    )
    return Counts(
        written=len(written),
        read=len(read),
        found=sum(bool(overlap[i, j] >= COVERED) for i, j in pairs),
        merged=int(((shared >= COVERED * areas[:, None]).sum(axis=0) > 1).sum()),
        split=int(((shared >= COVERED * own).sum(axis=1) > 1).sum()),
        along_written=float(sum(recall)),
        along_read=float(precision[linear_sum_assignment(precision, maximize=True)].sum()),
    )


def _offset(pairs: Sequence[tuple[Outline, Outline]], distance: float) -> float:
    """The median of how far read baselines lie below those that they cover, in pixels; at most 3/4 of a line."""
    off = [below(along(read.base), written.base, distance / 2) for written, read in pairs]
    every = np.concatenate([*off, np.zeros(0)])
    every = every[np.isfinite(every)]
    return float(np.clip(np.median(every), -0.75 * distance, 0.75 * distance)) if len(every) else 0.0
