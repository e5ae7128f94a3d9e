"""Pictures of every stage of a reading (`ocr read --stages`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocrcli.core.files import write_picture
from ocrcli.imaging.components import Marks
from ocrcli.inspect.labels import label_font
from ocrcli.inspect.overlay import DOUBTFUL_COLOUR, colour_of
from ocrcli.layout.baselines import Row
from ocrcli.layout.cores import TextLine
from ocrcli.letters.row_reading import RowReading, ScoredRow
from ocrcli.tables.grids import Grid

PALETTE = np.array(
    [[31, 119, 180], [214, 39, 40], [44, 160, 44], [148, 103, 189], [255, 127, 14], [23, 190, 207], [227, 119, 194]],
    np.uint8,
)
"""Colours of numbered items; neighbouring numbers have different colours."""

SHEET_COLUMNS = 24

RUNNER_UP = 0.02
"""Smallest probability of an alternative that is shown."""

INK = (0, 0, 0)

RUNNERS_UP = 4
"""Number of line recognizer readings that are shown for a line, including the best one."""


class StageWriter:
    """Callback for `read_page` that writes each stage as a numbered PNG.

    Args:
        folder: Output folder; it is created. Pictures of an earlier run are overwritten.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self._marks: Marks | None = None
        self._grey: NDArray[np.uint8] | None = None

    def __call__(self, name: str, result: Any) -> None:
        """Write one stage.

        Args:
            name: Name of the stage: a key of `PICTURES`, `OVER_GREY` or `OVER_MARKS`, or one of `UNPICTURED`.
            result: Result of the stage.

        Raises:
            InputError: If the picture cannot be written.
        """
        if isinstance(result, Marks):
            self._marks = result
        if name == "grey":
            self._grey = result
        if name in UNPICTURED:
            return
        over_grey, over_marks = OVER_GREY.get(name), OVER_MARKS.get(name)
        if over_grey and self._grey is not None:
            picture = over_grey(result, self._grey)
        elif over_marks and self._marks is not None:
            picture = over_marks(result, self._marks)
        else:
            picture = PICTURES[name](result)
        self.count += 1
        write_picture(picture, self.folder / f"{self.count:02d}-{name}.png")


