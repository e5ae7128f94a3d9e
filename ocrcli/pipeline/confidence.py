"""Confidences of a page in a language: letters are right more often than the picture alone tells.

Both recognizers say how sure they are of each letter by its picture. Where a language model took part in the reading,
more of them are right. Platt scaling (Platt 1999, "Probabilistic outputs for support vector machines") makes the
confidence fit again: a straight line in log-odds for each recognizer. It comes last, so no choice depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import exp

from ocrcli.imaging.statistics import log_odds
from ocrcli.language.model import Language
from ocrcli.letters.row_reading import LETTERS, LINES, ReadGlyph, RowReading

SCALING = {LETTERS: (1.03, 1.65), LINES: (0.49, 1.51)}
"""Slope and shift of the log-odds, by recognizer; fitted by ``.ci/fit_confidence`` on the development photos but half
of ``wild``, on which the result is measured (docs/page-stage.md)."""

EXTREME = 1e-4
"""Confidences are clipped to this distance from 0 and 1 before their log-odds are taken."""


def scaled(rows: Sequence[RowReading], language: Language | None) -> list[RowReading]:
    """The rows with the confidences of their glyphs scaled, and those of the alternatives so that they still sum to 1.

    Args:
        rows: Reading of each row.
        language: The language model that took part; where there is none, the rows stay as they are.
    """
    if language is None:
        return list(rows)
    return [
        replace(row, glyphs=tuple(_scaled(glyph, *SCALING[row.recognizer]) for glyph in row.glyphs)) for row in rows
    ]


def _scaled(glyph: ReadGlyph, slope: float, shift: float) -> ReadGlyph:
    sure = 1 / (1 + exp(-(slope * log_odds(glyph.confidence, EXTREME) + shift)))
    left = (1 - sure) / max(1 - glyph.confidence, EXTREME)
    others = tuple((text, min(p * left, 1 - sure)) for text, p in glyph.alternatives)
    return replace(glyph, confidence=sure, alternatives=others)
