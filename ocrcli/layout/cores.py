"""Find text lines in the core map: their baselines and x-heights.

A core is the zone between baseline and x-height. Cores of two lines stay separate even if their ascenders and
descenders touch (as do the baselines of ARU-Net, Grüning et al. 2019, and of kraken, Kiessling 2020).
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
"""Values of the core map, 0 to 1: the threshold of a core, and the value that every core must reach somewhere."""

COMMON_SHARE = 0.5
"""Least overlap of vertical runs in two neighbouring pixel columns of one line, as a share of the longer run."""

SHORTEST_LINE = 0.6
"""Smallest length of a text line, in x-heights."""

PIECE_GAP, PIECE_STEP = 12.0, 0.5
"""Largest horizontal gap and largest vertical step from one piece of a line to the next, in x-heights."""

SIZE_RATIO = 1.8
"""Largest ratio of the letter heights of two pieces of a line, or of two lines of a row or block."""

MOST_PIECES = 2000
"""Largest number of pieces of lines that are used. No page has more, and dust must not take a minute."""

PIECE_END = 8.0
"""Length of the end of a piece, in x-heights, from which its slope there is estimated."""


@dataclass(frozen=True)
class TextLine:
    """A text line: its baseline and x-height, in pixels of the image.

    Attributes:
        x: (n,) x of points on the baseline, ascending.
        base: (n,) y of the baseline at `x`.
        x_height: X-height.
        sure: How sure the page model is: a high quantile of the core map along the line, 0 to 1.
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
        """Bounding box of its core: left, top, right, bottom, the last two exclusive."""
        top, bottom = float(self.base.min()) - self.x_height, float(self.base.max())
        return int(self.x[0]), int(top), int(self.x[-1]) + 1, int(bottom) + 1

    def middle_at(self, x: Floats) -> Floats:
        """(m,) y of the middle of its core at x, (m,); constant beyond its ends."""
        return np.interp(x, self.x, self.middle)


def text_lines(core: NDArray[np.float32]) -> list[TextLine]:
    """Find the text lines of a page, from top to bottom.

    Args:
        core: (h, w) float32, core map, as in `ocrcli.binarize.page_model.Maps`.
    """
    return _linked([line for piece in _pieces(core) if (line := _measured(*piece)) is not None])


def core_along(core: NDArray[np.float32], row: Row, x: NDArray[Any]) -> NDArray[np.float32]:
    """Sample the core map along the middle of the small letters of a row.

    Args:
        core: Core map, as in `ocrcli.binarize.page_model.Maps`.
        row: The row.
        x: (n,) x in pixels of the image.

    Returns:
        (n,) float32, values of the core map.
    """
    y = np.polyval(row.baseline, x) - row.cap_height / 3
    places = zip((y, x), core.shape, strict=True)
    down, across = (np.clip(np.asarray(at) // FOLD, 0, most - 1).astype(np.intp) for at, most in places)
    return core[down, across]


def _pieces(core: NDArray[np.float32]) -> list[tuple[Runs, NDArray[np.float64]]]:
    """Follow vertical runs of the core map from column to column; returns the runs of each piece and their means."""
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
    """(n,) number of the piece of a line that each run belongs to; a connection between two lines is in neither."""
    upper, lower = neighbours(runs)
    common = np.minimum(runs.ends[upper], runs.ends[lower]) - np.maximum(runs.starts[upper], runs.starts[lower])
    alike = common >= COMMON_SHARE * np.maximum(runs.lengths[upper], runs.lengths[lower])
    return connected(upper[alike], lower[alike], len(runs))


def _measured(runs: Runs, means: Floats) -> TextLine | None:
    """Measure the baseline and x-height of a piece of a line; None if it is too short or its core values too low."""
    if means.max() < CORE_PEAK:  # checked first, as there may be thousands of specks
        return None
    lengths = np.sort(runs.lengths)  # several times faster than np.median on few values
    x_height = FOLD * float(lengths[(len(lengths) - 1) // 2] + lengths[len(lengths) // 2]) / 2
    index = np.flatnonzero(np.diff(runs.rows, prepend=-1))  # runs are in the order of their columns
    columns = runs.rows[index]
    if len(columns) * FOLD < SHORTEST_LINE * x_height or (sure := float(np.quantile(means, 0.9))) < CORE_PEAK:
        return None
    # The edge of a core is where the map crosses CORE_LEVEL, somewhere within a pixel.
    base = _smooth((runs.ends[index]) * float(FOLD), max(1, round(x_height / FOLD)))
    return TextLine(np.asarray((columns + 0.5) * FOLD, np.float64), base, x_height, sure)


def _smooth(values: NDArray[np.floating], reach: int) -> Floats:
    """Smooth by a running median, then a running mean, over `reach` neighbours on each side."""
    if len(values) < 3:
        return np.asarray(values, np.float64)
    reach = min(reach, (len(values) - 1) // 2)
    padded = np.pad(values, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    median = np.median(windows, axis=1)
    padded = np.pad(median, reach, mode="edge")
    return np.asarray(np.convolve(padded, np.full(2 * reach + 1, 1 / (2 * reach + 1)), mode="valid"))


def _linked(pieces: list[TextLine]) -> list[TextLine]:
    """Link pieces of lines where one continues another, the nearest first."""
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
    """Link pieces into chains, greedily; each piece has at most one predecessor and one successor.

    Args:
        pairs: Numbers of two pieces of which the second may follow the first, the best pair first. The second lies to
            the right, so that no chain is a ring.
        count: Number of pieces.
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
    """Middle of the core at one end of a line, x and y, and the slope of the line there."""
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
