"""One training crop: writing on paper, among other things, in light, before a camera; with what is true of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.style import log_uniform
from models.recipe.synthesis import camera, drawing
from models.recipe.synthesis.arrangement import Arranged, arrange
from models.recipe.synthesis.fields import smooth
from models.recipe.synthesis.hands import Hands
from models.recipe.synthesis.scene import CORE_STRIDE, Layers, draw_layers
from models.recipe.synthesis.surfaces import boards, paper, printed, textures, wear
from models.recipe.synthesis.surfaces.surroundings import Surroundings
from models.recipe.synthesis.warp import Warp, random_warp

Floats = NDArray[np.float32]
Crop = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int8]]

EMPTY, READING = 0.14, 0.45
"""Shares of crops without writing, and of the others of those as the page is read: upright, capitals of READ pixels."""

READ, SEEN = (18.0, 60.0), (8.0, 60.0)
"""Pixels of a capital in a crop as it is read, and in one as a photo is surveyed."""

INKS = (
    *((0.05, 0.05, 0.08), (0.08, 0.1, 0.35), (0.1, 0.15, 0.55), (0.02, 0.02, 0.02), (0.15, 0.15, 0.18)),
    *((0.6, 0.08, 0.1), (0.1, 0.4, 0.2), (0.45, 0.15, 0.45), (0.75, 0.4, 0.1), (0.1, 0.45, 0.5)),
)
"""RGB reflectances of pens."""


@dataclass(frozen=True)
class Studio:
    """All that photos are made of."""

    hands: Hands
    surroundings: Surroundings


@dataclass(frozen=True)
class Setting:
    """What will be photographed.

    Attributes:
        page: What is on it.
        warp: How it lies before the camera.
        capital: Pixels of a capital.
    """

    page: Arranged
    warp: Warp
    capital: float


@dataclass(frozen=True)
class Shot:
    """A photo of a page.

    Attributes:
        grey: (size, size) uint8.
        setting: What is on it.
        layers: What is true of it.
        visible: (size, size) float32, how much of the page is seen.
    """

    grey: NDArray[np.uint8]
    setting: Setting
    layers: Layers
    visible: Floats


def photograph(studio: Studio, size: int, rng: np.random.Generator, *, reading: bool | None = None) -> Crop:
    """Make a crop.

    Args:
        studio: What it is made of.
        size: Its side in pixels.
        rng: Source of chance.
        reading: Whether it is as the page is read, or as a photo is surveyed; None for either, by chance.

    Returns:
        Grey (size, size) uint8; ink (size, size) uint8; and core and up as in `scene.Layers`.
    """
    if rng.random() < EMPTY:
        return _empty(studio, size, rng)
    shot = shoot(studio, set_up(studio, size, rng, reading=reading), size, rng)
    layers = shot.layers
    seen = cv2.resize(shot.visible, (size // CORE_STRIDE, size // CORE_STRIDE), interpolation=cv2.INTER_AREA)
    up = np.where(seen[..., None] > 0.5, layers.up, 0).astype(np.int8)
    ink = (layers.written * shot.visible).astype(np.uint8)
    return shot.grey, ink, (layers.core * seen).astype(np.uint8), up


def set_up(studio: Studio, size: int, rng: np.random.Generator, *, reading: bool | None = None) -> Setting:
    """A page that something is written on; arguments as of `photograph`."""
    if reading is None:
        reading = rng.random() < READING
    capital = log_uniform(*(READ if reading else SEEN), rng.random())
    warp = random_warp(size, _turned(reading, rng), 0.4 if reading else 1.0, rng)
    return Setting(arrange(studio.hands, size, size, capital, rng), warp, capital)


def shoot(studio: Studio, setting: Setting, size: int, rng: np.random.Generator) -> Shot:
    """Take a photo of a page; arguments as of `photograph`."""
    layers = draw_layers(setting.page, setting.warp, size)
    image, visible = _scene(studio, setting.page, setting.warp, layers, size, setting.capital, rng)
    return Shot(camera.capture(rng, image, setting.capital), setting, layers, visible)


def _turned(reading: bool, rng: np.random.Generator) -> float:
    """Degrees that a page is turned: hardly as it is read; before, by about so many quarters, or anyhow."""
    if reading:
        return float(rng.normal(0, 2.5))
    return float(90 * rng.integers(4) + rng.normal(0, 7)) if rng.random() < 0.8 else float(rng.uniform(0, 360))


def _empty(studio: Studio, size: int, rng: np.random.Generator) -> Crop:
    """Nothing is written there: a table, a room, a sheet or board that is empty, or that something is printed on."""
    u = rng.random()
    if u < 0.6:
        image = studio.surroundings.picture(rng, size, size)
    elif u < 0.85:
        sheet = paper.sheet(rng, size, size, float(rng.uniform(12, 90)))
        image = _over(studio.surroundings.picture(rng, size, size), sheet.colour, sheet.alpha)
    else:
        image = boards.board(rng, size, size).colour
    if rng.random() < 0.3:
        image = _over(image, *textures.objects(rng, size, size))
    if rng.random() < 0.25:
        pen = float(rng.uniform(1, 6))
        image = _inked(image, drawing.doodle(rng, size, size, pen), _ink(False, rng))
    if rng.random() < 0.15:
        image = wear.specked(rng, image)
    image = np.clip(image, 0, 1) * camera.light(rng, size, size)[..., None]
    coarse = size // CORE_STRIDE
    grey = camera.capture(rng, image.astype(np.float32), float(rng.uniform(10, 45)))
    return (
        grey,
        np.zeros((size, size), np.uint8),
        np.zeros((coarse, coarse), np.uint8),
        np.zeros((coarse, coarse, 2), np.int8),
    )


def _scene(
    studio: Studio, page: Arranged, warp: Warp, layers: Layers, size: int, capital: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """(size, size, 3) float32 light that the camera sees, and (size, size) float32: how much of the page is seen."""
    board = rng.random() < 0.22
    sheet = boards.board(rng, size, size) if board else paper.sheet(rng, size, size, page.pitch)
    x, y = warp.maps(size, size)
    # Rulings stand where lines do, or anywhere; then the sheet goes through the same lens as the writing.
    shift = float(page.start + rng.normal(0.1, 0.12) * page.pitch) if not board else 0.0
    colour = cv2.remap(sheet.colour, x, y - np.float32(shift), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    alpha = cv2.remap(
        sheet.alpha, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=float(rng.random() < 0.75)
    )
    whole = board or rng.random() < 0.55
    written, drawn = layers.written.astype(np.float32) / 255, layers.drawn.astype(np.float32) / 255
    if not board and rng.random() < 0.12:
        colour = paper.bleed_through(rng, colour, np.ascontiguousarray(np.roll(written, int(rng.integers(size)), 0)))
    if rng.random() < 0.06:
        small = float(capital * rng.uniform(0.35, 0.9))
        colour = _inked(colour, printed.printed(rng, size, size, small) * (written < 0.05), np.full(3, 0.1, np.float32))
    if rng.random() < 0.12:
        drawn = np.maximum(
            drawn, drawing.doodle(rng, size, size, float(np.clip(capital * rng.uniform(0.03, 0.15), 1, 8)))
        )
    if rng.random() < 0.04 and page.lines:
        low, high = np.array(page.lines[0].box).reshape(2, 2)
        corners = warp.points(np.array([low, high, [low[0], high[1]], [high[0], low[1]]]))
        box = (*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist())
        colour = colour * (
            1 - drawing.highlight(rng, size, size, box)[..., None] * np.array([0.02, 0.1, 0.6], np.float32)
        )
    ink = _ink(sheet.dark, rng)
    pressed = _pressure(size, rng)
    colour = _inked(
        colour, np.maximum(written * pressed, drawn * (pressed if rng.random() < 0.7 else rng.uniform(0.5, 1))), ink
    )
    visible = np.ones((size, size), np.float32)
    if not whole:
        visible = np.clip(alpha * _sheet_edge(warp, size, rng), 0, 1)
        around = studio.surroundings.picture(rng, size, size)
        shadow = cv2.GaussianBlur(
            np.roll(visible, tuple(rng.integers(-6, 7, 2).tolist()), (0, 1)), (0, 0), float(rng.uniform(1, 8))
        )
        around = around * (1 - shadow * np.float32(rng.uniform(0, 0.6)))[..., None]
        colour = _over(around, colour, visible)
    if rng.random() < 0.07:
        thing, cover = textures.objects(rng, size, size)
        colour, visible = _over(colour, thing, cover), visible * (1 - cover)
    if rng.random() < 0.02:
        colour = wear.specked(rng, colour, 0.004)
    colour = np.clip(colour, 0, 1.2) * camera.light(rng, size, size)[..., None]
    if board and rng.random() < 0.2:
        bright = boards.glare(rng, size, size)
        colour, visible = colour + bright[..., None], visible * (bright < 0.7)
    return np.clip(colour, 0, 1.2).astype(np.float32), visible.astype(np.float32)


def _sheet_edge(warp: Warp, size: int, rng: np.random.Generator) -> Floats:
    """(size, size) float32: a sheet that ends within the window on some sides, through the warp."""
    mask = np.zeros((size, size), np.float32)
    corners = np.array([[-1, -1], [2, -1], [2, 2], [-1, 2]], float) * size
    for _ in range(int(rng.integers(0, 4))):
        axis, far = int(rng.integers(2)), bool(rng.integers(2))
        at = rng.uniform(0, 0.35) * size
        for corner in corners:
            if (corner[axis] > size / 2) == far:
                corner[axis] = (size - at if far else at) + rng.normal(0, 0.03) * size
    outline = np.round(warp.points(corners) * 16).astype(np.int32)
    cv2.fillPoly(mask, [outline], 1.0, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.6))


def _ink(dark: bool, rng: np.random.Generator) -> Floats:
    """RGB of a pen, a pencil or chalk."""
    if dark:
        return np.array(rng.uniform(0.6, 1.0, 3), np.float32)
    u = rng.random()
    if u < 0.22:  # pencil
        return np.full(3, rng.uniform(0.15, 0.65), np.float32)
    colour = np.array(INKS[rng.integers(len(INKS))]) if u < 0.9 else rng.uniform(0, 0.8, 3)
    pale = rng.uniform(0, 0.25) if rng.random() < 0.7 else rng.uniform(0.2, 0.55)
    return np.asarray(colour + (1 - colour) * pale, np.float32)


def _pressure(size: int, rng: np.random.Generator) -> Floats:
    """(size, size) float32: how much ink a pen leaves where, with the grain of the paper in a pencil's stroke."""
    pressed = np.ones((size, size), np.float32)
    if rng.random() < 0.5:
        pressed *= np.clip(0.88 + 0.18 * smooth(rng, size, size, float(rng.uniform(6, 60))), 0.3, 1)
    if rng.random() < 0.25:
        pressed *= np.clip(0.8 + rng.uniform(0.1, 0.35) * rng.normal(0, 1, (size, size)), 0.2, 1).astype(np.float32)
    return pressed


def _inked(colour: Floats, cover: Floats, ink: Floats) -> Floats:
    return np.asarray(colour + (ink - colour) * cover[..., None], np.float32)


def _over(below: Floats, above: Floats, alpha: Floats) -> Floats:
    return np.asarray(below + (above - below) * alpha[..., None], np.float32)
