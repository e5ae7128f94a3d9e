"""Confidences of a page in a language are scaled in log-odds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.language.model import Language
from ocrcli.letters.row_reading import LETTERS, LINES, ReadGlyph, RowReading
from ocrcli.pipeline import confidence

probability = st.floats(0, 1)


def scaled(recognizer: str, *confidences: float, other: float = 0.0) -> tuple[ReadGlyph, ...]:
    glyphs = tuple(ReadGlyph("a", p, (("b", other),), (0, 0, 9, 9), False) for p in confidences)
    return confidence.scaled([RowReading(recognizer, glyphs)], Language(None))[0].glyphs


@pytest.mark.parametrize("recognizer", [LETTERS, LINES])
@given(one=probability, other=probability)
def test_the_order_of_confidences_stays_and_none_is_certain(recognizer: str, one: float, other: float) -> None:
    low, high = (glyph.confidence for glyph in scaled(recognizer, *sorted([one, other])))
    assert 0 < low <= high < 1


@given(one=probability, share=probability)
def test_a_letter_and_its_alternatives_are_one_at_most(one: float, share: float) -> None:
    (glyph,) = scaled(LINES, one, other=share * (1 - one))
    assert glyph.confidence + glyph.alternatives[0][1] <= 1 + 1e-9


def test_a_slope_of_one_without_a_shift_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(confidence.SCALING, LINES, (1.0, 0.0))
    (glyph,) = scaled(LINES, 0.7, other=0.2)
    assert glyph.confidence == pytest.approx(0.7)
    assert glyph.alternatives[0][1] == pytest.approx(0.2)


def test_without_a_language_confidences_stay_as_they_are() -> None:
    row = RowReading(LINES, (ReadGlyph("a", 0.7, (("b", 0.2),), (0, 0, 9, 9), False),))
    assert confidence.scaled([row], None) == [row]
