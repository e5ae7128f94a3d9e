"""The entry points of the recipes: their steps, in their order, and what a wrong one gets."""

from __future__ import annotations

import importlib
import re

import pytest

for module in ("torch", "cv2", "pyarrow", "onnx", "matplotlib"):
    pytest.importorskip(module, reason="the recipes need the extra 'train'")

TASKS = {
    "letters": "first fonts prepare teachers train export evaluate frontier report audit features ask reference all",
    "lines": "prepare compose train labels export features evaluate report all",
    "page": "prepare draw train export evaluate report noise",
    "language": "train export evaluate report weights all",
    "finetune": "train evaluate export report",
    "study": "train evaluate export report all",
}


@pytest.mark.parametrize(("task", "names"), TASKS.items())
def test_help_lists_the_steps_in_their_order(task: str, names: str, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = importlib.import_module(f"models.recipe.{task}.__main__")
    assert list(recipe.STEPS) == names.split()
    with pytest.raises(SystemExit) as ended:
        recipe.main(["--help"])
    assert ended.value.code == 0
    listed = capsys.readouterr().out.partition("steps, in their order:\n")[2].rstrip("\n").split("\n")
    assert [re.match(r"  (\w+)  +\S", line)[1] for line in listed] == names.split()
    assert all(len(line) <= 120 for line in listed)


@pytest.mark.parametrize("task", TASKS)
def test_a_wrong_step_is_told_in_one_line(task: str, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = importlib.import_module(f"models.recipe.{task}.__main__")
    with pytest.raises(SystemExit) as ended:
        recipe.main(["nonsense"])
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert error.startswith(f"python -m models.recipe.{task}")
    assert error.count("\n") == 1


@pytest.mark.parametrize("task", TASKS)
def test_every_step_has_help_of_its_own(task: str, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = importlib.import_module(f"models.recipe.{task}.__main__")
    for name, step in recipe.STEPS.items():
        with pytest.raises(SystemExit) as ended:
            recipe.main([name, "--help"])
        assert ended.value.code == 0
        assert step.summary in " ".join(capsys.readouterr().out.split())
