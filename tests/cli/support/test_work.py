"""What is done with one page: whatever happens to it is a result, so that the others are not touched."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from ocrcli.cli.support.work import Outcome, Task, do, lost, prepare
from ocrcli.core.errors import InputError, ModelError, NoRoomError, OcrError
from ocrcli.core.settings import Settings
from ocrcli.sources import Source

TASK = Task(Source("a\nb.jpg", b"no image"))


class Raising:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def read(self, *_arguments: Any, **_options: Any) -> Any:
        raise self.error


def outcome_of(error: BaseException) -> Outcome:
    return do(cast(Any, Raising(error)), TASK)


def test_an_error_is_a_result() -> None:
    outcome = outcome_of(InputError("a.jpg: damaged; send it again"))
    assert isinstance(outcome.error, InputError)
    assert not outcome.bug


def test_a_bug_is_a_result_with_its_traceback() -> None:
    outcome = outcome_of(ZeroDivisionError("x"))
    assert type(outcome.error) is OcrError
    assert "unexpected ZeroDivisionError" in str(outcome.error)
    assert "Traceback" in outcome.bug


@pytest.mark.parametrize("error", [KeyboardInterrupt(), NoRoomError("out: no room left; make some")], ids=repr)
def test_what_ends_all_is_no_result(error: BaseException) -> None:
    with pytest.raises(type(error)):
        outcome_of(error)


def test_a_page_goes_through_a_pipe() -> None:
    work = prepare(Settings())
    outcome = work(TASK)
    assert isinstance(pickle.loads(pickle.dumps(outcome)).error, InputError)
    blank = pickle.loads(pickle.dumps(work(Task(Source("blank", np.full((300, 400), 255, np.uint8))))))
    assert "nothing written" in str(blank.error)


def test_a_wrong_setting_ends_all(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        prepare(Settings(model=tmp_path / "none.onnx"))


def test_a_lost_page_says_what_to_do() -> None:
    assert str(lost(TASK, "its process died; try again").error) == "a\\nb.jpg: its process died; try again"
