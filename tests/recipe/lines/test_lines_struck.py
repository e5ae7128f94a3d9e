"""Words of pen ink that are struck out: strokes through one word, and a mark in the text."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")

from models.recipe.drawing.text_lines import MILD, lay_out, render
from models.recipe.handwriting.words import CHARACTERS, InkItem, size_of
from models.recipe.lines import struck
from ocrcli.lines.struck import STRUCK

TEXTS = ("one", "two", "three")


def item(text: str) -> InkItem:
    points = np.array([[0, 0], [30 * len(text), 128], [60 * len(text), 0]], np.int16)
    return InkItem(points, np.array([0, 3], np.int32), text, 1)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(struck, "SHARE", 1.0)


def test_the_mark_is_read() -> None:
    assert STRUCK in CHARACTERS


@pytest.mark.usefixtures("always")
def test_the_strokes_go_through_the_word_that_has_the_mark() -> None:
    rng = np.random.default_rng(2)
    seen = set()
    for _ in range(60):
        parts = lay_out([item(text) for text in TEXTS], [0.6] * 3, rng)
        (stroke, *rest), text = struck.some_struck(parts, " ".join(TEXTS), rng)
        assert rest == parts
        words = text.split(" ")
        (number,) = (i for i, word in enumerate(words) if word.endswith(STRUCK))
        assert words[number] in (TEXTS[number] + STRUCK, STRUCK)
        seen.add(words[number])
        part = parts[number]
        middle = part.x + size_of(part.item)[0] * part.scale / 2
        assert stroke.x < middle < stroke.x + size_of(stroke.item)[0] * stroke.scale
        assert render([stroke, *rest], MILD, rng).any()
    assert len(seen) == 4


@pytest.mark.usefixtures("always")
def test_letters_of_a_word_are_struck_out_together() -> None:
    rng = np.random.default_rng(3)
    parts = lay_out([item(letter) for letter in "abcd"], [0.1, 0.9, 0.1, 0.0], rng)
    for _ in range(20):
        _, text = struck.some_struck(parts, "ab cd", rng)
        assert text in (f"ab{STRUCK} cd", f"ab cd{STRUCK}", f"{STRUCK} cd", f"ab {STRUCK}")


def test_most_rows_and_single_words_stay() -> None:
    rng = np.random.default_rng(4)
    parts = lay_out([item(text) for text in TEXTS], [0.6] * 3, rng)
    changed = [struck.some_struck(parts, " ".join(TEXTS), rng)[0] is not parts for _ in range(400)]
    assert 0 < sum(changed) < 80
    assert struck.some_struck(parts[:1], "one", rng) == (parts[:1], "one")
