"""Rows of text in handwriting fonts: hands that write whatever a text has, accents, digits and code among it.

People in the collections wrote words of lists and a few letters; a font writes all of a text by one hand. Fonts are too
regular for handwriting, so letters move, change their size and their proportions, and the row is then drawn as those of
people are (`models.recipe.drawing.text_lines`).
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.recipe import corpora
from models.recipe.drawing.text_lines import X_HEIGHT, Part
from models.recipe.handwriting import fonts
from models.recipe.handwriting.words import PhotoItem, known, spell

FONT_ROWS = "font_rows.pickle"
"""File of the work folder: the fonts, and the texts that they write."""

TEXTS = 200_000
"""Texts that are kept."""

SHARES = {"en": 0.45, "program": 0.2, "fr": 0.25, "de": 0.1}
"""Of the texts, by language."""

LONGEST = 42
"""Characters of a text."""

CAPITALS = 0.12
"""Share of the texts that are written in capitals."""

CAPITAL = 44
"""Pixels of a capital letter in a row of a font."""

SIZES = (0.93, 1.0, 1.07)
"""Of the letters of one row, in which each letter's is one of them."""

MOVED = 0.03
"""Standard deviation of a letter's place, in capital heights."""

Rng = np.random.Generator


@dataclass(frozen=True)
class Texts:
    """What `prepare` keeps: fonts as files, and texts."""

    fonts: list[bytes]
    texts: list[str]


def pieces(lines: Sequence[str], count: int, rng: Rng) -> Iterator[str]:
    """So many runs of words out of lines, spelt as the line reader does; what it does not know is passed over."""
    while count:
        words = spell(lines[int(rng.integers(len(lines)))]).split()
        start = int(rng.integers(len(words))) if len(words) > 1 and rng.random() < 0.6 else 0
        text = " ".join(words[start : start + 1 + int(rng.geometric(0.22))])
        if len(text) > LONGEST:
            text = text[: LONGEST + 1].rpartition(" ")[0]
        if rng.random() < CAPITALS:
            text = text.upper()
        if known(text):
            count -= 1
            yield text


def prepare(data: Path, work: Path) -> None:
    """Fetch the fonts and choose the texts; neither holds what is measured.

    Raises:
        ConnectionError: If a font cannot be fetched.
    """
    rng = np.random.default_rng(7)
    secret = corpora.measured(data)
    texts: list[str] = []
    for name, share in SHARES.items():
        if name == "program":
            lines = [line for package in corpora.PROGRAMS["en"] for line in corpora.programs(package) if line.strip()]
        else:
            lines = [line for file in corpora.TEXTS[name] for line in corpora.read(data / "text" / f"{file}.txt.xz")]
        texts += pieces(corpora.without(secret, lines), round(share * TEXTS), rng)
    (work / FONT_ROWS).write_bytes(pickle.dumps(Texts(fonts.fetch_all(), texts)))


