"""The handwriting that pages are drawn with: words and letters of pen ink, and photographed words, by writer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipe.handwriting import characters
from models.recipe.handwriting.words import ARCHIVES, InkItem, PhotoItem, load_ink, load_lines, load_photos, load_rows

LEVELS = ("word", "text")
ENOUGH = 24
"""Items that a writer needs for a page."""

LEAST_KINDS = 30
"""Different characters that a writer of single characters needs."""

PHOTOS, ROWS = 6000, 2500
"""Photographed words and scanned rows that are kept, drawn by chance."""

FULL = 60
"""Percentile of a photographed word's ink from which it is taken to cover the paper wholly."""


@dataclass(frozen=True)
class Hands:
    """Handwriting by writer.

    Attributes:
        words: Words and short rows of pen ink of each writer.
        letters: Of each writer, the samples of each character.
        photos: Photographed words of each writer.
        rows: Scanned rows of each document.
        texts: What is written letter by letter: words, in the order of no importance.
    """

    words: list[list[InkItem]]
    letters: list[dict[str, list[InkItem]]]
    photos: list[list[PhotoItem]]
    rows: list[list[PhotoItem]]
    texts: list[str]


def load_hands(data: Path, seed: int = 1, *, held_out: bool = False) -> Hands:
    """Load the training writers, or those that `words` and `characters` hold out.

    Args:
        data: The folder of public data.
        seed: Of the choice among photographed words.
        held_out: Whether to take the held-out writers: hdBPMN's validation split, and of scanned rows those of the
            archives in ``lines/`` that the line reader tests on.
    """
    rng = np.random.default_rng(seed)
    words = _by_writer(load_ink(data / "words" / "unipen_ink.parquet", LEVELS, test=held_out))
    photos = load_photos(data / "words" / "hdbpmn_words.parquet", "val" if held_out else "train")
    if held_out:
        rows = [row for name in ARCHIVES for row in load_lines(data / "lines" / f"{name}.parquet", test=True)]
    else:
        rows = load_rows(data / "words" / "copiste_lines.parquet")
    texts = sorted({word for items in words for item in items for word in item.text.split() if len(word) > 1})
    return Hands(
        [items for items in words if len(items) >= ENOUGH],
        _letters(data, held_out),
        [items for items in _by_writer(_some(photos, PHOTOS, rng)) if len(items) >= ENOUGH],
        [items for items in _by_writer(_some(rows, ROWS, rng)) if len(items) >= 4],
        texts,
    )


def _some(items: list[PhotoItem], count: int, rng: np.random.Generator) -> list[PhotoItem]:
    return [_inked(items[i]) for i in rng.permutation(len(items))[:count].tolist()]


def _inked(item: PhotoItem) -> PhotoItem:
    """A photographed word whose ink covers all beneath it, as a pen's does, but at its edges."""
    dark = np.percentile(item.ink[item.ink > 0], FULL)
    return replace(item, ink=np.minimum(item.ink * (255 / max(float(dark), 1.0)), 255).astype(np.uint8))


def _by_writer(items: list[Any]) -> list[list[Any]]:
    found: dict[int | str, list[Any]] = defaultdict(list)
    for item in items:
        found[item.writer].append(item)
    return list(found.values())


def _letters(data: Path, held_out: bool) -> list[dict[str, list[InkItem]]]:
    """Single characters of UNIPEN's and Omniglot's training writers, or of UNIPEN's test writers."""
    corpus = characters.load_corpus(data)
    if held_out:
        indices = np.flatnonzero(characters.fold_of(corpus.ink) == characters.TEST_FOLD)
    else:
        indices = characters.training_indices(corpus)
    found: dict[int, dict[str, list[InkItem]]] = defaultdict(lambda: defaultdict(list))
    for index in indices[indices < len(corpus.ink)].tolist():
        points, offsets = corpus.ink.character(index)
        label = characters.LABELS[corpus.ink.labels[index]]
        writer = int(corpus.ink.writers[index])
        item = InkItem(points - points.min(axis=0), offsets.astype(np.int32), label, writer)
        found[writer][label].append(item)
    return [dict(kinds) for kinds in found.values() if len(kinds) >= LEAST_KINDS]


def strokes_of(item: InkItem) -> list[NDArray[np.int16]]:
    """The strokes of an item, each (n, 2) int16."""
    return [item.points[start:stop] for start, stop in pairwise(item.offsets.tolist())]
