"""Pictures of one letter, cleared of what is not the letter."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")

from models.recipe.letters.crops.isolated import isolated

I_WITH_DOT = [np.s_[24:44, 30:34], np.s_[14:18, 30:34]]
LEANING_I = [np.s_[24:44, 30:34], np.s_[14:18, 35:39]]
E_IN_PIECES = [np.s_[12:44, 20:25], np.s_[12:16, 28:44], np.s_[26:30, 27:40], np.s_[40:44, 28:44]]
ONE = [np.s_[2:60, 30:34]]
RULE, MARGIN = np.s_[54:56, 2:54], np.s_[2:60, 58:60]
NEIGHBOUR, SPECK = np.s_[0:8, 47:55], np.s_[58:62, 30:35]


def drawn(*parts: tuple[slice, slice]) -> np.ndarray:
    image = np.zeros((64, 64), np.uint8)
    for part in parts:
        image[part] = 230
    return image


@pytest.mark.parametrize("letter", [I_WITH_DOT, LEANING_I, E_IN_PIECES, ONE])
def test_a_letter_alone_stays_whole(letter: list[tuple[slice, slice]]) -> None:
    assert np.array_equal(isolated(drawn(*letter)), drawn(*letter))


@pytest.mark.parametrize("letter", [I_WITH_DOT, E_IN_PIECES])
def test_lines_neighbours_and_specks_go(letter: list[tuple[slice, slice]]) -> None:
    assert np.array_equal(isolated(drawn(*letter, RULE, MARGIN, NEIGHBOUR, SPECK)), drawn(*letter))


def test_an_i_with_a_ring_for_its_dot_keeps_its_stem() -> None:
    letter = drawn(np.s_[10:26, 22:38], np.s_[32:48, 28:32])
    letter[14:22, 26:34] = 0
    speck = letter.copy()
    speck[58:61, 28:32] = 230
    assert np.array_equal(isolated(speck), letter)


def test_the_corner_of_a_form_goes_and_an_l_stays() -> None:
    corner = np.s_[56:58, 2:62], np.s_[6:58, 60:62]
    assert np.array_equal(isolated(drawn(*E_IN_PIECES, *corner)), drawn(*E_IN_PIECES))
    assert np.array_equal(isolated(drawn(*corner, np.s_[30:34, 30:34])), drawn(*corner, np.s_[30:34, 30:34]))


def test_a_one_stays_beside_a_bit_of_its_neighbour() -> None:
    assert np.array_equal(isolated(drawn(*ONE, np.s_[10:30, 58:63])), drawn(*ONE))


def test_an_empty_picture_stays_empty() -> None:
    assert not isolated(drawn()).any()
