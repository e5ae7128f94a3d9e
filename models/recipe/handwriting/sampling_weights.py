"""How often each sample is drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.recipe.handwriting.characters import LABELS, NOT_A_LETTER, Corpus, is_font, is_from_word

DONOR_SHARE = 0.015
"""No writer gives more than this share of the crops: UNIPEN's most productive donors wrote 4 % each."""

FONT_SHARE, SCAN_SHARE, PHOTO_SHARE, WORD_SHARE, NOT_A_LETTER_SHARE = 0.05, 0.04, 0.08, 0.08, 0.15
"""Shares of the crops: characters of fonts; scanned pictures; letters of photographed words; letters that the reader
parted; what is no letter. The rest is pen ink."""

FROM_WORDS_SHARE = 1 / 3
"""Of a class's pen ink, what comes out of words, if they have as much."""

EVENNESS = 0.1
"""A class of n samples gets a share of the crops like n to the power of 1 less this. Look-alikes are told apart by how
common they are: the more even, the more small letters are read as capitals."""

PHOTO_EVENNESS = 0.6
"""The same for letters of photographed words, whose texts repeat a few hundred words."""


def sampling_weights(corpus: Corpus, indices: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probability of drawing each of ``indices``: classes evened out softly, sources shared out, donors capped.

    Raw counts (an `e` forty times as often as a backtick) starve rare classes; equal shares teach a frequency of
    `C` against `c` that no text has.
    """
    labels = corpus.labels[indices]
    pictures, pool = len(corpus.ink), len(corpus.ink) + len(corpus.pictures)
    is_ink, from_words = indices < pictures, indices >= pool
    photographed = ~from_words & (indices >= pool - corpus.photographed)
    written = is_from_word(corpus, indices)
    single, fonts = is_ink & ~written, is_font(corpus, indices)

    def counts(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(labels[rows], minlength=len(LABELS))

    # Words have a letter as often as their language has it: how common a class is, the other samples tell.
    weights = np.maximum(counts(~written & ~photographed), 1)[labels] ** -EVENNESS
    weights[photographed] = np.maximum(counts(photographed), 1)[labels[photographed]] ** -PHOTO_EVENNESS
    ours = np.minimum(counts(written), counts(single) * FROM_WORDS_SHARE / (1 - FROM_WORDS_SHARE))
    weights[written] *= (ours / np.maximum(counts(written), 1))[labels[written]]
    weights[is_ink] *= (counts(single) / np.maximum(counts(single) + ours, 1))[labels[is_ink]]
    parts = [
        (fonts, FONT_SHARE),
        (~is_ink & ~from_words & ~photographed & ~fonts, SCAN_SHARE),
        (photographed, PHOTO_SHARE),
        (from_words & (labels != NOT_A_LETTER), WORD_SHARE),
        (from_words & (labels == NOT_A_LETTER), NOT_A_LETTER_SHARE),
        (is_ink, 1 - FONT_SHARE - SCAN_SHARE - PHOTO_SHARE - WORD_SHARE - NOT_A_LETTER_SHARE),
    ]
    for rows, share in parts:
        if weights[rows].any():
            weights[rows] *= share / weights[rows].sum()
    weights /= weights.sum()
    writers = corpus.ink.writers[indices[is_ink]]
    given = np.bincount(writers, weights[is_ink])
    weights[is_ink] *= np.minimum(1.0, DONOR_SHARE / np.maximum(given, 1e-12))[writers]
    return np.asarray(weights / weights.sum())
