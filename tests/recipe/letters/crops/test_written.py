"""Characters come out of written words with the right label."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipe needs the extra 'train'")
pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")

from models.recipe.handwriting.characters import LABELS
from models.recipe.handwriting.words import INDEX, InkItem
from models.recipe.letters.crops import written_characters
from ocrcli.lines.line_image import line_image_of

SHAPES = {
    "T": [[(0, 0), (60, 0)], [(30, 0), (30, 100)]],
    "L": [[(0, 0), (0, 100), (50, 100)]],
    "H": [[(0, 0), (0, 100)], [(50, 0), (50, 100)], [(0, 50), (50, 50)]],
    "i": [[(5, 40), (5, 100)], [(5, 10), (6, 10)]],
}


def word(text: str, gap: int = 30, writer: int = 7) -> InkItem:
    """A word of straight strokes."""
    x, strokes = 0, []
    for character in text:
        shape = [np.array(stroke, np.int16) for stroke in SHAPES[character]]
        strokes += [stroke + np.array([x, 0], np.int16) for stroke in shape]
        x += int(np.concatenate(shape)[:, 0].max()) + gap
    offsets = np.cumsum([0, *map(len, strokes)]).astype(np.int32)
    return InkItem(np.concatenate(strokes), offsets, text, writer)


def reading(item: InkItem, text: str, p: float = 0.98) -> list[InkItem]:
    """What is taken out of a word whose characters the line reader finds evenly spread, each with probability p."""
    canvas, scale = written_characters.draw_word(item)
    straight = line_image_of(canvas)
    assert straight is not None
    steps = straight.image.shape[1] // 4
    log_p = np.full((steps, len(INDEX) + 1), np.log(1e-6), np.float32)
    log_p[:, 0] = np.log(0.98)
    boxes = [item.points[a:b] for a, b in zip(item.offsets[:-1], item.offsets[1:], strict=True)]
    place = 0
    for character in text:
        strokes = len(SHAPES[character])
        middle = np.concatenate(boxes[place : place + strokes])[:, 0].mean() * scale + 2 * written_characters.PEN
        place += strokes
        step = min(int((middle - straight.left) / straight.scale / 4), steps - 1)
        log_p[step] = np.log(1e-6)
        log_p[step, INDEX[character]] = np.log(p)
        log_p[step, 0] = np.log(1.001 - p)
    return list(written_characters.characters_of(item, straight, log_p, scale))


def test_letters_that_stand_apart_are_taken_out_stroke_by_stroke() -> None:
    found = reading(word("TLH"), "TLH")
    assert [c.text for c in found] == ["T", "L", "H"]
    assert [len(c.offsets) - 1 for c in found] == [2, 1, 3]
    assert np.ptp(found[2].points, axis=0).tolist() == [50, 100]


def test_joined_letters_stay_out() -> None:
    groups = written_characters.alone(
        np.array([[0, 0, 130, 100], [160, 0, 220, 100]], float), np.array([25.0, 105.0, 190.0]), 4
    )
    assert [number for number, _ in groups] == [2]


def test_a_group_that_holds_no_character_spoils_its_neighbours() -> None:
    boxes = np.array([[0, 0, 20, 100], [40, 0, 60, 100], [80, 0, 100, 100], [120, 0, 140, 100]], float)
    assert [n for n, _ in written_characters.alone(boxes, np.array([10.0, 90.0, 130.0]), 4)] == [2]


def test_what_the_line_reader_doubts_is_left_out() -> None:
    assert not reading(word("TL"), "TL", p=0.3)


def test_a_dot_belongs_to_a_letter_that_has_one() -> None:
    assert [len(c.offsets) - 1 for c in reading(word("iLi"), "iLi")] == [2, 1, 2]
    assert written_characters.has_dot([np.array([[0, 0], [0, 100]], np.int16), np.array([[0, 0]], np.int16)])
    assert not written_characters.has_dot([np.array(s, np.int16) for s in SHAPES["T"]])


def test_characters_are_stored_with_their_size() -> None:
    ink = written_characters.as_ink([(c, 0.01) for c in reading(word("TL"), "TL")])
    assert [LABELS[label] for label in ink.labels] == ["T", "L"]
    assert ink.writers.tolist() == [2007, 2007]
    np.testing.assert_allclose(ink.relwh, [[0.6, 1.0], [0.5, 1.0]])
    points, offsets = ink.character(1)
    assert points.max() == written_characters.LONGEST
    assert offsets.tolist() == [0, 3]
    usual = np.ones(len(LABELS), np.float32) * 1.2
    np.testing.assert_allclose(written_characters.with_usual_sizes(ink, usual).relwh[:, 1], 1.2, rtol=1e-5)
