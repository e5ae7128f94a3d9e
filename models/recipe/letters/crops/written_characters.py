"""Single characters out of written words, by hands that wrote no single ones: of pen ink and of photographs.

Where a word is printed, its strokes fall into groups side by side. Its text is known, and the line reader tells
where each character is; a group with exactly one character in it is that character. Joined letters stay out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.strokes import draw_strokes, longer_side
from models.recipe.handwriting.characters import FIRST_WORD_WRITER, LABEL_INDEX, Ink, Pictures
from models.recipe.handwriting.photographed import DOTTED, WordInk, WordPhoto, side_by_side, word_ink
from models.recipe.handwriting.words import InkItem, encode, extent, size_of, steps_needed
from ocrcli.imaging import runs
from ocrcli.lines import alignment, recognize
from ocrcli.lines.line_image import LineImage, line_image_of
from ocrcli.lines.line_model import STRIDE, LineModel

CAPITAL, PEN = 40, 3
"""Pixels: how words are drawn for the line reader."""

SURE = 0.5
"""Probability that the line reader gives a character at its place; below it the label is not trusted."""

DOT = 0.2
"""Of a character's longer side; a stroke no longer than this is a dot."""

LONGEST = 1000
"""Longer side of a stored character."""

BATCH = 1024


def draw_word(item: InkItem) -> tuple[NDArray[np.uint8], float]:
    """Draw a word as it was written.

    Args:
        item: The word.

    Returns:
        (h, w) uint8, bright ink with a margin of 2 ``PEN``, and its pixels per unit of the word.
    """
    low, high = extent(item.text)
    width, height = size_of(item)
    scale = CAPITAL * min((high - low) / max(height, 1), 0.9 * max(len(item.text), 0.6) / max(width, 1))
    margin = 2 * PEN
    canvas = np.zeros((int(height * scale) + 2 * margin + 1, int(width * scale) + 2 * margin + 1), np.uint8)
    draw_strokes(canvas, item.points * scale + margin, item.offsets, PEN)
    return canvas, scale


