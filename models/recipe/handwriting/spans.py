"""A word whose letters are known, segmented by the reader: which spans are letters, and which are not.

Both kinds come out of the reader's own `cuts` and `proposals`, so training sees what reading will show:
letters parted at a touching stroke as well as their pieces and unions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging import components
from ocrcli.imaging.components import Marks
from ocrcli.layout.baselines import Row
from ocrcli.letters import hypotheses, over_segmentation

WHOLE = 0.9
"""A span that holds this share of a letter's ink, and as little else, is that letter."""

BROKEN = 0.7
"""A span that holds, of every letter, less than this share, or that much else, is no letter. Between the two
bounds nobody can say: such spans are left out."""

PIECE, SEVERAL, MIXED, LETTER, UNSURE = range(5)
"""Kinds of spans: a piece of a letter; two letters or more; a letter or a piece of one with a piece of its
neighbour; a letter; none of these for sure."""


@dataclass(frozen=True)
class Spans:
    """Spans of words, cut out.

    Attributes:
        crops: (n, 32, 32) uint8.
        sizes: (n, 2) float32 in capital heights; zeros where unknown.
        kinds: (n,) uint8, PIECE to LETTER.
        owners: (n,) int64: for a letter its position in the word, else -1.
    """

    crops: NDArray[np.uint8]
    sizes: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    owners: NDArray[np.int64]


def span_kinds(own: NDArray[np.float64], totals: NDArray[np.float64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Tell spans that are letters from those that are not.

    Args:
        own: (n, k) ink of letter k within span n.
        totals: (k,) all ink of letter k.

    Returns:
        (n,) kinds, and (n,) positions of the letters (-1 where the span is none).
    """
    share = own / np.maximum(totals, 1)
    pure = own / np.maximum(own.sum(axis=1, keepdims=True), 1)
    fit = np.minimum(share, pure)
    best = fit.argmax(axis=1)
    kinds = np.full(len(own), UNSURE, np.uint8)
    bad = fit.max(axis=1) < BROKEN
    kinds[bad] = MIXED
    kinds[bad & (pure.max(axis=1) > WHOLE)] = PIECE
    kinds[bad & ((share > BROKEN).sum(axis=1) > 1)] = SEVERAL
    kinds[fit.max(axis=1) > WHOLE] = LETTER
    return kinds, np.where(kinds == LETTER, best, -1).astype(np.int64)


def take_apart(
    ink: NDArray[np.uint8],
    marks: Marks,
    owners: NDArray[np.bool_],
    row: Row,
    fineness: float = 1.0,
    reach: float = 1.0,
) -> Spans:
    """Cut a word as the reader does, and propose spans.

    Args:
        ink: (h, w) uint8, bright ink.
        marks: Marks of the word.
        owners: (k, h, w) bool, the ink of each letter.
        row: The row, holding every mark.
        fineness: Below 1, marks are cut that the reader would leave whole.
        reach: Below 1, neighbours further apart are joined (the writing is taken for larger than it is).
    """
    stroke = components.stroke_width(marks.labels > 0)
    tight = Row(row.marks, row.baseline, row.cap_height * fineness)
    rows, marks = over_segmentation.over_segment([tight], marks, stroke)
    wide = Row(rows[0].marks, row.baseline, row.cap_height / reach)
    proposed = hypotheses.propose_hypotheses(wide, marks)
    held = np.zeros((int(marks.labels.max()) + 1, len(owners)))
    for number, owner in enumerate(owners):
        held[:, number] = np.bincount(marks.labels[owner], minlength=len(held))
    held[0] = 0
    running = np.concatenate([np.zeros((1, len(owners))), np.cumsum(held[proposed.ids], axis=0)])
    first = np.array([h.first for h in proposed.hypotheses], np.intp)
    last = np.array([h.last for h in proposed.hypotheses], np.intp)
    kinds, positions = span_kinds(running[last + 1] - running[first], held.sum(axis=0))
    sizes = (proposed.sizes / reach).astype(np.float32)
    return Spans(hypotheses.crops(proposed, marks, ink), sizes, kinds, positions)
