"""Signs that nobody wrote: drawn where they belong, each time another way."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")

from models.recipe.drawing.signs import DRAWN, UNITS, digit_of, draw_sign
from models.recipe.drawing.text_lines import lay_out
from models.recipe.handwriting.words import CHARACTERS, CIRCLED, SIGNS, InkItem

DIGIT = InkItem(np.array([[10, 0], [0, 60], [40, 128]], np.int16), np.array([0, 3], np.int32), "4", 7)


def test_every_sign_is_drawn_and_read() -> None:
    assert set(DRAWN) == set(SIGNS) <= set(CHARACTERS)
    assert len(set(CHARACTERS)) == len(CHARACTERS)


@pytest.mark.parametrize("sign", DRAWN)
def test_a_sign_has_strokes_and_a_place_on_the_line(sign: str) -> None:
    rng = np.random.default_rng(3)
    drawn = [draw_sign(sign, [DIGIT], rng) for _ in range(20)]
    for item in drawn:
        assert item.text == sign
        assert item.points.min() == 0
        assert item.place is not None
        low, high = item.place
        assert -0.6 < low < high < 1.6
        assert high - low == pytest.approx(np.ptp(item.points[:, 1]) / UNITS, abs=0.02)
        assert item.offsets[0] == 0
        assert item.offsets[-1] == len(item.points)
        assert (np.diff(item.offsets) >= 2).all()
    assert len({item.points.tobytes() for item in drawn}) == len(drawn)


def test_arrows_point_where_they_should() -> None:
    rng = np.random.default_rng(4)
    for sign, side in (("→", 1), ("←", -1)):
        for _ in range(20):
            item = draw_sign(sign, [], rng)
            corners = item.points[item.points[:, 1].argsort()][[0, -1], 0]  # the ends of the head's barbs
            assert (corners.mean() - np.ptp(item.points[:, 0]) / 2) * side > 0


def test_a_circle_goes_around_its_digit() -> None:
    item = draw_sign(CIRCLED[3], [DIGIT], np.random.default_rng(5))
    assert digit_of(CIRCLED[3]) == "4"
    digit, ring = item.points[: item.offsets[1]], item.points[item.offsets[1] :]
    assert (digit.min(axis=0) > ring.min(axis=0)).all()
    assert (digit.max(axis=0) < ring.max(axis=0)).all()


def test_a_sign_keeps_its_size_and_place_in_a_row() -> None:
    rng = np.random.default_rng(6)
    bullet = draw_sign("•", [], rng)
    (part, _) = lay_out([bullet, DIGIT], [0.5, 0.0], rng)
    assert bullet.place is not None
    assert part.scale * UNITS == pytest.approx(1.0, rel=0.3)
    assert -part.bottom == pytest.approx(bullet.place[0], abs=0.15)
