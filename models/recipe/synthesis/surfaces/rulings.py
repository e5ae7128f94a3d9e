"""What is printed on paper before anybody writes: lines, squares, dots and margins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.recipe.synthesis.fields import Float, chance, log_uniform, pick

INKS: dict[str, tuple[float, float, float]] = {
    "blue": (0.45, 0.62, 0.88),
    "grey": (0.6, 0.6, 0.62),
    "dark": (0.25, 0.25, 0.3),
    "red": (0.9, 0.45, 0.45),
    "violet": (0.62, 0.52, 0.8),
    "green": (0.5, 0.75, 0.6),
    "brown": (0.7, 0.58, 0.42),
}
"""RGB transmittances of a printed line's middle."""

LINE_INKS = {"blue": 0.42, "grey": 0.25, "dark": 0.06, "red": 0.07, "violet": 0.1, "green": 0.05, "brown": 0.05}

KINDS = {"lines": 0.5, "squares": 0.26, "seyes": 0.1, "dots": 0.1, "wide": 0.04}
"""How often each ruling is found among ruled papers."""


def profile(length: int, places: Float, width: float) -> Float:
    """(length,) float32 cover from 0 to 1 of lines ``width`` pixels wide that are centred on ``places``."""
    cover = np.zeros(length, np.float32)
    pixels = np.arange(int(np.ceil(width)) + 2, dtype=np.float32)
    for place in places:
        first = int(np.floor(place - width / 2))
        index = first + pixels.astype(int)
        reach = np.minimum(index + 1, place + width / 2) - np.maximum(index, place - width / 2)
        keep = (index >= 0) & (index < length)
        np.maximum.at(cover, index[keep], np.clip(reach, 0, 1)[keep].astype(np.float32))
    return cover


def places(start: float, end: float, distance: float) -> Float:
    """Where lines lie that are ``distance`` apart, from ``start`` on and before ``end``, in pixels."""
    return np.arange(start, end, max(distance, 2.0), dtype=np.float32)


def ink_of(rng: np.random.Generator, name: str) -> Float:
    """(3,) float32 transmittance of a printed line, from hardly there to strong."""
    strength = rng.uniform(0.25, 1.1)
    return np.clip(1 - (1 - np.array(INKS[name], np.float32)) * strength, 0.05, 1).astype(np.float32)


@dataclass(frozen=True)
class Ruling:
    """Lines across and down, in one ink.

    Attributes:
        rows: (h,) float32 cover 0 to 1 of the lines across.
        columns: (w,) float32 cover of the lines down.
        ink: (3,) float32 transmittance.
        dots: Whether only the crossings are printed.
    """

    rows: Float
    columns: Float
    ink: Float
    dots: bool = False

    def print_on(self, colour: Float, fade: Float | None = None) -> None:
        """Print on (h, w, 3) ``colour`` in place, as strongly as an (h, w) ``fade`` from 0 to 1 says.

        Only what lies below lines is touched: a whole sheet's worth of products takes longer than all else on it.
        """
        lost = 1 - self.ink
        down, across = np.flatnonzero(self.rows), np.flatnonzero(self.columns)
        if self.dots:
            grid = np.ix_(down, across)
            cover = self.rows[down, None] * self.columns[None, across]
            cover = cover if fade is None else cover * fade[grid]
            colour[grid] *= 1 - cover[..., None] * lost
            return
        cover = self.rows[down, None] if fade is None else self.rows[down, None] * fade[down]
        colour[down] *= 1 - cover[..., None] * lost
        cover = self.columns[None, across] if fade is None else self.columns[None, across] * fade[:, across]
        colour[:, across] *= 1 - cover[..., None] * lost


def ruling(rng: np.random.Generator, height: int, width: int, pitch: float, kind: str | None = None) -> Ruling:
    """A printed ruling.

    Args:
        rng: Source of chance.
        height: Of the sheet, in pixels.
        width: Of the sheet, in pixels.
        pitch: Distance of the lines of writing, in pixels; the ruling mostly has the same.
        kind: One of `KINDS`; chance decides if it is not given.

    Returns:
        The ruling, not printed yet.
    """
    kind = kind or pick(rng, KINDS)
    ink = ink_of(rng, pick(rng, LINE_INKS))
    thin = max(0.6, pitch * log_uniform(rng, 0.015, 0.045))
    none = np.zeros(width, np.float32)
    fit = pick(rng, {"same": 0.75, "half": 0.12, "other": 0.13})
    distance = pitch * {"same": 1.0, "half": 0.5, "other": log_uniform(rng, 0.4, 1.6)}[fit]
    start = pitch * rng.uniform(0.2, 1.2)
    # Rulings either run over the whole sheet or leave a heading free, in which nothing is printed.
    top = start if chance(rng, 0.5) else start + pitch * int(rng.integers(1, 4))
    if kind == "wide":
        thick = pitch * rng.uniform(0.04, 0.1)
        dark = ink_of(rng, "dark")
        return Ruling(profile(height, places(top, height, distance), thick), none, dark)
    if kind == "lines":
        return Ruling(profile(height, places(top, height, distance), thin), none, ink)
    if kind == "seyes":
        rows = profile(height, places(start, height, pitch), thin * 1.4)
        fine = profile(height, places(start % (pitch / 4), height, pitch / 4), thin * 0.8) * rng.uniform(0.3, 0.7)
        columns = profile(width, places(pitch * rng.uniform(0, 1), width, pitch), thin)
        return Ruling(np.maximum(rows, fine), columns, ink_of(rng, "violet" if chance(rng, 0.7) else "blue"))
    side = distance * (1.0 if chance(rng, 0.4) else rng.choice([0.5, 0.625, 0.8]))
    rows = profile(height, places(start % side, height, side), thin)
    columns = profile(width, places(side * rng.uniform(0, 1), width, side), thin)
    if kind == "dots":
        dot = max(1.2, pitch * rng.uniform(0.03, 0.08))
        rows = profile(height, places(start % side, height, side), dot)
        columns = profile(width, places(side * rng.uniform(0, 1), width, side), dot)
        return Ruling(rows, columns, ink, dots=True)
    if chance(rng, 0.15):  # every fifth line stronger: graph paper
        rows, columns = rows * 0.5, columns * 0.5
        rows = np.maximum(rows, profile(height, places(start % side, height, side * 5), thin * 1.3))
        columns = np.maximum(columns, profile(width, places(start % side, width, side * 5), thin * 1.3))
    return Ruling(rows, columns, ink)


def margin(rng: np.random.Generator, height: int, width: int, pitch: float) -> Ruling:
    """One or two upright margin lines, mostly red."""
    ink = ink_of(rng, pick(rng, {"red": 0.8, "blue": 0.1, "grey": 0.1}))
    where = pitch * rng.uniform(1.5, 4.5)
    if chance(rng, 0.12):
        where = width - where
    wide = max(0.7, pitch * rng.uniform(0.02, 0.06))
    lines = [where, where + pitch * rng.uniform(0.12, 0.3)] if chance(rng, 0.3) else [where]
    return Ruling(np.zeros(height, np.float32), profile(width, np.array(lines, np.float32), wide), ink)
