"""From pen ink or a picture to the crop that a photograph of it would give.

What follows the drawing imitates the reader: blur, uneven ink, noise and JPEG, a threshold near Otsu's, a mask one
pixel fatter, its tight box, `crop`.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.strokes import affine, draw, longer_side, place_points
from models.recipe.drawing.style import Style, log_uniform
from ocrcli.letters.letter_crop import crop

cv2.setNumThreads(0)  # pictures this small gain nothing, and a fork would hang on the threads of its parent

NOISE = np.random.default_rng(7).standard_normal((512, 512)).astype(np.float32)
"""Drawn once: a random window of it costs a tenth of fresh noise."""

CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
SQUARE = np.ones((3, 3), np.uint8)

Array = NDArray[Any]


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
