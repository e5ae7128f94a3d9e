"""What the study trains on and measures with: crops by public writers, not-letters, and letters of our own.

Rendered crops are kept in the work folder, under a name that changes with the code that draws them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing import morph, render, strokes, style
from models.recipe.drawing.render import render_ink
from models.recipe.drawing.style import PLAIN
from models.recipe.finetune.samples import Sample, page_samples
from models.recipe.handwriting import characters, sampling_weights
from models.recipe.handwriting.characters import LABELS, REPOSITORY, Corpus, fold_of, training_indices
from models.recipe.letters import batches
from models.recipe.letters.batches import Batch, Source, make_batch, render_plain
from ocrcli.pipeline.reading import Reader

SEED = 11

CHARACTERS = tuple(label for label in LABELS if label)
"""The classes that are characters. Labels of ink index into these."""

BLOCK = tuple(label for label in CHARACTERS if label.isdigit() or label.isupper())
"""Capitals and digits, the 36 classes of the course work."""

TRAINING_CROPS = 30_000

EXAMPLES = ("shopping_list", "todo_list", "letter", "sticky_note")
"""Notes in ``examples/`` that reconstructions are shown of; drawn by this project's own scripts."""


def cached(folder: Path, name: str, make: Callable[[], Batch]) -> Batch:
    """Load the crops called ``name``, or make them and keep them."""
    digest = hashlib.sha256()
    for module in (batches, characters, morph, render, sampling_weights, strokes, style):
        digest.update(Path(str(module.__file__)).read_bytes())
    path = folder / f"{name}-{digest.hexdigest()[:12]}.npz"
    if path.exists():
        with np.load(path) as stored:
            return Batch(stored["crops"], stored["sizes"], stored["labels"])
    batch = make()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-*.npz"):
        old.unlink()
    np.savez(path, crops=batch.crops, sizes=batch.sizes, labels=batch.labels)
    return batch


def training_crops(corpus: Corpus, count: int = TRAINING_CROPS) -> Batch:
    """Characters as the shipped model's training sees them: warped, photographed, sizes in part unknown."""
    indices = training_indices(corpus)
    indices = indices[indices < len(corpus.ink) + len(corpus.pictures)]
    return make_batch(Source(corpus, indices, count, SEED), 0)


def held_out_crops(corpus: Corpus, fold: int) -> Batch:
    """Crops as written, by the writers of a fold that no training saw."""
    indices = np.flatnonzero(fold_of(corpus.ink) == fold)
    return Batch(*render_plain(corpus, indices, SEED), corpus.ink.labels[indices])


def only(batch: Batch, rows: NDArray[Any]) -> Batch:
    """Some rows, by bool or by index."""
    return Batch(batch.crops[rows], batch.sizes[rows], batch.labels[rows])


def only_classes(batch: Batch, classes: Sequence[str]) -> Batch:
    """The crops of some classes, relabelled by their place in ``classes``."""
    place = np.full(len(LABELS), -1)
    place[[CHARACTERS.index(c) for c in classes]] = np.arange(len(classes))
    kept = only(batch, place[batch.labels] >= 0)
    return Batch(kept.crops, kept.sizes, place[kept.labels])


Strokes = list[NDArray[np.float64]]
"""Each (m, 2), in capital heights, y down."""


def strokes_of(corpus: Corpus, index: int) -> Strokes:
    """One character's strokes at their true size, its box at the origin."""
    points, offsets = corpus.ink.placed(index)
    placed = (points - points.min(axis=0)).astype(np.float64)
    return [placed[start:stop] for start, stop in pairwise(offsets)]


