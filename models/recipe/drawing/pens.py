"""How thick strokes are: what is drawn must not be told from photographed writing by its pens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.style import PLAIN
from models.recipe.handwriting.characters import Corpus, training_indices
from models.recipe.handwriting.spans import LETTER
from models.recipe.letters.batches import ISOLATED, MILD, WILD, render_plain
from models.recipe.letters.rejection import CutWords
from ocrcli.imaging.components import stroke_width

FINER = 3
"""Times that a picture is enlarged first, for its strokes are two or three pixels wide."""

LEAST = 8
"""Pixels of ink below which a picture tells nothing."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

SEED = 3


def thickness(picture: NDArray[np.uint8]) -> float:
    """Width of a picture's strokes in its pixels; not a number where there is hardly any ink.

    Args:
        picture: (h, w) uint8, bright ink.
    """
    large = cv2.resize(picture, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_CUBIC)
    mask = large > 128
    return stroke_width(mask) / FINER if mask.sum() > LEAST * FINER * FINER else float("nan")


def quantiles(pictures: Iterable[NDArray[np.uint8]], unit: float, digits: int) -> tuple[str, ...]:
    """How thick the strokes of pictures are, in units of so many pixels, as text."""
    return tuple(f"{q / unit:.{digits}f}" for q in np.nanquantile([thickness(p) for p in pictures], QUANTILES))


def head(what: str) -> tuple[str, ...]:
    """The first row of a table of `quantiles`."""
    return (what, *(f"{q:.0%} are below" for q in QUANTILES))


def letters(corpus: Corpus, words: CutWords) -> list[tuple[str, ...]]:
    """A table of stroke widths in crops: letters of photographed words, and the same letters as they are drawn."""
    rng = np.random.default_rng(SEED)
    shown = words.kinds == LETTER
    indices = training_indices(corpus)
    ink = indices[indices < len(corpus.ink)]
    of_label = {label: ink[corpus.ink.labels[ink] == label] for label in np.unique(words.labels[shown])}
    same = np.array([rng.choice(of_label[label]) for label in words.labels[shown] if len(of_label[label])])
    rows = [head("strokes in the crops, in pixels"), ("hdBPMN, photographed", *quantiles(words.crops[shown], 1, 1))]
    styles = {"most of training": MILD, "without a size": ISOLATED, "what varies strongly": WILD, "tests": PLAIN}
    for name, style in styles.items():
        crops, _ = render_plain(corpus, same, SEED, replace(PLAIN, pen=style.pen))
        thinnest, broadest = style.pen
        rows.append((f"drawn by pens of {thinnest:.1%} to {broadest:.1%}: {name}", *quantiles(crops, 1, 1)))
    return rows
