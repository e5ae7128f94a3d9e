"""How thick strokes are in the strips of photographed words, and in those of words that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.lines_batches import Sources
from models.recipe.lines_evaluate import OLD_PENS, Sample, ink_samples, photo_samples
from models.recipe.lines_render import PLAIN
from ocrcli.components import stroke_width
from ocrcli.strips import SPREAD

Item = TypeVar("Item")

COUNT = 1500
"""Words of each kind that are measured, spread evenly."""

CAPITAL = 4 * SPREAD
"""Pixels of a capital in a strip of mixed print."""

FINER = 3
"""Times that a strip is enlarged first, for its strokes are two or three pixels wide."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def thickness(strip: NDArray[np.uint8]) -> float:
    """Width of a strip's strokes in capital heights; not a number where there is hardly any ink.

    Args:
        strip: (HEIGHT, w) uint8, bright ink.
    """
    large = cv2.resize(strip, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_CUBIC)
    mask = large > 128
    return stroke_width(mask) / FINER / CAPITAL if mask.sum() > CAPITAL * FINER else float("nan")


def quantiles(samples: Sequence[Sample]) -> tuple[str, ...]:
    """How thick the strokes of samples are, as text."""
    return tuple(f"{q:.3f}" for q in np.nanquantile([thickness(s.image) for s in samples], QUANTILES))


def pens(sources: Sources) -> list[tuple[str, ...]]:
    """A table of stroke widths in capital heights: photographed words, scanned rows, and words as they are drawn."""
    photos, rows, words = _some(sources.photos), _some(sources.rows), _some(sources.words)
    return [
        ("strokes in the strips, in capital heights", *(f"{q:.0%} are below" for q in QUANTILES)),
        ("hdBPMN training words, photographed", *quantiles(photo_samples(photos))),
        ("Copiste rows, scanned", *quantiles(photo_samples(rows))),
        (_drawn(PLAIN.pen), *quantiles(ink_samples(words))),
        (_drawn(OLD_PENS.pen), *quantiles(ink_samples(words, style=OLD_PENS))),
    ]


def _some(items: list[Item]) -> list[Item]:
    return items[:: max(1, len(items) // COUNT)]


def _drawn(pen: tuple[float, float]) -> str:
    return f"UNIPEN training words, drawn by pens of {pen[0]:.1%} to {pen[1]:.1%}"
