"""A photographed window of a page and its labels: what is written, where text lines run, which way is up."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.strokes import SHIFT
from models.recipe.synthesis.arrangement import Arranged
from models.recipe.synthesis.warp import Warp
from models.recipe.synthesis.writing import TextLine

Floats = NDArray[np.float32]

CORE_STRIDE = 4
"""Pixels of the photo a pixel of the maps of lines and directions."""

INK, CORE = 255, 255

FAINT = 64
"""Coverage up to which a pixel is nobody's: the soft edge of a stroke."""


@dataclass(frozen=True)
class Layers:
    """What a camera sees of an arranged page, and what is true of it.

    Attributes:
        written: (h, w) uint8 coverage by writing.
        drawn: (h, w) uint8 coverage by drawings in the same pens.
        core: (h / 4, w / 4) uint8, 255 between baseline and x-height of text lines.
        up: (h / 4, w / 4, 2) int8, the direction from baseline to x-height there times 127; 0 elsewhere.
    """

    written: NDArray[np.uint8]
    drawn: NDArray[np.uint8]
    core: NDArray[np.uint8]
    up: NDArray[np.int8]


def draw_layers(page: Arranged, warp: Warp, size: int) -> Layers:
    """Draw a page's window, (size, size) pixels, through a warp."""
    written = np.zeros((size, size), np.uint8)
    for line in page.lines:
        _draw(written, warp, line.strokes, line.pen)
        for raster in line.rasters:
            _paste(written, warp, raster.ink, raster.matrix)
    drawn = np.zeros((size, size), np.uint8)
    for drawing in page.drawn:
        _draw(drawn, warp, drawing.strokes, drawing.pen)
    core, up = _cores(page.lines, warp, size // CORE_STRIDE)
    return Layers(written, drawn, core, up)


def owners(lines: list[TextLine], warp: Warp, size: int) -> NDArray[np.int16]:
    """(size, size) int16: the number, from 1, of the line that wrote there; 0 where nothing is written."""
    owner, strongest = np.zeros((size, size), np.int16), np.full((size, size), FAINT, np.uint8)
    alone = np.zeros((size, size), np.uint8)
    for number, line in enumerate(lines, 1):
        low, high = reach(line, warp)
        (left, top), (right, bottom) = np.clip(low - 2, 0, size).astype(int), np.clip(high + 3, 0, size).astype(int)
        if right <= left or bottom <= top:
            continue
        window = np.s_[top:bottom, left:right]
        _draw(alone, warp, line.strokes, line.pen)
        for raster in line.rasters:
            _paste(alone, warp, raster.ink, raster.matrix)
        stronger = alone[window] > strongest[window]
        owner[window][stronger] = number
        strongest[window][stronger] = alone[window][stronger]
        alone[window] = 0
    return owner


def reach(line: TextLine, warp: Warp) -> tuple[Floats, Floats]:
    """How far a line's ink reaches in the photo: (2,) float32 x and y of the upper left and lower right corner."""
    points = list(line.strokes)
    for raster in line.rasters:
        height, width = raster.ink.shape
        corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float32)
        points.append(corners @ raster.matrix[:, :2].T + raster.matrix[:, 2])
    there = warp.points(np.concatenate(points))
    pen = np.float32(2 * line.pen if line.strokes else 0)
    return there.min(axis=0) - pen, there.max(axis=0) + pen


def scale_at(warp: Warp, at: Floats) -> float:
    """Times that lengths grow about a point of the page."""
    corners = warp.points(np.stack([at, at + np.array([1, 0]), at + np.array([0, 1])]))
    return float(np.sqrt(abs(np.linalg.det((corners[1:] - corners[0]).astype(np.float64)))))


def _draw(canvas: NDArray[np.uint8], warp: Warp, strokes: list[Floats], pen: float) -> None:
    if not strokes:
        return
    lengths = [len(stroke) for stroke in strokes]
    every = warp.points(np.concatenate(strokes))
    width = pen * scale_at(warp, strokes[0][0])
    size = canvas.shape[0]
    parts = np.split(every, np.cumsum(lengths)[:-1])
    # cv2's pens are whole pixels wide: a finer one is drawn at that width and as much paler.
    whole = max(1, round(width))
    value = int(255 * min(1.0, width / whole))
    for part in parts:
        low, high = part.min(axis=0), part.max(axis=0)
        if (high < -whole).any() or (low > size + whole).any():
            continue
        fixed = np.round(part * (1 << SHIFT)).astype(np.int32)
        if len(fixed) == 1:
            fixed = np.concatenate([fixed, fixed + 4])
        cv2.polylines(canvas, [fixed], False, value, whole, cv2.LINE_AA, SHIFT)


def _paste(canvas: NDArray[np.uint8], warp: Warp, ink: NDArray[np.uint8], matrix: Floats) -> None:
    """Paste a picture: an affine map is near enough for a word; a long row goes in pieces."""
    height, width = ink.shape
    piece = max(64, 3 * height)
    size = canvas.shape[0]
    for x in range(0, width, piece):
        part = ink[:, x : x + piece]
        corners = np.array([[x, 0], [x + part.shape[1], 0], [x, height]], np.float32)
        there = warp.points(corners @ matrix[:, :2].T + matrix[:, 2])
        every = np.concatenate([there, there[1:2] + there[2:] - there[0]])
        low, high = np.floor(every.min(axis=0)).astype(int), np.ceil(every.max(axis=0)).astype(int) + 1
        low, high = np.maximum(low, 0), np.minimum(high, size)
        if (high <= low).any():
            continue
        placed = cv2.getAffineTransform((corners - [x, 0]).astype(np.float32), (there - low).astype(np.float32))
        shape = tuple((high - low).tolist())
        if np.sqrt(abs(np.linalg.det(placed[:, :2]))) < 0.6:
            part = cv2.blur(part, (2, 2))
        new = cv2.warpAffine(part, placed, shape, flags=cv2.INTER_LINEAR)
        window = canvas[low[1] : high[1], low[0] : high[0]]
        np.maximum(window, new, out=window)


def _cores(lines: list[TextLine], warp: Warp, size: int) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    core = np.zeros((size, size), np.uint8)
    up = np.zeros((size, size, 2), np.int8)
    for line in lines:
        base = line.baseline
        along = base[-1] - base[0]
        along = along / max(float(np.hypot(*along)), 1e-3)
        raised = base + np.array([along[1], -along[0]], np.float32) * line.x_height
        foot, head = warp.points(base) / CORE_STRIDE, warp.points(raised) / CORE_STRIDE
        # A pixel of a map is the middle of the pixels of the photo that it stands for.
        foot, head = foot - 0.375, head - 0.375
        every = np.concatenate([foot, head])
        if (every.max(axis=0) < 0).any() or (every.min(axis=0) > size).any():
            continue
        outline = np.round(np.concatenate([foot, head[::-1]]) * (1 << SHIFT)).astype(np.int32)
        cv2.fillPoly(core, [outline], CORE, cv2.LINE_AA, SHIFT)
        direction = (head - foot).mean(axis=0)
        direction = direction / max(float(np.hypot(*direction)), 1e-3)
        value = np.round(direction * 127).astype(int).tolist()
        wide = outline + 0
        cv2.fillPoly(up, [wide], value, cv2.LINE_8, SHIFT)
    return core, up
