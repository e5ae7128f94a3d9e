"""Photographed words segmented by the reader: letters where the writing keeps them apart, and bad cuts.

Nobody has marked the letters of hdBPMN's words. Where a word falls into exactly as many groups of ink, side by
side, as its transcript has characters, each of about its character's usual size, group k is character k;
no model has a say in that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
from numpy.typing import NDArray
from PIL import Image

from models.recipe.handwriting.characters import LABEL_INDEX
from models.recipe.handwriting.spans import SEVERAL, Spans, take_apart
from models.recipe.handwriting.words import extent, without_lines
from ocrcli.binarize import background, threshold
from ocrcli.imaging import components
from ocrcli.imaging.components import Marks
from ocrcli.layout.baselines import Row
from ocrcli.letters import hypotheses, over_segmentation

LEAST_HEIGHT = 0.3
"""In capital heights: signs that are lower do not tell how high a capital is."""

DOTTED = frozenset('ij:;!?="%')
"""Characters of two marks or more; the others are one, or have bits of something else above or below them."""

BESIDE = 0.35
"""Marks that overlap by this share of the narrower one's width belong to one character (the dot of an i)."""


@dataclass(frozen=True)
class WordPhoto:
    """One word: (h, w) uint8 grey, dark ink on light paper, its transcript and its writer."""

    grey: NDArray[np.uint8]
    text: str
    writer: str


def word_photos(path: Path, split: str) -> Iterator[WordPhoto]:
    """The words of one split of ``hdbpmn_words.parquet`` that have no space or foreign character in them."""
    table = pyarrow.parquet.read_table(path, filters=[("split", "=", split)])
    columns = (table[name].to_pylist() for name in ("image", "text", "writer"))
    for image, text, writer in zip(*columns, strict=True):
        if len(text) > 1 and all(c in LABEL_INDEX for c in text):
            with Image.open(BytesIO(image)) as opened:
                yield WordPhoto(np.asarray(opened.convert("L")), text, writer)


@dataclass(frozen=True)
class WordInk:
    """A word as the reader sees it: (h, w) uint8 bright ink, its marks, and its row with all of them."""

    ink: NDArray[np.uint8]
    marks: Marks
    row: Row
    groups: list[NDArray[np.intp]]
    """Marks, as indices, that lie above one another, from left to right."""


def side_by_side(boxes: NDArray[Any]) -> list[NDArray[np.intp]]:
    """Group marks that stand above one another; groups from left to right."""
    groups: list[list[int]] = []
    right = left = -1.0
    for index in np.argsort(boxes[:, 0], kind="stable"):
        start, end = boxes[index, 0], boxes[index, 2]
        shared = min(right, end) - start
        if groups and shared > BESIDE * min(end - start, right - left):
            groups[-1].append(int(index))
            right = max(right, end)
        else:
            groups.append([int(index)])
            left, right = start, end
    return [np.array(group, np.intp) for group in groups]


def word_ink(photo: WordPhoto) -> WordInk | None:
    """Clean, threshold and label a word as `ocrcli.pipeline.reading` does a page; None where no ink is left."""
    dark = background.darken(photo.grey)
    flat = background.divide(dark, background.background(dark))
    if threshold.is_blank(flat):
        return None
    mask = threshold.binarize(flat)
    mask = without_lines(mask, components.stroke_width(mask))
    marks = components.find_marks(mask)
    if not len(marks):
        return None
    stroke = components.stroke_width(mask)
    marks = marks.keep((marks.areas >= 0.5 * stroke**2) & (marks.widths < mask.shape[1]))
    if not len(marks):
        return None
    groups = side_by_side(marks.boxes)
    _, tops, _, bottoms = np.array([marks.box(g) for g in groups]).T
    # A word without capitals or ascenders has its dots and tails, or is as high as an x.
    highest = max(high - low for low, high in map(extent, photo.text))
    cap = float((bottoms - tops).max()) / max(highest, LEAST_HEIGHT)
    return WordInk(255 - flat, marks, Row(np.arange(len(marks)), np.array([float(np.median(bottoms))]), cap), groups)


def plausible(word: WordInk, text: str, typical: NDArray[np.float32]) -> bool:
    """Whether every group has about the size of its character.

    Where two errors of the grouping cancel out (a speck, two joined letters) the count alone would be deceived.

    Args:
        word: The word; as many groups as ``text`` has characters.
        text: The transcript.
        typical: (labels, 2) usual width and height of each label in capital heights.
    """
    if len(word.groups) != len(text):
        return False
    corners = np.array([word.marks.box(g) for g in word.groups])
    found = (corners[:, 2:] - corners[:, :2]) / word.row.cap_height
    expected = typical[[LABEL_INDEX[c] for c in text]]
    # A pen's width and a free hand: thin characters may be several times as wide as the median writer's.
    return bool((found < 1.7 * expected + 0.12).all() and (found > 0.5 * expected - 0.05).all())


def untouched(word: WordInk, text: str) -> bool:
    """Whether no character leans on the picture's edge, which may have cut it, or has marks that it should not have.

    The boxes of hdBPMN's words often hold bits of the lines above and below.
    """
    height, width = word.marks.labels.shape
    boxes = word.marks.boxes
    inside = (boxes[:, :2] > 0).all() and (boxes[:, 2] < width).all() and (boxes[:, 3] < height).all()
    return bool(inside) and all(len(g) == 1 or c in DOTTED for g, c in zip(word.groups, text, strict=True))


def photo_spans(
    photo: WordPhoto, typical: NDArray[np.float32], rng: np.random.Generator, strict: bool = False
) -> Spans | None:
    """Letters and bad cuts of a word whose letters stand apart; of any other word None.

    If ``strict``, they must be `untouched` besides. Cuts are finer, and joins reach further, than the reader's own: it
    would leave most such words alone.
    """
    word = word_ink(photo)
    if word is None or not plausible(word, photo.text, typical):
        return None
    if strict and not untouched(word, photo.text):
        return None
    owners = np.stack([np.isin(word.marks.labels, word.marks.ids[group]) for group in word.groups])
    return take_apart(word.ink, word.marks, owners, word.row, fineness=rng.uniform(0.3, 1.0), reach=rng.uniform(0.4, 1))


def joined_spans(photo: WordPhoto) -> Spans | None:
    """Spans of a word with touching letters that are too wide for one.

    Their number of letters follows from their share of the word's width.
    """
    word = word_ink(photo)
    if word is None or len(word.groups) >= len(photo.text) or len(photo.text) < 4:
        return None
    rows, marks = over_segmentation.over_segment([word.row], word.marks, components.stroke_width(word.marks.labels > 0))
    proposed = hypotheses.propose_hypotheses(rows[0], marks)
    left, _, right, _ = word.row.box(word.marks)
    widths = np.array([h.box[2] - h.box[0] for h in proposed.hypotheses])
    several = (widths * len(photo.text) > 2.0 * (right - left)) & (widths > 1.1 * word.row.cap_height)
    count = int(several.sum())
    crops = hypotheses.crops(proposed, marks, word.ink)[several]
    return Spans(crops, proposed.sizes[several], np.full(count, SEVERAL, np.uint8), np.full(count, -1, np.int64))