def piece(strokes: Strokes, share: float, keep_left: bool) -> Strokes:
    """What an upright cut leaves on one side of a character.

    Args:
        strokes: The character.
        share: Where the cut is, as a share of the width.
        keep_left: Which side is kept.

    Returns:
        The runs of points on that side; maybe none.
    """
    right = max(float(s[:, 0].max()) for s in strokes)
    kept: Strokes = []
    for stroke in strokes:
        inside = (stroke[:, 0] < share * right) == keep_left
        ends = np.flatnonzero(np.diff(inside.astype(np.int8))) + 1
        kept += [run for run, yes in zip(np.split(stroke, ends), inside[np.r_[0, ends]], strict=True) if yes]
    return kept


def pair(left: Strokes, right: Strokes, gap: float) -> Strokes:
    """Two characters side by side on one baseline, ``gap`` capital heights apart; below 0 they overlap."""
    widths = [max(float(s[:, 0].max()) for s in side) for side in (left, right)]
    heights = [max(float(s[:, 1].max()) for s in side) for side in (left, right)]
    foot = max(heights)
    return [
        *(s + np.array([0.0, foot - heights[0]]) for s in left),
        *(s + np.array([widths[0] + gap, foot - heights[1]]) for s in right),
    ]


Drawn = tuple[NDArray[np.uint8], tuple[float, float]]
"""A (32, 32) crop, and its width and height in capital heights."""


def draw(strokes: Strokes, rng: np.random.Generator) -> Drawn:
    """Render strokes as written."""
    points = np.concatenate(strokes)
    offsets = np.cumsum([0, *(len(s) for s in strokes)]).astype(np.int32)
    return render_ink((points - points.min(axis=0)).astype(np.float32), offsets, PLAIN, rng)


LETTER_WIDTH = 0.3
"""Capital heights. Half of anything narrower is a stroke like an l, which is a letter."""


def not_letters(corpus: Corpus, fold: int, count: int) -> tuple[Batch, Batch]:
    """Badly cut letters by the writers of a fold: ``count`` pieces of one, and ``count`` pairs of two.

    A few are letters all the same (half of an H, `rn`), so no method can tell all of them.
    """
    ink = corpus.ink
    alphanumeric = np.array([c.isalnum() for c in CHARACTERS])
    wide = (fold_of(ink) == fold) & alphanumeric[ink.labels] & (ink.relwh[:, 0] > LETTER_WIDTH)
    usable = np.flatnonzero(wide)
    rng = np.random.default_rng(SEED)
    pieces: list[Drawn] = []
    pairs: list[Drawn] = []
    while len(pieces) < count:
        kept = piece(strokes_of(corpus, rng.choice(usable)), rng.uniform(0.3, 0.7), bool(rng.random() < 0.5))
        if kept:
            pieces.append(draw(kept, rng))
    while len(pairs) < count:
        first = rng.choice(usable)
        second = rng.choice(usable[ink.writers[usable] == ink.writers[first]])
        gap = rng.uniform(-0.1, 0.15)
        pairs.append(draw(pair(strokes_of(corpus, first), strokes_of(corpus, second), gap), rng))
    return batch_of(pieces), batch_of(pairs)


def batch_of(drawn: list[Drawn]) -> Batch:
    """Crops without a class: their labels say nothing."""
    crops = np.stack([crop for crop, _ in drawn])
    return Batch(crops, np.array([size for _, size in drawn], np.float32), np.zeros(len(drawn), np.int64))


def own_letters(count: int) -> list[Sample]:
    """Letters of the example notes, each character once, cut out by the project's own segmentation."""
    reader = Reader()
    found: dict[str, Sample] = {}
    for name in EXAMPLES:
        stages: dict[str, Any] = {}
        photo = REPOSITORY / "examples" / f"{name}.jpg"
        page = reader.read(photo, on_stage=stages.__setitem__)
        for sample in page_samples(page, stages, photo.with_name(f"{name}.gt.txt").read_text("utf-8")):
            found.setdefault(sample.label, sample)
    letters = sorted(label for label in found if label.isalnum())
    chosen = letters[:: max(1, len(letters) // count)][:count]
    return [found[label] for label in chosen]
