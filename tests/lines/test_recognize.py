"""Loading a line model, running it in batches, refusing what is none; rows with their words and boxes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import row_of_ink
from hypothesis import given
from hypothesis import strategies as st
from small_models import save_model

from ocrcli.core.errors import ModelError
from ocrcli.imaging.components import find_marks
from ocrcli.language.model import load_language, with_words
from ocrcli.layout.baselines import Row
from ocrcli.letters.row_reading import RowReading
from ocrcli.lines import line_image
from ocrcli.lines.line_model import BATCH_COLUMNS, FORMAT, STRIDE, WIDTH_STEP, batches, load_line_model
from ocrcli.lines.recognize import RowInk, RowOutput, decode_again, decode_rows, read_rows, row_ink, run_model

CHARACTERS = (" ", "a", "B", "é")
METADATA = {
    "ocrcli.format": FORMAT,
    "ocrcli.strip": line_image.GEOMETRY,
    "ocrcli.characters": json.dumps(CHARACTERS),
    "ocrcli.temperature": "1.0",
}
WEIGHTS = np.random.default_rng(4).normal(0, 0.01, (line_image.HEIGHT * STRIDE, len(CHARACTERS) + 1)).astype(np.float32)


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Path]:
    """Makes a model that is linear in each step's pixels, with some of its metadata changed, or left out if None."""

    def make(**changes: str | None) -> Path:
        return save_model(
            tmp_path / "small.onnx",
            f"(uint8[n,{line_image.HEIGHT},w] strips) => (float[n,steps,{len(CHARACTERS) + 1}] logits)",
            "ink = Cast<to = 1>(strips) cut = Reshape(ink, blocks) turned = Transpose<perm = [0, 2, 1, 3]>(cut) "
            "flattened = Reshape(turned, flat) logits = MatMul(flattened, weights)",
            METADATA | {f"ocrcli.{key}": value for key, value in changes.items()},
            blocks=np.array([0, line_image.HEIGHT, -1, STRIDE]),
            flat=np.array([0, 0, line_image.HEIGHT * STRIDE]),
            weights=WEIGHTS,
        )

    return make


def test_rows_of_any_width_are_read_as_if_alone(make_model: Callable[..., Path]) -> None:
    reader = load_line_model(make_model(), "cpu")
    assert reader.characters == CHARACTERS
    rng = np.random.default_rng(1)
    rows = [rng.integers(0, 256, (line_image.HEIGHT, width), np.uint8) for width in (500, 3, 64, 901, 65)]
    for row, found in zip(rows, reader.log_probabilities(rows), strict=True):
        padded = np.pad(row, ((0, 0), (0, -row.shape[1] % STRIDE)))
        steps = padded.reshape(line_image.HEIGHT, -1, STRIDE).transpose(1, 0, 2).reshape(-1, line_image.HEIGHT * STRIDE)
        logits = steps.astype(np.float32) @ WEIGHTS
        expected = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        assert found.shape == expected.shape
        assert found == pytest.approx(expected, abs=1e-2)


def test_a_temperature_makes_it_less_sure(make_model: Callable[..., Path]) -> None:
    row = np.random.default_rng(2).integers(0, 256, (line_image.HEIGHT, 80), np.uint8)
    cold = load_line_model(make_model(), "cpu").log_probabilities([row])[0]
    warm = load_line_model(make_model(temperature="3"), "cpu").log_probabilities([row])[0]
    assert warm.max(axis=1).mean() < cold.max(axis=1).mean()


