"""What happens to paper: fibres, crumples, folds, stains."""

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
    plane,
    repeat,
    smooth,
    soften,
)

COARSE = 4
"""Pixels of a sheet to one of the fields in which crumples and stains are drawn."""


def texture(rng: np.random.Generator, height: int, width: int, roughness: float) -> Float:
    """(height, width) float32 factor around 1: fine grain, felt-like clouds and lying fibres of a paper."""
    rows, columns = min(height, GRAIN_SIDE), min(width, GRAIN_SIDE)
    # The grain's photograph is softer than the grain: a lens has been in between.
    field = grain(rng, rows, columns, rng.uniform(0, 1.2)) * np.float32(0.5)
    felt = log_uniform(rng, 1.5, 8)
    field += soften(grain(rng, rows, columns), felt, felt) * np.float32(rng.uniform(0, 0.7))
    if chance(rng, 0.25):  # laid paper and cardboard have a direction
        long, short = rng.uniform(8, 30), rng.uniform(0.1, 1)
        lying = (short, long) if chance(rng, 0.5) else (long, short)
        field += soften(grain(rng, rows, columns), *lying) * np.float32(rng.uniform(0, 0.8))
    return np.asarray(repeat(1 + field * np.float32(roughness), height, width))


def specks(rng: np.random.Generator, height: int, width: int, pitch: float, dark: float) -> Float:
    """(height, width) float32 factor up to 1: the short fibres and flecks of recycled paper."""
    canvas = np.zeros((height, width), np.uint8)
    count = int(height * width / pitch**2 * rng.uniform(0.5, 6))
    at = rng.uniform((0, 0), (width, height), (min(count, 3000), 2))
    angles, bent = rng.uniform(0, 2 * np.pi, len(at)), rng.uniform(-0.8, 0.8, len(at))
    lengths = pitch * rng.exponential(0.05, len(at))
    ways = np.stack([np.cos(angles), np.sin(angles)], 1) * lengths[:, None]
    turned = np.stack([np.cos(angles + bent), np.sin(angles + bent)], 1) * lengths[:, None]
    curves = np.stack([at, at + ways, at + ways + turned], 1)
    groups = np.array_split((curves * 8).astype(np.int32), 4)
    for group in groups:
        cv2.polylines(canvas, list(group), False, int(rng.integers(60, 255)), 1, cv2.LINE_AA, 3)
    return np.asarray(1 - canvas.astype(np.float32) * np.float32(dark / 255))


def crumple(rng: np.random.Generator, height: int, width: int, strength: float) -> Float:
    """Facets of paper that was crushed and flattened, as (height, width) float32 factor around 1; any resolution."""
    rows, columns = 96, 96
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) / 96
    x, y = x + smooth(rng, rows, columns, 20) * 0.03, y + smooth(rng, rows, columns, 20) * 0.03
    field = np.zeros((rows, columns), np.float32)
    for count, weight in ((int(rng.integers(5, 14)), 1.0), (int(rng.integers(20, 60)), 0.6)):
        sites = rng.random((count, 2)).astype(np.float32)
        distance = (x[..., None] - sites[:, 0]) ** 2 + (y[..., None] - sites[:, 1]) ** 2
        nearest = distance.argmin(axis=-1)
        level, lean = rng.normal(0, 1, count), rng.normal(0, 3, (count, 2))
        inside = level[nearest] + (lean[nearest] * np.stack([x - sites[nearest, 0], y - sites[nearest, 1]], -1)).sum(-1)
        field += np.float32(weight) * inside.astype(np.float32)
        two = np.partition(distance, 1, axis=-1)
        ridge = np.exp(-(np.sqrt(two[..., 1]) - np.sqrt(two[..., 0])) / 0.012)
        field += np.float32(weight * 1.5) * ridge * np.sign(smooth(rng, rows, columns, 24))
    # Only a few facets face the lamp more than flat paper does; blurred, as edges between them would show steps.
    field = cv2.GaussianBlur(field - np.float32(np.percentile(field, 80)), (0, 0), 0.8)
    wide = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.maximum(1 + wide * np.float32(strength), np.float32(0.3)))


