"""Figures of the line reader on words by writers that it was not trained on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from models.recipe.drawing.style import Style
from models.recipe.drawing.text_lines import PLAIN, lay_out, render
from models.recipe.handwriting import words
from models.recipe.handwriting.words import InkItem, PhotoItem
from models.recipe.training.calibration import calibration_error
from ocrcli.evaluation.scoring import correct_characters
from ocrcli.lines import alignment, decoding, sizes
from ocrcli.lines.line_image import HEIGHT, LineImage, line_image_of
from ocrcli.lines.line_model import LineModel

BATCH = 512

PENS = {"fine": (0.045, 0.06), "medium": (0.07, 0.09), "marker": (0.15, 0.17)}
"""Pen widths in capital heights."""

OLD_PENS = replace(PLAIN, pen=(0.045, 0.17))
"""Thicker pens than photographs have: until they were measured, words were drawn by these."""

TEMPERATURES = (0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.7, 2.0)
"""That `fit_temperature` tries."""


@dataclass(frozen=True)
class Sample:
    """A line image (HEIGHT, w) uint8 and what it says."""

    image: NDArray[np.uint8]
    text: str


def ink_samples(items: Sequence[InkItem], seed: int = 0, style: Style = PLAIN) -> list[Sample]:
    """Words of pen ink, drawn as written; the same seed gives the same line images."""
    rng = np.random.default_rng(seed)
    return [Sample(render(lay_out([item], [0.0], rng), style, rng), item.text) for item in items]


def photo_samples(items: Sequence[PhotoItem]) -> list[Sample]:
    """Photographed words as they are."""
    made = [(line_image_of(item.ink), item.text) for item in items]
    blank = np.zeros((HEIGHT, 8), np.uint8)
    return [Sample(blank if s is None else s.image, text) for s, text in made]


def held_out(data: Path, count: int | None = None) -> dict[str, list[Sample]]:
    """The test sets: unseen writers of UNIPEN's words, and hdBPMN's validation writers.

    Args:
        data: Folder with words/.
        count: How many of each at most, spread evenly; None for all.
    """
    ink = words.load_ink(data / "words" / "unipen_ink.parquet", ("word",), test=True)
    photos = words.load_photos(data / "words" / "hdbpmn_words.parquet", "val")
    if count is not None:
        ink, photos = ink[:: max(1, len(ink) // count)], photos[:: max(1, len(photos) // count)]
    pens = {
        f"UNIPEN words, {pen} pen": ink_samples(ink, style=replace(PLAIN, pen=width)) for pen, width in PENS.items()
    }
    return {
        "hdBPMN val words": photo_samples(photos),
        "UNIPEN words": ink_samples(ink),
        "UNIPEN words, pens of 4.5 to 17 %": ink_samples(ink, style=OLD_PENS),
        **pens,
    }


def read_samples(reader: LineModel, samples: Sequence[Sample], most: float = inf) -> list[str]:
    """Read line images without any prior, at several sizes where they are not sure.

    Args:
        reader: The line recognizer.
        samples: What to read.
        most: Columns of a batch that are read at other sizes, at most; 0 for one size.
    """
    read = []
    for at in range(0, len(samples), BATCH):
        straight = [LineImage(s.image, 0, 1.0, np.zeros(3)) for s in samples[at : at + BATCH]]
        sized = sizes.at_sizes(straight, reader.log_probabilities([s.image for s in straight]), reader, most)
        found = decoding.decode([[log_p for _, log_p in row] for row in sized], reader.characters, None)
        read += [row.readings[0][0].strip() for row in found]
    return read


def cer(read: Sequence[str], truth: Sequence[str]) -> float:
    """Edits over the reference's length, pooled."""
    edits = sum(Levenshtein.distance(a, b) for a, b in zip(read, truth, strict=True))
    return edits / max(1, sum(map(len, truth)))


def answers(reader: LineModel, samples: Sequence[Sample]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Confidence of every character that is read, and whether it is right (by the best alignment with the truth)."""
    confidence: list[float] = []
    right: list[bool] = []
    for at in range(0, len(samples), BATCH):
        part = samples[at : at + BATCH]
        log_ps = reader.log_probabilities([s.image for s in part])
        read = decoding.decode([[log_p] for log_p in log_ps], reader.characters, None)
        for sample, log_p, found in zip(part, log_ps, read, strict=True):
            outputs = found.outputs
            if len(outputs):
                p = alignment.mass(log_p, found.edges)
                confidence += p[np.arange(len(outputs)), outputs].tolist()
                right += correct_characters(sample.text, [reader.characters[i - 1] for i in outputs.tolist()])
    return np.array(confidence), np.array(right)


def fit_temperature(reader: LineModel, samples: Sequence[Sample]) -> float:
    """The temperature under which confidences explain best which characters are right."""

    def loss(temperature: float) -> float:
        confidence, right = answers(replace(reader, temperature=temperature), samples)
        p = np.clip(np.where(right, confidence, 1 - confidence), 1e-3, 1)
        return float(-np.log(p).mean())

    return min(TEMPERATURES, key=loss)


def evaluate(reader: LineModel, data: Path, count: int | None = None) -> dict[str, dict[str, float]]:
    """Print and return the figures of each test set: words, CER at one size, exact and case-folded, and calibration."""
    figures = {}
    for name, samples in held_out(data, count).items():
        read, truth = read_samples(reader, samples), [s.text for s in samples]
        figures[name] = {
            "words": len(samples),
            "one size": cer(read_samples(reader, samples, most=0), truth),
            "exact": cer(read, truth),
            "folded": cer([t.lower() for t in read], [t.lower() for t in truth]),
            "calibration": calibration_error(*answers(reader, samples)),
        }
        print(f"{name}: " + ", ".join(f"{k} {v:.4g}" for k, v in figures[name].items()), file=sys.stderr)
    return figures
