"""Line images as the reader sees them: put together from words and characters, drawn, photographed, straightened.

Words come without their size (each is as high as its box), but their letters tell it: `on` is as high as its o,
`fly` reaches from the ascender to the descender. So every word is brought to the capital height that its text
implies, and stands on its line by its text as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.render import CROSS, SQUARE, thin, weather
from models.recipe.drawing.strokes import affine, bend, draw_strokes, hasten
from models.recipe.drawing.style import Style, log_uniform
from models.recipe.handwriting.words import InkItem, PhotoItem, extent, size_of
from ocrcli.language.priors import PLACES
from ocrcli.lines.line_image import HEIGHT, line_image_of

DRAWN = Style(capital=(16.0, 56.0), pen=(0.022, 0.09))
"""Strokes are then as thick in a line image as those of photographed words."""

WILD = replace(
    DRAWN, pen=(0.022, 0.17), slant=0.5, rotation=3.0, stretch=0.3, wobble=0.05, loose=0.03, proportion=0.25, haste=0.6
)
MILD = replace(
    DRAWN, slant=0.2, rotation=1.0, stretch=0.1, wobble=0.02, loose=0.01, accident=0.4, photo=0.6, proportion=0.1,
    haste=0.3,
)  # fmt: skip
PLAIN = replace(DRAWN, slant=0, rotation=0, stretch=0, wobble=0, loose=0, accident=0, photo=0.5)
"""As written, for evaluation and for finding wrong labels."""

X_HEIGHT = PLACES["x"][1]
"""Of the small letters, in capital heights."""

ON_LINE = 0.6
"""Share of the erased rules on which the letters' feet stood; of those that stayed, the rest."""

WIDEST = 2000
"""Pixels of a drawn row; one that would be wider is drawn smaller."""

AREA_BELOW = 0.5
"""Pictures that are shrunk by more than this are averaged over areas first."""


@dataclass(frozen=True)
class Part:
    """One item of a row, where it goes.

    Attributes:
        item: The word or character.
        scale: Capital heights per unit (ink) or per pixel (photo) of the item.
        x: Left edge in capital heights.
        bottom: y of its lowest ink in capital heights, down from the baseline.
    """

    item: InkItem | PhotoItem
    scale: float
    x: float
    bottom: float


def lay_out(items: list[InkItem | PhotoItem], gaps: list[float], rng: np.random.Generator) -> list[Part]:
    """Place items side by side on a baseline; ``gaps`` are the spaces after each in capital heights."""
    x, drift, parts = 0.0, 0.0, []
    for item, gap in zip(items, gaps, strict=True):
        place = item.place if isinstance(item, InkItem) else None
        low, high = place or extent(item.text)
        width, height = size_of(item)
        scale = (high - low) / max(height, 1)
        if place is None:  # a flat sign (a dash, a dot) is sized by its width instead
            scale = min(scale, 0.9 * max(len(item.text), 0.6) / max(width, 1))
        scale *= float(np.exp(rng.normal(0, 0.06)))
        drift = 0.8 * drift + rng.normal(0, 0.03)
        middle = (low + high) / 2
        parts.append(Part(item, scale, x, scale * height / 2 - middle + drift))
        x += width * scale + gap
    return parts


