"""Rows that are no writing, and pictures on which nothing is written, but much is to be seen."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import few

from ocrcli.binarize.page_model import FOLD, Maps
from ocrcli.core.errors import NothingWrittenError
from ocrcli.imaging.components import Marks, find_marks
from ocrcli.layout.baselines import Row
from ocrcli.letters.row_reading import LETTERS, ReadGlyph, RowReading
from ocrcli.pipeline import noise
from ocrcli.pipeline.reading import Reader

SIDES = (900, 1200)
LARGE = 1500


def strewn(share: float, side: int) -> np.ndarray:
    """White paper with black dots of so many pixels at places by chance."""
    rng = np.random.default_rng(3)
    dots = np.kron(rng.random((SIDES[0] // side, SIDES[1] // side)) < share, np.ones((side, side), bool))
    return np.where(dots, np.uint8(0), np.uint8(255))


def grain(cell: int) -> np.ndarray:
    """Noise of any grey, in squares of so many pixels."""
    field = np.random.default_rng(5).integers(0, 256, (SIDES[0] // cell, SIDES[1] // cell), np.uint8)
    return np.kron(field, np.ones((cell, cell), np.uint8))


PICTURES = {
    "dust": strewn(0.002, 1),
    "specks": strewn(0.02, 1),
    "pairs of specks": strewn(0.04, 2),
    "dots": strewn(0.02, 4),
    "blots": strewn(0.05, 9),
    "noise": grain(1),
    "coarse noise": grain(5),
    "stripes": np.tile(np.where(np.arange(SIDES[1]) % 40 < 20, np.uint8(40), np.uint8(210)), (SIDES[0], 1)),
    "squares": np.where(
        np.add.outer(np.arange(SIDES[0]) // 50, np.arange(SIDES[1]) // 50) % 2, np.uint8(60), np.uint8(190)
    ),
}


@pytest.mark.parametrize("name", few(PICTURES, "stripes"))
def test_noise_and_patterns_are_refused(reader: Reader, name: str) -> None:
    with pytest.raises(NothingWrittenError):
        reader.read(PICTURES[name])


@pytest.mark.slow
def test_specks_that_fill_lines_are_refused_before_they_are_read(reader: Reader) -> None:
    specks = np.random.default_rng(LARGE).random((LARGE, LARGE)) < 0.01
    told: list[str] = []
    with pytest.raises(NothingWrittenError):
        reader.read(np.where(specks, np.uint8(0), np.uint8(255)), on_stage=lambda name, _: told.append(name))
    assert "mask" in told
    assert "rows" not in told


HEIGHT = 40
"""Of capitals, in pixels."""


def page(texts: list[str], height: int = HEIGHT) -> tuple[list[Row], Marks]:
    """Rows of bars, one for each letter, 100 pixels apart."""
    mask = np.zeros((100 * len(texts) + 20, 900), bool)
    for i, text in enumerate(texts):
        for k in range(len(text)):
            mask[100 * i + 20 : 100 * i + 20 + height, 30 * k + 10 : 30 * k + 25] = True
    marks = find_marks(mask)
    tops = marks.boxes[:, 1]
    rows = [
        Row(np.flatnonzero(tops == 100 * i + 20), np.array([0.0, 100.0 * i + 20 + height]), float(HEIGHT))
        for i in range(len(texts))
    ]
    return rows, marks


def read(text: str, sure: float, number: int = 0, height: int = HEIGHT) -> RowReading:
    """A row, each glyph of which is as sure."""
    top = 100 * number + 20
    boxes = [(30 * k + 10, top, 30 * k + 25, top + height) for k in range(len(text))]
    glyphs = [ReadGlyph(c, sure, (), box, k == 0) for k, (c, box) in enumerate(zip(text, boxes, strict=True))]
    return RowReading(LETTERS, tuple(glyphs))


def judged(rows: list[tuple[str, float, noise.RowMaps | None]], height: int = HEIGHT) -> np.ndarray:
    """How likely each of them is writing."""
    found, marks = page([text for text, _, _ in rows], height)
    glyphs = [read(text, sure, i, height) for i, (text, sure, _) in enumerate(rows)]
    return noise.load_noise_model().probabilities(noise.features(found, glyphs, [seen for _, _, seen in rows], marks))


CLEAR, FAINT = noise.RowMaps(0.8, 0.9), noise.RowMaps(0.3, 0.05)


def test_what_is_seen_and_read_clearly_is_writing_and_what_is_neither_is_not() -> None:
    milk, stain = judged([("milkandbread", 0.95, CLEAR), ("iWnvis", 0.3, FAINT)])
    assert milk > noise.WRITTEN
    assert stain < 0.5


def test_each_piece_of_evidence_counts() -> None:
    usual, unread, unseen = judged([("milkbread", 0.7, CLEAR), ("milkbread", 0.3, CLEAR), ("milkbread", 0.7, FAINT)])
    assert usual > unread
    assert usual > unseen


def test_without_the_page_model_reading_decides() -> None:
    sure, unsure = judged([("milkbread", 0.97, None), ("milkbread", 0.1, None)])
    assert sure > unsure
    assert np.isfinite([sure, unsure]).all()


def test_of_a_row_of_which_nothing_was_read_nothing_is_known() -> None:
    rows, marks = page(["milk"])
    assert np.isnan(noise.features(rows, [RowReading(LETTERS)], [CLEAR], marks)).all()


def test_rows_that_are_no_writing_are_emptied_but_for_quotes() -> None:
    milk, stain, quotes = read("milk", 0.9), read("i", 0.2), read('""', 0.2)
    assert noise.without_noise([milk, stain, quotes], np.array([0.9, 0.2, 0.2])) == [milk, RowReading(LETTERS), quotes]


def test_a_page_says_something_if_one_of_its_rows_surely_does() -> None:
    milk, dust = read("milk", 0.9), read(".,;", 0.99)
    assert noise.is_writing([dust, milk], np.array([0.99, 0.99]))
    assert not noise.is_writing([milk], np.array([0.6]))
    assert not noise.is_writing([milk, milk], np.array([0.8, 0.3]))
    assert not noise.is_writing([milk] * 4, np.array([0.8, 0.8, 0.8, 0.8]))
    sentence = read("milkandbread", 0.6)
    assert noise.is_writing([sentence] * 4, np.array([0.8, 0.8, 0.8, 0.8]))
    assert not noise.is_writing([sentence, sentence], np.array([0.8, 0.3]))
    assert not noise.is_writing([dust], np.array([0.99]))
    assert not noise.is_writing([], np.array([]))


def test_what_the_page_model_saw_is_measured_on_the_row_alone() -> None:
    rows, marks = page(["milk", "oats"])
    ink, core = (
        np.zeros(marks.labels.shape, np.uint8),
        np.zeros([-(-n // FOLD) for n in marks.labels.shape], np.float32),
    )
    ink[:100] = 255
    core[: 100 // FOLD] = 0.75
    maps = Maps(ink, core, np.zeros((2, *core.shape), np.float32))
    assert [noise.row_maps(row, marks, maps) for row in rows] == [noise.RowMaps(1.0, 0.75), noise.RowMaps(0.0, 0.0)]


def test_half_a_row_is_no_writing_unless_it_is_read_with_certainty() -> None:
    likely = np.array([0.8, 0.8, 0.999])
    whole, half, clear = noise.unless_cut_off(likely, np.array([0.0, 3.5, 3.5]))
    assert whole == pytest.approx(0.8)
    assert half < 0.5
    assert clear > 0.5
