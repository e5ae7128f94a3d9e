"""Why a row was read as it was: the parts of its score, and the readings that came close."""

from __future__ import annotations

import string

import numpy as np
import pytest
from drawn import marks_in
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.inspect.explain import MAX_READINGS, explain
from ocrcli.language.model import Language, load_language
from ocrcli.layout.baselines import Row
from ocrcli.letters.decode import read_rows
from ocrcli.letters.hypotheses import propose_hypotheses
from ocrcli.letters.row_reading import RowReading, ScoredRow

LABELS = tuple(string.ascii_letters + string.digits)
CAP, BASE = 40, 100


def read(
    beliefs: dict[tuple[int, int], dict[str, float]],
    lefts: list[int],
    starts: tuple[int, ...] = (0,),
    language: Language | None = None,
) -> RowReading:
    """A row of low letters, 14 pixels wide."""
    boxes = [(left, 75, left + 14, 100) for left in lefts]
    row = propose_hypotheses(Row(np.arange(len(boxes)), np.array([float(BASE)]), CAP), marks_in(boxes))
    rest = {(h.first, h.last): beliefs.get((h.first, h.last), {}) for h in row.hypotheses}
    p = np.array([[belief.get(label, 1e-4) for label in LABELS] for belief in rest.values()])
    log_p = np.log(p / p.sum(axis=1, keepdims=True)).astype(np.float32)
    scored = ScoredRow(row, log_p, np.where(np.isin(np.arange(len(boxes)), starts), np.inf, -np.inf), LABELS)
    (found,) = read_rows([scored], language)
    return found


APART = [20, 60, 100, 140]
BESIDE = [20, 44, 68, 92]
CAKE = {(0, 0): {"c": 0.9}, (1, 1): {"a": 0.6, "o": 0.4}, (2, 2): {"r": 0.9}, (3, 3): {"e": 0.9}}


@pytest.mark.parametrize("language", ["none", "en"])
@pytest.mark.parametrize("starts", [(0,), (0, 2), (0, 1, 2, 3)])
@pytest.mark.parametrize("lefts", [APART, BESIDE])
def test_the_parts_add_up_to_the_score(language: str, starts: tuple[int, ...], lefts: list[int]) -> None:
    known = load_language(language)
    row = read(CAKE, lefts, starts, known)
    parts = [(g.crop, g.place, g.geometry, g.kinds, g.language) for g in explain(row, known).glyphs]
    assert np.sum(parts) == pytest.approx(row.decoded.best.score, abs=1e-3)


def test_readings_come_in_order_and_the_best_is_what_is_read() -> None:
    row = read(CAKE, APART)
    found = explain(row)
    assert found.readings[0] == ("care", 0)
    assert found.readings[1][0] == "core"
    assert found.readings[1][1] == pytest.approx(np.log(0.6 / 0.4), abs=0.05)
    behind = [behind for _, behind in found.readings]
    assert behind == sorted(behind)
    assert len({text for text, _ in found.readings}) == len(found.readings) <= MAX_READINGS


def test_a_glyph_knows_what_else_its_marks_may_be() -> None:
    _, a, _, _ = explain(read(CAKE, APART)).glyphs
    assert (a.text, a.instead) == ("a", "o")
    assert a.others[0][0] == "o"
    assert a.confidence + a.others[0][1] == pytest.approx(1, abs=0.02)


def test_another_cut_is_told_of() -> None:
    beliefs = {(0, 0): {"r": 0.5, "v": 0.45}, (1, 1): {"n": 0.5, "u": 0.4}, (0, 1): {"m": 0.9}, (2, 2): {"e": 0.9}}
    (m, _) = explain(read(beliefs, [20, 24, 90])).glyphs
    assert (m.text, m.instead) == ("m", "rn")
    assert m.behind > 0


def test_spaces_stand_in_the_readings() -> None:
    assert explain(read(CAKE, APART, (0, 2))).readings[0][0] == "ca re"


def test_a_language_has_its_part() -> None:
    english = load_language("en")
    without, within = (explain(read(CAKE, APART, language=known), known) for known in (None, english))
    assert all(glyph.language == 0 for glyph in without.glyphs)
    assert within.glyphs[-1].language > 0.3  # it ends a word
    assert within.readings[1][1] != without.readings[1][1]


@given(st.lists(st.integers(0, 150), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_any_row_can_be_explained(lefts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    beliefs = {(i, j): dict(zip("abIl0", rng.random(5).tolist(), strict=True)) for i in range(5) for j in range(5)}
    row = read(beliefs, sorted(lefts))
    found = explain(row)
    assert "".join(glyph.text for glyph in found.glyphs) == "".join(glyph.text for glyph in row.glyphs)
    assert all(glyph.behind >= -1e-6 for glyph in found.glyphs)
    total = sum(g.crop + g.place + g.geometry + g.kinds + g.language for g in found.glyphs)
    assert total == pytest.approx(row.decoded.best.score, abs=1e-3)
