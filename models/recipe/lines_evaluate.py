"""Figures of the line reader on words by writers that it was not trained on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from models.recipe import lines_data
from models.recipe.lines_data import InkItem, PhotoItem
from models.recipe.lines_render import PLAIN, lay_out, render
from ocrcli import ctc, joined
from ocrcli.line_reader import LineReader
from ocrcli.strips import HEIGHT, strip

BATCH = 512


@dataclass(frozen=True)
class Sample:
    """A strip (HEIGHT, w) uint8 and what it says."""

    image: NDArray[np.uint8]
    text: str


def ink_samples(items: Sequence[InkItem], seed: int = 0) -> list[Sample]:
    """Words of pen ink, drawn as written; the same seed gives the same strips."""
    rng = np.random.default_rng(seed)
    return [Sample(render(lay_out([item], [0.0], rng), PLAIN, rng), item.text) for item in items]


def photo_samples(items: Sequence[PhotoItem]) -> list[Sample]:
    """Photographed words as they are."""
    made = [(strip(item.ink), item.text) for item in items]
    blank = np.zeros((HEIGHT, 8), np.uint8)
    return [Sample(blank if s is None else s.image, text) for s, text in made]


def held_out(data: Path, count: int | None = None) -> dict[str, list[Sample]]:
    """The test sets: unseen writers of UNIPEN's words, and hdBPMN's validation writers.

    Args:
        data: Folder with words/.
        count: How many of each at most, spread evenly; None for all.
    """
    ink = lines_data.load_ink(data / "words" / "unipen_ink.parquet", ("word",), test=True)
    photos = lines_data.load_photos(data / "words" / "hdbpmn_words.parquet", "val")
    if count is not None:
        ink, photos = ink[:: max(1, len(ink) // count)], photos[:: max(1, len(photos) // count)]
    return {"hdBPMN val words": photo_samples(photos), "UNIPEN words": ink_samples(ink)}


def read_samples(reader: LineReader, samples: Sequence[Sample]) -> list[str]:
    """Read strips without any prior."""
    symbols = joined.symbols(reader.characters)
    read = []
    for at in range(0, len(samples), BATCH):
        log_ps = reader.log_probabilities([s.image for s in samples[at : at + BATCH]])
        for candidates in ctc.search(log_ps, symbols, None, 0.0):
            read.append("".join(reader.characters[i - 1] for i in candidates[0].outputs).strip())
    return read


def cer(read: Sequence[str], truth: Sequence[str]) -> float:
    """Edits over the reference's length, pooled."""
    edits = sum(Levenshtein.distance(a, b) for a, b in zip(read, truth, strict=True))
    return edits / max(1, sum(map(len, truth)))


def evaluate(reader: LineReader, data: Path, count: int | None = None) -> dict[str, tuple[float, float]]:
    """Print and return exact and case-folded CER of each test set."""
    figures = {}
    for name, samples in held_out(data, count).items():
        read, truth = read_samples(reader, samples), [s.text for s in samples]
        folded = cer([t.lower() for t in read], [t.lower() for t in truth])
        figures[name] = (cer(read, truth), folded)
        exact, lower = figures[name]
        print(f"{name}: {len(samples)} words, CER {exact:.4f} exact, {lower:.4f} case-folded", file=sys.stderr)
    return figures
