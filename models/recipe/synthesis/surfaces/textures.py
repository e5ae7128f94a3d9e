"""Tables, cloths and keyboards that no photo is needed for, and things that lie about."""

from __future__ import annotations

import cv2
import numpy as np

from models.recipe.synthesis.fields import (
    Array,
    Float,
    blend,
    chance,
    grain,
    log_uniform,
    pick,
    shade,
    smooth,
    soft,
    soften,
    tinted,
)

WOODS = (
    (0.72, 0.52, 0.33),
    (0.45, 0.28, 0.17),
    (0.85, 0.72, 0.55),
    (0.3, 0.2, 0.14),
    (0.62, 0.6, 0.56),
    (0.6, 0.32, 0.2),
)
SKINS = ((0.93, 0.76, 0.66), (0.82, 0.62, 0.5), (0.62, 0.43, 0.32), (0.4, 0.27, 0.2), (0.96, 0.83, 0.76))


def wood(rng: np.random.Generator, height: int, width: int) -> Float:
    """Planks with rings drawn out into grain, knots and seams."""
    rows, columns = height // 2 + 2, width // 2 + 2
    bent = smooth(rng, rows, columns, rows * rng.uniform(0.2, 0.8)) * np.float32(rng.uniform(2, 16))
    bent += np.linspace(0, rng.uniform(4, 60), rows, dtype=np.float32)[:, None]
    rings = np.sin(bent + smooth(rng, rows, columns, 12) * np.float32(0.4))
    pores = soften(grain(rng, rows, columns), 0.1, rng.uniform(5, 20))
    factor = 1 + rings * np.float32(rng.uniform(0.01, 0.12)) + pores * np.float32(rng.uniform(0.005, 0.08))
    if chance(rng, 0.5):  # planks, or strips of parquet
        tall = max(8, int(rows * rng.uniform(0.06, 0.5)))
        tones = rng.normal(1, rng.uniform(0.02, 0.12), rows // tall + 1).astype(np.float32)
        factor *= np.repeat(tones, tall)[:rows, None]
        for y in range(int(rng.integers(tall)), rows, tall):
            factor[y : y + int(rng.integers(1, 3))] *= np.float32(rng.uniform(0.3, 0.9))
    wide = cv2.resize(factor, (width, height), interpolation=cv2.INTER_LINEAR)
    tint = np.clip(np.array(WOODS[rng.integers(len(WOODS))]) * rng.uniform(0.7, 1.2), 0, 1)
    colour = tinted(wide, tint)
    return np.ascontiguousarray(colour if chance(rng, 0.5) or height != width else colour.transpose(1, 0, 2))


def cloth(rng: np.random.Generator, height: int, width: int) -> Float:
    """Woven, knitted, checked or striped cloth with folds."""
    kind = pick(rng, {"weave": 0.35, "knit": 0.2, "checked": 0.25, "stripes": 0.2})
    tint = rng.uniform(0.05, 0.95, 3) if chance(rng, 0.5) else np.full(3, rng.uniform(0.05, 0.95))
    side = int(log_uniform(rng, 3, 26))
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side * np.float32(2 * np.pi)
    if kind == "knit":
        thread = np.cos(x) * 0.4 + np.sin(y + np.abs(np.sin(x / 2)) * 4) * 0.5
    else:
        over = np.sign(np.sin(x) * np.sin(y))
        thread = np.where(over > 0, np.cos(2 * x), np.cos(2 * y)) * 0.5
    depth = np.float32(rng.uniform(0.03, 0.3))
    tile = np.tile(1 + thread.astype(np.float32) * depth, (-(-height // side), -(-width // side)))[:height, :width]
    folds = smooth(rng, height, width, max(height, width) * log_uniform(rng, 0.06, 0.6)) * np.float32(
        rng.uniform(0, 0.2)
    )
    factor = tile * (1 + folds) + grain(rng, height, width, 0.8) * np.float32(rng.uniform(0, 0.05))
    colour = tinted(factor, tint)
    if kind in ("checked", "stripes"):
        apart, other = int(log_uniform(rng, 12, 220)), rng.uniform(0.02, 1, 3)
        on = (np.arange(max(height, width)) // apart % 2).astype(np.float32)
        bars = np.broadcast_to(on[:width] * 0.5, (height, width))
        if kind == "checked":
            bars = bars + on[:height, None] * 0.5
        turned = tinted(factor, other)
        weight = np.ascontiguousarray(bars if kind == "checked" else bars * 2, np.float32)
        colour = cv2.blendLinear(turned, colour, weight, 1 - weight)
    return np.asarray(np.clip(colour, 0, 1, out=colour))


def keyboard(rng: np.random.Generator, height: int, width: int) -> Float:
    """Rows of keys with a letter on each, dark or light."""
    dark = chance(rng, 0.75)
    key = int(max(height, width) * log_uniform(rng, 0.04, 0.16)) + 8
    ground, top = (0.05, rng.uniform(0.08, 0.25)) if dark else (rng.uniform(0.4, 0.8), rng.uniform(0.8, 0.95))
    picture = np.full((height, width), int(ground * 255), np.uint8)
    gap = max(1, int(key * rng.uniform(0.05, 0.2)))
    mark = int((rng.uniform(0.5, 0.95) if dark else rng.uniform(0.05, 0.4)) * 255)
    size, thick = key * rng.uniform(0.008, 0.018), max(1, key // 30)
    for row in range(-1, height // key + 1):
        shift = int(rng.uniform(-1, 0) * key)
        y = row * key
        x = shift
        while x < width:
            wide = key if chance(rng, 0.93) else int(key * rng.uniform(1.3, 5))
            cv2.rectangle(picture, (x + gap, y + gap), (x + wide, y + key), int(top * 255 * rng.uniform(0.9, 1.05)), -1)
            letter = chr(int(rng.integers(33, 91)))
            where = (x + gap + key // 6, y + gap + int(key * 0.55))
            cv2.putText(picture, letter, where, cv2.FONT_HERSHEY_SIMPLEX, size, mark, thick, cv2.LINE_AA)
            x += wide
    grey = picture.astype(np.float32) * np.float32(1 / 255)
    return tinted(grey, np.clip(1 + rng.normal(0, 0.03, 3), 0, 1.1))


def plain(rng: np.random.Generator, height: int, width: int) -> Float:
    """A table top, a wall or a floor without pattern, or of speckled stone."""
    tint = np.clip(rng.uniform(0.04, 0.95) + rng.normal(0, 0.06, 3), 0.02, 1)
    factor = 1 + smooth(rng, height, width, max(height, width) / 3) * np.float32(rng.uniform(0, 0.12))
    noise = grain(rng, height, width, log_uniform(rng, 0.4, 6))
    factor += noise * np.float32(log_uniform(rng, 0.004, 0.12))
    if chance(rng, 0.25):
        flecks = np.where(np.abs(noise) > 2, noise, 0)
        factor += flecks * np.float32(rng.uniform(-0.3, 0.3))
    return tinted(factor, tint)


def screen(rng: np.random.Generator, height: int, width: int) -> Float:
    """A dark screen or glossy black with reflections."""
    shine = np.maximum(smooth(rng, height, width, max(height, width) / 2) * np.float32(0.15), 0)
    return tinted(shine + np.float32(rng.uniform(0.01, 0.12)), np.ones(3))


def _round_box(height: int, width: int, middle: Array, size: Array, angle: float, radius: float) -> Array:
    """A turned rectangle with round corners, (height, width) uint8, 255 inside."""
    mask = np.zeros((height, width), np.uint8)
    inner = np.maximum(size - 2 * radius, 1)
    corners = cv2.boxPoints(((float(middle[0]), float(middle[1])), (float(inner[0]), float(inner[1])), angle))
    points = corners.astype(np.int32)
    cv2.fillPoly(mask, [points], 255, cv2.LINE_AA)
    cv2.polylines(mask, [points], True, 255, max(1, round(2 * radius)), cv2.LINE_AA)
    return mask


def _pen(rng: np.random.Generator, colour: Float, alpha: Float) -> None:
    """A pen or pencil, with a highlight along it and its shadow, in place."""
    height, width = alpha.shape
    side = max(height, width)
    long, thick = side * rng.uniform(0.2, 0.8), side * rng.uniform(0.012, 0.035)
    middle, angle = rng.uniform((0, 0), (width, height)), rng.uniform(0, 180)
    tint = rng.uniform(0.02, 0.95, 3) if chance(rng, 0.6) else np.full(3, rng.uniform(0.03, 0.9))
    body = _round_box(height, width, middle, np.array([long, thick]), angle, thick * 0.3)
    light = _round_box(height, width, middle - thick * 0.15, np.array([long * 0.9, thick * 0.15]), angle, thick * 0.05)
    way = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    cap = _round_box(height, width, middle + way * long * 0.35, np.array([long * 0.3, thick * 1.1]), angle, thick * 0.2)
    _lay(rng, colour, alpha, body, tint, thick * 0.5)
    blend(colour, rng.uniform(0.02, 0.95, 3), soft(cap, 0.8))
    blend(colour, np.ones(3), soft(light, 1) * rng.uniform(0.1, 0.7))
    np.maximum(alpha, soft(cap, 0.8), out=alpha)


def _lay(rng: np.random.Generator, colour: Float, alpha: Float, mask: Array, tint: Array, shadow: float) -> None:
    """Put a thing of one colour down, and the shadow beside it, in place."""
    shift = rng.normal(0, shadow, 2)
    away = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    moved = cv2.warpAffine(mask, away, mask.shape[::-1])
    fallen = soft(moved, max(1.0, shadow * 0.8)) * np.float32(rng.uniform(0.2, 0.6))
    blend(colour, np.zeros(3), np.minimum(1, fallen / np.maximum(np.maximum(alpha, fallen), 1e-3)))
    np.maximum(alpha, fallen.astype(np.float32), out=alpha)
    cover = soft(mask, 0.8)
    blend(colour, tint, cover)
    np.maximum(alpha, cover, out=alpha)


def _hand(rng: np.random.Generator, colour: Float, alpha: Float) -> None:
    """Fingers that reach in from an edge and hold the sheet, in place."""
    height, width = alpha.shape
    side = max(height, width)
    skin = np.array(SKINS[rng.integers(len(SKINS))]) * rng.uniform(0.75, 1.05)
    thick = side * rng.uniform(0.05, 0.11)
    edge = rng.uniform((0, 0), (width, height))
    axis, far = int(rng.integers(2)), int(rng.integers(2))
    edge[axis] = (width, height)[axis] * far
    inward = np.zeros(2)
    inward[axis] = 1 - 2 * far
    side_step = inward[::-1] * thick * 1.1
    mask, nails = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    for k in range(int(rng.integers(1, 5))):
        start = edge + side_step * k - inward * thick
        tip = start + inward * (thick + side * rng.uniform(0.08, 0.2)) + rng.normal(0, thick * 0.3, 2)
        bend = (start + tip) / 2 + rng.normal(0, thick * 0.3, 2)
        finger = [np.array([start, bend, tip]).astype(np.int32)]
        cv2.polylines(mask, finger, False, 255, max(2, round(thick * rng.uniform(0.85, 1.05))), cv2.LINE_AA)
        cv2.circle(nails, (int(tip[0]), int(tip[1])), max(1, int(thick * 0.25)), 255, -1, cv2.LINE_AA)
    _lay(rng, colour, alpha, mask, skin, thick * 0.25)
    # Round: lighter in the middle of each finger than at its sides.
    ridge = soft(mask, thick * 0.35) * soft(mask, 0.8)
    shade(colour, 1 - soft(mask, 0.8) * (1 - np.clip(ridge * 1.1, 0.5, 1)) * np.float32(0.8))
    blend(colour, np.clip(skin * 1.12 + 0.04, 0, 1), soft(nails, 1) * 0.6)


def _at_an_edge(rng: np.random.Generator, height: int, width: int) -> Array:
    """(2,) x and y near one of the scene's edges."""
    place = rng.uniform(0, 1, 2)
    place[rng.integers(2)] = rng.choice([0.0, 1.0]) + rng.normal(0, 0.04)
    return np.asarray(place * (width, height))


def objects(rng: np.random.Generator, height: int, width: int, count: int | None = None) -> tuple[Float, Float]:
    """Things that lie on or beside a sheet: pens, fingers, a phone, a cup; with their shadows.

    Args:
        rng: Source of chance.
        height: Of the scene, in pixels.
        width: Of the scene, in pixels.
        count: How many; chance decides if it is not given.

    Returns:
        (height, width, 3) float32 colours, and (height, width) float32 alpha: what of them covers the scene. Shadows
        are black with an alpha of less than 1.
    """
    whole = (width, height)
    height, width = height // 2 + 1, width // 2 + 1  # they lie apart from the sheet, a little out of focus
    colour, alpha = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    side = max(height, width)
    for _ in range(int(rng.integers(1, 3)) if count is None else count):
        kind = pick(rng, {"pen": 0.4, "hand": 0.3, "phone": 0.15, "cup": 0.15})
        if kind == "pen":
            _pen(rng, colour, alpha)
        elif kind == "hand":
            _hand(rng, colour, alpha)
        elif kind == "phone":
            size = side * rng.uniform(0.15, 0.3) * np.array([1, 2])
            middle = _at_an_edge(rng, height, width)
            mask = _round_box(height, width, middle, size, rng.uniform(0, 180), size[0] * 0.12)
            _lay(rng, colour, alpha, mask, np.full(3, rng.uniform(0.02, 0.2)), side * 0.01)
        else:
            radius = side * rng.uniform(0.08, 0.2)
            middle = _at_an_edge(rng, height, width)
            tints = (rng.uniform(0.1, 0.95, 3), np.array([0.2, 0.1, 0.05]))
            for part, tint in zip((1.0, rng.uniform(0.75, 0.9)), tints, strict=True):
                mask = np.zeros((height, width), np.uint8)
                axes = (int(radius * part), int(radius * part * 0.9))
                cv2.ellipse(mask, (int(middle[0]), int(middle[1])), axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
                _lay(rng, colour, alpha, mask, tint, side * 0.012 if part == 1 else 1)
    return cv2.resize(colour, whole), cv2.resize(alpha, whole)