def draw_row(parts: list[Part], style: Style, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a row on a canvas: (h, w) uint8, bright ink."""
    pen = log_uniform(*style.pen, rng.random())
    last = parts[-1]
    across = last.x + size_of(last.item)[0] * last.scale
    capital = min(log_uniform(*style.capital, rng.random()), WIDEST / max(across, 1.0))
    matrix = affine(style, rng)
    width = max(1, round(pen * capital))
    strokes: list[NDArray[np.float32]] = []
    pictures: list[tuple[NDArray[np.uint8], float, float, float]] = []
    for part in parts:
        if isinstance(part.item, PhotoItem):
            pictures.append((part.item.ink, part.scale * capital, part.x * capital, part.bottom * capital))
            continue
        height = int(part.item.points[:, 1].max())
        points = part.item.points.astype(np.float32) * np.float32(part.scale)
        points[:, 0] += part.x
        points[:, 1] += part.bottom - height * part.scale
        for start, stop in pairwise(part.item.offsets):
            stroke = points[start:stop]
            if style.loose and len(part.item.offsets) > 2:
                stroke = stroke + rng.normal(0, style.loose, 2).astype(np.float32)
            strokes.append(stroke)
    margin = width + 6
    if not strokes:
        return _warp(_paste(pictures, matrix, capital, rng), capital, style, rng)
    offsets = np.cumsum([0, *(len(s) for s in strokes)])
    every = np.concatenate(strokes)
    if style.haste:
        every = hasten(every, offsets[1:], rng.uniform(-0.25, 1) * style.haste)
    if style.proportion:
        every = _stretch(every, *np.exp(rng.normal(0, style.proportion, 2)))
    if style.wobble:
        every = _swing(bend(every, style.wobble, rng), across, style, rng)
    every = every @ matrix.T
    low = every.min(axis=0)
    pixels = (every - low) * capital + margin + rng.random(2)
    right, down = (pixels.max(axis=0) + margin + 1).astype(int)
    canvas = np.zeros((down, right), np.uint8)
    draw_strokes(canvas, pixels, offsets, width)
    return canvas


def _stretch(points: NDArray[np.float32], up: float, down: float) -> NDArray[np.float32]:
    """Make ascenders ``up`` times as long and descenders ``down`` times; the small letters stay as they are."""
    y = points[:, 1]
    above, below = np.minimum(y + X_HEIGHT, 0), np.maximum(y, 0)
    points[:, 1] += np.float32(up - 1) * above + np.float32(down - 1) * below
    return points


def _swing(points: NDArray[np.float32], across: float, style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """A long slow wave of the baseline."""
    wave = rng.uniform(0.2, 2.0) * np.pi / max(across, 2.0)
    points[:, 1] += 0.15 * rng.uniform(-1, 1) * np.sin(points[:, 0] * wave + rng.uniform(0, 6)) * (style.wobble > 0.03)
    return points


def _warp(canvas: NDArray[np.uint8], capital: float, style: Style, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The smooth waves that ink gets by `bend`, for (h, w) uint8 pictures of writing."""
    if not style.wobble:
        return canvas
    y, x = np.indices(canvas.shape, np.float32)
    grid = np.stack([x, y], axis=-1) / np.float32(capital)
    bent = (bend(grid.reshape(-1, 2), style.wobble, rng).reshape(grid.shape) * np.float32(capital)).astype(np.float32)
    return np.asarray(cv2.remap(canvas, bent[..., 0], bent[..., 1], cv2.INTER_LINEAR), np.uint8)


def _paste(
    pictures: list[tuple[NDArray[np.uint8], float, float, float]],
    matrix: NDArray[np.float32],
    capital: float,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Put photographed words side by side, each scaled and sheared in one warp."""
    corners = []
    for ink, scale, x, bottom in pictures:
        height, width = ink.shape
        box = np.array([[0, -height], [width, -height], [0, 0], [width, 0]], np.float32) * scale
        corners.append((box + np.array([x, bottom], np.float32)) @ matrix.T)
    every = np.concatenate(corners)
    low, high = every.min(axis=0) - 3, every.max(axis=0) + 4
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    canvas = np.zeros(size[::-1], np.uint8)
    for whole, scale, x, bottom in pictures:
        ink, axes = whole, np.ones(2)
        if scale < AREA_BELOW:  # a warp looks at four pixels only: fine strokes would break
            ink = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            axes = np.array(whole.shape[::-1]) / ink.shape[::-1]
        # Where the picture's (0, 0) goes, and its axes.
        linear = matrix * scale * axes
        origin = matrix @ np.array([x, bottom - whole.shape[0] * scale], np.float32) - low
        move = np.column_stack([linear, origin]).astype(np.float32)
        warped = cv2.warpAffine(ink, move, size, flags=cv2.INTER_LINEAR)
        np.maximum(canvas, warped, out=canvas)
    u = rng.random()
    if u < 0.15:
        return thin(canvas, CROSS)
    return cv2.dilate(canvas, CROSS if u > 0.95 else SQUARE) if u > 0.88 and capital > 20 else canvas


def disturb(canvas: NDArray[np.uint8], style: Style, rng: np.random.Generator) -> NDArray[np.uint8]:
    """What is left of ruled lines, neighbouring rows, specks and gaps; in place, on (h, w) uint8 ink."""
    u = rng.random(5) / max(style.accident, 1e-9)
    height, width = canvas.shape
    thick = max(1, round(0.03 * height))
    # People write on the line: their letters' feet, and the bars of E and L, lie in it.
    foot = height // 2 + int(canvas[height // 2 :].sum(axis=1, dtype=np.int64).argmax())
    if u[0] < 0.16:  # an erased rule takes bits of the strokes along
        y = max(0, foot + int(rng.normal(0, 0.03) * height)) if rng.random() < ON_LINE else int(rng.integers(height))
        band = canvas[y : y + thick]
        cuts = np.repeat(rng.random(width // 12 + 1) < 0.6, 12)[:width]
        band[:, cuts] = 0
    if u[1] < 0.08:  # a rule, or an underline, that stayed in pieces
        y = int(rng.integers(height // 4, height)) if rng.random() < ON_LINE else foot
        start = int(rng.integers(width))
        stop = int(start + rng.uniform(0.1, 1.0) * width)
        level = int(y + rng.normal(0, 2))
        cv2.line(canvas, (start, y), (stop, level), int(rng.integers(90, 255)), thick, cv2.LINE_AA)
    if u[2] < 0.15:  # the rows above and below reach in
        for _ in range(int(rng.integers(1, 4))):
            x, top = int(rng.integers(width)), bool(rng.random() < 0.5)
            y = 0 if top else height - 1
            end = (
                int(x + rng.normal(0, 0.15 * height)),
                int(y + (1 if top else -1) * rng.uniform(0.05, 0.25) * height),
            )
            cv2.line(canvas, (x, y), end, 255, max(2, thick), cv2.LINE_AA)
    if u[3] < 0.1:
        for _ in range(int(rng.integers(1, 6))):
            spot = (int(rng.integers(width)), int(rng.integers(height)))
            cv2.circle(canvas, spot, int(rng.integers(1, max(2, height // 25 + 1))), 255, -1, cv2.LINE_AA)
    if u[4] < 0.1:
        for _ in range(max(1, width // 150)):
            spot = (int(rng.integers(width)), int(rng.integers(height)))
            cv2.circle(canvas, spot, max(1, height // 20), 0, -1, cv2.LINE_AA)
    return canvas


def photograph(canvas: NDArray[np.uint8], style: Style, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Blur, noise and light, then the reader's mask near Otsu's level; (h, w) uint8 ink on 0."""
    height, width = canvas.shape
    style = replace(style, photo=style.photo * min(1.0, height / 90))  # nobody photographs what cannot be read
    pieces = [canvas[:, start : start + 500] for start in range(0, width, 500)]  # `weather` knows up to 511 pixels
    seed = int(rng.integers(1 << 31))
    weathered = [weather(p, style, np.random.default_rng(seed)) for p in pieces]
    ink = np.concatenate([w[0] for w in weathered], axis=1)
    noise = weathered[0][1]
    otsu, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    level = min(max(otsu * (0.9 + style.photo * rng.uniform(-0.4, 0.2)), 12 + 4 * noise), 0.8 * float(ink.max()))
    _, mask = cv2.threshold(ink, level, 1, cv2.THRESH_BINARY)
    return np.asarray(ink * cv2.dilate(mask, SQUARE), np.uint8)


def render(parts: list[Part], style: Style, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A row's line image: (HEIGHT, w) uint8."""
    canvas = disturb(draw_row(parts, style, rng), style, rng)
    first = parts[0].item
    if isinstance(first, PhotoItem) and first.photographed:
        if rng.random() < 0.3 * style.photo:
            canvas = cv2.GaussianBlur(canvas, (0, 0), float(rng.uniform(0.4, 1.2)))
    elif min(canvas.shape) > 3:
        canvas = photograph(canvas, style, rng)
    made = line_image_of(canvas)
    if made is None:
        return np.zeros((HEIGHT, 16), np.uint8)
    image = made.image
    if style.accident:  # the reader's own idea of size and place is never exact
        zoom, up = np.exp(rng.normal(0, 0.11)), rng.normal(0, 1.4)
        if abs(zoom - 1) > 0.03 or abs(up) > 0.7:
            width = max(8, round(image.shape[1] * zoom))
            move = np.array([[zoom, 0, 0], [0, zoom, (1 - zoom) * HEIGHT / 2 + up]], np.float32)
            image = np.asarray(cv2.warpAffine(image, move, (width, HEIGHT), flags=cv2.INTER_LINEAR), np.uint8)
    return np.ascontiguousarray(image)
