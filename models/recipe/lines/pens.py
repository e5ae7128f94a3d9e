"""How thick strokes are in the strips of photographed words, and in those of words that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from models.recipe.drawing.pens import head, quantiles
from models.recipe.lines.batches import Sources
from models.recipe.lines.evaluate import OLD_PENS, Sample, ink_samples, photo_samples
from models.recipe.lines.render import PLAIN
from ocrcli.lines.line_image import SPREAD

Item = TypeVar("Item")

COUNT = 1500
"""Words of each kind that are measured, spread evenly."""

CAPITAL = 4 * SPREAD
"""Pixels of a capital in a strip of mixed print."""


def pens(sources: Sources) -> list[tuple[str, ...]]:
    """A table of stroke widths in capital heights: photographed words, scanned rows, and words as they are drawn."""
    photos, rows, words = _some(sources.photos), _some(sources.rows), _some(sources.words)
    return [
        head("strokes in the strips, in capital heights"),
        ("hdBPMN training words, photographed", *_measured(photo_samples(photos))),
        ("Copiste rows, scanned", *_measured(photo_samples(rows))),
        (_drawn(PLAIN.pen), *_measured(ink_samples(words))),
        (_drawn(OLD_PENS.pen), *_measured(ink_samples(words, style=OLD_PENS))),
    ]


def _measured(samples: Sequence[Sample]) -> tuple[str, ...]:
    return quantiles((sample.image for sample in samples), CAPITAL, 3)


def _some(items: list[Item]) -> list[Item]:
    return items[:: max(1, len(items) // COUNT)]


def _drawn(pen: tuple[float, float]) -> str:
    return f"UNIPEN training words, drawn by pens of {pen[0]:.1%} to {pen[1]:.1%}"
