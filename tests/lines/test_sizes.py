"""Rows that are not sure are looked at at other sizes, too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.lines import sizes
from ocrcli.lines.line_image import HEIGHT, LineImage
from ocrcli.lines.line_model import STRIDE

WIDTH = 200


def row(height: int = 20, width: int = WIDTH) -> LineImage:
    """A line image with a bar of a height in the middle: the size of the writing."""
    image = np.zeros((HEIGHT, width), np.uint8)
    image[HEIGHT // 2 - height // 2 : HEIGHT // 2 + height // 2] = 255
    return LineImage(image, 7, 2.0, np.zeros(3))


class Reader:
    """Is sure of writing of one height, and the less so the more it differs."""

    def __init__(self, best: int) -> None:
        self.best, self.rows = best, 0

    def log_probabilities(self, rows: list[np.ndarray]) -> list[np.ndarray]:
        self.rows += len(rows)
        return [self._one(image) for image in rows]

    def _one(self, image: np.ndarray) -> np.ndarray:
        off = abs(np.log((image > 127).any(axis=1).sum() / self.best))
        p = np.full((-(-image.shape[1] // STRIDE), 3), 1e-5)
        p[:, 0] = 1 - 2e-5
        p[len(p) // 2] = 0.005, 0.99 * np.exp(-off), 0.995 - 0.99 * np.exp(-off)
        return np.asarray(np.log(p), np.float32)


def read(
    rows: list[LineImage], reader: Any, most: float = sizes.MOST_COLUMNS
) -> tuple[list[LineImage], list[np.ndarray]]:
    found = sizes.at_sizes(rows, reader.log_probabilities([image.image for image in rows]), reader, most)
    likeliest = [max(row, key=lambda sized: sizes.sureness([sized[1]])[0]) for row in found]
    assert all(row[0][0] is given for row, given in zip(found, rows, strict=True))  # the usual size comes first
    return [image for image, _ in likeliest], [log_p for _, log_p in likeliest]


@pytest.mark.parametrize(("best", "size"), [(20, 1.0), (26, 1.3), (30, 1.5)])
def test_the_size_at_which_the_reading_is_likeliest_is_kept(best: int, size: float) -> None:
    (kept,), (log_p,) = read([row()], Reader(best))
    assert kept.image.shape == (HEIGHT, round(WIDTH * size))
    assert len(log_p) == -(-kept.image.shape[1] // STRIDE)
    assert kept.left == 7
    assert kept.image.shape[1] * kept.scale == pytest.approx(WIDTH * 2.0)  # as much of the ink of the row


def test_sure_rows_are_read_once() -> None:
    reader = Reader(20)
    kept, _ = read([row(), row()], reader)
    assert reader.rows == 2
    assert [image.image.shape[1] for image in kept] == [WIDTH, WIDTH]


def test_the_least_sure_rows_are_read_again_as_far_as_is_allowed() -> None:
    reader = Reader(30)
    kept, _ = read([row(24), row(20), row(28), row(22)], reader, most=2.5 * sum(sizes.SIZES) * WIDTH)
    assert reader.rows == 4 + 2 * len(sizes.SIZES)
    assert [image.image.shape[1] > WIDTH for image in kept] == [False, True, False, True]


def test_no_rows_are_no_work() -> None:
    assert sizes.at_sizes([], [], Reader(20)) == []  # type: ignore[arg-type]


@given(st.integers(1, 37), st.integers(8, 900), st.sampled_from(sizes.SIZES))
def test_an_enlarged_row_is_around_its_middle(height: int, width: int, size: float) -> None:
    image = sizes.resized(row(2 * (height // 2) + 2, width), size).image
    assert image.shape == (HEIGHT, max(1, round(width * size)))
    lit = np.flatnonzero((image > 127).any(axis=1))
    assert len(lit) == pytest.approx(min((2 * (height // 2) + 2) * size, HEIGHT), abs=2)
    assert lit.mean() == pytest.approx((HEIGHT - 1) / 2, abs=1)


def test_sureness_of_rows_of_any_width_is_that_of_each_alone() -> None:
    reader = Reader(20)
    seen = reader.log_probabilities([row(24, width).image for width in (9, 2000, 40, 700, 41)])
    assert sizes.sureness(seen) == pytest.approx([float(sizes.sureness([log_p])[0]) for log_p in seen])
    assert not len(sizes.sureness([]))
