"""Each text line in its language."""

from __future__ import annotations

from string import ascii_lowercase
from types import SimpleNamespace
from typing import Any

import numpy as np

from ocrcli.core.settings import Settings
from ocrcli.language.model import load_language
from ocrcli.letters.spaces import text_of
from ocrcli.lines.line_image import HEIGHT, LineImage
from ocrcli.lines.recognize import RowInk, RowOutput
from ocrcli.pipeline import recognition, segmentation
from ocrcli.pipeline.reading import _in_own_languages

CHARACTERS = (*ascii_lowercase, " ")
SURE, RIVAL = 0.97, 0.75


def seen(text: str) -> RowOutput:
    """What the line recognizer sees of a text; where there is `?`, it takes an e for an o, but is not sure."""
    steps = []
    for character in text:
        p = np.full(1 + len(CHARACTERS), 0.03 / len(CHARACTERS))
        if character == "?":
            p[1 + CHARACTERS.index("o")], p[1 + CHARACTERS.index("e")] = RIVAL, SURE - RIVAL
        else:
            p[1 + CHARACTERS.index(character)] = SURE
        blank = np.full(1 + len(CHARACTERS), 1e-4)
        blank[0] = 1
        steps += [p / p.sum(), blank / blank.sum()]
    ink = np.full((HEIGHT, 4 * len(steps)), 255, np.uint8)
    straight = LineImage(ink, 1.0, 0.0, np.array([HEIGHT / 2]))
    return RowOutput(RowInk(ink, 0, 0), straight, np.log(steps).astype(np.float32), CHARACTERS)


def read(texts: list[str], line_of: list[int]) -> list[str]:
    outputs = {number: seen(text) for number, text in enumerate(texts)}
    page: Any = SimpleNamespace(line_of=line_of, rows=texts, marks=None)
    models: Any = SimpleNamespace(hand=None)
    letters = [None] * len(texts)
    settings = Settings()
    rows = recognition.arbitrate(page, letters, outputs, settings, load_language("en"), segmentation.ignore_stage)
    found = _in_own_languages(rows, page, letters, outputs, settings, models, "en")
    return [text_of(row.glyphs) for row in found]


ENGLISH = "the children play in the garden"
FRENCH = "pendant que les ?nfants jouent dans le jardin"


def test_a_line_in_another_language_is_read_in_it() -> None:
    assert read([ENGLISH, FRENCH], [0, 1]) == [ENGLISH, FRENCH.replace("?", "e")]


def test_the_parts_of_a_line_speak_for_one_language() -> None:
    parts = ["pendant que les ?nfants", "jouent dans le jardin"]
    assert read([ENGLISH, *parts], [0, 1, 1]) == [ENGLISH, *(part.replace("?", "e") for part in parts)]
