"""Words and rows of public handwriting for the line reader: pen ink and photographs, split by writer."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet
from numpy.typing import NDArray
from PIL import Image

from models.recipe.handwriting.characters import PAGE_WRITERS, document_of
from ocrcli.binarize import background, denoise, threshold
from ocrcli.imaging import components, runs
from ocrcli.language.priors import PLACES

ASCII = tuple(chr(code) for code in range(32, 127))
ACCENTED = tuple("éàèêçÉïûô’«»óâáîüùœäíöÀëñÇ°È")
CIRCLED = tuple("①②③④⑤⑥⑦⑧⑨")
SIGNS = (*"→←•✓☐☑≤≥÷€£", *CIRCLED)
"""Signs that are drawn, as nobody wrote them (`models.recipe.drawing.signs`)."""

CHARACTERS: tuple[str, ...] = (*ASCII, *ACCENTED, *SIGNS)
"""What the line reader prints, in the order of its outputs; output 0 is the blank of CTC."""

INDEX = {character: number + 1 for number, character in enumerate(CHARACTERS)}

SPELLINGS = str.maketrans({"“": '"', "”": '"', "‘": "'", "\u00a0": " ", "–": "-", "—": "-"})

TEST_FOLD, FOLDS = 0, 16
"""Writers of pen ink whose number has this remainder are never trained on."""

MIN_TEXT_WIDTH = 28
"""Units a character; a text narrower than this (it is 128 units high) has more than one line."""


ARCHIVES = ("poilus", "peraire", "lathrop", "mss20", "doniau")
"""Files of ``lines/`` that are trained on, beside `NAMES`."""

NAMES = "names_caps"
"""The file of names in block capitals."""

HELD_OUT = 8
"""Of the writers of those files the one in so many, by the CRC-32 of the name, that is never trained on."""

ACROSS = 0.85
"""Share of a word's picture that a ruled line crosses; no letter's bar is as long."""

INTRUDER = 0.22
"""Share of a word's picture; a mark at its edge that is lower than this belongs to a neighbour."""

PLACE_OF = {**PLACES, "f": (-0.1, 1.0), "y": (-0.35, 0.62), "ç": (-0.25, 0.62), "Ç": (-0.25, 1.0)}
"""Lowest and highest ink of characters in capital heights above the baseline; others reach from it up to a capital's
height."""


@dataclass(frozen=True)
class InkItem:
    """A word or character of pen ink.

    Attributes:
        points: (n, 2) int16, y down, at most 128 units high.
        offsets: (k + 1,) int32, the strokes within ``points``.
        text: What it says.
        writer: Number of its writer.
        place: Its lowest and highest ink in capital heights above the baseline; None where that follows from the text.
    """

    points: NDArray[np.int16]
    offsets: NDArray[np.int32]
    text: str
    writer: int
    place: tuple[float, float] | None = None


@dataclass(frozen=True)
class PhotoItem:
    """A photographed word or row as the reader sees it, or a drawn picture of one.

    Attributes:
        ink: (h, w) uint8, its ink on 0.
        text: What it says.
        writer: Name of its writer.
        photographed: Whether light, blur and noise are in it.
    """

    ink: NDArray[np.uint8]
    text: str
    writer: str
    photographed: bool = True


def spell(text: str) -> str:
    """One space between words, plain quotes and dashes; UNIPEN's transcripts escape double quotes."""
    return " ".join(text.replace('\\"', '"').translate(SPELLINGS).split())


def known(text: str) -> bool:
    """Whether the line reader has all characters of a text."""
    return bool(text) and all(c in INDEX for c in text)


def load_ink(path: Path, levels: tuple[str, ...], test: bool) -> list[InkItem]:
    """Items of ``unipen_ink.parquet``.

    Args:
        path: The file.
        levels: Which levels (char, char-in-word, word, text); texts of several lines are left out, and what comes
            again: most words of the archive are in two of its files.
        test: Whether to take the writers that are held out, or the others.
    """
    table = pyarrow.parquet.read_table(path)
    found, seen_before = [], set()
    columns = (table[name].to_pylist() for name in ("text", "writer", "level", "deltas", "stroke_lengths"))
    for text, writer, level, deltas, lengths in zip(*columns, strict=True):
        spelt = spell(text)
        if level not in levels or (writer % FOLDS == TEST_FOLD) != test or not known(spelt):
            continue
        if (writer, spelt, deltas) in seen_before:
            continue
        seen_before.add((writer, spelt, deltas))
        points = np.cumsum(np.frombuffer(deltas, "<i2").reshape(-1, 2), axis=0, dtype=np.int32)
        extent = np.ptp(points, axis=0)
        if level == "text" and extent[0] < MIN_TEXT_WIDTH * len(spelt):
            continue
        offsets = np.concatenate([[0], np.cumsum(np.frombuffer(lengths, "<i2"))]).astype(np.int32)
        found.append(InkItem((points - points.min(axis=0)).astype(np.int16), offsets, spelt, int(writer)))
    return found


