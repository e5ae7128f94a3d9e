"""Reads rows with the line recognizer: line images, probabilities, beam search, and glyphs with their boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging import runs
from ocrcli.imaging.components import Marks
from ocrcli.language import charset
from ocrcli.language.model import MAX_BONUS, Language
from ocrcli.layout.baselines import Row
from ocrcli.letters.decode import ALTERNATIVES
from ocrcli.letters.row_reading import LINES, ReadGlyph, RowReading
from ocrcli.lines import alignment, beam_search, decoding, sizes
from ocrcli.lines.decoding import Decoded
from ocrcli.lines.line_image import HEIGHT, LineImage, line_image_of
from ocrcli.lines.line_model import STRIDE, LineModel

SEEN = 1e-4
"""Probability; an alternative below this is not kept."""

MOST_GAINED = decoding.LANGUAGE_WEIGHT * MAX_BONUS
"""Nats that a reading can gain by a word that is expected."""


@dataclass(frozen=True)
class RowInk:
    """The ink of a row, without that of other rows.

    Attributes:
        ink: (h, w) uint8; 0 for paper and for the ink of other rows.
        left: x of its left edge in the working image.
        top: y of its top edge in the working image.
    """

    ink: NDArray[np.uint8]
    left: int
    top: int

    @cached_property
    def straight(self) -> LineImage | None:
        """The line image; None if there is no ink."""
        return line_image_of(self.ink)


@dataclass(frozen=True)
class RowOutput:
    """The output of the line recognizer for a row, with its line image.

    Attributes:
        picture: Ink of the row.
        straight: Line image; None if there is no ink.
        log_p: (steps, 1 + characters) float32 log-probabilities; no steps if there is no ink.
        characters: The characters of outputs 1, 2, ...; output 0 is the blank.
        others: The outputs for the row at other sizes.
    """

    picture: RowInk
    straight: LineImage | None
    log_p: NDArray[np.float32]
    characters: tuple[str, ...]
    others: tuple[RowOutput, ...] = ()

    @property
    def sizes(self) -> tuple[RowOutput, ...]:
        """The outputs at all sizes."""
        return (self, *self.others)

    @property
    def likeliest(self) -> str:
        """The likeliest character of each step (greedy decoding): a rough reading without beam search."""
        return beam_search.spelled_out(beam_search.greedy(self.log_p), self.characters)


def row_ink(row: Row, marks: Marks, ink: NDArray[np.uint8]) -> RowInk:
    """Cut out the ink of a row, without that of its neighbours.

    Args:
        row: The row.
        marks: Marks of the page.
        ink: (h, w) uint8, 0 paper to 255 ink.
    """
    left, top, right, bottom = row.box(marks)
    left, top, right, bottom = max(left - 1, 0), max(top - 1, 0), right + 1, bottom + 1
    labels = marks.labels[top:bottom, left:right]
    owned = np.zeros(int(marks.labels.max()) + 1, bool)
    owned[marks.ids[row.marks]] = True
    return RowInk(ink[top:bottom, left:right] * runs.dilated(owned[labels]), left, top)


def read_rows(
    pictures: Sequence[RowInk], reader: LineModel, language: Language | None, again: float = sizes.MOST_COLUMNS
) -> list[RowReading]:
    """Read rows with the line recognizer: `run_model`, then `decode_rows`."""
    return decode_rows(run_model(pictures, reader, again=again), language)


def run_model(
    pictures: Sequence[RowInk], reader: LineModel, allowed: str | None = None, again: float = sizes.MOST_COLUMNS
) -> list[RowOutput]:
    """Run the line recognizer on rows.

    Args:
        pictures: Ink of the rows.
        reader: A loaded line recognizer.
        allowed: The only characters that may be read, as `ocrcli.language.charset.characters` takes them; None for all.
        again: Columns that are read again at other sizes, at most.
    """
    wanted = charset.characters(allowed) | {" "} if allowed is not None else set(reader.characters)
    classes = np.array([True, *(c in wanted for c in reader.characters)])
    inked = [picture.straight for picture in pictures if picture.straight is not None]
    sized = iter(sizes.at_sizes(inked, reader.log_probabilities([found.image for found in inked]), reader, again))
    seen = []
    for picture in pictures:
        if picture.straight is None:
            seen.append(RowOutput(picture, None, np.empty((0, len(classes)), np.float32), reader.characters))
            continue
        first, *others = (_output(picture, *size, reader.characters, classes) for size in next(sized))
        seen.append(replace(first, others=tuple(others)))
    return seen


def _output(
    picture: RowInk,
    straight: LineImage,
    log_p: NDArray[np.float32],
    characters: tuple[str, ...],
    classes: NDArray[np.bool_],
) -> RowOutput:
    """The output at one size, for the characters that may be read."""
    if not classes.all():
        log_p = np.maximum(charset.only(classes, log_p), beam_search.NEVER)
    return RowOutput(picture, straight, log_p, characters)


def decode_rows(rows: Sequence[RowOutput], language: Language | None) -> list[RowReading]:
    """Turn the outputs of the line recognizer into text, by beam search with a language model, if there is one."""
    inked = [row for row in rows if row.straight is not None]
    if not inked:
        return [RowReading(LINES) for _ in rows]
    found = iter(decoding.decode([[size.log_p for size in row.sizes] for row in inked], inked[0].characters, language))
    return [_reading(row, next(found)) if row.straight is not None else RowReading(LINES) for row in rows]


def decode_again(rows: Sequence[RowOutput], read: Sequence[RowReading], language: Language) -> list[RowReading]:
    """Repeat the search with words that are expected, in those rows of which another reading is about as good.

    Args:
        rows: The outputs of the line recognizer.
        read: What `decode_rows` made of them.
        language: The language model, with these words.
    """
    doubtful = [i for i, row in enumerate(read) if len(row.readings) > 1 and row.readings[1][1] < MOST_GAINED]
    again = dict(zip(doubtful, decode_rows([rows[i] for i in doubtful], language), strict=True))
    return [again.get(i, row) for i, row in enumerate(read)]


def total_score(rows: Sequence[RowOutput], language: Language | None) -> float:
    """Score of the best readings of all rows at the usual size, in nats: how well a language fits what was seen."""
    inked = [row for row in rows if row.straight is not None]
    if not inked:
        return 0.0
    found = decoding.search([row.log_p for row in inked], inked[0].characters, language)
    return sum(readings[0].score for readings in found)


def _reading(row: RowOutput, found: Decoded) -> RowReading:
    return RowReading(LINES, tuple(_glyphs(found, row.sizes[found.size])), readings=found.readings)


def _glyphs(read: Decoded, row: RowOutput) -> list[ReadGlyph]:
    characters, outputs, edges = row.characters, read.outputs, read.edges
    if row.straight is None:
        return []
    mass = alignment.mass(row.log_p, edges)
    texts = [characters[output - 1] for output in outputs.tolist()]
    found: list[ReadGlyph] = []
    spaced = False
    for number, (output, text) in enumerate(zip(outputs.tolist(), texts, strict=True)):
        if text == " ":
            spaced = True
            continue
        if text == "\\" and texts[number + 1 : number + 2] == ['"']:
            continue  # transcripts of pen ink have backslashes before quotes, and the shipped model has learnt them
        p = mass[number]
        order = [i for i in np.argsort(-p)[: ALTERNATIVES + 1].tolist() if i != output and p[i] > SEEN]
        others = tuple((characters[i - 1], float(p[i])) for i in order[:ALTERNATIVES] if characters[i - 1] != " ")
        box = _box((edges[number], edges[number + 1]), row.picture, row.straight)
        found.append(ReadGlyph(text, float(p[output]), others, box, spaced or not found))
        spaced = False
    return found


def _box(steps: tuple[float, float], picture: RowInk, straight: LineImage) -> tuple[int, int, int, int]:
    """Bounding box of the ink between two steps of the line image, in pixels of the working image."""
    height, width = picture.ink.shape
    start = min(max(int(straight.left + steps[0] * STRIDE * straight.scale), 0), width - 1)
    stop = min(max(round(straight.left + steps[1] * STRIDE * straight.scale), start + 1), width)
    lit = picture.ink[:, start:stop] > 0
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    if len(rows):
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        start, stop = start + int(columns[0]), start + int(columns[-1]) + 1
    else:
        middle = float(np.polyval(straight.course, (start + stop) / 2))
        half = straight.scale * HEIGHT / 4
        top = min(max(int(middle - half), 0), height - 1)
        bottom = min(max(int(middle + half), top + 1), height)
    return picture.left + start, picture.top + top, picture.left + stop, picture.top + bottom
