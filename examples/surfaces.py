"""What is written on, and what that lies on: paper, blackboard and tables.

Every surface is a float32 array of shape (height, width, 3) that holds the share of light, 0 to 1, that
each pixel throws back. These shares are linear; only the camera turns them into the values of a JPEG.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor
from scipy import ndimage

Floats = NDArray[np.float32]


def noise(shape: tuple[int, int], sigma: float | tuple[float, float], rng: np.random.Generator) -> Floats:
    """Smooth random values.

    Args:
        shape: Height and width.
        sigma: Size of the blobs in pixels, of both axes or of (y, x).
        rng: The source of chance.

    Returns:
        (height, width) float32 of mean 0 and standard deviation 1.
    """
    sigmas = np.broadcast_to(np.asarray(sigma, float), (2,))
    # Large blobs are drawn small and enlarged: a wide filter over the full size would take seconds.
    steps = np.maximum(1.0, sigmas / 3.0)
    small = tuple(int(np.ceil(side / step)) + 8 for side, step in zip(shape, steps, strict=True))
    field = rng.standard_normal(small).astype(np.float32)
    field = ndimage.gaussian_filter(field, sigmas / steps, mode="wrap")
    field = (field - field.mean()) / (field.std() + 1e-6)
    if small[0] - 8 == shape[0] and small[1] - 8 == shape[1]:
        return field[4:-4, 4:-4]
    rows = (np.arange(shape[0], dtype=np.float32) / steps[0] + 3).astype(np.float32)
    columns = (np.arange(shape[1], dtype=np.float32) / steps[1] + 3).astype(np.float32)
    grid = np.meshgrid(rows, columns, indexing="ij")
    return np.asarray(ndimage.map_coordinates(field, grid, order=1 if max(steps) < 2 else 3), np.float32)


def linear(colour: str) -> Floats:
    """The light that a colour such as ``#f4f1e8`` throws back.

    Returns:
        (3,) float32, linear red, green and blue.
    """
    value = np.asarray(ImageColor.getrgb(colour)[:3], np.float32) / 255
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4), np.float32)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A piece of paper.

    Attributes:
        size: Height and width in pixels.
        colour: Of the paper.
        rules: First rule and distance of the rules in pixels; (0, 0) is blank paper.
        rule_colour: Of the rules.
        squared: Whether there are rules from top to bottom as well.
        margin: Position of the red margin line in pixels; 0 is none.
        flecks: Fibres per million pixels that are darker than the paper: 0 for white copying
            paper, a few hundred for recycled paper.
        creases: Where it was folded, as shares of the height.
    """

    size: tuple[int, int]
    colour: str = "#f3f1ea"
    rules: tuple[float, float] = (0.0, 0.0)
    rule_colour: str = "#9db4cf"
    squared: bool = False
    margin: float = 0.0
    flecks: int = 0
    creases: tuple[float, ...] = ()


def paper(sheet: Sheet, rng: np.random.Generator) -> Floats:
    """A sheet, seen flat and in even light.

    Returns:
        (height, width, 3) float32.
    """
    height, width = sheet.size
    fibre = 0.010 * noise(sheet.size, 0.8, rng) + 0.008 * noise(sheet.size, 2.5, rng)
    cloudy = 0.008 * noise(sheet.size, 25, rng) + 0.010 * noise(sheet.size, 160, rng)
    page = linear(sheet.colour) * (1 + fibre + cloudy)[..., None]
    if sheet.flecks:
        page *= (1 - 0.35 * _flecks(sheet.size, sheet.flecks, rng))[..., None]
    rows, columns = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    first, pitch = sheet.rules
    if pitch:
        rule = np.repeat(_rules(rows, first, pitch)[:, None], width, axis=1)
        if sheet.squared:
            rule = np.maximum(rule, _rules(columns, pitch / 2, pitch)[None, :])
        # Printed rules are screened and worn, so the colour comes and goes along them.
        rule *= np.clip(0.75 + 0.12 * noise(sheet.size, 6, rng), 0, 1)
        page = _tint(page, rule, linear(sheet.rule_colour))
    if sheet.margin:
        line = np.repeat(_stripe(columns - sheet.margin, 1.6)[None, :], height, axis=0)
        page = _tint(page, 0.7 * line, linear("#d9777d"))
    for crease in sheet.creases:
        page *= _crease(sheet.size, crease, rng)[..., None]
    return page.astype(np.float32)