class Hand:
    """A font that writes rows.

    Args:
        woff: The font's file.
    """

    def __init__(self, woff: bytes) -> None:
        self._woff = woff

    @cached_property
    def fonts(self) -> list[ImageFont.FreeTypeFont]:
        """The font in `SIZES`; the middle one has capitals of CAPITAL pixels."""
        _, top, _, bottom = ImageFont.truetype(io.BytesIO(self._woff), CAPITAL).getbbox("H")
        size = CAPITAL * CAPITAL / max(bottom - top, 1)
        return [ImageFont.truetype(io.BytesIO(self._woff), round(size * of)) for of in SIZES]

    @cached_property
    def is_joined(self) -> bool:
        """Whether its letters hang together."""
        mask = _drawn([("nun", 0.0, 0.0, self.fonts[1])])[0]
        return bool(cv2.connectedComponents((mask > fonts.INK).astype(np.uint8))[0] < 4)

    @cached_property
    def _empty(self) -> bytes:
        return bytes(self.fonts[1].getmask(fonts.MISSING))

    def has(self, text: str) -> bool:
        """Whether it has all characters of a text."""
        return all(c == " " or bytes(self.fonts[1].getmask(c)) != self._empty for c in {*text})

    def write(self, text: str, rng: Rng) -> list[Part]:
        """A row of text: one part, drawn letter by letter, or word by word where letters hang together."""
        space = rng.uniform(0.3, 0.9) * CAPITAL
        tight = 0.0 if self.is_joined else rng.normal(0.02, 0.04) * CAPITAL
        x, drift, letters = 0.0, 0.0, []
        for word in text.split():
            for letter in [word] if self.is_joined else word:
                font = self.fonts[int(rng.integers(len(SIZES)))]
                drift = 0.7 * drift + rng.normal(0, MOVED) * CAPITAL
                letters.append((letter, x, drift, font))
                x += font.getlength(letter) + tight + rng.normal(0, MOVED) * CAPITAL
            x += space * float(np.exp(rng.normal(0, 0.25)))
        picture, base = _drawn(letters)
        picture, base = _proportioned(picture, base, rng)
        return [
            Part(PhotoItem(picture, text, "", photographed=False), 1 / CAPITAL, 0.0, (len(picture) - base) / CAPITAL)
        ]


def _drawn(letters: Sequence[tuple[str, float, float, ImageFont.FreeTypeFont]]) -> tuple[NDArray[np.uint8], float]:
    """Letters at their places in pixels: (h, w) uint8 bright ink, cut to it, and the row of the baseline."""
    boxes = np.array([font.getbbox(text, anchor="ls") for text, _, _, font in letters], np.float64)
    places = np.array([[x, y, x, y] for _, x, y, _ in letters])
    left, top = (boxes + places)[:, :2].min(axis=0) - 4
    right, bottom = (boxes + places)[:, 2:].max(axis=0) + 4
    canvas = Image.new("L", (max(int(right - left), 8), max(int(bottom - top), 8)))
    pen = ImageDraw.Draw(canvas)
    for text, x, y, font in letters:
        pen.text((x - left, y - top), text, font=font, fill=255, anchor="ls")
    picture = np.asarray(canvas)
    box = fonts.inked(picture)
    return (picture, -top) if box is None else (picture[box], -top - box[0].start)


def _proportioned(picture: NDArray[np.uint8], base: float, rng: Rng) -> tuple[NDArray[np.uint8], float]:
    """Make what is above the small letters, they themselves and what is below the line longer or shorter."""
    above, small, below = np.exp(rng.normal(0, (0.15, 0.1, 0.2)))
    waist = base - X_HEIGHT * CAPITAL
    edges = np.array([min(0.0, waist), waist, base, max(float(len(picture)), base)])
    made = np.concatenate([[0.0], np.cumsum(np.diff(edges) * (above, small, below))])
    y = np.interp(np.arange(int(made[-1])), made, edges).astype(np.float32)
    x = np.arange(picture.shape[1], dtype=np.float32)
    grid = (np.broadcast_to(of, (len(y), len(x))).copy() for of in (x[None], y[:, None]))
    return np.asarray(cv2.remap(picture, *grid, cv2.INTER_LINEAR), np.uint8), float(made[2])


class FontRows:
    """Draws rows of fonts.

    Args:
        found: What `prepare` kept.
    """

    def __init__(self, found: Texts) -> None:
        self.texts, self.hands = found.texts, [Hand(woff) for woff in found.fonts]

    def sample(self, rng: Rng) -> tuple[list[Part], str]:
        """A row by a hand that has all of its characters, and its text."""
        while True:
            text, hand = self.texts[int(rng.integers(len(self.texts)))], self.hands[int(rng.integers(len(self.hands)))]
            if hand.has(text):
                return hand.write(text, rng), text


def load(work: Path) -> FontRows | None:
    """What `prepare` kept; None where there is nothing."""
    path = work / FONT_ROWS
    return FontRows(pickle.loads(path.read_bytes())) if path.exists() else None
