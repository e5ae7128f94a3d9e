"""Random fields that paper, tables and light are made of: smooth ones, grainy ones, edges."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Float = NDArray[np.float32]

GRAIN_SIDE = 512
"""Side of the noise that larger fields repeat, in pixels: white noise of a whole scene takes longer than its paper."""


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with ``probability``."""
    return bool(rng.random() < probability)


def pick(rng: np.random.Generator, names: dict[str, float]) -> str:
    """One of the names, each as often as its weight says."""
    weights = np.array(list(names.values()))
    return list(names)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between ``low`` and ``high``, all orders of magnitude equally likely."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def smooth(rng: np.random.Generator, height: int, width: int, cell: float) -> Float:
    """A smooth (height, width) float32 field around 0, mostly within -1 to 1, with bumps some ``cell`` pixels wide."""
    rows, columns = int(height / cell) + 4, int(width / cell) + 4
    knots = rng.standard_normal((rows, columns), dtype=np.float32) * np.float32(0.6)
    step = np.array([[1 / cell, 0, rng.uniform(1, 2)], [0, 1 / cell, rng.uniform(1, 2)]])
    if cell < 6:
        return np.asarray(_affine(knots, step, height, width))
    # Linear between knots shows its grid; a cubic at a sixth of the resolution, then linear, does not.
    coarse = max(2.0, cell / 6)
    small = (int(height / coarse) + 2, int(width / coarse) + 2)
    fine = _affine(
        knots, np.array([[coarse / cell, 0, step[0, 2]], [0, coarse / cell, step[1, 2]]]), *small, cubic=True
    )
    return np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_LINEAR))


def _affine(image: Array, back: Array, height: int, width: int, cubic: bool = False) -> Array:
    """The picture seen through a (2, 3) map from the result's pixels to its own."""
    how = (cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, back, (width, height), flags=how, borderMode=cv2.BORDER_REFLECT_101))


def grain(rng: np.random.Generator, height: int, width: int, softness: float = 0.0) -> Float:
    """White noise of mean 0 and deviation 1, (height, width) float32, blurred by a sigma of ``softness`` pixels."""
    tile = rng.standard_normal((min(height, GRAIN_SIDE), min(width, GRAIN_SIDE)), dtype=np.float32)
    if softness > 0.3:
        tile = soften(tile, softness, softness)
    return repeat(tile, height, width)


def soften(tile: Float, down: float, across: float) -> Float:
    """Noise blurred by so many pixels' sigmas: opposite edges still fit each other, its deviation is 1 again."""
    rows, columns = tile.shape
    y, x = min(rows, int(3 * down) + 1), min(columns, int(3 * across) + 1)
    padded = np.concatenate([tile[rows - y :], tile, tile[:y]])
    padded = np.concatenate([padded[:, columns - x :], padded, padded[:, :x]], axis=1)
    blurred = cv2.GaussianBlur(padded, (0, 0), sigmaX=max(across, 0.1), sigmaY=max(down, 0.1))
    part = blurred[y : y + rows, x : x + columns]
    return np.asarray(part / max(float(part.std()), 1e-6), np.float32)


def repeat(tile: Float, height: int, width: int) -> Float:
    """The tile again and again, up to (height, width)."""
    rows, columns = tile.shape[:2]
    if rows < height or columns < width:
        tile = np.tile(tile, (-(-height // rows), -(-width // columns)))
    return np.ascontiguousarray(tile[:height, :width])


def plane(height: int, width: int, angle: float, origin: tuple[float, float]) -> Float:
    """Signed distance in pixels from a line through ``origin`` (x, y) whose normal points at ``angle`` (radians)."""
    across = (np.arange(width, dtype=np.float32) - np.float32(origin[0])) * np.float32(np.cos(angle))
    down = (np.arange(height, dtype=np.float32) - np.float32(origin[1])) * np.float32(np.sin(angle))
    return np.asarray(down[:, None] + across[None])


def look_up(distance: Float, values: Float, start: float, step: float) -> Float:
    """A function of distance, given as ``values`` at start, start + step, ...: quicker than a power each."""
    index = ((distance - np.float32(start)) * np.float32(1 / step)).astype(np.int32)
    return np.asarray(values[np.clip(index, 0, len(values) - 1, out=index)])


def shade(below: Float, factor: Float) -> Float:
    """Multiply (h, w, 3) ``below`` by an (h, w) factor in place; return it."""
    if not below.flags.c_contiguous:
        below *= factor[..., None]
        return below
    return np.asarray(cv2.multiply(below, cv2.merge([factor, factor, factor]), dst=below))


def blend(below: Float, colour: Array, alpha: Array) -> Float:
    """Lay ``colour`` (3,) or (h, w, 3) over (h, w, 3) ``below`` in place, where (h, w) ``alpha`` says; return it."""
    weight, tone = np.asarray(alpha, np.float32), np.asarray(colour, np.float32)
    if tone.ndim > 1 or not below.flags.c_contiguous:
        below += (tone - below) * weight[..., None]
        return below
    shade(below, 1 - weight)
    return np.asarray(cv2.add(below, tinted(weight, tone), dst=below))


def tinted(factor: Float, tint: Array) -> Float:
    """(h, w, 3) float32 of one colour, (3,), darker and lighter as an (h, w) factor says."""
    return np.asarray(cv2.merge([factor * np.float32(tone) for tone in tint]))


def blend_within(below: Float, colour: Array, alpha: Array, top: int, left: int) -> None:
    """Lay a colour over a part of (h, w, 3) ``below`` in place; ``alpha`` starts at row ``top``, column ``left``."""
    y, x = max(top, 0), max(left, 0)
    part = below[y : max(0, top + alpha.shape[0]), x : max(0, left + alpha.shape[1])]
    if part.size:
        blend(part, colour, alpha[y - top : y - top + part.shape[0], x - left : x - left + part.shape[1]])


def soft(mask: Array, sigma: float) -> Float:
    """An (h, w) uint8 mask, 255 inside, as float32 alpha with its edge blurred by ``sigma`` pixels."""
    alpha = mask.astype(np.float32) * np.float32(1 / 255)
    if sigma < 0.4:
        return alpha
    if sigma > 6:  # wide blurs at a fraction of the resolution
        height, width = mask.shape
        small = (max(2, int(width * 3 / sigma)), max(2, int(height * 3 / sigma)))
        shrunk = cv2.resize(alpha, small, interpolation=cv2.INTER_AREA)
        shrunk = cv2.GaussianBlur(shrunk, (0, 0), 3, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))
