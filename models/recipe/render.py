"""From pen ink or a picture to the crop that a photograph of it would give.

The geometry is that of Simard, Steinkraus and Platt (2003), "Best practices for convolutional neural
networks applied to visual document analysis": affine change and a smooth elastic field. It acts on the
points, before the pen draws, so that the pen's width stays free. What follows imitates the reader:
blur, uneven ink, noise and JPEG, a threshold near Otsu's, a mask one pixel fatter, its tight box, `crop`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrcli.glyphs import crop

cv2.setNumThreads(0)  # pictures this small gain nothing, and a fork would hang on the threads of its parent

SHIFT = 4
"""Fractional bits of cv2's coordinates."""

NOISE = np.random.default_rng(7).standard_normal((512, 512)).astype(np.float32)
"""Drawn once: a random window of it costs a tenth of fresh noise."""

PASSES = 3
"""Over a stroke's corners: each reaches one point farther."""

CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
SQUARE = np.ones((3, 3), np.uint8)

Array = NDArray[Any]


@dataclass(frozen=True)
class Style:
    """How much rendering may vary. Angles in degrees, probabilities in 0..1, lengths as stated."""

    capital: tuple[float, float] = (18.0, 90.0)
    """Capital height in pixels, log-uniform."""
    pen: tuple[float, float] = (0.03, 0.19)
    """Pen width in capital heights, log-uniform."""
    slant: float = 0.35
    rotation: float = 8.0
    stretch: float = 0.18
    wobble: float = 0.035
    """Amplitude of the elastic field in capital heights."""
    loose: float = 0.025
    """Standard deviation of one stroke's shift against the others, in capital heights."""
    accident: float = 1.0
    """Scales the probability of gaps, intruding neighbours, JPEG, and fatter or thinner ink."""
    photo: float = 1.0
    """Scales blur, noise and unevenness."""
    proportion: float = 0.0
    """Deviation of the logarithm of how long ascenders and descenders are, in rows of writing."""
    haste: float = 0.0
    """How much of its corners a pen in haste cuts off: 0 none, 1 all."""


PLAIN = Style(pen=(0.04, 0.16), slant=0, rotation=0, stretch=0, wobble=0, loose=0, accident=0, photo=0.5)
"""As written: only pen width, resolution and a mild photo vary. For evaluation and for finding wrong labels."""

STEADY = replace(PLAIN, pen=(0.06, 0.18), capital=(64.0, 64.0), photo=0)
"""As the small network's test was drawn that the goals were set by (`models.recipe.reference`): no photo, one size."""


def log_uniform(low: float, high: float, u: float) -> float:
    """Map u in 0..1 to low..high, evenly in the logarithm."""
    return float(low * (high / low) ** u)


