"""Pencil beside a marker: a row in a far fainter pen has a level of its own."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Floats, Grey, Mask, photo, written
from PIL import Image

import ocrcli
from ocrcli import faint
from ocrcli.baselines import Row
from ocrcli.components import Marks, find_marks
from ocrcli.faint import with_faint_rows
from ocrcli.rows import find_rows
from ocrcli.threshold import binarize

TEXT = ("Bring a lamp", "and some rope", "Meet at seven")
SHAPE = (420, 760)
INK = written(TEXT, SHAPE, origin=(60, 60), pitch=120)
PENCIL = np.s_[135:200]
HEIGHT = 40.0


def uneven(shape: tuple[int, int], low: float, high: float) -> Floats:
    """A pencil's pressure, which comes and goes along a stroke."""
    coarse = np.random.default_rng(4).uniform(low, high, (shape[0] // 12 + 1, shape[1] // 12 + 1))
    size = (shape[1], shape[0])
    return np.asarray(Image.fromarray(coarse.astype(np.float32)).resize(size, Image.Resampling.BILINEAR), float)


def two_pens(low: float = 0.15, high: float = 0.55) -> Grey:
    ink = INK.astype(float)
    ink[PENCIL] *= uneven(ink[PENCIL].shape, low, high)
    return photo(ink.astype(np.uint8), paper=253, pen=30, noise=2)


def taken_apart(flat: Grey) -> tuple[Mask, list[Row], Marks]:
    mask = binarize(flat)
    marks = find_marks(mask)
    return mask, find_rows(marks, HEIGHT), marks


def test_the_faint_row_is_whole_and_nothing_else_is_touched() -> None:
    flat = two_pens()
    mask, rows, marks = taken_apart(flat)
    fuller = with_faint_rows(mask, flat, rows, marks)
    assert fuller is not None
    ink = INK > 127
    assert (mask & ink)[PENCIL].sum() < 0.75 * ink[PENCIL].sum()
    assert (fuller & ink)[PENCIL].sum() > 0.97 * ink[PENCIL].sum()
    np.testing.assert_array_equal(np.delete(fuller, PENCIL, axis=0), np.delete(mask, PENCIL, axis=0))
    assert (fuller & ~ink)[PENCIL].sum() < 0.1 * ink[PENCIL].sum()  # a rim of soft edges, no grain


def test_such_a_page_is_read_to_the_end() -> None:
    assert ocrcli.read(two_pens()).text.split("\n") == list(TEXT)


@pytest.mark.parametrize("pen", [30, 190])
def test_with_one_pen_dark_or_faint_nothing_is_done(pen: float) -> None:
    flat = photo(INK, paper=253, pen=pen, noise=2)
    assert with_faint_rows(binarize(flat), flat, *taken_apart(flat)[1:]) is None


def test_few_faint_marks_are_no_pen() -> None:
    flat = two_pens()
    mask, rows, marks = taken_apart(flat)
    few = [Row(row.marks[: faint.MARKS - 1], row.baseline, row.cap_height) for row in rows]
    assert with_faint_rows(mask, flat, few, marks) is None


def test_without_rows_there_is_none() -> None:
    flat = np.full((50, 60), 250, np.uint8)
    assert with_faint_rows(np.zeros(flat.shape, bool), flat, [], find_marks(np.zeros(flat.shape, bool))) is None


def test_bits_of_squared_paper_are_no_faint_row() -> None:
    """The squares would come with them."""
    flat = two_pens()
    lines = np.zeros(SHAPE, bool)
    lines[::24] = lines[:, ::24] = True
    squared = np.where(lines & (flat > 205), 205, flat).astype(np.uint8)
    mask, rows, marks = taken_apart(flat)
    assert with_faint_rows(mask, squared, rows, marks) is None
    assert faint.is_net(lines)


def test_a_line_under_a_row_and_a_stem_through_it_are_no_net() -> None:
    line = np.zeros((80, 300), bool)
    line[60] = line[:, 40] = True
    assert not faint.is_net(line)
    assert not faint.is_net(np.zeros((80, 300), bool))
