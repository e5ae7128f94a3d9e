"""Whether what was read as a text line is one, and no binding, drawing, back of the paper or carpet.

Each row is judged by a logistic model of six features: how surely it was read, and what the page model saw there. Its
weights, `models/noise.json`, were learnt from drawn pages, where every pixel of writing is known, and from pictures
without writing (`python -m models.recipe.page noise`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocrcli.binarize.page_model import FOLD, Maps
from ocrcli.core.files import shipped
from ocrcli.imaging.components import Marks
from ocrcli.layout import cores
from ocrcli.layout.baselines import Row
from ocrcli.letters.row_reading import RowReading
from ocrcli.pipeline import arbitration

FEATURES = ("confidence", "glyphs", "height", "ink", "core", "pitch")
"""Log-odds of the mean confidence; logarithms of the number of glyphs, of the height in the page's usual rows' if it is
less, of the width in capital heights a glyph; log-odds of the ink map's mean, and of the core map's lower quartile."""

WRITTEN = 0.92
"""Probability of being writing that one row of a page has at least, or nothing is written there: the surest row of each
development page has 0.94 and more, that of drawn blots 0.91."""

EXTREME = 0.02
"""Probabilities are kept so far from 0 and 1 before their log-odds are taken."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RowMaps:
    """What the page model saw of a row.

    Attributes:
        ink: Mean of the ink map over the row's marks, 0 to 1.
        core: Lower quartile of the core map along the row, 0 to 1.
    """

    ink: float
    core: float


@dataclass(frozen=True)
class NoiseModel:
    """A logistic model of `FEATURES`.

    Attributes:
        center: (6,) what is taken from them first.
        scale: (6,) what they are divided by then.
        weights: (6,) of their sum.
        bias: That is added.
    """

    center: Floats
    scale: Floats
    weights: Floats
    bias: float

    def probabilities(self, features: Floats) -> Floats:
        """(n,) how likely rows are writing.

        Args:
            features: (n, 6) of each row; NaN where one is not known.
        """
        known = np.nan_to_num((features - self.center) / self.scale, nan=0.0)
        return np.asarray(1 / (1 + np.exp(-(known @ self.weights + self.bias))))


@cache
def load_noise_model() -> NoiseModel:
    """The one that ships."""
    stored = json.loads(shipped("noise.json").read_text(encoding="utf-8"))
    center, scale, weights = (np.array(stored[name], float) for name in ("center", "scale", "weights"))
    return NoiseModel(center, scale, weights, float(stored["bias"]))


def row_maps(row: Row, marks: Marks, maps: Maps) -> RowMaps:
    """What the page model saw of a row.

    Args:
        row: The row.
        marks: Marks of the page.
        maps: Of the page.
    """
    left, top, right, bottom = row.box(marks)
    own = np.isin(marks.labels[top:bottom, left:right], marks.ids[row.marks])
    core = cores.core_along(maps.core, row, np.arange(left, right, FOLD))
    return RowMaps(float(maps.ink[top:bottom, left:right][own].mean()) / 255, float(np.percentile(core, 25)))


def features(rows: Sequence[Row], read: Sequence[RowReading], what: Sequence[RowMaps | None], marks: Marks) -> Floats:
    """(n, 6) `FEATURES` of rows; NaN where there is no page model, and of rows of which nothing was read.

    Args:
        rows: The rows.
        read: What each says.
        what: What the page model saw of each; None without it.
        marks: Marks of the page.
    """
    heights = [max(g.box[3] for g in r.glyphs) - min(g.box[1] for g in r.glyphs) if r.glyphs else 0 for r in read]
    usual = float(np.median([height for height in heights if height] or [1]))
    found = np.full((len(rows), len(FEATURES)), np.nan)
    for i, (row, reading) in enumerate(zip(rows, read, strict=True)):
        glyphs = reading.glyphs
        if not glyphs:
            continue
        left, _, right, _ = row.box(marks)
        width = float(right - left) / row.cap_height
        shown = what[i]
        ink, core = (np.nan, np.nan) if shown is None else (_log_odds(shown.ink), _log_odds(shown.core))
        found[i] = (
            _log_odds(arbitration.confidence(glyphs)),
            np.log(len(glyphs)),
            min(np.log(heights[i] / usual), 0),
            ink,
            core,
            np.log(width / len(glyphs)),
        )
    return found


def _log_odds(p: float) -> float:
    p = min(max(p, EXTREME), 1 - EXTREME)
    return float(np.log(p / (1 - p)))


def without_noise(read: Sequence[RowReading], probabilities: Floats) -> list[RowReading]:
    """Rows, of which those say nothing that are more likely no writing.

    Args:
        read: What each says.
        probabilities: (n,) how likely each is writing.
    """
    return [
        row if p >= 0.5 or arbitration.are_quotes(row.glyphs) else replace(row, glyphs=())
        for row, p in zip(read, probabilities, strict=True)
    ]


def is_writing(read: Sequence[RowReading], probabilities: Floats) -> bool:
    """Whether a page says anything: whether a letter or digit is in a row that is writing without doubt.

    Args:
        read: What each row says.
        probabilities: (n,) how likely each is writing.
    """
    return any(
        p >= WRITTEN and any(glyph.text.isalnum() for glyph in row.glyphs)
        for row, p in zip(read, probabilities, strict=True)
    )
