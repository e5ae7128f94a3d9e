"""Light on a scene, and the photo that is taken of it."""

from __future__ import annotations

import cv2
import numpy as np

from models.recipe.synthesis.fields import (
    GRAIN_SIDE,
    Array,
    Float,
    chance,
    grain,
    log_uniform,
    look_up,
    pick,
    plane,
    repeat,
    smooth,
    soft,
)

Grey = np.ndarray[tuple[int, int], np.dtype[np.uint8]]

COARSE = 8
"""Pixels of a scene to one of the field in which soft light is drawn."""

DARKEST = 0.25
"""Light in the deepest shadow."""

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in a grey picture."""


def _shadow(rng: np.random.Generator, height: int, width: int) -> Float:
    """(height, width) float32 cover of the shadow of a hand, an arm, a head or the phone, hard or soft."""
    zoom = 2
    rows, columns = height // zoom + 2, width // zoom + 2
    side = max(rows, columns)
    mask = np.zeros((rows, columns), np.uint8)
    middle = rng.uniform((0, 0), (columns, rows))
    kind = pick(rng, {"phone": 0.35, "hand": 0.3, "half": 0.35})
    if kind == "phone":
        size = side * rng.uniform(0.25, 0.7) * np.array([rng.uniform(0.4, 0.7), 1])
        corners = cv2.boxPoints((tuple(map(float, middle)), tuple(map(float, size)), float(rng.normal(0, 25))))
        cv2.fillPoly(mask, [corners.astype(np.int32)], 255)
        reach = middle + rng.normal(0, side, 2)  # and the arm that holds it
        arm = [middle.astype(np.int32).tolist(), reach.astype(np.int32).tolist()]
        cv2.polylines(mask, [np.array(arm)], False, 255, int(side * rng.uniform(0.05, 0.25)) + 1)
    elif kind == "hand":
        for _ in range(int(rng.integers(1, 6))):
            tip = middle + rng.normal(0, side * 0.25, 2)
            line = np.stack([middle, (middle + tip) / 2 + rng.normal(0, side * 0.04, 2), tip]).astype(np.int32)
            cv2.polylines(mask, [line], False, 255, int(side * rng.uniform(0.02, 0.1)) + 1)
        cv2.circle(mask, (int(middle[0]), int(middle[1])), int(side * rng.uniform(0.05, 0.2)), 255, -1)
    else:
        distance = plane(rows, columns, rng.uniform(0, 2 * np.pi), (float(middle[0]), float(middle[1])))
        mask = np.where(distance > 0, 255, 0).astype(np.uint8)
    cover = soft(mask, side * log_uniform(rng, 0.0015, 0.12))
    return np.asarray(cv2.resize(cover, (width, height), interpolation=cv2.INTER_LINEAR))


def _soft_light(rng: np.random.Generator, height: int, width: int, strength: float) -> Float:
    """A slope, lamps' spots, the lens' dark corners, all drawn small; (height, width) float32 around 1."""
    rows, columns = height // COARSE + 2, width // COARSE + 2
    side = max(rows, columns)
    slope = plane(rows, columns, rng.uniform(0, 2 * np.pi), (columns / 2, rows / 2)) / np.float32(side)
    field = 1 + slope * np.float32(strength * rng.uniform(0, 1.2))
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.45, 0.15]))):
        at = rng.uniform((-0.2 * columns, -0.2 * rows), (1.2 * columns, 1.2 * rows))
        size = side * rng.uniform(0.2, 0.9)
        spot = 1 / (1 + ((x - at[0]) ** 2 + (y - at[1]) ** 2) / np.float32(size**2))
        field += (spot - np.float32(0.5)) * np.float32(strength * rng.uniform(0.2, 1.2))
    if chance(rng, 0.5):
        off = ((x - columns / 2) ** 2 + (y - rows / 2) ** 2) / np.float32(side**2 / 2)
        field *= 1 - off * np.float32(strength * rng.uniform(0, 0.8))
    field += smooth(rng, rows, columns, side / 3) * np.float32(strength * 0.12)
    return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR))


def light(rng: np.random.Generator, height: int, width: int) -> Float:
    """How much light falls where.

    Args:
        rng: Source of chance.
        height: Of the scene, in pixels.
        width: Of the scene, in pixels.

    Returns:
        (height, width) float32 to multiply reflectances with: 1 where it is brightest, `DARKEST` at least.
    """
    strength = log_uniform(rng, 0.03, 0.9)
    field = _soft_light(rng, height, width, strength)
    for _ in range(int(rng.choice([0, 1, 2], p=[0.6, 0.3, 0.1]))):
        field *= 1 - _shadow(rng, height, width) * np.float32(rng.uniform(0.08, 0.65))
    if chance(rng, 0.03):  # sun through blinds
        apart = max(height, width) * rng.uniform(0.03, 0.15)
        distance = plane(height, width, rng.uniform(0, np.pi), (0.0, 0.0))
        wave = np.sin(np.arange(4096, dtype=np.float32) * np.float32(2 * np.pi / 4096))
        edge = np.clip(wave * np.float32(log_uniform(rng, 1, 12)), -1, 1)
        phase = np.mod(distance, np.float32(apart))
        field *= 1 - (look_up(phase, edge, 0.0, apart / 4096) + 1) * np.float32(rng.uniform(0.05, 0.25))
    field /= max(float(field.max()), 1e-3)
    return np.asarray(np.clip(field, DARKEST, 1, out=field))


def _grey(rng: np.random.Generator, image: Float) -> Float:
    """(h, w) float32: luma after a lamp's tint and the camera's answer to it; sometimes another mixture."""
    weights = np.array(LUMA) if chance(rng, 0.8) else rng.dirichlet([2, 3, 1.5])
    warm = rng.normal(0, 0.12)
    cast = np.array([1 + warm, 1 + rng.normal(0, 0.04), 1 - warm])
    return np.asarray(cv2.transform(image, (weights * cast)[None].astype(np.float32)))


def _expose(rng: np.random.Generator, grey: Float) -> Float:
    """Exposure, contrast and tone curve: the brightest parts to white, or well below; (h, w) float32 in place."""
    bright = float(np.percentile(grey[::8, ::8], 97)) or 1.0
    style = pick(rng, {"normal": 0.66, "dim": 0.2, "flat": 0.09, "over": 0.05})
    white = {
        "normal": rng.uniform(0.68, 1.02),
        "dim": rng.uniform(0.25, 0.65),
        "flat": rng.uniform(0.6, 0.95),
        "over": rng.uniform(1.02, 1.2),
    }[style]
    grey *= np.float32(1 / max(bright, 0.02))
    cv2.max(grey, 0.0, dst=grey)
    cv2.pow(grey, float(np.exp(rng.normal(0, 0.22))), dst=grey)
    black = rng.uniform(0.15, 0.45) if style == "flat" else rng.exponential(0.04)
    grey *= np.float32(white * (1 - black))
    grey += np.float32(white * black)
    if chance(rng, 0.15):  # a lamp shines into the lens
        grey += np.float32(rng.uniform(0, 0.15)) * (1 + smooth(rng, grey.shape[0], grey.shape[1], max(grey.shape) / 2))
    return np.asarray(np.clip(grey, 0, 1, out=grey))


def _disc(radius: float) -> Float:
    """The kernel of a lens out of focus: a disc of a radius in pixels, with a soft rim; sums to 1."""
    reach = int(np.ceil(radius)) + 1
    axis = np.arange(-reach, reach + 1)
    kernel = np.clip(radius + 0.5 - np.hypot(axis[:, None], axis[None]), 0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _streak(length: float, angle: float) -> Float:
    """The kernel of a hand that moved: a line of a length in pixels; sums to 1."""
    side = int(np.ceil(length)) + 3
    canvas = np.zeros((side, side), np.uint8)
    way = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start, end = ((side / 2 - 0.5 + sign * way) * 16 for sign in (-1, 1))
    cv2.line(canvas, tuple(map(int, start)), tuple(map(int, end)), 255, 1, cv2.LINE_AA, 4)
    return canvas.astype(np.float32) / max(float(canvas.sum()), 1)


def _blur(rng: np.random.Generator, grey: Float, variance: float) -> Float:
    """Out of focus, or moved: blurred by a kernel of a ``variance`` in square pixels."""
    sigma = float(np.sqrt(variance))
    if sigma < 0.3:
        return grey
    kind = pick(rng, {"gauss": 0.5, "disc": 0.3, "moved": 0.2})
    if kind == "gauss":
        return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma))
    # A disc's variance along an axis is radius² / 4, a line's length² / 12 along it and none across.
    kernel = _disc(2 * sigma) if kind == "disc" else _streak(sigma * np.sqrt(12), rng.uniform(0, np.pi))
    return np.asarray(cv2.filter2D(grey, cv2.CV_32F, kernel))


def _noise(rng: np.random.Generator, grey: Float, most: float) -> None:
    """A sensor's noise on (h, w) ``grey`` in place: more where it is bright, in grains or in blotches.

    Args:
        rng: Source of chance.
        grey: 0 to 1.
        most: Its largest deviation, in levels of 255.
    """
    level = min(most, 14.0) * rng.beta(1, 2.5) / 255
    if level < 0.0015:
        return
    rows, columns = min(grey.shape[0], GRAIN_SIDE), min(grey.shape[1], GRAIN_SIDE)
    softness = rng.uniform(0, 0.9)
    field = grain(rng, rows, columns, softness)
    if chance(rng, 0.25):  # a phone took the fine noise away and left the coarse
        field = field * np.float32(0.3) + grain(rng, rows, columns, rng.uniform(1.5, 4)) * np.float32(0.7)
    wide = repeat(field * np.float32(level), *grey.shape)
    if chance(rng, 0.6):
        wide *= grey * np.float32(0.7) + np.float32(0.45)
    grey += wide


def _compress(rng: np.random.Generator, grey: Array, least: int) -> Array:
    """Through JPEG and back, (h, w) uint8."""
    quality = int(np.clip(95 - rng.exponential(22), least, 95))
    done, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)) if done else grey


def _scan(rng: np.random.Generator, grey: Float) -> Float:
    """What a scanning app makes of a photo: the light taken out, paper white, contrast high."""
    small = cv2.resize(grey, (max(8, grey.shape[1] // 16), max(8, grey.shape[0] // 16)), interpolation=cv2.INTER_AREA)
    ground = cv2.GaussianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (0, 0), 4)
    flat = grey / np.maximum(cv2.resize(ground, grey.shape[::-1]), 0.05)
    low, high = rng.uniform(0.1, 0.45), rng.uniform(0.8, 0.98)
    return np.asarray(np.clip((flat - low) / (high - low), 0, 1), np.float32)


def capture(rng: np.random.Generator, image: Float, size: float) -> Grey:
    """Take a photo.

    Args:
        rng: Source of chance.
        image: (h, w, 3) float32, 0 to 1, RGB: the scene in its light.
        size: Capital height of its writing, in pixels: no blur is so wide that a person could not read it any more.

    Returns:
        (h, w) uint8, grey.
    """
    height, width = image.shape[:2]
    grey = _expose(rng, _grey(rng, image))
    budget = min(2.2, size / 14) ** 2 * rng.beta(1, 1.6)
    factor = 1.0
    if chance(rng, 0.25):  # a small photo, enlarged: that too blurs, by some 0.4 of a coarse pixel
        factor = float(np.clip(np.sqrt(budget / 0.16 + 1) * rng.uniform(0.7, 1.1), 1, min(3.0, max(1.0, size / 9))))
        budget = max(0.0, budget - 0.16 * (factor**2 - 1))
        if factor > 1.1:
            small = (max(8, round(width / factor)), max(8, round(height / factor)))
            grey = cv2.resize(grey, small, interpolation=cv2.INTER_AREA)
    grey = _blur(rng, grey, budget / factor**2)
    _noise(rng, grey, 14.0 * min(1.0, size / 18))
    middle, bright = np.percentile(grey[::8, ::8], (50, 97))
    if middle > 0.5 * bright and chance(rng, 0.12):  # nobody scans a blackboard
        grey = _scan(rng, grey)
    if chance(rng, 0.3):
        halo = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.7, 2))
        cv2.addWeighted(grey, 1 + (amount := rng.uniform(0.3, 1.8)), halo, -amount, 0, dst=grey)
    levels = cv2.convertScaleAbs(np.clip(grey, 0, 1, out=grey), alpha=255)
    early = chance(rng, 0.6)
    if early or factor == 1:
        levels = _compress(rng, levels, 15 if size > 16 else 35)
    if levels.shape != (height, width):
        how = cv2.INTER_CUBIC if chance(rng, 0.6) else cv2.INTER_LINEAR
        levels = cv2.resize(levels, (width, height), interpolation=how)
        if not early or chance(rng, 0.3):
            levels = _compress(rng, levels, 30)
    return np.asarray(255 - levels if chance(rng, 0.04) else levels)