def board(size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """A blackboard that was wiped with a dry sponge before.

    Args:
        size: Height and width in pixels.
        rng: The source of chance.

    Returns:
        (height, width, 3) float32.
    """
    rows, columns = np.indices(size, dtype=np.float32)
    dust = 0.024 + 0.012 * noise(size, 150, rng) + 0.003 * noise(size, 0.9, rng)
    # The sponge went to and fro in shallow arcs, first one way, then the other, and not everywhere.
    for climb in (-0.20, 0.12):
        wipe = noise(size, (16, 260), rng) + 0.5 * noise(size, (3, 150), rng)
        off = columns - size[1] * rng.uniform(0.3, 0.7)
        arc = rows + climb * off + 0.00007 * off**2
        wipe = ndimage.map_coordinates(wipe, (arc, columns), order=1, mode="mirror")
        dust += 0.005 * wipe * np.clip(0.5 + noise(size, 220, rng), 0, 1.5)
    dust = np.clip(dust, 0, None)[..., None]
    slate = linear("#27332f") * (1 + 0.05 * noise(size, 1.2, rng))[..., None]
    return np.asarray(slate + dust * linear("#eef0ea"), np.float32)


def wood(size: tuple[int, int], rng: np.random.Generator, *, dark: str, bright: str) -> Floats:
    """A wooden table top with its grain from left to right.

    Args:
        size: Height and width in pixels.
        rng: The source of chance.
        dark: Colour of the late wood.
        bright: Colour of the early wood.

    Returns:
        (height, width, 3) float32.
    """
    rows, columns = np.indices(size, dtype=np.float32)
    # Boards side by side, each cut from another trunk. A board cuts the yearly rings at a small angle:
    # far from the heart they run straight, near it they form long arches.
    width = 0.31 * size[0]
    plank = np.floor((rows + rng.uniform(0, width)) / width).astype(int)
    heart = rng.uniform(-1.2, 1.2, plank.max() + 1)[plank] * width
    shift = rng.uniform(-1, 2, plank.max() + 1)[plank] * size[1]
    across = (rows % width) - width / 2 - heart + 9 * noise(size, (60, 420), rng)
    rings = np.hypot(across, (columns - shift) / 14) / 17 + 0.5 * noise(size, (25, 330), rng)
    # Early wood is wide and fades slowly into the thin dark line of late wood, where a year ends.
    year = (rings % 1.0) ** 3
    pores = np.clip(noise(size, (0.6, 11), rng) - 1.1, 0, 1.5)
    fine = noise(size, (0.9, 60), rng) + noise(size, (3, 240), rng)
    tone = rng.normal(0, 0.10, plank.max() + 1)[plank] + 0.05 * noise(size, 260, rng)
    share = np.clip(0.66 + tone - 0.34 * ndimage.gaussian_filter(year, (1.2, 3)) - 0.22 * pores + 0.07 * fine, 0, 1)
    seam = np.abs((rows % width) - np.float32(1.5)) < 1.5
    top = linear(dark) * (1 - share[..., None]) + linear(bright) * share[..., None]
    return np.asarray(top * (1 - 0.55 * ndimage.gaussian_filter(seam.astype(np.float32), 0.8))[..., None], np.float32)


def cloth(size: tuple[int, int], rng: np.random.Generator, *, colour: str) -> Floats:
    """A woven table cloth.

    Args:
        size: Height and width in pixels.
        rng: The source of chance.
        colour: Of the yarn.

    Returns:
        (height, width, 3) float32.
    """
    rows, columns = np.indices(size, dtype=np.float32)
    rows, columns = rows + 2 * noise(size, 40, rng), columns + 2 * noise(size, 40, rng)
    weave = np.sin(rows * 0.9) * np.sin(columns * 0.9)
    thick = noise(size, (1.5, 40), rng) + noise(size, (40, 1.5), rng)
    fold = noise(size, (500, 160), rng)
    shade = 1 + 0.10 * weave + 0.06 * thick + 0.07 * fold + 0.05 * noise(size, 1, rng)
    return np.asarray(linear(colour) * np.clip(shade, 0.2, 2)[..., None], np.float32)


def _rules(at: Floats, first: float, pitch: float) -> Floats:
    """Stripes every `pitch` pixels from `first` on; (n,) float32, 1 on a stripe."""
    off = (at - first + pitch / 2) % pitch - pitch / 2
    return np.asarray(np.where(at >= first - 4, _stripe(off, 1.3), 0), np.float32)


def _stripe(off: Floats, half_width: float) -> Floats:
    """1 within `half_width` of 0, falling to 0 over the next pixel; same shape, float32."""
    return np.clip(half_width + 0.5 - np.abs(off), 0, 1).astype(np.float32)


def _tint(page: Floats, share: Floats, colour: Floats) -> Floats:
    """Print over a page: paper shows where `share` (h, w) is 0, `colour` (3,) where it is 1."""
    return np.asarray(page * (1 - share[..., None]) + colour * share[..., None], np.float32)


def _flecks(size: tuple[int, int], per_million: int, rng: np.random.Generator) -> Floats:
    """Short fibres that lie every way; (h, w) float32 from 0 to 1."""
    out = np.zeros(size, np.float32)
    for _ in range(per_million * size[0] * size[1] // 1_000_000):
        y, x, turn = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(0, 3.1)
        along = np.arange(rng.integers(3, 16))
        turns = turn + along * rng.normal(0, 0.06)
        rows, columns = (y + np.cumsum(np.sin(turns))).astype(int), (x + np.cumsum(np.cos(turns))).astype(int)
        inside = (rows >= 0) & (rows < size[0]) & (columns >= 0) & (columns < size[1])
        out[rows[inside], columns[inside]] = rng.uniform(0.3, 1)
    return np.asarray(np.clip(1.6 * ndimage.gaussian_filter(out, 0.7), 0, 1), np.float32)


def _crease(size: tuple[int, int], at: float, rng: np.random.Generator) -> Floats:
    """Light on a fold that was flattened again: bright above it, dark below; (h, w) float32 around 1."""
    rows = np.arange(size[0], dtype=np.float32)[:, None]
    off = rows - at * size[0] - 1.5 * noise((1, size[1]), 60, rng)
    wide = np.exp(-np.abs(off) / 45) * np.sign(off) * -0.05
    sharp = -0.10 * np.exp(-((off - 1) ** 2) / 3) + 0.05 * np.exp(-((off + 3) ** 2) / 5)
    return np.asarray(1 + wide + sharp, np.float32)
