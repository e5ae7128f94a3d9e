"""Words put together from single characters of pen ink, so tight that they touch.

Their letters' ink is known pixel by pixel, which no word written by hand can offer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.render import weather
from models.recipe.drawing.strokes import draw_strokes, place_points
from models.recipe.drawing.style import Style, log_uniform
from models.recipe.handwriting.characters import LABEL_INDEX, Ink
from models.recipe.handwriting.spans import Spans, take_apart
from ocrcli.imaging import components
from ocrcli.layout.baselines import Row

LETTER_STYLE = Style(slant=0, rotation=3, stretch=0.08, wobble=0.02, loose=0.01)
"""How one letter of a word differs from the writer's sample; slant belongs to the word."""

HANGING = {"g": 0.62, "p": 0.62, "q": 0.62, "y": 0.62, "j": 0.9}
"""Capital heights of the tops of letters that go below the line."""

HIGH = "'\"`^*"
MIDDLE = "-~=+<>"
LOW = {",": 0.2, ";": 0.2, "_": 0.1, "Q": 0.08, "(": 0.12, ")": 0.12, "[": 0.12, "]": 0.12, "|": 0.12, "$": 0.08}
"""How far below the line others end."""

LONGEST = 500
"""Pixels; `weather` has that much noise."""


@dataclass(frozen=True)
class Letters:
    """Which characters of ink may be used: indices by label and by (writer, label)."""

    by_label: dict[int, NDArray[np.int64]]
    by_writer: dict[tuple[int, int], NDArray[np.int64]]
    writers: NDArray[np.int32]


def letters_of(ink: Ink, indices: NDArray[np.int64]) -> Letters:
    """Sort the ``indices`` of ``ink`` by writer and label."""
    keys = ink.writers[indices].astype(np.int64) * len(LABEL_INDEX) + ink.labels[indices]
    order = np.argsort(keys, kind="stable")
    groups = np.split(indices[order], np.flatnonzero(np.diff(keys[order])) + 1)
    by_writer = {(int(ink.writers[g[0]]), int(ink.labels[g[0]])): g for g in groups}
    by_label = {int(label): indices[ink.labels[indices] == label] for label in np.unique(ink.labels[indices])}
    return Letters(by_label, by_writer, np.unique(ink.writers[indices]))


def choose(letters: Letters, text: str, rng: np.random.Generator) -> list[int]:
    """An ink index for every character, of one writer where that writer has it."""
    writer = int(rng.choice(letters.writers))
    labels = [LABEL_INDEX[c] for c in text]
    groups = [letters.by_writer.get((writer, label), letters.by_label[label]) for label in labels]
    return [int(group[rng.integers(len(group))]) for group in groups]


def bottom(label: str, height: float) -> float:
    """How far above the line (y up, capital heights) the lowest ink of a character is."""
    if label in HANGING:
        return HANGING[label] - height
    if label in HIGH:
        return 1.0 - height
    if label in MIDDLE:
        return 0.4 - height / 2
    return -LOW.get(label, 0.0)


def lay_out(
    ink: Ink, chosen: Sequence[int], text: str, gap: float, rng: np.random.Generator
) -> list[NDArray[np.float32]]:
    """Points of each letter, (m, 2) float32, in capital heights; x from the word's start, y down from its line."""
    slant = 0.3 * rng.uniform(-0.5, 1) ** 3
    placed, right = [], 0.0
    for index, label in zip(chosen, text, strict=True):
        letter = place_points(*ink.placed(index), LETTER_STYLE, rng)
        letter[:, 1] -= letter[:, 1].max() + bottom(label, float(np.ptp(letter[:, 1]))) + rng.normal(0, 0.03)
        letter[:, 0] -= slant * letter[:, 1]
        letter[:, 0] += right - letter[:, 0].min()
        right = float(letter[:, 0].max()) + gap + rng.normal(0, 0.05)
        placed.append(letter)
    return placed


def draw_letters(
    ink: Ink, chosen: Sequence[int], placed: list[NDArray[np.float32]], scale: float, width: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Draw each letter on a canvas of its own: (k, h, w) uint8, and the word's origin in pixels (2,)."""
    every = np.concatenate(placed)
    margin = width + 6
    low = every.min(axis=0)
    across, down = ((every.max(axis=0) - low) * scale + 2 * margin + 1).astype(int)
    canvases = np.zeros((len(placed), down, across), np.uint8)
    for canvas, index, letter in zip(canvases, chosen, placed, strict=True):
        _, offsets = ink.character(index)
        draw_strokes(canvas, (letter - low) * scale + margin, offsets, width)
    return canvases, np.asarray(margin - low * scale, np.float32)


def composed_word(ink: Ink, letters: Letters, text: str, rng: np.random.Generator) -> Spans | None:
    """Write ``text`` with tight letters, photograph it and segment it; None where nothing is left to see."""
    chosen = choose(letters, text, rng)
    gap = rng.uniform(-0.12, 0.08)
    placed = lay_out(ink, chosen, text, gap, rng)
    extent = float(np.ptp(np.concatenate(placed)[:, 0]))
    capital = min(log_uniform(18, 60, rng.random()), (LONGEST - 60) / max(extent, 1.0))
    pen = log_uniform(0.04, 0.17, rng.random())
    width = max(1, round(pen * capital))
    canvases, origin = draw_letters(ink, chosen, placed, capital, width)
    seen, noise = weather(canvases.max(axis=0), replace(LETTER_STYLE, photo=0.8), rng)
    if min(seen.shape) < 4 or max(seen.shape) > 511:
        return None
    otsu, _ = cv2.threshold(seen, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = seen > max(otsu * rng.uniform(0.6, 1.1), 12 + 4 * noise)
    marks = components.find_marks(mask)
    marks = marks.keep(marks.areas >= 0.35 * width**2)
    if not len(marks):
        return None
    row = Row(np.arange(len(marks)), np.array([float(origin[1])]), capital + width)
    return take_apart(seen, marks, canvases > 100, row, fineness=0.6 if rng.random() < 0.35 else 1.0)
