"""Sheets before anybody writes on them: colour, ruling, print, wear and edges."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.recipe.synthesis.fields import Array, Float, chance, log_uniform, pick, shade, smooth, tinted
from models.recipe.synthesis.surfaces import edges, wear
from models.recipe.synthesis.surfaces.printed import printed
from models.recipe.synthesis.surfaces.rulings import margin, ruling

TINTS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "white": ((0.95, 0.95, 0.95), (0.97, 0.97, 0.96), (0.92, 0.93, 0.95)),
    "cream": ((0.96, 0.93, 0.84), (0.95, 0.9, 0.78), (0.93, 0.9, 0.82)),
    "grey": ((0.82, 0.82, 0.81), (0.75, 0.76, 0.77), (0.66, 0.66, 0.66)),
    "recycled": ((0.82, 0.79, 0.72), (0.78, 0.75, 0.7), (0.85, 0.83, 0.78)),
    "note": (
        (0.98, 0.93, 0.5),
        (0.99, 0.88, 0.3),
        (0.98, 0.62, 0.72),
        (0.72, 0.9, 0.5),
        (0.99, 0.7, 0.4),
        (0.6, 0.82, 0.95),
        (0.82, 0.72, 0.92),
        (0.97, 0.95, 0.75),
    ),
    "kraft": ((0.72, 0.56, 0.4), (0.65, 0.5, 0.35), (0.78, 0.64, 0.48)),
}
"""RGB reflectances of papers."""

PAPERS = {"white": 0.55, "cream": 0.17, "grey": 0.07, "recycled": 0.07, "note": 0.1, "kraft": 0.04}
"""How often each paper is met."""

RULED = {"white": 0.68, "cream": 0.7, "grey": 0.4, "recycled": 0.4, "note": 0.1, "kraft": 0.05}
"""How often something is printed on each."""


@dataclass(frozen=True)
class Sheet:
    """Something to write on.

    Attributes:
        colour: (h, w, 3) float32 reflectance 0 to 1, RGB, of the empty surface.
        alpha: (h, w) float32: 1 where there is paper, or something fixed to it; 0 where one sees past it.
        kind: What it is: a name of `TINTS`, or "whiteboard", "blackboard", "cardboard", "flip chart".
    """

    colour: Float
    alpha: Float
    kind: str

    @property
    def dark(self) -> bool:
        """Whether one writes on it in chalk: light on dark."""
        return self.kind == "blackboard"


def tint_of(rng: np.random.Generator, kind: str) -> Float:
    """(3,) float32: a paper's colour, a little off the table's."""
    tints = TINTS[kind]
    colour = np.array(tints[rng.integers(len(tints))]) + rng.normal(0, 0.012, 3) + rng.normal(0, 0.012)
    return np.clip(colour, 0.05, 1).astype(np.float32)


def _ground(rng: np.random.Generator, height: int, width: int, tint: Array) -> Float:
    """The soft part of a sheet, drawn small: cloudy colour, crumples, stains; (height, width, 3) float32."""
    rows, columns = max(8, height // wear.COARSE), max(8, width // wear.COARSE)
    cell = max(rows, columns) * log_uniform(rng, 0.06, 0.6)
    cloudy = 1 + smooth(rng, rows, columns, cell) * np.float32(log_uniform(rng, 0.001, 0.02))
    if chance(rng, 0.22):
        cloudy = cloudy * wear.crumple(rng, rows, columns, log_uniform(rng, 0.01, 0.07))
    ground = cloudy[..., None] * np.asarray(tint, np.float32)
    if chance(rng, 0.1):  # yellowed from its edges
        ground *= wear.stain(rng, rows, columns, np.array([0.93, 0.85, 0.65]))
    for _ in range(int(rng.choice([0, 1, 2], p=[0.88, 0.09, 0.03]))):
        ground *= wear.stain(rng, rows, columns)
    return np.asarray(cv2.resize(ground.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR))


def _print(rng: np.random.Generator, colour: Float, kind: str, pitch: float) -> None:
    """Print rulings, margins, headings on (h, w, 3) ``colour`` in place."""
    height, width = colour.shape[:2]
    if kind == "note" or not chance(rng, RULED[kind]):
        if chance(rng, 0.07):
            shade(colour, 1 - printed(rng, height, width, pitch * 0.4) * np.float32(0.8))
        return
    fade = None
    if chance(rng, 0.25):  # worn or badly printed: fainter in places
        fade = np.clip(0.7 + smooth(rng, height, width, max(height, width) / 5) * np.float32(0.5), 0.15, 1)
    ruling(rng, height, width, pitch).print_on(colour, fade)
    if chance(rng, 0.4):
        margin(rng, height, width, pitch).print_on(colour)
    if chance(rng, 0.1):
        wide = max(1, round(pitch * rng.uniform(0.02, 0.08)))
        top = round(pitch * rng.uniform(0.8, 3))
        colour[top : top + wide] *= np.array([0.9, 0.5, 0.5], np.float32) if chance(rng, 0.5) else np.float32(0.5)
    if chance(rng, 0.12):
        text = printed(rng, height, width, pitch * 0.4)
        shade(colour, 1 - text * np.float32(rng.uniform(0.4, 0.9)))


def sheet(rng: np.random.Generator, height: int, width: int, pitch: float) -> Sheet:
    """An empty sheet of paper.

    Args:
        rng: Source of chance.
        height: Of the sheet, in pixels.
        width: Of the sheet, in pixels.
        pitch: Distance of the lines of writing, in pixels: rulings mostly fit it.

    Returns:
        Paper that fills the picture but for its edges' outline and holes.
    """
    legal = chance(rng, 0.025)
    kind = "note" if legal else pick(rng, PAPERS)
    tint = np.array([0.98, 0.95, 0.62], np.float32) if legal else tint_of(rng, kind)
    colour = _ground(rng, height, width, tint)
    factor = wear.texture(rng, height, width, log_uniform(rng, 0.002, 0.03 if kind in ("kraft", "recycled") else 0.018))
    if kind in ("recycled", "kraft") and chance(rng, 0.7):
        factor *= wear.specks(rng, height, width, pitch, rng.uniform(0.1, 0.5))
    if chance(rng, 0.15):
        factor *= wear.folds(rng, height, width)
    shade(colour, factor)
    if legal:
        ruling(rng, height, width, pitch, "lines").print_on(colour)
        margin(rng, height, width, pitch).print_on(colour)
    else:
        _print(rng, colour, kind, pitch)
    alpha = np.ones((height, width), np.float32)
    if chance(rng, 0.12):
        edges.rounded(rng, alpha, pitch)
    if chance(rng, 0.07):
        edges.torn(rng, colour, alpha, pitch)
    binding = pick(rng, {"none": 0.8, "punched": 0.1, "spiral": 0.1})
    if binding == "punched":
        edges.punched(rng, colour, alpha, pitch)
    elif binding == "spiral" and kind != "note":
        edges.spiral(rng, colour, alpha, pitch)
    if chance(rng, 0.06):
        edges.fastened(rng, colour, alpha, pitch)
    return Sheet(np.clip(colour, 0, 1, out=colour), alpha, kind)


def bleed_through(rng: np.random.Generator, sheet_colour: Float, ink_alpha: Float) -> Float:
    """Ink of the sheet's other side, as it shows: mirrored, blurred, faint.

    Args:
        rng: Source of chance.
        sheet_colour: (h, w, 3) float32 reflectance of the empty sheet.
        ink_alpha: (h, w) float32 ink as it was written on the back, read from there.

    Returns:
        (h, w, 3) float32: a new array.
    """
    behind = np.ascontiguousarray(ink_alpha[:, ::-1])
    behind = cv2.GaussianBlur(behind, (0, 0), log_uniform(rng, 0.6, 3))
    strength = log_uniform(rng, 0.06, 0.4)
    if chance(rng, 0.3):  # the paper is thinner, or the pen pressed harder, in places
        behind *= np.clip(0.7 + smooth(rng, behind.shape[0], behind.shape[1], max(behind.shape) / 6) * 0.6, 0, 1)
    tone = rng.uniform(0.1, 0.6, 3).astype(np.float32)
    lost = tinted(behind, (1 - tone) * np.float32(strength))
    return np.asarray(cv2.multiply(sheet_colour, 1 - lost), np.float32)
