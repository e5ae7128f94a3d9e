"""Surfaces other than sheets: whiteboards, blackboards, flip charts, cardboard."""

from __future__ import annotations

import cv2
import numpy as np

from models.recipe.synthesis.fields import Array, Float, blend, chance, grain, log_uniform, pick, shade, smooth, soft
from models.recipe.synthesis.surfaces import wear
from models.recipe.synthesis.surfaces.paper import Sheet, tint_of
from models.recipe.synthesis.surfaces.rulings import Ruling, places, profile

MARKERS = ((0.15, 0.15, 0.18), (0.15, 0.25, 0.6), (0.75, 0.15, 0.2), (0.1, 0.5, 0.3))
"""RGB of the pens that whiteboards are written with."""

FRAMES = ((0.75, 0.75, 0.77), (0.3, 0.3, 0.32), (0.6, 0.45, 0.3), (0.1, 0.1, 0.1), (0.9, 0.9, 0.9))
SLATES = ((0.13, 0.27, 0.21), (0.1, 0.11, 0.11), (0.23, 0.25, 0.25), (0.12, 0.2, 0.26), (0.2, 0.32, 0.25))


def _wiped(rng: np.random.Generator, height: int, width: int) -> Float:
    """(height, width) float32 alpha: the streaks of a sponge or cloth, in broad strokes; drawn small."""
    rows, columns = height // 4 + 2, width // 4 + 2
    canvas = np.zeros((rows, columns), np.uint8)
    side = max(rows, columns)
    for _ in range(int(rng.integers(1, 7))):
        start, reach = rng.uniform((0, 0), (columns, rows)), rng.normal(0, side * 0.35, 2)
        bow = rng.normal(0, side * 0.06, 2)
        t = np.linspace(0, 1, 16)[:, None]
        path = start + t * reach + np.sin(t * np.pi) * bow
        thick = int(side * rng.uniform(0.02, 0.14)) + 1
        cv2.polylines(canvas, [path.astype(np.int32)], False, int(rng.integers(80, 255)), thick, cv2.LINE_AA)
    streaks = cv2.blur(grain(rng, rows, columns), (23, 1)) * 2.5
    angle = rng.uniform(-60, 60)
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, 1.5)
    streaks = cv2.warpAffine(streaks, turn, (columns, rows), borderMode=cv2.BORDER_REFLECT_101)
    small = soft(canvas, side * 0.006) * np.clip(0.5 + streaks * 0.5 + smooth(rng, rows, columns, side / 8) * 0.3, 0, 1)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def _remains(rng: np.random.Generator, height: int, width: int, thick: int) -> Float:
    """(height, width) float32 alpha of strokes that were wiped but not off: scribbles, smeared one way."""
    canvas = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        steps = rng.normal(0, 1, (int(rng.integers(15, 90)), 2)) * thick * 4 + np.array([thick * 2.5, 0])
        path = rng.uniform((0, 0), (width, height)) + np.cumsum(steps, 0)
        path[:, 1] += (path[0, 1] - path[:, 1]) * 0.7
        cv2.polylines(canvas, [path.astype(np.int32)], False, int(rng.integers(90, 255)), thick, cv2.LINE_AA)
    long = int(thick * rng.uniform(3, 16)) | 1
    smeared = cv2.blur(canvas, (long, 1) if chance(rng, 0.6) else (1, long))
    patchy = np.clip(0.4 + smooth(rng, height, width, max(height, width) / 6), 0, 1)
    return np.asarray(soft(smeared, thick * 0.3) * patchy)


