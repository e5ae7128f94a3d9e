"""Which of the test's labels are wrong, by eye."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipe needs the extra 'train'")

from models.recipe import audit, data
from models.recipe.audit import Question
from tests import inked

SAID_WRONG = Question(7, "r", "R", "r", "R", "R")
SAID_RIGHT = Question(8, "R", "r", "r", "R", "r")
UNDECIDED = Question(3, "5", "S", "5", "S", "either")
CONTROL = Question(2, "o", "a", "o", "O", "a")


class Stub:
    """A model that takes everything for an R, and then for a T."""

    temperature = 1.0

    def __init__(self, confidence: float) -> None:
        self.odds = {"R": confidence, "T": 1 - confidence}

    def logits(self, crops: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        found = np.full((len(crops), len(data.LABELS)), -30, np.float32)
        for label, share in self.odds.items():
            found[:, data.LABEL_INDEX[label]] = np.log(share)
        return found


def test_wrong_are_those_that_model_and_eye_both_read_otherwise() -> None:
    assert audit.wrong([SAID_WRONG, SAID_RIGHT, UNDECIDED, CONTROL]).tolist() == [7]


def test_look_alikes_are_read_right() -> None:
    assert CONTROL.control
    assert not SAID_WRONG.control


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    questions = [SAID_WRONG, UNDECIDED, Question(1, '"', "'", "'", "|", '"'), Question(1, "#", "\\", "#", "#", "")]
    audit.store(questions, tmp_path / "audit.tsv")
    assert audit.load(tmp_path / "audit.tsv") == questions


def test_the_answers_that_are_kept_choose_among_what_was_shown() -> None:
    questions = audit.load()
    assert len({q.index for q in questions}) == len(questions) > 1000
    for question in questions:
        shown = {question.first, question.second}
        assert question.label in shown
        assert len(shown) == 2
        assert question.eye in shown | {"either"}


def test_errors_are_asked_and_controls_that_were_unsure() -> None:
    corpus, indices = inked.corpus(), np.array([0, 4])
    asked = audit.ask(Stub(0.9), corpus, indices)  # type: ignore[arg-type]
    assert [(q.label, q.read, {q.first, q.second}, q.control) for q in asked] == [("T", "R", {"T", "R"}, False)] * 2
    assert {q.index for q in asked} == {0, 4}
    assert len(audit.ask(Stub(0.3), corpus, indices)) == 2, "T is likelier, and not sure"  # type: ignore[arg-type]
    assert not audit.ask(Stub(0.1), corpus, indices), "T is sure"  # type: ignore[arg-type]


def test_a_sheet_shows_ink_where_there_is_a_question() -> None:
    page = audit.sheet(inked.corpus(), [SAID_WRONG, SAID_RIGHT])
    width, height = audit.CELL
    assert page.shape == (10 * height, 10 * width)
    assert (page[: height - 30, :width] == 0).sum() > 100
    assert (page[height:, :] == 255).all()


def test_the_count_parts_errors_from_controls() -> None:
    rows = [SAID_WRONG, SAID_RIGHT, UNDECIDED, CONTROL]
    table = audit.table(rows, np.array([7])).splitlines()
    assert table[2] == "| read otherwise than labelled | 3 | 1 | 1 | 1 |"
    assert table[3] == "| of them, contradicted by the first model | 1 | 1 | 0 | 0 |"
    assert table[4] == "| controls, read right | 1 | 1 | 0 | 0 |"
    assert table[-1] == "Most common: `r` is `R` 1"