def fold(rng: np.random.Generator, height: int, width: int) -> Float:
    """One crease across the sheet, as (height, width) float32 factor: a thin line, light one side, dark the other."""
    upright = float(np.pi / 2 * rng.integers(0, 2) + rng.normal(0, 0.03))
    angle = rng.uniform(0, np.pi) if chance(rng, 0.15) else upright
    origin = (width * rng.uniform(0.15, 0.85), height * rng.uniform(0.15, 0.85))
    distance = plane(height, width, angle, origin)
    side = max(height, width)
    reach = np.arange(-1.5 * side, 1.5 * side, 0.5, dtype=np.float32)
    spread = side * log_uniform(rng, 0.01, 0.15)
    deep = rng.uniform(0.03, 0.2) * rng.choice([-1, 1])
    values = np.where(reach > 0, deep, -deep * rng.uniform(0.2, 1)) * np.exp(-np.abs(reach) / spread)
    values += np.where(reach > 0, 1, -1) * rng.uniform(-0.05, 0.05)
    width_of_line = max(0.8, side * 0.001 * rng.uniform(0.5, 2.5))
    values += rng.uniform(-0.25, 0.2) * np.exp(-((reach / width_of_line) ** 2))
    if chance(rng, 0.6):
        distance += (smooth(rng, height, width, side / 12) * np.float32(side * 0.002)).astype(np.float32)
    return look_up(distance, (1 + values).astype(np.float32), -1.5 * side, 0.5)


def folds(rng: np.random.Generator, height: int, width: int) -> Float:
    """One to three creases, as (height, width) float32 factor."""
    field = fold(rng, height, width)
    for _ in range(int(rng.integers(0, 3))):
        field *= fold(rng, height, width)
    return field


def stain(rng: np.random.Generator, height: int, width: int, colour: Array | None = None) -> Float:
    """A ring that a cup left, a spill with its darker rim, or a finger's smear.

    Returns:
        (height, width, 3) float32 transmittance; drawn soft, so any resolution does.
    """
    if colour is None:
        browns = ((0.72, 0.55, 0.35), (0.8, 0.7, 0.5), (0.7, 0.72, 0.75), (0.62, 0.5, 0.42), (0.85, 0.78, 0.6))
        colour = np.array(browns[rng.integers(len(browns))])
    side = min(height, width)
    radius = side * log_uniform(rng, 0.03, 0.35)
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    across = (np.arange(width, dtype=np.float32) - x)[None] * rng.uniform(0.8, 1.2)
    down = (np.arange(height, dtype=np.float32) - y)[:, None]
    distance = np.sqrt(across**2 + down**2)
    ring = chance(rng, 0.5)
    uneven = smooth(rng, height, width, radius * rng.uniform(0.3, 1.2) + 2)
    distance = (distance + uneven * radius * (0.03 if ring else rng.uniform(0.1, 0.5))) / radius
    rim = np.exp(-(((distance - 1) / rng.uniform(0.03, 0.1)) ** 2)) * rng.uniform(0.3, 1)
    inside = 1 / (1 + np.exp(np.clip((distance - 1) * rng.uniform(15, 60), -30, 30)))
    patchy = np.clip(0.6 + smooth(rng, height, width, radius + 2) * 0.8, 0, 1)
    cover = np.clip((rim + inside * (0.05 if ring else rng.uniform(0.2, 0.7))) * patchy, 0, 1)
    cover *= rng.uniform(0.2, 0.9)
    return np.asarray(1 - cover[..., None] * (1 - np.asarray(colour)), np.float32)


def specked(rng: np.random.Generator, colour: Array, most: float = 0.08) -> Array:
    """(height, width, 3) float32: a picture with dots strewn over it, or nothing but noise, as of no paper.

    Args:
        rng: Source of chance.
        colour: The picture.
        most: Share of it that dots cover, at most.
    """
    height, width = colour.shape[:2]
    dot = log_uniform(rng, 0.7, 5)  # pixels
    rows, columns = max(2, round(height / dot)), max(2, round(width / dot))
    if chance(rng, 0.8):
        field = (rng.random((rows, columns)) < log_uniform(rng, 0.001, most)).astype(np.float32)
    else:
        field = rng.random((rows, columns)).astype(np.float32) * np.float32(rng.uniform(0.2, 1)) * (most > 0.01)
    way = cv2.INTER_NEAREST if chance(rng, 0.5) else cv2.INTER_LINEAR
    cover = cv2.resize(field, (width, height), interpolation=way)[..., None]
    tone = np.float32(0 if chance(rng, 0.7) else rng.random())
    return np.asarray(colour + (tone - colour) * cover)