def seen(grey: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """What the reader sees of a photographed word: its ink on 0; None where there is none.

    Args:
        grey: (h, w) uint8.
    """
    dark = background.darken(denoise.DENOISERS["gaussian"](grey))
    flat = background.divide(dark, background.background(dark))
    mask = threshold.METHODS["auto"](flat)  # a word may fill its picture too much for `binarize`, which expects a page
    stroke = components.stroke_width(mask)
    # Not `rules.without_rules`: what crosses a third of a page may be a letter's bar on a word's picture.
    mask = without_lines(mask, stroke)
    marks = components.find_marks(mask)
    height = mask.shape[0]
    at_edge = (marks.boxes[:, 1] <= 0) | (marks.boxes[:, 3] >= height)
    intruding = at_edge & (marks.heights < INTRUDER * height)  # the feet or heads of a neighbouring row
    marks = marks.keep((marks.areas >= 0.35 * stroke**2) & ~intruding)
    if not len(marks):
        return None
    kept = np.isin(marks.labels, marks.ids)
    return np.asarray((255 - flat) * runs.dilated(kept), np.uint8)


def without_lines(mask: NDArray[np.bool_], stroke: float) -> NDArray[np.bool_]:
    """Erase ruled lines and underlines that run through the whole picture of a word; what crosses them stays.

    Args:
        mask: (h, w) bool ink.
        stroke: Width of the pen's strokes in pixels.
    """
    height, width = mask.shape
    full = mask.mean(axis=1) > ACROSS
    if width < height or not full.any():
        return mask
    mask = mask.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], full.astype(np.int8), [0]])))
    for top, bottom in edges.reshape(-1, 2):
        if bottom - top > max(2.0 * stroke, 3):
            continue
        above = mask[max(top - 2, 0) : top].any(axis=0) if top else np.zeros(width, bool)
        below = mask[bottom : bottom + 2].any(axis=0) if bottom < height else np.zeros(width, bool)
        mask[top:bottom, ~(above & below)] = False
    return mask


def load_photos(path: Path, split: str) -> list[PhotoItem]:
    """Words of one split of ``hdbpmn_words.parquet``."""
    table = pyarrow.parquet.read_table(path, filters=[("split", "=", split)])
    columns = (table[name].to_pylist() for name in ("image", "text", "writer"))
    return _photos(*columns)


def load_rows(path: Path) -> list[PhotoItem]:
    """Rows of ``copiste_lines.parquet``, without the documents that pages are used of."""
    table = pyarrow.parquet.read_table(path)
    documents = [document_of(name) for name in table["file"].to_pylist()]
    wanted = [document not in PAGE_WRITERS for document in documents]
    chosen = table.filter(wanted)
    writers = [document for document, keep in zip(documents, wanted, strict=True) if keep]
    return _photos(chosen["image"].to_pylist(), chosen["text"].to_pylist(), writers)


def is_held_out(writer: str) -> bool:
    """Whether a writer of ``lines/`` is never trained on."""
    return zlib.crc32(writer.encode()) % HELD_OUT == 0


def load_lines(path: Path, test: bool) -> list[PhotoItem]:
    """Rows of a file of ``lines/``.

    Args:
        path: The file.
        test: Whether to take the writers that are held out, or the others. Of a file of one writer it is by pages.
    """
    columns = pyarrow.parquet.read_table(path, columns=["image", "text", "writer", "page"]).to_pydict()
    by = columns["writer" if len(set(columns["writer"])) > 1 else "page"]
    wanted = [i for i, name in enumerate(by) if is_held_out(name) == test]
    return _photos(*([columns[name][i] for i in wanted] for name in ("image", "text", "writer")))


def _photos(images: list[bytes], texts: list[str], writers: list[str]) -> list[PhotoItem]:
    found = []
    for image, text, writer in zip(images, texts, writers, strict=True):
        spelt = spell(text)
        if not known(spelt):
            continue
        with Image.open(BytesIO(image)) as opened:
            ink = seen(np.asarray(opened.convert("L")))
        if ink is not None:
            found.append(PhotoItem(ink, spelt, writer))
    return found


def encode(text: str) -> list[int]:
    """Outputs of a text's characters."""
    return [INDEX[c] for c in text]


def steps_needed(text: str) -> int:
    """Steps that CTC needs at least: one a character, and a blank between equal ones."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def extent(text: str) -> tuple[float, float]:
    """Lowest and highest ink of a text in capital heights above its baseline."""
    places = [PLACE_OF.get(c, (0.0, 1.25 if c in "ÉÈÀİ" else 1.0)) for c in text if c != " "]
    return min(p[0] for p in places), max(p[1] for p in places)


def size_of(item: InkItem | PhotoItem) -> tuple[int, int]:
    """Width and height of an item in its own units."""
    if isinstance(item, PhotoItem):
        return item.ink.shape[1], item.ink.shape[0]
    width, height = np.ptp(item.points, axis=0)
    return int(width), int(height)
