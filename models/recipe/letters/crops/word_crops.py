"""Crops out of words: letters parted by the reader's own cuts, and *not a letter*.

Made once, before training, because a first model must look at them: a piece that looks like a letter (the stem
of an E, half of a W) would teach the network to doubt true letters, and no geometry tells such pieces apart.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.compose import composed_word, letters_of
from models.recipe.drawing.distractors import distractors
from models.recipe.handwriting.characters import EMPTY, LABEL_INDEX, LABELS, NOT_A_LETTER, Ink, Pool
from models.recipe.handwriting.photographed import joined_spans, photo_spans, word_photos
from models.recipe.handwriting.spans import LETTER, PIECE, SEVERAL, UNSURE, Spans
from models.recipe.handwriting.wrong_labels import credible

Predict = Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.float64]]
"""Crops (n, 32, 32) and sizes (n, 2) to probabilities (n, labels)."""

SIMPLE = np.array([LABEL_INDEX[c] for c in "lI|1-.,'()/\\_`vnrcoi"])
"""What a piece of a letter often is: a stem, a bowl, a dot. Little certainty is enough to leave it out."""


def join_pools(pools: Sequence[Pool]) -> Pool:
    """One pool of several."""
    return Pool(
        np.concatenate([p.crops for p in pools]),
        np.concatenate([p.sizes for p in pools]),
        np.concatenate([p.labels for p in pools]),
    )


def save_pool(path: Path, pool: Pool) -> None:
    """Write a pool as ``.npz``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, crops=pool.crops, sizes=pool.sizes, labels=pool.labels)


def load_pool(path: Path) -> Pool:
    """Read a pool; an empty one where there is none."""
    if not path.exists():
        return EMPTY
    with np.load(path) as stored:
        return Pool(stored["crops"], stored["sizes"], stored["labels"])


def labelled(spans: Spans, text: str) -> NDArray[np.int64]:
    """(n,) labels of a word's spans."""
    letters = np.array([LABEL_INDEX[c] for c in text])
    return np.where(spans.kinds == LETTER, letters[np.maximum(spans.owners, 0)], NOT_A_LETTER)


def thin_out(spans: Spans, rng: np.random.Generator) -> NDArray[np.intp]:
    """Rows to keep of a word's spans: every letter, and of each bad kind no more than twice as many."""
    letters = np.flatnonzero(spans.kinds == LETTER)
    kept = [letters]
    for kind in set(spans.kinds.tolist()) - {LETTER, UNSURE}:
        rows = np.flatnonzero(spans.kinds == kind)
        kept.append(rng.permutation(rows)[: max(2, 2 * len(letters))])
    return np.concatenate(kept)


def trustworthy(
    labels: NDArray[np.int64], kinds: NDArray[np.uint8], sizes: NDArray[np.float32], probability: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which crops of words to learn from, in the light of a first model that knows letters only.

    A letter stays unless the model gives its group of look-alikes next to nothing (the word's transcript, or
    its taking apart, is wrong). What is no letter stays unless it looks like one.

    Args:
        labels: (n,) labels.
        kinds: (n,) kinds of spans.
        sizes: (n, 2) in capital heights.
        probability: (n, labels) of the first model.
    """
    best, peak = probability.argmax(axis=1), probability.max(axis=1)
    looks_like_one = peak > np.where(np.isin(best, SIMPLE), 0.5, 0.85)
    union = (kinds == SEVERAL) & ((sizes[:, 0] > 1.1) | (peak < 0.97))
    return np.where(labels == NOT_A_LETTER, union | ~looks_like_one, credible(probability, labels))


@dataclass(frozen=True)
class Raw:
    """Spans with labels, before a model has looked at them."""

    pool: Pool
    kinds: NDArray[np.uint8]


def gather(found: Sequence[tuple[Spans, NDArray[np.int64]]]) -> Raw:
    """Put the spans of many words end to end."""
    spans = [s for s, _ in found]
    pool = Pool(
        np.concatenate([s.crops for s in spans]),
        np.concatenate([s.sizes for s in spans]),
        np.concatenate([labels for _, labels in found]),
    )
    return Raw(pool, np.concatenate([s.kinds for s in spans]))


def rows_of(spans: Spans, rows: NDArray[np.intp]) -> Spans:
    """Some of the spans."""
    return Spans(spans.crops[rows], spans.sizes[rows], spans.kinds[rows], spans.owners[rows])


def composed(ink: Ink, indices: NDArray[np.int64], texts: Sequence[str], count: int, seed: int) -> Raw:
    """Spans of about ``count`` crops out of composed words, by the writers of ``indices``."""
    rng = np.random.default_rng(seed)
    letters = letters_of(ink, indices)
    known = {LABELS[label] for label in letters.by_label}
    found, total = [], 0
    while total < count:
        text = make_text(texts, rng)
        spans = composed_word(ink, letters, "".join(c for c in text if c in known), rng)
        if spans is not None:
            spans = rows_of(spans, thin_out(spans, rng))
            found.append((spans, labelled(spans, "".join(c for c in text if c in known))))
            total += len(spans.crops)
    return gather(found)


def make_text(texts: Sequence[str], rng: np.random.Generator) -> str:
    """A word of 2 to 7 characters: of a real one, in capitals, or digits and signs at random."""
    u = rng.random()
    text = texts[int(rng.integers(len(texts)))]
    if u < 0.45:
        start = rng.integers(max(1, len(text) - 4))
        return text[start : start + int(rng.integers(2, 8))]
    if u < 0.65:
        return text[:7].upper()
    length = int(rng.integers(2, 7))
    return "".join(LABELS[i] for i in rng.integers(len(LABELS) - 1, size=length))


def photographed(path: Path, split: str, typical: NDArray[np.float32], words: int, seconds: float, seed: int) -> Raw:
    """Spans of photographed words, of a random ``words`` of them, or as many as ``seconds`` allow."""
    rng = np.random.default_rng(seed)
    photos = list(word_photos(path, split))
    found: list[tuple[Spans, NDArray[np.int64]]] = []
    start = time.monotonic()
    for number in rng.permutation(len(photos))[:words]:
        photo = photos[number]
        spans = photo_spans(photo, typical, rng) or joined_spans(photo)
        if spans is not None and len(spans.crops):
            spans = rows_of(spans, thin_out(spans, rng))
            found.append((spans, labelled(spans, photo.text)))
        if time.monotonic() - start > seconds:
            break
    return gather(found)


def filtered(raw: Raw, predict: Predict) -> Pool:
    """The trustworthy part of ``raw``."""
    probability = predict(raw.pool.crops, raw.pool.sizes)
    kept = trustworthy(raw.pool.labels, raw.kinds, raw.pool.sizes, probability)
    bad = raw.pool.labels == NOT_A_LETTER
    pieces = raw.kinds == PIECE
    print(
        f"words: {(kept & ~bad).sum()} of {(~bad).sum()} letters kept, {(kept & bad).sum()} of {bad.sum()} that are "
        f"none ({(kept & pieces).sum()} of {pieces.sum()} pieces)",
        file=sys.stderr,
    )
    return Pool(raw.pool.crops[kept], raw.pool.sizes[kept], raw.pool.labels[kept])


def distractor_pool(count: int, seed: int) -> Pool:
    """Ruled lines, paper texture and blots."""
    crops, sizes = distractors(count, np.random.default_rng(seed))
    return Pool(crops, sizes, np.full(len(crops), NOT_A_LETTER))
