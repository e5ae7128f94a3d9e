"""The image: what it is built from is there, and all that a wheel needs goes in."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from conftest import ROOT

RULES = [
    line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.strip() and not line.startswith("#")
]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def goes_in(name: str) -> bool:
    """Whether Docker takes a file: the last rule that fits it, or a folder that it is in, decides."""
    path = PurePosixPath(name)
    kept = True
    for rule in RULES:
        pattern = rule.removeprefix("!").removeprefix("**/")
        tails = [part.as_posix() for part in (path, *path.parents)]
        if rule.startswith("**/"):
            tails = list(path.parts)
        # Of a star no slash is a part.
        if any(fnmatchcase(tail, pattern) and tail.count("/") == pattern.count("/") for tail in tails):
            kept = rule.startswith("!")
    return kept


def test_all_that_a_wheel_is_made_of_goes_into_the_image() -> None:
    built = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = [*built["force-include"], PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]]
    wanted += [path.relative_to(ROOT).as_posix() for path in (ROOT / "ocrcli").rglob("*.py")]
    assert len(wanted) > 100
    for name in ("pyproject.toml", *wanted):
        assert (ROOT / name).is_file(), name
        assert goes_in(name), name


def test_nothing_else_goes_into_the_image() -> None:
    to_train_on = ("models/letters-float32.onnx", "models/page.pt")
    ours = ("models/work/a.onnx", *to_train_on, "tests/drawn.py", ".git/config")
    for name in (*ours, "ocrcli/__pycache__/a.pyc", "ocrcli/cli/__pycache__/a.pyc", "examples/todo_list.jpg"):
        assert not goes_in(name), name


def test_the_image_has_the_extras_and_the_program_that_it_names() -> None:
    steps = (ROOT / "Dockerfile").read_text().splitlines()
    (extras,) = (line.partition("=")[2].split(",") for line in steps if line.startswith("ARG EXTRAS="))
    assert set(extras) <= set(PROJECT["project"]["optional-dependencies"])
    (program,) = (line for line in steps if line.startswith("ENTRYPOINT"))
    assert program == 'ENTRYPOINT ["ocr"]'
    assert "ocr" in PROJECT["project"]["scripts"]
    (python,) = (line.partition("=")[2] for line in steps if line.startswith("ARG PYTHON="))
    assert f"Programming Language :: Python :: {python}" in PROJECT["project"]["classifiers"]
    (user,) = (line for line in steps if line.startswith("USER "))
    assert user != "USER root"
    assert steps.index(user) > max(number for number, line in enumerate(steps) if line.startswith("RUN "))