@pytest.mark.parametrize(
    ("change", "value", "says"),
    [
        ("format", "letters/1", "not a line model"),
        ("format", None, "not a line model"),
        ("strip", "v0", "another strip"),
        ("characters", "[", "not JSON"),
        ("characters", '["a"]', "do not fit"),
        ("characters", '["ab", "c", "d", "e"]', "single printable"),
        ("characters", '["a", "a", "d", "e"]', "are the same"),
        ("temperature", None, "not a number"),
        ("temperature", "0", "from 0.01 to 100"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(
    make_model: Callable[..., Path], change: str, value: str | None, says: str
) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        load_line_model(make_model(**{change: value}), "cpu")
    assert len(str(caught.value).splitlines()) == 1


@given(st.lists(st.integers(1, line_image.MAX_WIDTH), max_size=60))
def test_every_row_is_in_one_batch_of_bounded_size(widths: list[int]) -> None:
    found = list(batches(widths))
    assert sorted(i for batch in found for i in batch) == list(range(len(widths)))
    for batch in found:
        wide = max(*(widths[i] for i in batch), WIDTH_STEP)
        assert len(batch) == 1 or wide * len(batch) <= BATCH_COLUMNS
        assert wide <= 1.5 * max(min([widths[i] for i in batch]), WIDTH_STEP)


class SpellingReader:
    """Reads `text` from every row, its characters spread evenly along it."""

    def __init__(self, text: str, sure: float = 0.99) -> None:
        self.text, self.sure = text, sure
        self.characters = tuple(sorted(set(text) | set(CHARACTERS)))

    def log_probabilities(self, rows: list[np.ndarray]) -> list[np.ndarray]:
        return [self._one(row.shape[1] // STRIDE) for row in rows]

    def _one(self, steps: int) -> np.ndarray:
        outputs = len(self.characters) + 1
        p = np.full((steps, outputs), (1 - self.sure) / (outputs - 1), np.float32)
        peaks = ((np.arange(len(self.text)) + 0.5) * steps / len(self.text)).astype(int)
        at = np.zeros(steps, int)
        at[peaks] = [1 + self.characters.index(c) for c in self.text]
        p[np.arange(steps), at] = self.sure
        return np.asarray(np.log(p))


def spelled(text: str, allowed: str | None = None) -> list[Any]:
    ink = row_of_ink()
    reader: Any = SpellingReader(text)
    (row,) = decode_rows(run_model([RowInk(ink, 100, 50)], reader, allowed), None)
    return list(row.glyphs)


def test_words_part_at_spaces_and_glyphs_stand_in_order() -> None:
    found = spelled("aB aé B")
    assert [g.text for g in found] == list("aBaéB")
    assert [g.starts_word for g in found] == [True, False, True, False, True]
    lefts = [g.box[0] for g in found]
    assert lefts == sorted(lefts)
    ink = row_of_ink()
    for glyph in found:
        left, top, right, bottom = glyph.box
        assert 100 <= left < right <= 100 + ink.shape[1]
        assert 50 <= top < bottom <= 50 + ink.shape[0]
        assert ink[top - 50 : bottom - 50, left - 100 : right - 100].any()
        assert 0 < glyph.confidence <= 1
        assert glyph.text not in dict(glyph.alternatives)


def test_a_backslash_before_a_double_quote_is_no_writing() -> None:
    assert "".join(g.text for g in spelled('a\\"B\\')) == 'a"B\\'


def test_an_allow_list_holds_for_whole_rows_too() -> None:
    assert {g.text for g in spelled("aBaB", allowed="a")} == {"a"}


def test_rows_without_ink_read_nothing_and_shift_nobody() -> None:
    reader: Any = SpellingReader("aB")
    blank = RowInk(np.zeros((20, 40), np.uint8), 0, 0)
    found = read_rows([blank, RowInk(row_of_ink(), 0, 0), blank], reader, None)
    assert [[g.text for g in row.glyphs] for row in found] == [[], ["a", "B"], []]


def test_a_rough_reading_takes_the_likeliest_output_of_each_step() -> None:
    steps = np.eye(4, dtype=np.float32)[[1, 1, 0, 1, 2, 2, 3, 0]]
    assert RowOutput(RowInk(row_of_ink(), 0, 0), None, steps, ("a", " ", "b")).likeliest == "aa b"
    assert RowOutput(RowInk(row_of_ink(), 0, 0), None, steps[:0], ("a", " ", "b")).likeliest == ""


def test_readings_of_a_row_come_in_order_and_the_best_is_what_is_read() -> None:
    reader: Any = SpellingReader("aB é")
    (row,) = read_rows([RowInk(row_of_ink(), 0, 0)], reader, None)
    assert row.readings[0] == ("aB é", 0)
    assert [behind for _, behind in row.readings] == sorted(behind for _, behind in row.readings)
    assert len({text for text, _ in row.readings}) == len(row.readings) > 1


def test_a_row_is_cut_out_without_its_neighbours() -> None:
    mask = np.zeros((60, 80), bool)
    mask[10:20, 10:30] = mask[40:50, 10:30] = True
    marks = find_marks(mask)
    ink = np.where(mask, 200, 30).astype(np.uint8)
    picture = row_ink(Row(np.array([1]), np.array([50.0]), 10.0), marks, ink)
    assert (picture.left, picture.top) == (9, 39)
    assert (picture.ink == 200).sum() == 200
    assert picture.ink.shape == (12, 22)


def spelling(text: str, sure: float) -> RowOutput:
    """The output for a row in which each letter of a text is as sure as that, and `x` takes the rest."""
    characters = tuple("aehnortx")
    p = np.full((2 * len(text) + 1, len(characters) + 1), 1e-6)
    p[::2, 0] = 1
    for step, letter in zip(range(1, len(p), 2), text, strict=True):
        p[step, 1 + characters.index("x")] = 1 - sure
        p[step, 1 + characters.index(letter)] = sure
    picture = RowInk(row_of_ink(), 0, 0)
    log_p = np.log(p / p.sum(axis=1, keepdims=True)).astype(np.float32)
    return RowOutput(picture, picture.straight, log_p, characters)


def test_of_all_sizes_the_best_reading_in_the_language_counts() -> None:
    row = replace(spelling("rehtona", 0.8), others=(spelling("another", 0.75),))
    assert "".join(glyph.text for glyph in decode_rows([row], None)[0].glyphs) == "rehtona"
    assert "".join(glyph.text for glyph in decode_rows([row], load_language("en"))[0].glyphs) == "another"


def test_a_doubtful_row_is_read_with_the_words_that_are_expected_and_a_sure_one_stays() -> None:
    language = load_language("en")
    assert language is not None
    doubtful = spelling("ranhot", 0.999)
    doubtful.log_p[3, [1 + doubtful.characters.index(c) for c in "ax"]] = np.log([0.3, 0.7])
    rows = [doubtful, spelling("another", 0.999)]
    read = decode_rows(rows, language)
    again = decode_again(rows, read, with_words(language, ["rxnhot"], np.array([0.5])))
    assert [text(row) for row in read] == ["ranhot", "another"]
    assert text(again[0]) == "rxnhot"
    assert again[1] is read[1]


def text(row: RowReading) -> str:
    return "".join(glyph.text for glyph in row.glyphs)
