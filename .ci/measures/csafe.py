"""Lines of modern English by hands that nothing was trained on, read as rows and as pictures through the page stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from measures.photos import folder_of
from measures.runner import read, spread
from measures.text import Row
from ocrcli.evaluation.scoring import Tally, score

LANGUAGES = ("none", "en")

BORDER = 60
"""Pixels of paper around a line that is read as a picture."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that somebody wrote.

    Attributes:
        grey: (h, w) uint8.
        text: What it says.
    """

    grey: NDArray[np.uint8]
    text: str


def written(path: Path | None = None) -> list[Line]:
    """The lines of a table with columns `image` and `text`; None for ``lines/csafe_eval.parquet``."""
    import pyarrow.parquet as pq

    table = pq.read_table(path or folder_of("lines") / "csafe_eval.parquet", columns=["image", "text"]).to_pydict()
    found = []
    for image, text in zip(table["image"], table["text"], strict=True):
        with Image.open(BytesIO(image)) as opened:
            found.append(Line(np.asarray(opened.convert("L")), text))
    return found


def as_row(reader: Any, line: Line) -> Tally:
    """Read by the line model alone, from ink that is found as for training, and compare."""
    from models.recipe.handwriting.words import seen
    from ocrcli.lines.recognize import RowInk, read_rows
    from ocrcli.pipeline.reading import known_by

    ink = seen(line.grey)
    if ink is None:
        return compared(line, "")
    (found,) = read_rows([RowInk(ink, 0, 0)], reader.models.lines, known_by(reader.settings))
    return compared(line, found.readings[0][0] if found.readings else "")


def as_picture(reader: Any, line: Line) -> Tally:
    """Read as a photo is, with a border of paper, and compare."""
    paper = int(np.percentile(line.grey, 90))
    return compared(line, read(reader, np.pad(line.grey, BORDER, constant_values=paper)).text)


def compared(line: Line, text: str) -> Tally:
    """Edits of characters; white space counts as one space."""
    return score(line.text, " ".join(text.split())).characters


def csafe() -> Iterator[Row]:
    """The table: a row for each way to read, a column with and one without a language."""
    yield ("", "lines", *(f"exact CER, `--language {language}`" for language in LANGUAGES))
    lines = written()
    for name, work, flags in (
        ("rows, by the line model alone", as_row, ()),
        (f"pictures with {BORDER} pixels of paper around, `--recognizer lines`", as_picture, ("--recognizer", "lines")),
    ):
        rates = []
        for language in LANGUAGES:
            found = sum(spread(work, lines, (*flags, "--language", language)), start=Tally())
            rates.append(f"{found.rate:.3f}")
        yield (name, str(len(lines)), *rates)
