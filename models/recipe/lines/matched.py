"""Which rows of a drawn page, segmented as reading does, are which of its lines; told by the ink."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.handwriting.words import known
from models.recipe.synthesis.photograph import Setting, Shot
from models.recipe.synthesis.scene import reach, scale_at
from models.recipe.synthesis.writing import TextLine
from ocrcli.pipeline.segmentation import Segmented
from ocrcli.sources import Photo

OWN, ONE = 0.2, 0.95
"""Share of a line's ink from which on a row is taken for it, and of the row's writing that is then of it, at least."""

UNHIDDEN, SEEN, SHOWN = 0.9, 0.995, 0.97
"""How much of a pixel is seen that counts, and shares of a line's ink that is seen in the photo, and shown in the image
that is read, at least."""

END, GAP, BESIDE = 0.5, 0.7, 1.5
"""X-heights that may be missing at either end of a line, and amid it, and that may stand beside it."""

LOST = 0.5
"""Letters of a line that other rows may have taken."""


@dataclass(frozen=True)
class Inked:
    """Who wrote what is in the image that is read.

    Attributes:
        owner: (h, w) int16, the number, from 1, of the line that wrote there, or 0.
        rows: (h, w), the number, from 1, of the row that it was taken for, or 0.
        shared: (rows, lines) how many pixels they have in common.
        total: (lines,) how many a line has.
        whole: Numbers, from 0, of lines that are wholly there and in sight.
        scale: Pixels of the photo for one of these.
    """

    owner: NDArray[np.int16]
    rows: NDArray[np.intp]
    shared: NDArray[np.intp]
    total: NDArray[np.intp]
    whole: set[int]
    scale: float


def whole_lines(setting: Setting, size: int) -> list[int]:
    """Numbers, from 0, of the lines that can be read and are wholly in the picture."""
    found = []
    for number, line in enumerate(setting.page.lines):
        low, high = reach(line, setting.warp)
        if known(line.text) and low.min() >= 1 and high.max() <= size - 1:
            found.append(number)
    return found


def in_sight(shot: Shot, drawn: NDArray[np.int16]) -> set[int]:
    """Numbers, from 0, of the lines that are wholly in the picture, and hidden by nothing.

    Args:
        shot: The photo.
        drawn: Who wrote what in it, as `owners` tells.
    """
    count = len(shot.setting.page.lines) + 1
    there = np.bincount(drawn.ravel(), minlength=count)[1:]
    seen = np.bincount(drawn[shot.visible > UNHIDDEN], minlength=count)[1:]
    return {n for n in whole_lines(shot.setting, len(shot.grey)) if seen[n] >= SEEN * there[n] > 0}


def on_photo(photo: Photo, owner: NDArray[np.int16]) -> NDArray[np.int16]:
    """A map of the drawn photo's pixels on those of the image that is read; both count from a pixel's corner."""
    height, width = photo.grey.shape
    shift = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    course = np.linalg.inv(shift) @ photo.to_full @ shift
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(owner, course[:2], (width, height), flags=flags), np.int16)


def inked(page: Segmented, shot: Shot, drawn: NDArray[np.int16]) -> Inked:
    """Lay what was written over what was found; arguments as of `in_sight`."""
    owner = on_photo(page.photo, drawn)
    scale = float(np.sqrt(np.linalg.det(page.photo.to_full[:2, :2])))
    row_of = np.zeros(int(page.marks.labels.max()) + 1, np.intp)
    for number, row in enumerate(page.rows, 1):
        row_of[page.marks.ids[row.marks]] = number
    rows, count = row_of[page.marks.labels], len(shot.setting.page.lines) + 1
    shared = np.bincount((rows * count + owner).ravel(), minlength=(len(page.rows) + 1) * count).reshape(-1, count)
    total = shared[:, 1:].sum(axis=0)
    # What the image that is read does not show of a line would look as if it had never been there.
    shown = total * scale**2 > SHOWN * np.bincount(drawn.ravel(), minlength=count)[1:]
    return Inked(owner, rows, shared[1:, 1:], total, {n for n in in_sight(shot, drawn) if shown[n]}, scale)


def matched(page: Segmented, shot: Shot, drawn: NDArray[np.int16]) -> Iterator[tuple[int, str]]:
    """Rows, by their number, that are one whole line each, or several side by side; and what they say."""
    ink, lines = inked(page, shot, drawn), shot.setting.page.lines
    for number, counts in enumerate(ink.shared):
        own = np.flatnonzero(counts > OWN * ink.total)
        if not len(own) or not ink.whole.issuperset(own) or counts[own].sum() < ONE * counts.sum():
            continue
        letters = [len(lines[n].text.replace(" ", "")) for n in own]
        if ((ink.shared[:, own].sum(axis=0) - counts[own]) * letters > LOST * ink.total[own]).any():
            continue
        x_height = min(x_height_of(lines[n], shot.setting) for n in own) / ink.scale
        _, top, _, bottom = page.rows[number].box(page.marks)
        band = slice(max(int(top - 3 * x_height), 0), int(bottom + 3 * x_height))
        owner = ink.owner[band]
        order = from_left([(owner == n + 1).any(axis=0) for n in own])
        if order is not None and covers(ink.rows[band] == number + 1, np.isin(owner, own + 1), x_height):
            yield number, " ".join(lines[own[i]].text for i in order)


def x_height_of(line: TextLine, setting: Setting) -> float:
    """Of a line in the photo, in its pixels."""
    return line.x_height * scale_at(setting.warp, line.baseline[len(line.baseline) // 2])


def from_left(columns: list[NDArray[np.bool_]]) -> list[int] | None:
    """The order of lines by the columns that they have ink in; None where one begins before another one's end."""
    ends = [(int(found[0]), int(found[-1])) for found in map(np.flatnonzero, columns)]
    order = sorted(range(len(ends)), key=ends.__getitem__)
    apart = all(ends[one][1] < ends[other][0] for one, other in pairwise(order))
    return order if apart else None


def covers(row: NDArray[np.bool_], line: NDArray[np.bool_], x_height: float) -> bool:
    """Whether a row has a line's ink from end to end, and nothing far beside it.

    Args:
        row: (h, w) bool, its marks.
        line: (h, w) bool, where the line's ink is.
        x_height: Of the line in pixels.
    """
    wanted, had, all_had = line.any(axis=0), (row & line).any(axis=0), row.any(axis=0)
    columns, found, all_found = (np.flatnonzero(values) for values in (wanted, had, all_had))
    if not len(found):
        return False
    missing = max(found[0] - columns[0], columns[-1] - found[-1])
    beside = max(columns[0] - all_found[0], all_found[-1] - columns[-1])
    edges = np.flatnonzero(np.diff((wanted & ~had).astype(np.int8), prepend=0, append=0))
    gap = int((edges[1::2] - edges[::2]).max(initial=0))
    return bool(missing <= END * x_height and beside <= BESIDE * x_height and gap <= GAP * x_height)