def affine(style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """A random (2, 2) float32 matrix: stretch, then slant, then rotation."""
    u = rng.uniform(-1, 1, 4)
    angle = np.deg2rad(style.rotation) * u[0]
    cos, sin = np.cos(angle), np.sin(angle)
    shear = style.slant * u[1] * abs(u[1])  # mostly slight
    wide, tall = np.exp(style.stretch * u[2]), np.exp(style.stretch * 0.5 * u[3])
    turn = np.array([[cos, -sin], [sin, cos]])
    return (turn @ np.array([[wide, -shear * tall], [0, tall]])).astype(np.float32)


def bend(points: NDArray[np.float32], amplitude: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Shift (n, 2) points, in capital heights, along two smooth random waves."""
    waves = rng.uniform(-1, 1, (2, 2)).astype(np.float32) * 7
    phase = rng.uniform(0, 2 * np.pi, 2).astype(np.float32)
    size = (amplitude * rng.uniform(-1, 1, 2)).astype(np.float32)
    return points + np.sin(points @ waves + phase) * size


def hasten(points: NDArray[np.float32], ends: NDArray[Any], haste: float) -> NDArray[np.float32]:
    """Cut the corners of (n, 2) points in place, a stroke's ends excepted; sharpen them where ``haste`` is negative.

    Args:
        points: The strokes end to end.
        ends: (k,) where each stroke ends.
        haste: How much of each corner goes.
    """
    inner = np.ones(len(points), bool)
    inner[np.concatenate([[0], ends[:-1], ends - 1])] = False
    within = np.flatnonzero(inner)
    for _ in range(PASSES):
        cut = (points[within - 1] + points[within + 1]) / 2 - points[within]
        points[within] += np.float32(haste) * cut
    return points


def longer_side(points: Array) -> float:
    """The longer side of (m, 2) points."""
    return float(np.ptp(points, axis=0).max())


def place_points(
    points: NDArray[np.float32], offsets: NDArray[np.int32], style: Style, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Warp one character's points.

    Args:
        points: (m, 2) float32 in capital heights.
        offsets: (k + 1,) int32, the strokes within ``points``.
        style: How much to warp.
        rng: Source of chance.

    Returns:
        (m, 2) float32 in capital heights.
    """
    placed = points.copy()
    if style.haste:
        placed = hasten(placed, offsets[1:], rng.uniform(-0.25, 1) * style.haste)
    if style.loose and len(offsets) > 2:
        shifts = rng.normal(0, style.loose * min(1.0, longer_side(points)), (len(offsets) - 1, 2)).astype(np.float32)
        placed += np.repeat(shifts, np.diff(offsets), axis=0)
    if style.wobble:
        placed = bend(placed, style.wobble, rng)
    return np.asarray(placed @ affine(style, rng).T, np.float32)


def draw(
    placed: NDArray[np.float32],
    offsets: NDArray[np.int32],
    scale: float,
    width: int,
    style: Style,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Draw (m, 2) points, in capital heights, with a round pen; returns a uint8 canvas with a margin.

    Args:
        placed: (m, 2) float32 in capital heights.
        offsets: (k + 1,) int32, the strokes within ``placed``.
        scale: Pixels per capital height.
        width: Pen width in pixels.
        style: How likely gaps and intruders are.
        rng: Source of chance.
    """
    low = placed.min(axis=0)
    margin = width + 5
    pixels = (placed - low) * scale + (margin + rng.random(2))
    across, down = (pixels.max(axis=0) + margin + 1).astype(int)
    canvas = np.zeros((down, across), np.uint8)
    fixed = np.round(pixels * (1 << SHIFT)).astype(np.int32)
    for start, stop in pairwise(offsets):
        stroke = fixed[start:stop]
        if stop - start == 1:
            stroke = np.repeat(stroke, 2, axis=0)
            stroke[1] += 4  # cv2 draws nothing for a line without length
        cv2.polylines(canvas, [stroke], False, 255, width, cv2.LINE_AA, SHIFT)
    if rng.random() < 0.08 * style.accident:
        spot = fixed[rng.integers(len(fixed))]
        cv2.circle(canvas, (int(spot[0]), int(spot[1])), int((0.4 + 0.3 * width) * 16), 0, -1, cv2.LINE_AA, SHIFT)
    if rng.random() < 0.06 * style.accident:
        intrude(canvas, scale, width, margin, rng)
    return canvas


def intrude(canvas: NDArray[np.uint8], scale: float, width: int, margin: int, rng: np.random.Generator) -> None:
    """Draw, in place, a bit of a neighbour at the left or right edge of the glyph."""
    height, across = canvas.shape
    length = scale * rng.uniform(0.05, 0.25)
    x = margin - width / 2 if rng.random() < 0.5 else across - margin + width / 2
    y = rng.uniform(margin, max(margin + 1, height - margin))
    angle = rng.uniform(0, np.pi)
    end = (round(x + length * np.cos(angle) * 0.5), round(y + length * np.sin(angle)))
    cv2.line(canvas, (round(x), round(y)), end, 255, width, cv2.LINE_AA)


def thin(ink: NDArray[np.uint8], kernel: Array) -> NDArray[np.uint8]:
    """Erode (h, w) uint8 ink, unless that would tear fine strokes apart."""
    eroded = cv2.erode(ink, kernel)
    return eroded if eroded.sum() > 0.5 * ink.sum() else ink


def weather(ink: NDArray[np.uint8], style: Style, rng: np.random.Generator) -> tuple[NDArray[np.uint8], float]:
    """Photograph (h, w) uint8 ink; returns the ink as the reader has it, and the noise's deviation."""
    u = rng.random(8)
    if u[0] < 0.12 * style.accident:
        ink = cv2.dilate(ink, CROSS) if u[1] < 0.6 else thin(ink, CROSS)
    sigma = style.photo * (0.3 + 1.2 * u[2] ** 2) * min(1.5, max(ink.shape) / 45)
    if sigma > 0.25:
        ink = cv2.GaussianBlur(ink, (0, 0), sigma)
    height, width = ink.shape
    depth = style.photo * 0.6 * u[3]
    gain = 0.45 + 0.55 * u[4]
    uneven = gain * (1 - depth * rng.random((3, 3), np.float32))
    noise = style.photo * 12 * u[5] ** 2
    top, left = rng.integers(0, 512 - min(511, height)), rng.integers(0, 512 - min(511, width))
    grey = ink * cv2.resize(uneven, (width, height))
    if height < 512 and width < 512:
        grey += noise * NOISE[top : top + height, left : left + width]
    out = np.clip(grey, 0, 255).astype(np.uint8)
    if u[6] < 0.08 * style.accident:
        _, packed = cv2.imencode(".jpg", 255 - out, [cv2.IMWRITE_JPEG_QUALITY, int(30 + 50 * u[7])])
        out = 255 - np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
    return out, noise


def cut(ink: NDArray[np.uint8], floor: float, ratio: float, dilate: bool) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Threshold near Otsu's and crop as the reader does.

    Args:
        ink: (h, w) uint8 photographed ink.
        floor: Never threshold below this (the noise).
        ratio: Threshold in units of Otsu's.
        dilate: Whether the mask is one pixel fatter than the threshold's.

    Returns:
        The (32, 32) uint8 crop, and the glyph's (width, height) in pixels.
    """
    otsu, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    level = min(max(otsu * ratio, floor), 0.8 * float(ink.max()))
    _, mask = cv2.threshold(ink, level, 1, cv2.THRESH_BINARY)
    _, _, width, height = cv2.boundingRect(mask)
    if width == 0:
        return np.zeros((32, 32), np.uint8), (0, 0)
    if dilate:
        mask = cv2.dilate(mask, SQUARE)
    x, y, across, down = cv2.boundingRect(mask)
    window = np.s_[y : y + down, x : x + across]
    return crop(np.ascontiguousarray(ink[window]), mask[window].astype(bool)), (width, height)


def photograph(
    canvas: NDArray[np.uint8], style: Style, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """`weather`, then `cut` at a random level."""
    ink, noise = weather(canvas, style, rng)
    ratio = 0.9 + style.photo * rng.uniform(-0.4, 0.2)
    return cut(ink, 12 + 4 * noise, ratio, bool(rng.random() < 0.85))


def render_ink(
    points: NDArray[np.float32], offsets: NDArray[np.int32], style: Style, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """Draw one character of pen ink and photograph it.

    Args:
        points: (m, 2) float32 in capital heights.
        offsets: (k + 1,) int32, the strokes within ``points``.
        style: How much to vary.
        rng: Source of chance.

    Returns:
        The (32, 32) uint8 crop, and the glyph's (width, height) in capital heights as a reader measures it.
    """
    pen = log_uniform(*style.pen, rng.random())
    capital = log_uniform(*style.capital, rng.random()) / max(1.0, longer_side(points) / 1.4)
    width = max(1, round(pen * capital))
    scale = width / pen  # cv2 pens are whole pixels wide: the letter gives way
    placed = place_points(points, offsets, style, rng)
    image, (across, down) = photograph(draw(placed, offsets, scale, width, style, rng), style, rng)
    whole = scale + width
    return image, (across / whole, down / whole)


def render_picture(
    image: NDArray[np.uint8], style: Style, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """Warp a picture (bright ink on black) and photograph it.

    Returns:
        The (32, 32) uint8 crop, and the glyph's (width, height) in pixels of the picture.
    """
    height, width = image.shape
    scale = log_uniform(22, 72, rng.random()) / max(height, width)
    matrix = affine(style, rng) * np.float32(scale)
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float32) @ matrix.T
    low = corners.min(axis=0) - 3
    across, down = (corners.max(axis=0) - low + 4).astype(int)
    move = np.column_stack([matrix, -low])
    warped = cv2.warpAffine(image, move, (int(across), int(down)), flags=cv2.INTER_LINEAR)
    pen = rng.random()
    if pen < 0.25 * style.accident:
        warped = thin(warped, SQUARE if pen < 0.1 else CROSS)
    elif pen > 1 - 0.25 * style.accident:
        warped = cv2.dilate(warped, SQUARE)
    found, (width, height) = photograph(warped, style, rng)
    return found, (width / scale, height / scale)


def picture_crop(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Crop a picture as it is, for evaluation; returns (32, 32) uint8."""
    padded = np.pad(image, 2)
    return cut(padded, 0, 0.7, True)[0]
