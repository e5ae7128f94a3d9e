"""The page model's core map -> text lines: where each runs, and how high its small letters are.

A core is the zone between baseline and x-height, which rows that touch by their ascenders and descenders leave free
between them (as the baselines of ARU-Net, Grüning et al. 2019, and of kraken, Kiessling 2020).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.binarize.page_model import FOLD
from ocrcli.imaging.runs import Runs, connected, neighbours, runs_of
from ocrcli.layout.baselines import Row

Floats = NDArray[np.float64]

CORE_LEVEL, CORE_PEAK = 0.4, 0.65
"""Of the core map: a text line's zone, and what it reaches somewhere at least."""

COMMON_SHARE = 0.5
"""Share of the longer of two neighbouring columns' runs that both have in common within one line."""

SHORTEST_LINE = 0.6
"""X-heights of a text line's length at least."""

PIECE_GAP, PIECE_STEP = 12.0, 0.5
"""X-heights from the end of one piece of a line to the beginning of the next, and by how much it may stand higher."""

SIZE_RATIO = 1.8
"""Times that letters of one piece of a line may be as high as those of another, and those of one line as those of the
next of its row or block."""

MOST_PIECES = 2000
"""Pieces of lines that are looked at: no page has more, and dust must not take a minute."""

PIECE_END = 8.0
"""X-heights of a piece that tell where it is going."""


@dataclass(frozen=True)
class TextLine:
    """Where a text line runs, in pixels of the image.

    Attributes:
        x: (n,) ascending columns.
        base: (n,) y of its baseline there.
        x_height: Of its small letters.
        sure: Mean of the core map along it, 0 to 1.
    """

    x: Floats
    base: Floats
    x_height: float
    sure: float

    @property
    def middle(self) -> Floats:
        """(n,) y of the middle of its core."""
        return self.base - self.x_height / 2

    @property
    def box(self) -> tuple[int, int, int, int]:
        """left, top, right, bottom of its core, the last two exclusive."""
        top, bottom = float(self.base.min()) - self.x_height, float(self.base.max())
        return int(self.x[0]), int(top), int(self.x[-1]) + 1, int(bottom) + 1

    def middle_at(self, x: Floats) -> Floats:
        """(m,) y of the middle of its core, level beyond its ends."""
        return np.interp(x, self.x, self.middle)


def text_lines(core: NDArray[np.float32]) -> list[TextLine]:
    """Find text lines, top to bottom.

    Args:
        core: (h, w) float32, as in `ocrcli.binarize.page_model.Maps`.
    """
    return _linked([line for piece in _pieces(core) if (line := _measured(*piece)) is not None])