def place(
    straight: LineImage, log_p: NDArray[np.float32], text: str
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Where the characters of a word are.

    Args:
        straight: The word's line image.
        log_p: (steps, outputs) log-probabilities of the line reader.
        text: What the word says.

    Returns:
        (n,) x of each character's middle in pixels of the word's picture, and (n,) its probability.
    """
    outputs = np.array(encode(text), np.int64)
    first, last = alignment.align(log_p, outputs)
    middles = ((first + last + 1) / 2) * STRIDE * straight.scale + straight.left
    mass = alignment.mass(log_p, alignment.edges(log_p, outputs))
    return middles, mass[np.arange(len(outputs)), outputs]


def alone(boxes: NDArray[np.float64], middles: NDArray[np.float64], reach: float) -> list[tuple[int, NDArray[np.intp]]]:
    """Characters that stand alone, and their strokes.

    Args:
        boxes: (k, 4) left, top, right, bottom of the strokes.
        middles: (n,) x of the characters.
        reach: How far the middles may be off.

    Returns:
        Pairs of a character's number and the indices of its strokes: of groups of strokes that hold one character,
        between groups that hold one at least (a group without any may be a part of its neighbour).
    """
    groups = side_by_side(boxes)
    lefts = np.array([boxes[g, 0].min() for g in groups])
    rights = np.array([boxes[g, 2].max() for g in groups])
    away = np.maximum(lefts - middles[:, None], middles[:, None] - rights)
    home = away.argmin(axis=1)
    counts = np.bincount(home, minlength=len(groups))
    around = np.concatenate([[1], counts, [1]])
    whole = (counts == 1) & (around[:-2] > 0) & (around[2:] > 0)
    near = away[np.arange(len(middles)), home] <= reach
    return [(number, groups[g]) for number, g in enumerate(home.tolist()) if whole[g] and near[number]]


def characters_of(item: InkItem, straight: LineImage, log_p: NDArray[np.float32], scale: float) -> Iterator[InkItem]:
    """The characters of a word that stand alone, in the word's units."""
    middles, p = place(straight, log_p, item.text)
    margin = 2 * PEN
    strokes = [item.points[start:stop] for start, stop in pairwise(item.offsets)]
    boxes = np.array([(*s.min(axis=0), *s.max(axis=0)) for s in strokes]) * scale + margin
    boxes += np.array([-PEN, -PEN, PEN, PEN]) / 2  # an upright stroke is as wide as the pen
    for number, members in alone(boxes, middles, STRIDE * straight.scale):
        if p[number] < SURE or item.text[number] not in LABEL_INDEX:
            continue
        own = [strokes[index] for index in sorted(members.tolist())]
        if item.text[number] in DOTTED:
            if len(own) == 1:  # its dot may have gone to a neighbour
                continue
        elif has_dot(own):
            continue
        offsets = np.cumsum([0, *(len(s) for s in own)]).astype(np.int32)
        yield InkItem(np.concatenate(own), offsets, item.text[number], item.writer)


def photographed(photos: Iterable[WordPhoto], reader: LineModel) -> Pictures:
    """The characters of photographed words that stand alone, as pictures.

    Args:
        photos: The words.
        reader: A line reader that knows their characters.
    """
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    seen = ((photo.text, word) for photo in photos if (word := word_ink(photo)) is not None)
    while part := list(islice(seen, BATCH)):
        rows = [recognize.row_ink(word.row, word.marks, word.ink) for _, word in part]
        looked_at = recognize.run_model(rows, reader)
        for (text, word), row in zip(part, looked_at, strict=True):
            if row.straight is None or len(row.log_p) < steps_needed(text):
                continue
            middles, p = place(row.straight, row.log_p, text)
            boxes = word.marks.boxes.astype(np.float64)
            for number, members in alone(boxes, middles + row.picture.left, STRIDE * row.straight.scale):
                dotted = (text[number] in DOTTED) == (len(members) > 1)
                if p[number] >= SURE and dotted and text[number] in LABEL_INDEX:
                    images.append(cut_out(word, members))
                    labels.append(LABEL_INDEX[text[number]])
    return Pictures(images, np.array(labels, np.int64))


def cut_out(word: WordInk, members: NDArray[np.intp]) -> NDArray[np.uint8]:
    """(h, w) uint8 ink of some of a word's marks."""
    left, top, right, bottom = word.marks.box(members)
    window = np.s_[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
    own = np.isin(word.marks.labels[window], word.marks.ids[members])
    return np.asarray(word.ink[window] * runs.dilated(own), np.uint8)


def has_dot(strokes: Sequence[NDArray[np.int16]]) -> bool:
    """Whether one of a character's strokes, (n, 2) points each, is a dot."""
    longest = longer_side(np.concatenate(strokes))
    return any(longer_side(stroke) <= DOT * longest for stroke in strokes)


def extract_characters(items: Sequence[InkItem], reader: LineModel, heights: NDArray[np.float32]) -> Ink:
    """The characters of printed words.

    Args:
        items: Words without spaces.
        reader: A line reader that knows their characters.
        heights: (labels,) usual heights in capital heights.
    """
    found: list[tuple[InkItem, float]] = []
    for at in range(0, len(items), BATCH):
        drawn = [(item, *draw_word(item)) for item in items[at : at + BATCH]]
        strips = [
            (item, scale, straight) for item, canvas, scale in drawn if (straight := line_image_of(canvas)) is not None
        ]
        log_ps = reader.log_probabilities([straight.image for _, _, straight in strips])
        for (item, scale, straight), log_p in zip(strips, log_ps, strict=True):
            if len(log_p) >= steps_needed(item.text):
                found += [(c, scale / CAPITAL) for c in characters_of(item, straight, log_p, scale)]
    return with_usual_sizes(as_ink(found), heights)


def as_ink(found: Sequence[tuple[InkItem, float]]) -> Ink:
    """Characters, each with its capital heights per unit, end to end."""
    points, strokes, sizes = [], [0], []
    for item, scale in found:
        corner, extent_ = item.points.min(axis=0), np.ptp(item.points, axis=0)
        longest = max(int(extent_.max()), 1)
        points.append(np.round((item.points - corner) * (LONGEST / longest)).astype(np.int16))
        strokes += (strokes[-1] + item.offsets[1:]).tolist()
        sizes.append(extent_ * scale)
    return Ink(
        np.concatenate(points),
        np.array(strokes, np.int32),
        np.cumsum([0, *(len(item.offsets) - 1 for item, _ in found)]).astype(np.int32),
        np.array([LABEL_INDEX[item.text] for item, _ in found], np.int64),
        np.array([FIRST_WORD_WRITER + item.writer for item, _ in found], np.int32),
        np.array(sizes, np.float32),
    )


def with_usual_sizes(ink: Ink, heights: NDArray[np.float32]) -> Ink:
    """Bring every writer's characters to the usual size.

    A word's box reaches from its highest ascender to its lowest descender, wherever the hand rose or sank between, so
    the height that it implies is too large, and its characters seem too small.

    Args:
        ink: Characters; each of the writers has one or more.
        heights: (labels,) usual heights in capital heights.
    """
    ratio = heights[ink.labels] / np.maximum(ink.relwh[:, 1], 1e-3)
    factor = np.ones(int(ink.writers.max(initial=0)) + 1, np.float32)
    for writer in np.unique(ink.writers):
        factor[writer] = np.median(ratio[ink.writers == writer])
    return replace(ink, relwh=ink.relwh * factor[ink.writers][:, None])
