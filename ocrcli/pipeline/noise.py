"""Noise model: reject rows that are not writing but a binding, a drawing, the back of the paper or a carpet.

A logistic regression on six features of a row, from its reading and from the maps of the page model. Its weights,
`models/noise.json`, were trained on synthetic pages, where every pixel of writing is known, and on pictures without
writing (`python -m models.recipe.page noise`).
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
from ocrcli.imaging.statistics import log_odds
from ocrcli.layout import cores
from ocrcli.layout.baselines import Row
from ocrcli.letters.row_reading import RowReading
from ocrcli.pipeline import arbitration

FEATURES = ("confidence", "glyphs", "height", "ink", "core", "pitch")
"""Log-odds of the mean confidence; logarithm of the number of glyphs; logarithm of the height relative to the median
row of the page, at most 0; log-odds of the mean of the ink map; log-odds of the lower quartile of the core map;
logarithm of the width for each glyph, in capital heights."""

WRITTEN, TOGETHER, LONG = 0.92, 0.99, 10
"""Probability of writing that at least one row of a page must have, or all its likely rows together that have so many
letters and digits; else nothing is written there. The best row of each development page has 0.94 and more, that of
synthetic blots 0.91. A page in faint pencil has many long rows of 0.8: of 160 scanned pages five would be refused
without them, two with them; of 355 pictures without writing one is taken for a page either way."""

EXTREME = 0.02
"""Probabilities are clipped to this distance from 0 and 1 before their log-odds are taken."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RowMaps:
    """Values of the page model's maps at a row.

    Attributes:
        ink: Mean of the ink map over the row's marks, 0 to 1.
        core: Lower quartile of the core map along the row, 0 to 1.
    """

    ink: float
    core: float


@dataclass(frozen=True)
class NoiseModel:
    """A logistic regression on `FEATURES`.

    Attributes:
        center: (6,) subtracted from the features.
        scale: (6,) the differences are divided by it.
        weights: (6,) weights of the scaled features.
        bias: Added to their weighted sum.
    """

    center: Floats
    scale: Floats
    weights: Floats
    bias: float

    def probabilities(self, features: Floats) -> Floats:
        """(n,) probabilities that rows are writing.

        Args:
            features: (n, 6) features of each row; NaN for an unknown one.
        """
        known = np.nan_to_num((features - self.center) / self.scale, nan=0.0)
        return np.asarray(1 / (1 + np.exp(-(known @ self.weights + self.bias))))


@cache
def load_noise_model() -> NoiseModel:
    """Load the noise model that comes with ocrcli."""
    stored = json.loads(shipped("noise.json").read_text(encoding="utf-8"))
    center, scale, weights = (np.array(stored[name], float) for name in ("center", "scale", "weights"))
    return NoiseModel(center, scale, weights, float(stored["bias"]))


def row_maps(row: Row, marks: Marks, maps: Maps) -> RowMaps:
    """Measure the page model's maps at a row.

    Args:
        row: The row.
        marks: Marks of the page.
        maps: Maps of the page.
    """
    left, top, right, bottom = row.box(marks)
    own = np.isin(marks.labels[top:bottom, left:right], marks.ids[row.marks])
    core = cores.core_along(maps.core, row, np.arange(left, right, FOLD))
    return RowMaps(float(maps.ink[top:bottom, left:right][own].mean()) / 255, float(np.percentile(core, 25)))


def features(rows: Sequence[Row], read: Sequence[RowReading], what: Sequence[RowMaps | None], marks: Marks) -> Floats:
    """(n, 6) `FEATURES` of rows; NaN where there is no page model, and for rows without glyphs.

    Args:
        rows: The rows.
        read: Reading of each row.
        what: Values of the page model's maps at each row; None without a page model.
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
        ink, core = (np.nan, np.nan) if shown is None else (_odds(shown.ink), _odds(shown.core))
        found[i] = (
            _odds(arbitration.confidence(glyphs)),
            np.log(len(glyphs)),
            min(np.log(heights[i] / usual), 0),
            ink,
            core,
            np.log(width / len(glyphs)),
        )
    return found


def _odds(p: float) -> float:
    return log_odds(p, EXTREME)


def unless_cut_off(probabilities: Floats, cut_off: Floats) -> Floats:
    """(n,) probabilities that rows are writing that can be read, which half a row cannot.

    Args:
        probabilities: (n,) probability that each row is writing.
        cut_off: (n,) evidence in nats that each row is cut off, as of `ocrcli.layout.cut_off.evidence`.
    """
    return np.asarray(probabilities / (probabilities + (1 - probabilities) * np.exp(cut_off)))


def without_noise(read: Sequence[RowReading], probabilities: Floats) -> list[RowReading]:
    """Remove the glyphs of rows that are probably not writing.

    Args:
        read: Reading of each row.
        probabilities: (n,) probability that each row is writing.
    """
    return [
        row if p >= 0.5 or arbitration.are_quotes(row.glyphs) else replace(row, glyphs=())
        for row, p in zip(read, probabilities, strict=True)
    ]


def is_writing(read: Sequence[RowReading], probabilities: Floats) -> bool:
    """Whether a page has writing: a letter or digit in a row that is certainly writing, or long rows that probably are.

    Args:
        read: Reading of each row.
        probabilities: (n,) probability that each row is writing.
    """
    letters = [sum(glyph.text.isalnum() for glyph in row.glyphs) for row in read]
    likely = [(p, count) for p, count in zip(probabilities, letters, strict=True) if count and p >= 0.5]
    together = sum(log_odds(p, EXTREME) for p, count in likely if count >= LONG)
    return any(p >= WRITTEN for p, _ in likely) or together >= log_odds(TOGETHER, 0.0)
