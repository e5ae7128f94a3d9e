"""Batches of fresh crops, drawn by a process of their own while the network trains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.morph import Hands
from models.recipe.drawing.render import render_ink, render_picture
from models.recipe.drawing.style import PLAIN, Style
from models.recipe.handwriting.characters import FONT_CAPITAL, LABELS, Corpus, half_of, is_font, is_from_word
from models.recipe.handwriting.sampling_weights import sampling_weights
from models.recipe.letters.distillation import Teachers
from models.recipe.training.background import made_aside

UNKNOWN_SIZE = 0.4
"""Share of the crops whose size is withheld, so that one model serves with and without it. Of letters out of written
words none is: where there is a word, there is a size, and a crop alone is a single character."""

SIZE_JITTER = 0.05
"""Deviation of the logarithm of a reader's error in the capital height of a row. People who write single characters
vary in their sizes more than a row does: part of the error is in the data already."""

MILD = Style(
    pen=(0.045, 0.12),
    slant=0.12,
    rotation=3,
    stretch=0.08,
    wobble=0.015,
    loose=0.01,
    accident=0.3,
    photo=0.6,
    haste=0.15,
)
"""Most of the crops vary no more than this: most people write upright, and most photos are sharp."""

ISOLATED = replace(MILD, pen=(0.045, 0.18))
"""The same for those whose size is withheld, but for the pen: they may be from anywhere, from a tablet, too."""

WILD = Style(haste=0.4)

MORPHED = 0.7
"""Share of the pen ink that is moved towards another hand, or away from it, where a like character is found."""

WILD_SHARE = 0.3
"""Of the crops; they vary strongly."""


@dataclass(frozen=True)
class Batch:
    """Crops (n, 32, 32) uint8, sizes (n, 2) float32 in capital heights or zeros, labels (n,) int64.

    Where there are teachers, the probabilities (n, labels) float32 that they give besides.
    """

    crops: NDArray[np.uint8]
    sizes: NDArray[np.float32]
    labels: NDArray[np.int64]
    taught: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Source:
    """What batches are drawn from, and how. It goes to the process that renders as it is.

    Attributes:
        corpus: All samples.
        indices: Those to draw.
        n: Samples in a batch.
        seed: Of all batches.
        teachers: Who says what they take the crops for, if anyone does.
    """

    corpus: Corpus
    indices: NDArray[np.int64]
    n: int
    seed: int
    teachers: Teachers | None = None

    @cached_property
    def chances(self) -> NDArray[np.float64]:
        """The running sum of the sampling weights of ``indices``."""
        return np.cumsum(sampling_weights(self.corpus, self.indices))

    @cached_property
    def hands(self) -> Hands:
        """Interpolation between the writers that are drawn, and beyond them."""
        return Hands(self.corpus.ink, self.indices[self.indices < len(self.corpus.ink)])


def render(
    corpus: Corpus, indices: NDArray[np.int64], style: Style, rng: np.random.Generator, hands: Hands | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Render samples: crops (n, 32, 32) uint8 and sizes (n, 2) float32, zeros for pictures that are no fonts'.

    Crops of the pool are taken as they are; of pen ink, the share `MORPHED` is in other ``hands``, where there are any.
    """
    crops = np.zeros((len(indices), 32, 32), np.uint8)
    sizes = np.zeros((len(indices), 2), np.float32)
    pictures, pool = len(corpus.ink), len(corpus.ink) + len(corpus.pictures)
    for row, index in enumerate(indices):
        if index < pictures:
            if hands is not None and rng.random() < MORPHED:
                written = hands.between(index, rng)
            else:
                written = corpus.ink.placed(index)
            crops[row], sizes[row] = render_ink(*written, style, rng)
        elif index < pool:
            crops[row], size = render_picture(corpus.pictures.images[index - pictures], style, rng)
            if index < pictures + corpus.fonts:
                sizes[row] = np.array(size) / FONT_CAPITAL
        else:
            crops[row], sizes[row] = corpus.pool.crops[index - pool], corpus.pool.sizes[index - pool]
    return crops, sizes


def render_plain(
    corpus: Corpus, indices: NDArray[np.int64], seed: int, style: Style = PLAIN
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Render samples as written, for evaluation; the same seed gives the same crops."""
    return render(corpus, indices, style, np.random.default_rng(seed))


def withhold(n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(n,) whether a crop's size is withheld, of the share `UNKNOWN_SIZE`."""
    return rng.random(n) < UNKNOWN_SIZE


def disturb_sizes(
    sizes: NDArray[np.float32], rng: np.random.Generator, withheld: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Give (n, 2) sizes the errors of a reader, and zeros to those that are withheld.

    Args:
        sizes: (n, 2) float32 in capital heights.
        rng: Source of chance.
        withheld: (n,) which; None leaves it to chance (`withhold`).
    """
    if withheld is None:
        withheld = withhold(len(sizes), rng)
    common = rng.normal(0, SIZE_JITTER, (len(sizes), 1))
    own = rng.normal(0, 0.03, sizes.shape)
    return (sizes * np.exp(common + own) * ~withheld[:, None]).astype(np.float32)


def make_batch(source: Source, step: int) -> Batch:
    """The training batch of ``step``, the same one each time.

    Teachers see every size as it is, where there is one: what it tells them, the pen's width may tell, too.
    """
    rng = np.random.default_rng([source.seed, step])
    corpus, chances = source.corpus, source.chances
    chosen = source.indices[np.searchsorted(chances, rng.random(source.n) * chances[-1])]
    withheld = withhold(source.n, rng) & ~is_from_word(corpus, chosen)
    wild = np.arange(source.n) < WILD_SHARE * source.n
    crops, sizes = np.zeros((source.n, 32, 32), np.uint8), np.zeros((source.n, 2), np.float32)
    for rows, style in ((wild, WILD), (~wild & withheld, ISOLATED), (~wild & ~withheld, MILD)):
        crops[rows], sizes[rows] = render(corpus, chosen[rows], style, rng, source.hands)
    taught = None
    if source.teachers is not None:
        taught = np.eye(len(LABELS), dtype=np.float32)[corpus.labels[chosen]]
        asked = ~is_font(corpus, chosen)  # what a font calls an A is one
        taught[asked] = source.teachers.probabilities(crops[asked], sizes[asked], half_of(corpus, chosen[asked]))
    return Batch(crops, disturb_sizes(sizes, rng, withheld), corpus.labels[chosen], taught)


def _batches(source: Source, steps: range) -> Iterator[Batch]:
    return (make_batch(source, step) for step in steps)


def stream(source: Source, steps: range) -> Iterator[Batch]:
    """Yield the batches of ``steps``. Each is seeded by its own step, so a resumed run sees the same ones."""
    return islice(made_aside(_batches, (source, steps), ahead=24, patience=20), len(steps))
