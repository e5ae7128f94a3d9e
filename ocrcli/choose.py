"""Which of two readings of a row to keep: letter by letter, or as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from ocrcli.decode import ReadGlyph
from ocrcli.joined import RowGlyph

RECOGNIZERS = ("auto", "letters", "lines")

SURE = 0.97
"""Mean confidence above which a row that was read letter by letter needs no second opinion."""

HEADSTART = 0.0
"""By how much the reading of the whole row must be surer."""


def doubtful(letters: Sequence[ReadGlyph | RowGlyph]) -> bool:
    """Whether a row that was read letter by letter asks for a second reading."""
    return _mean(letters) < SURE


def better(whole: Sequence[RowGlyph], letters: Sequence[ReadGlyph | RowGlyph]) -> bool:
    """Whether the reading of the row as a whole is the better one."""
    return bool(whole) and _mean(whole) > _mean(letters) + HEADSTART


def _mean(row: Sequence[ReadGlyph | RowGlyph]) -> float:
    return sum(glyph.confidence for glyph in row) / len(row) if row else 0.0
