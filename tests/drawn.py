"""Notes drawn with numpy and Pillow alone: what the tests read in place of photos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocrcli.imaging.components import Marks, find_marks

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Course = Callable[[float], float]
Corners = tuple[int, int, int, int]

TEXT = ("THE QUICK BROWN", "FOX jumps over", "the lazy dog 42")
SHAPE = (320, 480)


def straight(degrees: float) -> Course:
    """A baseline that sinks to the right by `degrees`, or climbs if they are negative."""
    slope = float(np.tan(np.radians(degrees)))
    return lambda x: slope * x


LEVEL = straight(0)


def curved(depth: float, width: float) -> Course:
    """A baseline whose middle, over `width` pixels, hangs `depth` pixels below its ends."""
    return lambda x: depth * (1 - (2 * x / width - 1) ** 2)


def written(
    rows: Sequence[str] = TEXT,
    shape: tuple[int, int] = SHAPE,
    *,
    size: float = 40,
    origin: tuple[int, int] = (30, 70),
    pitch: float = 90,
    course: Course = LEVEL,
) -> Grey:
    """Rows of text, letter by letter along a baseline.

    Args:
        rows: The text.
        shape: Height and width of the picture.
        size: Of the font, in pixels.
        origin: x, and y of the first row's baseline.
        pitch: From one row to the next.
        course: What is added to y at x.

    Returns:
        (h, w) uint8, 0 is paper, 255 is full ink.
    """
    image = Image.new("L", shape[::-1], 0)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for number, row in enumerate(rows):
        x = float(origin[0])
        for letter in row:
            y = origin[1] + number * pitch + course(x)
            draw.text((round(x), round(y)), letter, fill=255, font=font, anchor="ls", stroke_width=1)
            x += font.getlength(letter) + size / 10
    return np.array(image)


def row_of_ink(text: str = "LARGE AND small", size: int = 40) -> Grey:
    """A row as a line image is made of it: (4 * size, w), with paper above and below; 0 is paper, 255 is full ink."""
    font = ImageFont.load_default(size)
    image = Image.new("L", (int(font.getlength(text)) + 40, 4 * size))
    ImageDraw.Draw(image).text((20, 1.5 * size), text, 255, font)
    return np.asarray(image)


def letter(text: str, size: float = 60, border: int = 0) -> Grey:
    """A text's ink, cut tightly, with `border` pixels of paper around it."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = (round(value) for value in font.getbbox(text))
    image = Image.new("L", (right - left + 8, bottom - top + 8), 0)
    ImageDraw.Draw(image).text((4 - left, 4 - top), text, fill=255, font=font)
    ink = np.array(image)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return np.pad(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], border)


def even(shape: tuple[int, int]) -> Floats:
    """Light that is the same everywhere."""
    return np.ones(shape)


def gradient(shape: tuple[int, int], darkest: float = 0.4) -> Floats:
    """Light that fades from one corner to the opposite one."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    return 1 - (1 - darkest) * (x / shape[1] + y / shape[0]) / 2


def shadow(shape: tuple[int, int], darkness: float = 0.5) -> Floats:
    """Light with a sharp, slanting step down in its middle, as a hand's shadow has it."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    return np.where(x + 0.4 * y < 0.6 * shape[1], 1.0, darkness)


def photo(ink: Grey, light: Floats | None = None, *, paper: float = 235, pen: float = 60, noise: float = 0) -> Grey:
    """Ink on paper under a light, taken by a camera.

    Args:
        ink: As `written` draws it.
        light: (h, w), multiplies what it falls on; even if None.
        paper: Grey level of the ground.
        pen: Grey level of full ink; above `paper` for chalk.
        noise: Standard deviation of the camera's noise, in grey levels.

    Returns:
        (h, w) uint8.
    """
    seen = (paper + (pen - paper) * (ink / 255.0)) * (even(ink.shape) if light is None else light)
    seen = seen + np.random.default_rng(7).normal(0, noise, ink.shape) if noise else seen
    return seen.clip(0, 255).round().astype(np.uint8)


def overlap(found: Mask, drawn: Mask) -> float:
    """Intersection over union."""
    return float((found & drawn).sum() / max((found | drawn).sum(), 1))


def filled(boxes: Iterable[Corners], shape: tuple[int, int]) -> Mask:
    """Solid rectangles (left, top, right, bottom; the last two exclusive)."""
    mask = np.zeros(shape, bool)
    for left, top, right, bottom in boxes:
        mask[top:bottom, left:right] = True
    return mask


def marks_in(boxes: Sequence[Corners]) -> Marks:
    """Solid marks in the order of their boxes, which may overlap; the i-th has the label i + 1."""
    corners = np.array(boxes, np.int32).reshape(-1, 4)
    right, bottom = corners[:, 2:].max(axis=0, initial=1)
    labels = np.zeros((int(bottom) + 10, int(right) + 10), np.int32)
    for number, (x0, y0, x1, y1) in enumerate(corners.tolist(), start=1):
        labels[y0:y1, x0:x1] = number
    areas = np.bincount(labels.ravel(), minlength=len(corners) + 1)[1:]
    specks = np.zeros((1, 2 * len(corners) + 1), bool)
    specks[0, 1::2] = True
    return replace(find_marks(specks), labels=labels, boxes=corners, areas=areas)


def sparse_table() -> Image.Image:
    """A large table with small words, which looks like large letters from afar; its heading spans both columns."""
    rows = [["VISITS"], ["MAJOR", "JOINT"], ["KNEE", "NEW"], ["RAY", "BE"], ["US", ""], ["SIGN", "SEEM"]]
    wide, high, left, top = 340, 90, 200, 150
    ink = np.zeros((high * len(rows) + 300, 2 * wide + 400), np.uint8)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            origin = (left + column * wide + 30, top + row * high + 58)
            ink = np.maximum(ink, written([text], ink.shape, size=26, origin=origin) if text else 0)
    image = Image.fromarray(255 - (0.85 * ink).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    bottom, right = top + high * len(rows), left + 2 * wide
    for y in range(top, bottom + 1, high):
        draw.line((left, y, right, y), 40, 6)
    for x, begin in ((left, top), (left + wide, top + high), (right, top)):
        draw.line((x, begin, x, bottom), 40, 6)
    return image
