"""What ruled and squared paper cost: the same words by the same hand, drawn and photographed on three papers.

The words are pen ink of UNIPEN's writers that no model is trained on. Paper, light and camera are those of `examples/`.
Everything follows from the number of the note: the same number draws the same note, with the rules as the only
difference between its papers.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measures.pages import LOST, Result, pooled, result
from measures.photos import ROOT, Photo, folder_of
from measures.runner import read, spread
from measures.text import Row

sys.path.insert(0, str(ROOT / "examples"))

from camera import Camera, Light, Shadow, expose, illuminate, view
from drawing import Pen, apply_ink
from surfaces import Floats, Sheet, paper

from models.recipe.drawing.strokes import draw_strokes
from models.recipe.drawing.text_lines import Part, lay_out
from models.recipe.handwriting.words import InkItem, extent, load_ink, size_of

NOTES = 30
PAPERS = ("plain", "ruled", "squared")
SIZE = (1300, 1000)
"""Height and width of the photo in pixels."""

MARGIN = 90
"""Pixels beside the writing."""

FEWEST_WORDS = 40
"""Different words of a writer, of two letters or more, below which there is too little to fill a note with."""

INKS = ("#1c1d26", "#23306e", "#15171a", "#3a3f66")
RULES = ("#9db4cf", "#a9b3bd", "#b9a7c9", "#86a2b8", "#c3b5a6")
PAPER = ("#f3f1ea", "#f6f6f2", "#ece8da")

Words = dict[int, list[InkItem]]


@dataclass(frozen=True, slots=True)
class Note:
    """A note to draw.

    Attributes:
        number: All chance comes from it.
        paper: One of `PAPERS`.
        words: Those of its writer.
    """

    number: int
    paper: str
    words: tuple[InkItem, ...]


def words_by_writer(path: Path) -> Words:
    """The words of each writer who is held out and wrote enough of them, the first of each spelling."""
    found: dict[int, dict[str, InkItem]] = {}
    for item in load_ink(path, ("word",), test=True):
        if len(item.text) > 1 and " " not in item.text:
            found.setdefault(item.writer, {}).setdefault(item.text, item)
    return {writer: list(items.values()) for writer, items in sorted(found.items()) if len(items) >= FEWEST_WORDS}


def notes(by_writer: Words) -> list[Note]:
    """`NOTES` notes, each on every paper, with the writers in turn."""
    writers = list(by_writer)
    return [
        Note(number, kind, tuple(by_writer[writers[number % len(writers)]]))
        for number in range(NOTES)
        for kind in PAPERS
    ]


def drawn(note: Note) -> tuple[NDArray[np.uint8], str]:
    """A photo of a note, (h, w, 3) uint8, and what is written on it."""
    rng = np.random.default_rng([7, note.number])
    capital = rng.uniform(26, 42)
    pitch = capital * rng.uniform(1.8, 2.3)
    first = 80 + pitch
    ink, text = _write(note.words, capital, pitch, first, rng)
    colour, rule, tone = (str(rng.choice(of)) for of in (INKS, RULES, PAPER))
    seeds = rng.integers(1 << 31, size=4)
    step = {"plain": 0.0, "ruled": pitch, "squared": pitch / 2}[note.paper]
    rules = (first % step, step) if step else (0.0, 0.0)
    sheet = Sheet(SIZE, tone, rules, rule, squared=note.paper == "squared")
    page = apply_ink(paper(sheet, np.random.default_rng(seeds[0])), ink, Pen(colour))
    return photographed(page, *(np.random.default_rng(seed) for seed in seeds[1:]))[0], text


def _write(
    words: Sequence[InkItem], capital: float, pitch: float, first: float, rng: np.random.Generator
) -> tuple[Floats, str]:
    """Fill a page with words on evenly spaced baselines.

    Args:
        words: To choose from.
        capital: Height of a capital in pixels.
        pitch: From one baseline to the next.
        first: Where the first one is.
        rng: Source of chance.

    Returns:
        (h, w) float32 of ink from 0 to 1, and the text, a line a line.
    """
    canvas = np.zeros(SIZE, np.uint8)
    width = max(2, round(capital * rng.uniform(0.06, 0.12)))
    order = cycle(rng.permutation(len(words)).tolist())
    text = []
    for baseline in np.arange(first, SIZE[0] - 1.2 * pitch, pitch)[: int(rng.integers(7, 13))]:
        room, chosen = (SIZE[1] - 2 * MARGIN) / capital, []
        while (part := _word(words[next(order)], rng)).x <= room:
            room -= part.x + 0.7
            chosen.append(part.item)
        if not chosen:
            break
        gaps = rng.uniform(0.5, 0.9, len(chosen)).tolist()
        parts = lay_out(list(chosen), gaps, rng)
        # The hand keeps near the rule, and climbs or sinks a little along it.
        level, slope = baseline + 0.06 * capital * rng.normal(), 0.004 * rng.normal()
        for part in parts:
            _draw(canvas, part, capital, (MARGIN, level), slope, width)
        text.append(" ".join(item.text for item in chosen))
    return (canvas / 255).astype(np.float32), "\n".join(text)


def _word(item: InkItem, rng: np.random.Generator) -> Part:
    """A word with, in place of its left edge, how wide it is in capital heights."""
    part = lay_out([item], [0.0], rng)[0]
    return Part(item, part.scale, size_of(item)[0] * part.scale, 0.0)


def _draw(
    canvas: NDArray[np.uint8], part: Part, capital: float, origin: tuple[float, float], slope: float, width: int
) -> None:
    """Draw a word, in place, on (h, w) uint8."""
    item = part.item
    assert isinstance(item, InkItem)
    points = item.points.astype(np.float64) * part.scale
    points[:, 0] += part.x
    # On the rule by its feet, or as far below it as its tails should reach, which is where rules do harm.
    low, high = extent(item.text)
    points[:, 1] -= points[:, 1].max() * (1 + low / (high - low))
    pixels = points * capital + origin
    pixels[:, 1] += slope * (pixels[:, 0] - origin[0])
    draw_strokes(canvas, pixels, item.offsets, width)


def photographed(
    page: Floats, where: np.random.Generator, light: np.random.Generator, grain: np.random.Generator
) -> tuple[NDArray[np.uint8], tuple[tuple[float, float], ...]]:
    """The page fills the photo, seen a little from aside, in uneven light, at times with a shadow on it.

    Returns:
        The photo, and where the corners of the page are on it, from its upper left one on, as shares of its size.
    """
    size = (page.shape[0], page.shape[1])
    a, b, c, d, e, f, g, h = where.uniform(0.0, 0.03, 8)
    corners = ((a, b), (1 - c, d), (1 - e, 1 - f), (g, 1 - h))
    camera = Camera(size, corners, exposure=light.uniform(0.7, 1.0), blur=light.uniform(0.6, 1.3))
    edge = light.uniform(0.2, 0.8)
    shadows = (Shadow(((edge, 1.1), (edge + 0.1, 0.4), (1.2, 0.2), (1.2, 1.1)), light.uniform(0.1, 0.45)),)
    lamp = Light(
        str(light.choice(["#ffffff", "#fff1dc", "#eef3ff"])),
        light.uniform(0, 360),
        light.uniform(0.1, 0.5),
        shadows if light.random() < 0.5 else (),
    )
    lit = view(page, camera) * illuminate(size, lamp, light)
    return expose(np.asarray(lit, np.float32), camera, grain), corners


def read_note(reader: Any, note: Note) -> Result:
    """Draw a note, read it and compare."""
    image, text = drawn(note)
    return result(Photo(Path(f"{note.number}.png"), text, note.paper), read(reader, image))


def ruled() -> Iterator[Row]:
    """The table: a row for each paper."""
    yield ("paper", "notes", "letters", "exact", "more than on plain, exact", "exact, median note", "lost notes")
    found = list(spread(read_note, notes(words_by_writer(folder_of("words") / "unipen_ink.parquet"))))
    plain = pooled(r.exact for r in found if r.tier == PAPERS[0]).rate
    for kind in PAPERS:
        of = [r for r in found if r.tier == kind]
        exact = pooled(r.exact for r in of).rate
        yield (
            kind,
            str(len(of)),
            f"{pooled(r.letters for r in of).rate:.3f}",
            f"{exact:.3f}",
            "" if kind == PAPERS[0] else f"{exact - plain:+.3f}",
            f"{statistics.median(r.exact.rate for r in of):.3f}",
            str(sum(r.letters.rate > LOST for r in of)),
        )
