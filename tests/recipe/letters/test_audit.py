"""Which of the test's labels are wrong, by eye."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipe needs the extra 'train'")

from models.recipe.handwriting import characters
from models.recipe.letters import audit
from models.recipe.letters.audit import Question
from tests import inked

SAID_WRONG = Question("unipen_strokes", 7, "r", "R", "r", "R", "R")
SAID_RIGHT = Question("unipen_strokes", 8, "R", "r", "r", "R", "r")
UNDECIDED = Question("unipen_strokes", 3, "5", "S", "5", "S", "either")
CONTROL = Question("unipen_strokes", 2, "o", "a", "o", "O", "a")


def test_wrong_are_those_that_model_and_eye_both_read_otherwise() -> None:
    questions = [SAID_WRONG, SAID_RIGHT, UNDECIDED, CONTROL, replace(SAID_WRONG, source=audit.HAND62, index=1)]
    assert audit.wrong(questions, audit.UNIPEN).tolist() == [7]
    assert audit.wrong(questions, audit.HAND62).tolist() == [1]


def test_look_alikes_are_read_right_unless_they_are_asked_apart() -> None:
    assert CONTROL.control
    assert not SAID_WRONG.control
    apart = Question(audit.CHARS74K, 4, "c", "C", "c", "C", "either")
    assert not apart.control
    assert replace(apart, read="c").control


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    questions = [
        SAID_WRONG,
        UNDECIDED,
        Question("hand62_photo", 1, '"', "'", "'", "|", '"'),
        Question("hand62_photo", 2, "#", "\\", "#", "#", ""),
    ]
    audit.store(questions, tmp_path / "audit.tsv")
    assert audit.load(tmp_path / "audit.tsv") == questions


def test_the_answers_that_are_kept_choose_among_what_was_shown() -> None:
    questions = audit.load()
    assert len({(q.source, q.index) for q in questions}) == len(questions) > 1500
    for question in questions:
        shown = {question.first, question.second}
        assert question.label in shown
        assert len(shown) == 2
        assert question.eye in shown | {"either"}


def odds(share: float) -> np.ndarray:
    """Two characters, each an R or else a T."""
    found = np.zeros((2, len(characters.LABELS) - 1))
    found[:, characters.LABEL_INDEX["R"]] = share
    found[:, characters.LABEL_INDEX["T"]] = 1 - share
    return found


def test_errors_are_asked_and_controls_that_were_unsure() -> None:
    labels, indices = np.full(2, characters.LABEL_INDEX["T"]), np.array([5, 9])
    asked = audit.ask(audit.HAND62, odds(0.9), labels, indices)
    assert [(q.label, q.read, {q.first, q.second}, q.control) for q in asked] == [("T", "R", {"T", "R"}, False)] * 2
    assert {q.index for q in asked} == {5, 9}
    assert all(q.control for q in audit.ask(audit.HAND62, odds(0.3), labels, indices)), "T is likelier, and not sure"
    assert not audit.ask(audit.HAND62, odds(0.1), labels, indices), "T is sure"


def test_look_alikes_are_asked_apart_on_demand() -> None:
    found = np.zeros((1, len(characters.LABELS) - 1))
    found[0, characters.LABEL_INDEX["C"]], found[0, characters.LABEL_INDEX["e"]] = 0.9, 0.1
    label, index = np.array([characters.LABEL_INDEX["c"]]), np.array([3])
    assert not audit.ask(audit.HAND62, found, label, index), "C is sure, and as good as c"
    (question,) = audit.ask(audit.CHARS74K, found, label, index, audit.ALL_APART)
    assert {question.first, question.second} == {"c", "C"}
    assert not question.control


def test_a_sheet_shows_ink_where_there_is_a_question() -> None:
    bar = np.full((40, 20), 255, np.uint8)
    page = audit.sheet([SAID_WRONG, SAID_RIGHT], lambda _: bar)
    width, height = audit.CELL
    assert page.shape == (10 * height, 10 * width)
    assert (page[: height - 30, :width] == 0).sum() >= bar.size
    assert (page[height:, :] == 255).all()


def test_the_count_parts_errors_from_controls() -> None:
    rows = [SAID_WRONG, SAID_RIGHT, UNDECIDED, CONTROL]
    table = audit.table(rows, np.array([7])).splitlines()
    assert table[2] == "| unipen_strokes: read otherwise than labelled | 3 | 1 | 1 | 1 |"
    assert table[3] == "| of them, contradicted by the first model | 1 | 1 | 0 | 0 |"
    assert table[4] == "| unipen_strokes: controls, read right | 1 | 1 | 0 | 0 |"
    assert table[-1] == "Most common: `r` is `R` 1"


def test_pictures_of_both_sources_fit_into_their_cells() -> None:
    corpus = inked.corpus()
    tall = characters.Pictures([np.zeros((200, 30), np.uint8)], np.array([0]))
    for picture in (audit.ink_picture(corpus, 3), audit.as_it_is(tall, 0)):
        assert picture.shape[0] <= audit.CELL[1] - 30
        assert picture.shape[1] <= audit.CELL[0]
