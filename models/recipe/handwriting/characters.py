"""Public handwriting, loaded into flat arrays, split by writer and weighted.

Nothing here is shipped: the arrays are read from a folder beside the repository (``--data``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

REPOSITORY = Path(__file__).resolve().parents[3]
DATA = REPOSITORY.parent / "shared" / "data"
"""Where the data is unless ``--data`` says otherwise."""

PAGE_WRITERS = ("0122", "0185", "0235")
"""Documents of Copiste d'un jour of which pages are used for development: never trained on."""


def document_of(file: str) -> str:
    """Number of the document of Copiste d'un jour that a row is from, by its file's name; empty where it has none."""
    found = re.search(r"_(\d{4})_", file)
    return found.group(1) if found else ""


LABELS: tuple[str, ...] = (*(chr(code) for code in range(33, 127)), "")
"""The classes in the order of the logits: the 94 printable ASCII characters except space, then *not a letter*."""

LABEL_INDEX = {label: index for index, label in enumerate(LABELS)}
NOT_A_LETTER = LABEL_INDEX[""]

STROKE_SOURCES = ("unipen_strokes", "omniglot_latin_strokes")
PICTURE_SOURCES = ("nist_sd19_vowels", "nist_emnist_digits", "nist_az_kaggle", "nist26_valid", "sse_letters")

FOLDS = 8
TEST_FOLD, VALIDATION_FOLD = 0, 1
FIRST_WORD_WRITER = 2000
"""Writers from this number on wrote words, out of which their characters were taken
(`models.recipe.letters.crops.written_characters`)."""

SAME_PERSON = {
    126: 125,
    **dict.fromkeys((128, 136), 131),
    **dict.fromkeys((129, 137), 148),
    **dict.fromkeys((135, 139, 145), 130),
    142: 132,
    143: 133,
    144: 138,
}
"""Numbers of UNIPEN's writers who have another one, too: both share 87 characters or more to the byte, and no other two
share more than two. Whoever has several is known by one that trains."""

FONT_CAPITAL = 64
"""Pixels of a capital letter in pictures of fonts."""

SMALLEST = 0.02
"""Capital heights that the longer side of a character has at least: some dots were written without any extent."""

MERGED_GROUPS = (
    *("0Oo", "1lI|", ".,'`", "-_"),
    *("Cc", "Jj", "Kk", "Pp", "Ss", "Uu", "Vv", "Ww", "Xx", "Yy", "Zz"),
)
"""Characters whose shape alone does not tell them apart; a merged score counts each group as one class."""


