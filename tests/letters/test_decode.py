"""The best path through a row of scored hypotheses."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from drawn import Corners, marks_in
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.language.model import load_language
from ocrcli.layout.baselines import Row
from ocrcli.letters.decode import WEIGHTS, read_rows
from ocrcli.letters.hypotheses import RowHypotheses, propose_hypotheses
from ocrcli.letters.row_reading import ReadGlyph, ScoredRow

LABELS = (*string.ascii_letters, *string.digits, *".,'-=:!?")
CAP, BASE = 40, 100
LOW = 0.62
Belief = Mapping[str, float]


def decode(
    rows: Sequence[RowHypotheses], log_ps: Sequence[np.ndarray], starts: Sequence[np.ndarray], labels: tuple[str, ...]
) -> list[list[ReadGlyph]]:
    odds = [np.where(begins, np.inf, -np.inf) for begins in starts]
    scored = [ScoredRow(*row, labels) for row in zip(rows, log_ps, odds, strict=True)]
    return [list(found.glyphs) for found in read_rows(scored)]


def proposed(boxes: Sequence[Corners]) -> RowHypotheses:
    return propose_hypotheses(Row(np.arange(len(boxes)), np.array([float(BASE)]), CAP), marks_in(boxes))


def believed(belief: Belief, labels: Sequence[str] = LABELS) -> np.ndarray:
    """Log-probabilities; what the beliefs leave is shared evenly by all other classes."""
    rest = (1 - sum(belief.values())) / (len(labels) - len(belief))
    return np.log([belief.get(label, rest) for label in labels]).astype(np.float32)


def read(
    boxes: Sequence[Corners],
    beliefs: Mapping[tuple[int, int], Belief],
    starts: Sequence[int] = (0,),
    labels: Sequence[str] = LABELS,
) -> list[ReadGlyph]:
    """Read one row; hypotheses without a belief look like nothing in particular."""
    row = proposed(boxes)
    assert set(beliefs) <= {(h.first, h.last) for h in row.hypotheses}
    log_p = np.stack([believed(beliefs.get((h.first, h.last), {}), labels) for h in row.hypotheses])
    begins = np.isin(np.arange(len(row.ids)), starts)
    (glyphs,) = decode([row], [log_p], [begins], tuple(labels))
    return glyphs


def letters(*extents: tuple[float, float], gap: int = 16) -> list[Corners]:
    """Boxes far enough apart to be letters: bottom and top above the baseline in capital heights."""
    width = 24
    boxes = []
    for i, (bottom, top) in enumerate(extents):
        left = 20 + i * (width + gap)
        boxes.append((left, round(BASE - top * CAP), left + width, round(BASE - bottom * CAP)))
    return boxes


def text_of(boxes: Sequence[Corners], beliefs: Sequence[Belief], starts: Sequence[int] = (0,)) -> str:
    found = read(boxes, {(i, i): belief for i, belief in enumerate(beliefs)}, starts)
    return "".join(" " * (glyph.starts_word and i > 0) + glyph.text for i, glyph in enumerate(found))


def sure(text: str) -> list[Belief]:
    return [{letter: 0.95} for letter in text]


EITHER: Belief = {"0": 0.48, "O": 0.48}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("N", "T", "NOT"), ("15", "7", "1507"), ("20", "", "200"), ("", "NE", "ONE"), ("", "75", "075")],
)
def test_a_zero_or_an_o_is_told_by_its_neighbours(before: str, after: str, expected: str) -> None:
    boxes = letters(*[(0, 1)] * len(expected))
    assert text_of(boxes, [*sure(before), EITHER, *sure(after)]) == expected


@pytest.mark.parametrize("low", list("cosvxz"))
def test_a_capital_is_told_from_its_low_letter_by_its_height(low: str) -> None:
    either = {low: 0.48, low.upper(): 0.48}
    low_letter, capital = (0, LOW), (0, 1)
    rest = [low_letter, (0, 0.9)]
    assert text_of(letters(low_letter, *rest), [either, *sure("at")]) == f"{low}at"
    assert text_of(letters(capital, *rest), [either, *sure("at")]) == f"{low.upper()}at"


@pytest.mark.parametrize(("bottom", "top", "mark"), [(-0.15, 0.15, ","), (0.7, 1.0, "'")])
def test_a_comma_is_told_from_an_apostrophe_by_its_place(bottom: float, top: float, mark: str) -> None:
    boxes = letters((0, LOW), (0, LOW), (bottom, top))
    assert text_of(boxes, [*sure("as"), {",": 0.48, "'": 0.48}]) == f"as{mark}"


@pytest.mark.parametrize("place", [(5, 7), (-9, -6), (-3, 9)], ids=["far above", "far below", "far too tall"])
def test_an_impossible_place_does_not_outvote_a_sure_crop(place: tuple[float, float]) -> None:
    boxes = letters((0, LOW), place, (0, LOW))
    assert text_of(boxes, [*sure("a"), {"e": 0.9999}, *sure("a")]) == "aea"


def test_a_sure_crop_outvotes_its_neighbours() -> None:
    boxes = letters(*[(0, 1)] * 3)
    assert text_of(boxes, [*sure("N"), {"0": 0.9999}, *sure("T")]) == "N0T"


def test_a_letter_between_capitals_is_a_capital_where_the_crop_cannot_tell() -> None:
    either: Belief = {"s": 0.48, "S": 0.48}
    middling = (0, 0.81)
    capitals = letters(*[(0, 1)] * 4, middling, *[(0, 1)] * 4)
    assert text_of(capitals, [*sure("TRAN"), either, *sure("LATE")]) == "TRANSLATE"
    low = letters(*[(0, LOW)] * 4, middling, *[(0, LOW)] * 4)
    assert text_of(low, [*sure("noun"), either, *sure("even")]) == "nounseven"


@pytest.mark.parametrize(("text", "height", "expected"), [("NOUVEAUX", 1, "S"), ("nouveaux", LOW, "s")])
def test_a_page_is_in_one_style(text: str, height: float, expected: str) -> None:
    rows = [proposed(letters(*[(0, height)] * len(text))), proposed(letters((0, 0.7)))]
    log_ps = [np.stack([believed(belief) for belief in beliefs]) for beliefs in (sure(text), [{"s": 0.48, "S": 0.48}])]
    starts = [np.arange(len(text)) == 0, np.array([True])]
    (first, second) = decode(rows, log_ps, starts, LABELS)
    assert "".join(glyph.text for glyph in first) == text
    assert [glyph.text for glyph in second] == [expected]


STEM, DOT = (20, 72, 25, 100), (19, 60, 26, 65)
NEXT_LETTERS = (60, 76, 84, 100), (100, 76, 124, 100)


def test_a_join_is_read_where_its_crop_is_surer() -> None:
    alone = {(0, 0): {"l": 0.4, "I": 0.3}, (1, 1): {".": 0.5, "'": 0.3}}
    rest = {(2, 2): {"n": 0.95}, (3, 3): {"e": 0.95}}
    found = read([STEM, DOT, *NEXT_LETTERS], {**alone, **rest, (0, 1): {"i": 0.95}})
    assert [glyph.text for glyph in found] == ["i", "n", "e"]
    assert found[0].box == (19, 60, 26, 100)


@pytest.mark.parametrize(
    ("apart", "together", "expected"),
    [(0.97, 0.1, ["r", "n"]), (0.02, 0.97, ["m"])],
    ids=["apart", "together"],
)
def test_neighbours_that_nearly_touch_are_read_as_what_they_look_like(
    apart: float, together: float, expected: list[str]
) -> None:
    boxes = [(20, 75, 32, 100), (34, 75, 48, 100)]
    found = read(boxes, {(0, 0): {"r": apart}, (1, 1): {"n": apart}, (0, 1): {"m": together}})
    assert [glyph.text for glyph in found] == expected


@pytest.mark.parametrize(("left", "expected"), [(22, ["m"]), (36, ["r", "n"])], ids=["overlapping", "apart"])
def test_where_crops_cannot_tell_marks_that_overlap_are_joined(left: int, expected: list[str]) -> None:
    boxes = [(20, 75, 34, 100), (left, 75, left + 16, 100)]
    found = read(boxes, {(0, 0): {"r": 0.5}, (1, 1): {"n": 0.5}, (0, 1): {"m": 0.25}})
    assert [glyph.text for glyph in found] == expected


def test_spaces_are_kept() -> None:
    boxes = letters(*[(0, LOW)] * 6)
    assert text_of(boxes, sure("onenow"), starts=(0, 3)) == "one now"
    assert text_of(boxes, sure("onenow"), starts=range(6)) == "o n e n o w"


def test_nothing_is_joined_across_a_space() -> None:
    boxes = [(20, 75, 32, 100), (34, 75, 48, 100)]
    found = read(boxes, {(0, 0): {"r": 0.1}, (1, 1): {"n": 0.1}, (0, 1): {"m": 0.97}}, starts=(0, 1))
    assert len(found) == 2
    assert all(glyph.starts_word for glyph in found)


def test_every_row_is_read() -> None:
    rows = [proposed(letters(*[(0, LOW)] * count)) for count in (2, 1, 3)]
    log_ps = [np.stack([believed({"a": 0.9})] * len(row.hypotheses)) for row in rows]
    starts = [np.array([True] + [False] * (len(row.ids) - 1)) for row in rows]
    assert ["".join(g.text for g in row) for row in decode(rows, log_ps, starts, LABELS)] == ["aa", "a", "aaa"]


def test_a_surer_crop_has_more_confidence() -> None:
    boxes = letters(*[(0, LOW)] * 3)
    rest = {(0, 0): {"n": 0.95}, (2, 2): {"r": 0.95}}
    low, high = (read(boxes, {**rest, (1, 1): {"e": p, "a": 0.99 - p}})[1] for p in (0.6, 0.95))
    assert (low.text, high.text) == ("e", "e")
    assert low.confidence < high.confidence
    assert low.alternatives[0][0] == "a"


def test_the_probabilities_of_all_classes_sum_to_one() -> None:
    boxes = letters(*[(0, LOW)] * 3)
    for glyph in read(boxes, {(i, i): {"a": 0.7} for i in range(3)}, labels=("a", "B", "3", ".")):
        assert {glyph.text, *(text for text, _ in glyph.alternatives)} == {"a", "B", "3", "."}
        assert glyph.confidence + sum(p for _, p in glyph.alternatives) == pytest.approx(1)


def test_a_model_of_capitals_alone() -> None:
    boxes = letters((0, 1), (0, 1))
    labels = tuple(string.ascii_uppercase)
    found = read(boxes, {(0, 0): {"N": 0.9}, (1, 1): {"O": 0.9}}, labels=labels)
    assert [glyph.text for glyph in found] == ["N", "O"]


BOXES = st.tuples(st.integers(0, 200), st.integers(50, 100), st.integers(2, 40), st.integers(2, 50)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(st.lists(BOXES, min_size=1, max_size=9), st.integers(0, 2**32 - 1), st.floats(0.1, 30))
def test_any_row_is_read_whole_with_probabilities(boxes: list[Corners], seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    row = proposed(boxes)
    logits = rng.normal(0, spread, (len(row.hypotheses), len(LABELS)))
    log_p = (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)
    starts = rng.random(len(boxes)) < 0.3
    starts[0] = True
    (found,) = read_rows([ScoredRow(row, log_p, np.where(starts, np.inf, -np.inf), LABELS)])
    glyphs = found.glyphs
    assert found.decoded is not None
    taken = [row.hypotheses[number] for number in found.decoded.best.hypotheses.tolist()]
    assert [i for h in taken for i in range(h.first, h.last + 1)] == list(range(len(boxes)))
    words = [h.first for h, glyph in zip(taken, glyphs, strict=True) if glyph.starts_word]
    assert words == np.flatnonzero(starts).tolist()
    for glyph in glyphs:
        others = [p for _, p in glyph.alternatives]
        names = [text for text, _ in glyph.alternatives]
        assert glyph.text in LABELS
        assert set(names) <= set(LABELS) - {glyph.text}
        assert len(set(names)) == len(names)
        assert 0 <= glyph.confidence <= 1
        assert others == sorted(others, reverse=True)
        assert all(p >= 0 for p in others)
        assert glyph.confidence + sum(others) <= 1 + 1e-9


@pytest.mark.parametrize(("odds", "expected"), [(1.0, "ab cd"), (-1.0, "abcd"), (np.inf, "ab cd"), (-np.inf, "abcd")])
def test_a_doubtful_space_is_what_its_gap_says_where_nothing_else_tells(odds: float, expected: str) -> None:
    row = proposed(letters(*[(0, LOW)] * 4))
    log_p = np.stack([believed({letter: 0.95}) for letter in "abcd"])
    (found,) = read_rows([ScoredRow(row, log_p, np.array([np.inf, -np.inf, odds, -np.inf]), LABELS)])
    assert "".join(" " * (g.starts_word and i > 0) + g.text for i, g in enumerate(found.glyphs)) == expected


@pytest.mark.parametrize(("text", "expected"), [("ofthe", "of the"), ("other", "other")])
def test_a_language_tells_where_a_doubtful_space_is(text: str, expected: str) -> None:
    row = proposed(letters(*[(0, LOW)] * 5))
    log_p = np.stack([believed({letter: 0.95}) for letter in text])
    spaces = np.array([np.inf, -np.inf, 0.0, -np.inf, -np.inf])
    (found,) = read_rows([ScoredRow(row, log_p, spaces, LABELS)], load_language("en"))
    assert "".join(" " * (g.starts_word and i > 0) + g.text for i, g in enumerate(found.glyphs)) == expected


@pytest.mark.parametrize(("gap", "expected"), [(8, "milk"), (40, "melk")])
def test_a_language_says_less_where_letters_stand_far_apart(gap: int, expected: str) -> None:
    row = proposed(letters((0, LOW), (0, LOW), (0, 1), (0, 1), gap=gap))
    beliefs: list[Belief] = [{"m": 0.95}, {"e": 0.9, "i": 0.095}, {"l": 0.95}, {"k": 0.95}]
    log_p = np.stack([believed({**beliefs[h.first]} if h.first == h.last else {}) for h in row.hypotheses])
    spaces = np.array([np.inf, -np.inf, -np.inf, -np.inf])
    weights = replace(WEIGHTS, apart=0.1)
    (found,) = read_rows([ScoredRow(row, log_p, spaces, LABELS)], load_language("en"), weights)
    assert found.decoded is not None
    assert found.decoded.language_weight == (weights.language if gap == 8 else weights.apart)
    assert "".join(glyph.text for glyph in found.glyphs) == expected


def test_a_join_over_a_doubtful_space_is_possible() -> None:
    row = proposed([(20, 75, 32, 100), (33, 75, 48, 100)])
    beliefs = {(0, 0): {"r": 0.02}, (1, 1): {"n": 0.02}, (0, 1): {"m": 0.97}}
    log_p = np.stack([believed(beliefs[h.first, h.last]) for h in row.hypotheses])
    for odds, expected in ((-1.0, "m"), (np.inf, "rn")):
        (found,) = read_rows([ScoredRow(row, log_p, np.array([np.inf, odds]), LABELS)])
        assert len(found.glyphs) == len(expected)