def core_along(core: NDArray[np.float32], row: Row, x: NDArray[Any]) -> NDArray[np.float32]:
    """(n,) the core map at columns of the image, along the middle of a row's small letters.

    Args:
        core: As in `ocrcli.binarize.page_model.Maps`.
        row: The row.
        x: (n,) columns.
    """
    y = np.polyval(row.baseline, x) - row.cap_height / 3
    places = zip((y, x), core.shape, strict=True)
    down, across = (np.clip(np.asarray(at) // FOLD, 0, most - 1).astype(np.intp) for at, most in places)
    return core[down, across]


def _pieces(core: NDArray[np.float32]) -> list[tuple[Runs, NDArray[np.float64]]]:
    """Vertical runs of the core map that go on from column to column, and the map's mean along each run."""
    turned = np.ascontiguousarray(core.T)
    runs = runs_of(turned > CORE_LEVEL)
    if not len(runs):
        return []
    sums = np.concatenate([[0.0], np.cumsum(turned.ravel()[runs.pixels()], dtype=np.float64)])
    ends = np.cumsum(runs.lengths)
    means = (sums[ends] - sums[ends - runs.lengths]) / runs.lengths
    group = _groups(runs)
    order = np.argsort(group, kind="stable")
    bounds = np.flatnonzero(np.diff(group[order])) + 1
    return [(_some(runs, part), means[part]) for part in np.split(order, bounds)]


def _some(runs: Runs, index: NDArray[np.intp]) -> Runs:
    return Runs(runs.shape, runs.rows[index], runs.starts[index], runs.ends[index])


def _groups(runs: Runs) -> NDArray[np.intp]:
    """(n,) number of the piece of a line that each run belongs to: a bridge between two lines is in neither."""
    upper, lower = neighbours(runs)
    common = np.minimum(runs.ends[upper], runs.ends[lower]) - np.maximum(runs.starts[upper], runs.starts[lower])
    alike = common >= COMMON_SHARE * np.maximum(runs.lengths[upper], runs.lengths[lower])
    return connected(upper[alike], lower[alike], len(runs))


def _measured(runs: Runs, means: Floats) -> TextLine | None:
    """A piece of a line; None where it is too short or too pale."""
    if means.max() < CORE_PEAK:  # of dust there are thousands
        return None
    x_height = FOLD * float(np.median(runs.lengths))
    columns, index = np.unique(runs.rows, return_index=True)
    if len(columns) * FOLD < SHORTEST_LINE * x_height or (sure := float(np.quantile(means, 0.9))) < CORE_PEAK:
        return None
    # A core's edge is where the map crosses CORE_LEVEL, somewhere within the pixel.
    base = _smooth((runs.ends[index]) * float(FOLD), max(1, round(x_height / FOLD)))
    return TextLine(np.asarray((columns + 0.5) * FOLD, np.float64), base, x_height, sure)


def _smooth(values: NDArray[np.floating], reach: int) -> Floats:
    """Median over so many neighbours to either side, then their mean."""
    if len(values) < 3:
        return np.asarray(values, np.float64)
    reach = min(reach, (len(values) - 1) // 2)
    padded = np.pad(values, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    median = np.median(windows, axis=1)
    padded = np.pad(median, reach, mode="edge")
    return np.asarray(np.convolve(padded, np.full(2 * reach + 1, 1 / (2 * reach + 1)), mode="valid"))


def _linked(pieces: list[TextLine]) -> list[TextLine]:
    """Join pieces of which one goes on where the other ends, the nearest first."""
    pieces = sorted(pieces, key=lambda piece: -len(piece.x))[:MOST_PIECES]
    if len(pieces) < 2:
        return pieces
    left, y_left, slope_left = np.array([_end(piece, last=False) for piece in pieces]).T
    right, y_right, slope_right = np.array([_end(piece, last=True) for piece in pieces]).T
    height = np.array([piece.x_height for piece in pieces])
    gap = left - right[:, None]
    size = np.maximum(height, height[:, None])
    near = (gap > -size) & (gap < PIECE_GAP * size) & (size <= SIZE_RATIO * np.minimum(height, height[:, None]))
    near &= left + right > (left + right)[:, None]
    first, second = np.nonzero(near)
    gap, size = gap[near], size[near]
    aside = np.maximum(
        np.abs(y_right[first] + slope_right[first] * gap - y_left[second]),
        np.abs(y_left[second] - slope_left[second] * gap - y_right[first]),
    )
    fits = aside < PIECE_STEP * size * (1 + 0.02 * gap / size)
    order = np.argsort((gap + 4 * aside)[fits], kind="stable")
    pairs = zip(first[fits][order].tolist(), second[fits][order].tolist(), strict=True)
    lines = [_joined([pieces[i] for i in chain]) for chain in chains(pairs, len(pieces))]
    return sorted(lines, key=lambda line: float(line.middle.mean()))


def chains(pairs: Iterable[tuple[int, int]], count: int) -> list[list[int]]:
    """Pieces in chains, each of which goes on where the one before it ends.

    Args:
        pairs: Numbers of pieces of which the second may follow on the first, the best pair first; each piece follows
            on one, and one on it, at most. The second lies to the right, so no chain is a ring.
        count: How many pieces there are.
    """
    after: dict[int, int] = {}
    before: dict[int, int] = {}
    for i, j in pairs:
        if i not in after and j not in before:
            after[i], before[j] = j, i
    found = [[start] for start in range(count) if start not in before]
    for chain in found:
        while chain[-1] in after:
            chain.append(after[chain[-1]])
    return found


def _end(line: TextLine, last: bool) -> tuple[float, float, float]:
    """The middle of a line's core at one of its ends, x and y, and its slope there, as its last stretch goes."""
    reach = PIECE_END * line.x_height
    near = line.x >= line.x[-1] - reach if last else line.x <= line.x[0] + reach
    x, middle = line.x[near], line.middle[near]
    at = -1 if last else 0
    if x[-1] - x[0] < 2 * line.x_height:
        return float(x[at]), float(middle[at]), 0.0
    off = x - x.mean()
    slope = float(np.clip(off @ middle / (off @ off), -0.15, 0.15))
    return float(x[at]), float(middle[at]), slope


def _joined(pieces: list[TextLine]) -> TextLine:
    if len(pieces) == 1:
        return pieces[0]
    lengths = np.array([len(piece.x) for piece in pieces], float)
    x, index = np.unique(np.concatenate([piece.x for piece in pieces]), return_index=True)
    base = np.concatenate([piece.base for piece in pieces])[index]
    heights = np.array([piece.x_height for piece in pieces])
    sure = np.array([piece.sure for piece in pieces])
    return TextLine(x, base, float(heights @ lengths / lengths.sum()), float(sure @ lengths / lengths.sum()))
