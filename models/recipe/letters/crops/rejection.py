"""How well *not a letter* is told from letters: photographed words of writers and pages that training never saw.

Protocol. Words of hdBPMN's validation split whose letters stand apart, have their usual sizes, are whole and have no
bits of other lines about them (`photos`: by geometry, no model has a say) are cut badly on purpose: finer than the
reader cuts, joined further than it joins.
Spans with at least 0.9 of one letter's ink and 0.9 of their own ink from it are letters; those below 0.7 are bad.
All are scored, also a stem that anyone would read as an l: the ROC area over all of them is the figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipe.handwriting.characters import LABELS, NOT_A_LETTER, merged_classes
from models.recipe.handwriting.photographed import photo_spans, word_photos
from models.recipe.handwriting.spans import LETTER, MIXED, PIECE, SEVERAL, UNSURE
from models.recipe.letters.crops.word_crops import labelled

KIND_NAMES = {PIECE: "pieces", SEVERAL: "two letters or more", MIXED: "pieces with a neighbour"}
SEED = 17
WORDS = 20_000
"""More than the validation split has: all of it is looked at; one word in forty stands apart and is untouched."""

PER_WORD = 2
"""Bad spans of a kind that are kept, in units of the word's letters: a long word has hundreds."""


@dataclass(frozen=True)
class CutWords:
    """Spans of photographed words: crops (n, 32, 32) uint8, sizes (n, 2) float32, kinds (n,), labels (n,)."""

    crops: NDArray[np.uint8]
    sizes: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    labels: NDArray[np.int64]


def roc_area(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Probability that a positive scores higher than a negative, ties counting half (Mann and Whitney 1947).

    Args:
        scores: (n,).
        positive: (n,) bool.
    """
    values, ranks, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    hits = int(positive.sum())
    return float((middle[ranks][positive].sum() - hits * (hits + 1) / 2) / (hits * (len(values[ranks]) - hits)))


def cut_words(path: Path, typical: NDArray[np.float32], words: int = WORDS) -> CutWords:
    """Cut words of the validation split badly; the same ones each time."""
    rng = np.random.default_rng(SEED)
    photos = list(word_photos(path, "val"))
    parts = []
    for number in rng.permutation(len(photos))[:words]:
        spans = photo_spans(photos[number], typical, rng, strict=True)
        if spans is None:
            continue
        kept = []
        for kind in set(spans.kinds.tolist()) - {UNSURE}:
            rows = np.flatnonzero(spans.kinds == kind)
            kept.append(rng.permutation(rows)[: PER_WORD * len(photos[number].text)])
        rows = np.concatenate([*kept, np.zeros(0, np.intp)]).astype(np.intp)
        parts.append(
            (spans.crops[rows], spans.sizes[rows], spans.kinds[rows], labelled(spans, photos[number].text)[rows])
        )
    return CutWords(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def load_cut_words(data: Path, typical: NDArray[np.float32], work: Path) -> CutWords:
    """`cut_words` of the data folder, kept in ``val_words.npz`` of the work folder."""
    cache = work / "val_words.npz"
    if not cache.exists():
        made = cut_words(data / "words" / "hdbpmn_words.parquet", typical)
        np.savez(cache, crops=made.crops, sizes=made.sizes, kinds=made.kinds, labels=made.labels)
    with np.load(cache) as stored:
        return CutWords(stored["crops"], stored["sizes"], stored["kinds"], stored["labels"])


def measure_rejection(words: CutWords, probability: NDArray[np.float64]) -> dict[str, Any]:
    """ROC areas over all bad spans and by kind, and how well the letters among them are read.

    Args:
        words: The spans.
        probability: (n, labels).
    """
    score, letters = probability[:, NOT_A_LETTER], words.kinds == LETTER
    result: dict[str, Any] = {
        "letters": int(letters.sum()),
        "bad spans": int((~letters).sum()),
        "ROC area": roc_area(score, ~letters),
    }
    for kind, name in KIND_NAMES.items():
        rows = letters | (words.kinds == kind)
        if (words.kinds == kind).any():
            result[f"ROC area, {name}"] = roc_area(score[rows], ~letters[rows])
    merged = merged_classes()
    best = probability[letters][:, : len(LABELS) - 1].argmax(axis=1)
    result["letters read right, look-alikes merged"] = float((merged[best] == merged[words.labels[letters]]).mean())
    return result