def mask_picture(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(h, w) bool ink mask -> (h, w) uint8, black on white."""
    return np.where(mask, np.uint8(0), np.uint8(255))


def marks_picture(marks: Marks) -> NDArray[np.uint8]:
    """Every connected component in a colour of its own, (h, w, 3) uint8; removed components are grey."""
    colours = np.full((int(marks.labels.max()) + 1, 3), 215, np.uint8)
    colours[0] = 255
    colours[marks.ids] = PALETTE[np.arange(len(marks)) % len(PALETTE)]
    return colours[marks.labels]


def _faded_marks(marks: Marks) -> Image.Image:
    return Image.fromarray(np.repeat(mask_picture(marks.labels > 0)[:, :, None] // 2 + 127, 3, axis=2))


def proposals_picture(rows: list[ScoredRow], marks: Marks) -> NDArray[np.uint8]:
    """The box of every hypothesis, (h, w, 3) uint8; the colour shows how many components it joins."""
    image = _faded_marks(marks)
    draw = ImageDraw.Draw(image)
    for row in rows:
        for hypothesis in reversed(row.proposals.hypotheses):
            left, top, right, bottom = hypothesis.box
            joined = hypothesis.last - hypothesis.first
            grown = (left - joined, top - joined, right + joined, bottom + joined)  # so that no box hides another
            draw.rectangle(grown, outline=_colour(joined), width=1)
    return np.asarray(image)


def paths_picture(rows: list[RowReading], marks: Marks) -> NDArray[np.uint8]:
    """The hypotheses of the best path with their characters above and alternatives below; others as thin red boxes.

    Args:
        rows: The lines that were read letter by letter.
        marks: Connected components of the page, after over-segmentation.

    Returns:
        (h, w, 3) uint8.
    """
    image = _faded_marks(marks)
    draw = ImageDraw.Draw(image)
    for row, how in ((row, row.decoded) for row in rows if row.decoded):
        hypotheses = how.row.proposals.hypotheses
        heights = [h.box[3] - h.box[1] for h in hypotheses]
        font, small = (label_font(float(max(size, 9))) for size in np.median(heights) * np.array([0.5, 0.3]))
        p = how.best.p.sum(axis=1)
        p[how.best.hypotheses] = 0
        for number in np.flatnonzero(p >= RUNNER_UP).tolist():
            draw.rectangle(hypotheses[number].box, outline=DOUBTFUL_COLOUR, width=1)
        for glyph in row.glyphs:
            left, top, right, bottom = glyph.box
            colour = colour_of(glyph.confidence)
            draw.rectangle((left, top, right, bottom), outline=colour, width=2)
            draw.text((left, top - 1), glyph.text, fill=colour, font=font, anchor="lb")
            others = "".join(text for text, other in glyph.alternatives if other >= RUNNER_UP)
            draw.text((left, bottom + 1), others, fill=DOUBTFUL_COLOUR, font=small, anchor="lt")
    return np.asarray(image)


def _colour(number: int) -> tuple[int, ...]:
    return tuple(PALETTE[number % len(PALETTE)].tolist())


def lines_picture(lines: list[TextLine], grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The baseline and x-height of every text line over (h, w) uint8, (h, w, 3) uint8."""
    image = Image.fromarray(grey).convert("RGB")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        for level, width in ((line.base, 2), (line.base - line.x_height, 1)):
            draw.line(list(zip(line.x.tolist(), level.tolist(), strict=True)), fill=_colour(number), width=width)
    return np.asarray(image)


def grids_picture(grids: Sequence[Grid], grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The cells of grids of drawn lines, which may be tables, over (h, w) uint8, (h, w, 3) uint8."""
    image = Image.fromarray(grey).convert("RGB")
    draw = ImageDraw.Draw(image)
    for grid in grids:
        for number, cell in enumerate(grid.cells):
            left, top, right, bottom = grid.box(cell)
            inner = (left + 2, top + 2, max(right - 3, left + 2), max(bottom - 3, top + 2))  # beside the drawn lines
            draw.rectangle(inner, outline=_colour(number), width=2)
    return np.asarray(image)


def rows_picture(rows: list[Row], marks: Marks) -> NDArray[np.uint8]:
    """The component boxes of every row in a colour, with its baseline and cap line, (h, w, 3) uint8."""
    image = _faded_marks(marks)
    draw = ImageDraw.Draw(image)
    for number, row in enumerate(rows):
        colour = _colour(number)
        for left, top, right, bottom in marks.boxes[row.marks].tolist():
            draw.rectangle((left, top, right, bottom), outline=colour, width=2)
        left, _, right, _ = row.box(marks)
        x = np.linspace(left, right, 32)
        y = np.polyval(row.baseline, x)
        for level in (y, y - row.cap_height):
            draw.line(list(zip(x.tolist(), level.tolist(), strict=True)), fill=colour, width=1)
    return np.asarray(image)


def crops_picture(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, s, s) uint8 crops as one contact sheet, uint8."""
    columns = min(SHEET_COLUMNS, len(crops))
    lines = -(-len(crops) // columns)
    side = crops.shape[1] + 2
    sheet = np.full((lines * columns, side, side), 90, np.uint8)
    sheet[:, 1:-1, 1:-1] = 0
    sheet[: len(crops), 1:-1, 1:-1] = crops
    return sheet.reshape(lines, columns, side, side).swapaxes(1, 2).reshape(lines * side, columns * side)


def strips_picture(strips: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """(HEIGHT, w) uint8 line images below each other, inverted to dark on light, uint8."""
    width = max((strip.shape[1] for strip in strips), default=1)
    gap = np.full((4, width), 230, np.uint8)
    padded = [np.pad(255 - strip, ((0, 0), (0, width - strip.shape[1])), constant_values=255) for strip in strips]
    return np.concatenate([part for strip in padded for part in (strip, gap)] or [gap])


def wholes_picture(rows: list[RowReading]) -> NDArray[np.uint8]:
    """The readings of the line recognizer, (h, w, 3) uint8.

    Each line has its best reading, then the runners-up with how much worse they are, in nats.
    """
    lines: list[tuple[str, tuple[int, ...], int]] = []
    for row in rows:
        for number, (text, worse) in enumerate(row.readings[:RUNNERS_UP]):
            lines.append((f"{worse:6.2f}  {text}", DOUBTFUL_COLOUR, 0) if number else (text, INK, 8))
    font = label_font(16.0)
    width = 16 + round(max((font.getlength(text) for text, _, _ in lines), default=0))
    image = Image.new("RGB", (width, 8 + sum(22 + gap for _, _, gap in lines)), "white")
    draw, y = ImageDraw.Draw(image), 0
    for text, colour, gap in lines:
        draw.text((8, y + gap), text, fill=colour, font=font)
        y += 22 + gap
    return np.asarray(image)


def _unchanged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return image


PICTURES: dict[str, Callable[[Any], NDArray[np.uint8]]] = {
    "grey": _unchanged,
    "flat": _unchanged,
    "mask": mask_picture,
    "marks": marks_picture,
    "pieces": marks_picture,
    "crops": crops_picture,
    "strips": strips_picture,
    "wholes": wholes_picture,
}
"""Name of a stage -> function that draws its result."""

OVER_GREY: dict[str, Callable[[Any, NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "lines": lines_picture,
    "grids": grids_picture,
}
"""The same for stages that are drawn over the image for reading."""

OVER_MARKS: dict[str, Callable[[Any, Marks], NDArray[np.uint8]]] = {
    "rows": rows_picture,
    "proposals": proposals_picture,
    "paths": paths_picture,
}
"""The same for stages that are drawn over the last connected components."""

UNPICTURED = ("language", "photo", "ink", "judged")
"""Stages without a picture."""