def _frame(rng: np.random.Generator, colour: Float) -> None:
    """An edge of the board with its frame, and sometimes a tray with pens, on (h, w, 3) ``colour`` in place."""
    side = int(rng.integers(4))
    view = np.rot90(colour, side)
    height, width = view.shape[:2]
    frame, wall = np.array(FRAMES[rng.integers(len(FRAMES))]), rng.uniform(0.3, 0.9, 3)
    thick = int(height * rng.uniform(0.01, 0.05)) + 2
    beyond = int(height * rng.uniform(0, 0.1))
    view[:beyond] = wall * (1 + smooth(rng, max(beyond, 1), width, 60)[:beyond, :, None] * 0.05)
    rise = np.cos(np.linspace(-1.5, 1.5, thick))[:, None, None] * 0.4 + 0.6
    view[beyond : beyond + thick] = frame * rise
    shade = np.linspace(0.7, 1, max(2, thick // 2))[:, None, None]
    view[beyond + thick : beyond + thick + len(shade)] *= shade[: max(0, height - beyond - thick)]
    for _ in range(int(rng.integers(0, 4))):
        long, left = int(width * rng.uniform(0.04, 0.12)), int(rng.uniform(0, width))
        view[beyond : beyond + max(2, thick // 2), left : left + long] = MARKERS[rng.integers(len(MARKERS))]


def glare(rng: np.random.Generator, height: int, width: int) -> Float:
    """(height, width) float32 light from lamps and windows that a smooth surface throws back: to be added."""
    rows, columns = height // 8 + 2, width // 8 + 2
    canvas = np.zeros((rows, columns), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        middle = rng.uniform((0, 0), (columns, rows))
        size = rng.uniform(0.03, 0.22, 2) * max(rows, columns)
        if chance(rng, 0.5):
            axes = (int(size[0]) + 1, int(size[1]) + 1)
            where = (int(middle[0]), int(middle[1]))
            cv2.ellipse(canvas, where, axes, rng.uniform(0, 180), 0, 360, 255, -1)
        else:
            box = cv2.boxPoints(
                ((float(middle[0]), float(middle[1])), (float(size[0] * 2), float(size[1])), rng.normal(0, 12))
            )
            cv2.fillPoly(canvas, [box.astype(np.int32)], 255)
    side = max(rows, columns)
    light = soft(canvas, side * log_uniform(rng, 0.01, 0.08)) + soft(canvas, side * 0.15) * np.float32(0.4)
    return np.asarray(cv2.resize(light * np.float32(rng.uniform(0.15, 1.0)), (width, height)))


def whiteboard(rng: np.random.Generator, height: int, width: int) -> Sheet:
    """A whiteboard: near white, uneven, with glare and the remains of what was written before."""
    tint = np.clip(rng.uniform(0.78, 0.97) + rng.normal(0, 0.012, 3), 0, 1)
    rows, columns = height // 8 + 2, width // 8 + 2
    uneven = 1 + smooth(rng, rows, columns, max(rows, columns) / 2) * 0.08
    colour = cv2.resize((uneven[..., None] * tint).astype(np.float32), (width, height))
    shade(colour, 1 + grain(rng, height, width, 1) * np.float32(log_uniform(rng, 0.002, 0.008)))
    if chance(rng, 0.5):
        pen = np.array(MARKERS[rng.integers(len(MARKERS))])
        blend(colour, pen * 0.4 + 0.5, _wiped(rng, height, width) * rng.uniform(0.05, 0.35))
    if chance(rng, 0.4):
        thick = int(max(2, min(height, width) * rng.uniform(0.003, 0.012)))
        pen = np.array(MARKERS[rng.integers(len(MARKERS))])
        blend(colour, pen, _remains(rng, height, width, thick) * rng.uniform(0.04, 0.3))
    if chance(rng, 0.5):
        light = glare(rng, height, width)
        cv2.add(colour, cv2.merge([light, light, light]), dst=colour)
    if chance(rng, 0.3):
        _frame(rng, colour)
    alpha = np.ones((height, width), np.float32)
    return Sheet(np.clip(colour, 0, 1, out=colour), alpha, "whiteboard")


def blackboard(rng: np.random.Generator, height: int, width: int) -> Sheet:
    """A blackboard or slate: green, grey or black, with chalk dust and half-wiped chalk."""
    tint = np.clip(np.array(SLATES[rng.integers(len(SLATES))]) + rng.normal(0, 0.02, 3), 0.03, 1)
    colour = np.empty((height, width, 3), np.float32)
    colour[:] = tint
    shade(colour, 1 + grain(rng, height, width, 0.7) * np.float32(rng.uniform(0.01, 0.06)))
    chalk: Array = np.array([0.85, 0.86, 0.84])
    dust = np.clip(0.4 + smooth(rng, height, width, max(height, width) * 0.3), 0, 1) * rng.uniform(0, 0.2)
    blend(colour, chalk, dust + _wiped(rng, height, width) * rng.uniform(0.02, 0.3))
    if chance(rng, 0.5):
        thick = int(max(2, min(height, width) * rng.uniform(0.003, 0.012)))
        blend(colour, chalk, _remains(rng, height, width, thick) * rng.uniform(0.05, 0.3))
    if chance(rng, 0.15):  # ruled or squared, as in classrooms
        apart = min(height, width) * rng.uniform(0.04, 0.12)
        rows = profile(height, places(apart / 2, height, apart), 1.5)
        columns = profile(width, places(apart / 2, width, apart if chance(rng, 0.5) else 2 * width), 1.5)
        Ruling(rows, columns, (1 + np.array([1.5, 1, 0.8]) * rng.uniform(0.1, 1)).astype(np.float32)).print_on(colour)
    if chance(rng, 0.3):
        _frame(rng, colour)
    return Sheet(np.clip(colour, 0, 1, out=colour), np.ones((height, width), np.float32), "blackboard")


def cardboard(rng: np.random.Generator, height: int, width: int) -> Sheet:
    """A box's side: brown, with the waves inside showing as faint stripes."""
    colour = np.empty((height, width, 3), np.float32)
    colour[:] = tint_of(rng, "kraft")
    factor = wear.texture(rng, height, width, rng.uniform(0.01, 0.04))
    apart = rng.uniform(8, 30)
    wave = 1 + np.float32(rng.uniform(0, 0.05)) * np.sin(np.arange(height, dtype=np.float32) * np.float32(6.28 / apart))
    factor *= wave[:, None] if chance(rng, 0.5) else np.resize(wave, width)[None]
    factor *= wear.specks(rng, height, width, apart * 3, 0.25)
    if chance(rng, 0.4):
        factor *= wear.folds(rng, height, width)
    shade(colour, factor)
    return Sheet(np.clip(colour, 0, 1, out=colour), np.ones((height, width), np.float32), "cardboard")


def flip_chart(rng: np.random.Generator, height: int, width: int) -> Sheet:
    """A large sheet on its stand, mostly with large faint squares, seldom quite flat."""
    colour = np.empty((height, width, 3), np.float32)
    colour[:] = tint_of(rng, pick(rng, {"white": 0.85, "cream": 0.15}))
    rows, columns = height // 8 + 2, width // 8 + 2
    waves = cv2.resize(1 + smooth(rng, rows, columns, rows / 3) * np.float32(0.05), (width, height))
    shade(colour, waves * wear.texture(rng, height, width, 0.006))
    if chance(rng, 0.75):
        apart = min(height, width) * rng.uniform(0.025, 0.09)
        thin = rng.uniform(0.6, 2)
        across = profile(height, places(rng.uniform(0, apart), height, apart), thin)
        down = profile(width, places(rng.uniform(0, apart), width, apart), thin)
        ink = 1 - np.array([0.55, 0.4, 0.25], np.float32) * np.float32(rng.uniform(0.1, 0.6))
        Ruling(across, down, ink).print_on(colour)
    alpha = np.ones((height, width), np.float32)
    return Sheet(np.clip(colour, 0, 1, out=colour), alpha, "flip chart")


def board(rng: np.random.Generator, height: int, width: int) -> Sheet:
    """One of the surfaces of this module, whiteboards first."""
    makers = {"white": whiteboard, "black": blackboard, "card": cardboard, "flip": flip_chart}
    return makers[pick(rng, {"white": 0.5, "black": 0.2, "card": 0.1, "flip": 0.2})](rng, height, width)
