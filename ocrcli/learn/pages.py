"""Pages to learn from: photos that were read, and the written text of each of their rows.

The text of a page is aligned with what was read, line by line. The order of lines does not matter, and a line that was
not found, or in which text and reading have little in common, teaches nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ocrcli.core.settings import Settings
from ocrcli.evaluation.scoring import normalise
from ocrcli.evaluation.unordered import partners_of
from ocrcli.letters.row_reading import RowReading
from ocrcli.letters.spaces import text_of
from ocrcli.pipeline.models import Models
from ocrcli.pipeline.reading import read_page
from ocrcli.pipeline.segmentation import Segmented, segment
from ocrcli.sources import Source

AGREEMENT = 0.5
"""Largest share of a line's characters that may have been read wrong, for the line to be the one of the text."""


@dataclass(frozen=True)
class Line:
    """A line of a page whose text is known.

    Attributes:
        rows: Indices of its rows.
        texts: What is written in each of them.
    """

    rows: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        """What is written in the line."""
        return " ".join(self.texts)


@dataclass(frozen=True, eq=False)
class KnownPage:
    """A page that was read, and the lines of its text that were found on it.

    Attributes:
        name: Name of the photo.
        page: The segmented page.
        lines: Its lines that agree with the text.
        missed: Number of lines of the text that were not found.
        letters: Readings letter by letter of all rows; empty for joined writing, of which only some rows are read so.
        crops: (n, 32, 32) uint8, crops of all hypotheses of those readings, row after row.
    """

    name: str
    page: Segmented
    lines: tuple[Line, ...]
    missed: int
    letters: tuple[RowReading, ...]
    crops: NDArray[np.uint8]


def open_page(source: Source, truth: str, settings: Settings, models: Models) -> KnownPage:
    """Read a photo as the models ship, and align its text.

    Args:
        source: The photo.
        truth: Its text, one written line a line.
        settings: How to read.
        models: The models, without a hand.

    Raises:
        InputError: If it cannot be read.
        NothingWrittenError: If nothing is written on it.
    """
    stages: dict[str, Any] = {}
    _, page = segment(source, settings, models)
    read_page(page, settings, models, stages.__setitem__)
    read = row_texts(stages["judged"][0])
    lines, missed = known_lines(truth, read, page.line_of)
    letters: Sequence[RowReading] = stages.get("paths", ())
    whole = len(letters) == len(page.rows) and all(row.decoded for row in letters)
    crops = stages["crops"] if whole else np.empty((0, 1, 1), np.uint8)
    return KnownPage(source.name, page, tuple(lines), missed, tuple(letters) if whole else (), crops)


def row_texts(rows: Sequence[RowReading]) -> list[str]:
    """Text of each row, one space between words; empty for a row that was not read."""
    return [text_of(row.glyphs) for row in rows]


def known_lines(truth: str, rows: Sequence[str], line_of: Sequence[int]) -> tuple[list[Line], int]:
    r"""Find the text of the lines that were read.

    Args:
        truth: The text of the page.
        rows: What was read in each row.
        line_of: Index of the text line of each row.

    Returns:
        The lines that agree with a line of the text, and how many lines of the text have none.

    Examples:
        >>> known_lines("MILK\nOATS", ["NILK", "||", "OATS"], [0, 1, 2])
        ([Line(rows=(0,), texts=('MILK',)), Line(rows=(2,), texts=('OATS',))], 0)
    """
    written = normalise(truth).splitlines()
    members: dict[int, list[int]] = defaultdict(list)
    for row, number in enumerate(line_of):
        if rows[row]:
            members[number].append(row)
    groups = list(members.values())
    read = [" ".join(rows[row] for row in group) for group in groups]
    found = []
    for text, partner in zip(written, partners_of(written, read).tolist(), strict=True):
        if partner < 0 or Levenshtein.distance(text, read[partner]) > AGREEMENT * len(text):
            continue
        group = groups[partner]
        parts = split_text(text, [rows[row] for row in group])
        if all(parts):
            found.append(Line(tuple(group), tuple(parts)))
    return sorted(found, key=lambda line: line.rows), len(written) - len(found)


def split_text(text: str, rows: Sequence[str]) -> list[str]:
    """Split the text of a line into the texts of its rows, where an alignment with the fewest edits has their edges.

    Examples:
        >>> split_text("bread and milk", ["brcad", "and nilk"])
        ['bread', 'and milk']
    """
    edits = Levenshtein.opcodes(" ".join(rows), text)
    cuts, at = [0], 0
    for row in rows[:-1]:
        at += len(row)
        step = next(step for step in edits if step.src_start <= at < step.src_end)
        cuts.append(min(step.dest_start + at - step.src_start, step.dest_end))
        at += 1
    cuts.append(len(text))
    return [text[start:end].strip() for start, end in pairwise(cuts)]