@dataclass(frozen=True)
class Ink:
    """Characters as pen ink, stored end to end.

    Attributes:
        points: (p, 2) int16, x and y, y down, the character's longer side 1000.
        stroke_off: (s + 1,) int32, where each stroke's points begin.
        char_off: (n + 1,) int32, where each character's strokes begin.
        labels: (n,) int64, index into LABELS.
        writers: (n,) int32, unique over the sources.
        relwh: (n, 2) float32, width and height in capital heights of the writer.
    """

    points: NDArray[np.int16]
    stroke_off: NDArray[np.int32]
    char_off: NDArray[np.int32]
    labels: NDArray[np.int64]
    writers: NDArray[np.int32]
    relwh: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)

    def character(self, index: int) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
        """Points (m, 2) of one character and the (k + 1,) offsets of its strokes within them."""
        strokes = self.stroke_off[self.char_off[index] : self.char_off[index + 1] + 1]
        return self.points[strokes[0] : strokes[-1]], strokes - strokes[0]

    def placed(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """The same at its true size: points (m, 2) float32 in capital heights."""
        points, offsets = self.character(index)
        longest = np.float32(max(self.relwh[index].max(), SMALLEST) / 1000)
        return points * longest, offsets


@dataclass(frozen=True)
class Pictures:
    """Characters as pictures: uint8 arrays, bright ink on black, with (n,) int64 labels."""

    images: list[NDArray[np.uint8]]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Pool:
    """Finished crops out of words (`models.recipe.letters.crops.word_crops`).

    Attributes:
        crops: (n, 32, 32) uint8.
        sizes: (n, 2) float32 in capital heights, zeros where unknown.
        labels: (n,) int64, NOT_A_LETTER among them.
    """

    crops: NDArray[np.uint8]
    sizes: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


EMPTY = Pool(np.zeros((0, 32, 32), np.uint8), np.zeros((0, 2), np.float32), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Corpus:
    """All training sources, one after the other.

    Sample i is a character of ``ink``, then of ``pictures``, then a crop of ``pool``. The first ``fonts`` of the
    pictures are out of fonts, the last ``photographed`` are letters of photographed words, the others scans.
    """

    ink: Ink
    pictures: Pictures
    pool: Pool = EMPTY
    photographed: int = 0
    fonts: int = 0

    @property
    def labels(self) -> NDArray[np.int64]:
        """(n,) int64 over ink, pictures and pool."""
        return np.concatenate([self.ink.labels, self.pictures.labels, self.pool.labels])


def label_indices(labels: NDArray[np.str_]) -> NDArray[np.int64]:
    """Map (n,) characters to their (n,) indices in LABELS."""
    return np.array([LABEL_INDEX[str(label)] for label in labels], np.int64)


def load_ink(path: Path, first_writer: int = 0) -> Ink:
    """Read one ``*_strokes.npz``; writer numbers start at ``first_writer``."""
    with np.load(path) as stored:
        return Ink(
            stored["points"],
            stored["stroke_off"],
            stored["char_off"],
            label_indices(stored["labels"]),
            stored["writers"].astype(np.int32) + first_writer,
            stored["relwh"].astype(np.float32),
        )


def load_pictures(path: Path) -> Pictures:
    """Read one ``*.npz`` of pictures."""
    with np.load(path) as stored:
        return Pictures(list(stored["images"]), label_indices(stored["labels"]))


def join_ink(first: Ink, second: Ink) -> Ink:
    """Append one collection of ink to another."""
    return Ink(
        np.concatenate([first.points, second.points]),
        np.concatenate([first.stroke_off, second.stroke_off[1:] + first.stroke_off[-1]]),
        np.concatenate([first.char_off, second.char_off[1:] + first.char_off[-1]]),
        np.concatenate([first.labels, second.labels]),
        np.concatenate([first.writers, second.writers]),
        np.concatenate([first.relwh, second.relwh]),
    )


def join_pictures(sets: Iterable[Pictures]) -> Pictures:
    """Several collections of pictures, one after the other."""
    parts = list(sets)
    return Pictures([image for p in parts for image in p.images], np.concatenate([p.labels for p in parts]))


def select_ink(ink: Ink, indices: NDArray[np.int64]) -> Ink:
    """Some of the characters."""
    parts = [ink.character(index) for index in indices]
    strokes = np.concatenate([[0], *(np.diff(offsets) for _, offsets in parts)])
    return Ink(
        np.concatenate([points for points, _ in parts]),
        np.cumsum(strokes).astype(np.int32),
        np.cumsum([0, *(len(offsets) - 1 for _, offsets in parts)]).astype(np.int32),
        ink.labels[indices],
        ink.writers[indices],
        ink.relwh[indices],
    )


def load_corpus(data: Path) -> Corpus:
    """Read every training source, held-out writers included: `fold_of` tells them apart."""
    unipen, omniglot = (load_ink(data / "chars" / f"{name}.npz", 1000 * i) for i, name in enumerate(STROKE_SOURCES))
    sets = [load_pictures(data / "chars" / f"{name}.npz") for name in PICTURE_SOURCES]
    pictures = join_pictures(sets)
    people = np.array([SAME_PERSON.get(writer, writer) for writer in unipen.writers.tolist()], np.int32)
    return Corpus(join_ink(replace(unipen, writers=people), omniglot), pictures)


def numbered(data: Path) -> NDArray[np.int64]:
    """Indices into `load_corpus` of characters of UNIPEN whose writer's number is one of the test's.

    Also of those whose writer training knows by another number.
    """
    with np.load(data / "chars" / f"{STROKE_SOURCES[0]}.npz") as stored:
        return np.flatnonzero(stored["writers"] % FOLDS == TEST_FOLD)


def fold_of(ink: Ink) -> NDArray[np.int32]:
    """(n,) fold of each character's writer; ink of other sources than UNIPEN is never held out (-1)."""
    return np.where(ink.writers < 1000, ink.writers % FOLDS, -1).astype(np.int32)


def training_indices(corpus: Corpus) -> NDArray[np.int64]:
    """Samples that no held-out writer wrote."""
    fold = fold_of(corpus.ink)
    kept = np.flatnonzero((fold != TEST_FOLD) & (fold != VALIDATION_FOLD))
    return np.concatenate([kept, len(corpus.ink) + np.arange(len(corpus.pictures) + len(corpus.pool))])


def half_of(corpus: Corpus, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) 0 or 1: half of the writers, and of the samples whose writers are not known, are in each."""
    half = indices % 2
    ink = indices < len(corpus.ink)
    half[ink] = corpus.ink.writers[indices[ink]] // FOLDS % 2
    return half


def is_font(corpus: Corpus, indices: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) whether each of ``indices`` is out of a font."""
    return (indices >= len(corpus.ink)) & (indices < len(corpus.ink) + corpus.fonts)


def is_from_word(corpus: Corpus, indices: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) whether each of ``indices`` is pen ink out of a word."""
    written = np.zeros(len(indices), bool)
    ink = indices < len(corpus.ink)
    written[ink] = corpus.ink.writers[indices[ink]] >= FIRST_WORD_WRITER
    return written


def merged_classes() -> NDArray[np.int64]:
    """(95,) int64: for each label, the index of the first label of its group."""
    merged = np.arange(len(LABELS))
    for group in MERGED_GROUPS:
        members = [LABEL_INDEX[c] for c in group]
        merged[members] = members[0]
    return merged
