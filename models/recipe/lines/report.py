"""The figures in the line model's card, written by the run that measured them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import torch

from models.recipe.drawing.pens import head, quantiles
from models.recipe.drawing.text_lines import PLAIN
from models.recipe.lines.evaluate import OLD_PENS, Sample, evaluate, ink_samples, photo_samples
from models.recipe.lines.sources import ITEMS, Sources
from models.recipe.training import markdown
from models.recipe.training.loop import count_parameters
from ocrcli.lines.line_image import SPREAD
from ocrcli.lines.line_model import LineModel

CARD = "lines.md"

Item = TypeVar("Item")

COUNT = 1500
"""Words of each kind that are measured, spread evenly."""

CAPITAL = 4 * SPREAD
"""Pixels of a capital in a line image of mixed print."""


def measured(reader: LineModel, data: Path) -> str:
    """The table of test sets."""
    rows: list[tuple[str, ...]] = [
        ("writers never seen", "words", "CER at one size", "CER", "CER, case folded", "calibration error")
    ]
    for name, found in evaluate(reader, data).items():
        figures = (f"{found[key]:.4f}" for key in ("one size", "exact", "folded", "calibration"))
        rows.append((name, f"{found['words']:,}", *figures))
    return markdown.rows(rows)


def trained(
    work: Path, model: Path, network: torch.nn.Module, temperature: float, sources: Sources, wrong: set[tuple[str, int]]
) -> str:
    """What the model is, how long it learnt, and from how much."""
    state = torch.load(work / "lines.pt", map_location="cpu", weights_only=False)
    left_out = Counter(kind for kind, _ in wrong)
    rows: list[tuple[str, ...]] = [
        ("what", "figure"),
        ("file", f"{model.stat().st_size / 1e6:.2f} MB"),
        ("parameters", f"{count_parameters(network):,}"),
        ("last run", f"{state['seconds'] / 60:.0f} minutes, {state['step']:,} steps, {state['samples']:,} strips"),
        ("temperature", f"{temperature:g}"),
    ]
    for kind in ITEMS:
        count = len(getattr(sources, kind))
        rows.append((f"{kind}; of which wrong labels, left out", f"{count:,}, {left_out[kind]:,}"))
    return markdown.rows(rows)


def stroke_widths(sources: Sources) -> list[tuple[str, ...]]:
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
