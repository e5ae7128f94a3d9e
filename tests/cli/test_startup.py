"""No command waits for modules that it does not use: what counts is what is loaded, not a stopwatch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import environment

HEAVY = {"numpy", "PIL", "onnxruntime", "skimage", "scipy", "rich", "rapidfuzz"}


def loaded(*arguments: str | Path) -> set[str]:
    """Names of the modules and of their packages that a command loads."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ocrcli", *map(str, arguments)],
        capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    names = {line.rpartition("|")[2].strip() for line in lines}
    return names | {name.partition(".")[0] for name in names}


def test_the_version_needs_nothing_but_the_standard_library() -> None:
    assert not loaded("--version") & (HEAVY | {"typer", "pydantic", "click"})


@pytest.mark.parametrize("arguments", [("--help",), ("-h",)], ids=" ".join)
def test_the_help_needs_typer_alone(arguments: tuple[str, ...]) -> None:
    assert not loaded(*arguments) & (HEAVY | {"pydantic"})


def test_reading_into_a_pipe_needs_no_slow_filters_and_no_colours(example: Path) -> None:
    modules = loaded("read", example)
    assert {"numpy", "PIL", "onnxruntime"} <= modules
    assert not modules & {"scipy", "rich", "rapidfuzz", "tomllib", "multiprocessing", "pydantic"}
    assert not modules & {"skimage.filters", "skimage.restoration", "skimage.segmentation"}  # but for the labelling


def test_reading_leaves_nothing_in_the_home_folder(example: Path, tmp_path: Path) -> None:
    """From 1.29 on, onnxruntime keeps an identifier there, and what it tells its makers, unless told not to."""
    suppress = {"CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS"}
    own = {name: value for name, value in environment(HOME=str(tmp_path)).items() if name not in suppress}
    own = {name: value for name, value in own.items() if not name.startswith("XDG_")}
    subprocess.run([sys.executable, "-m", "ocrcli", "read", example], check=True, capture_output=True, env=own)
    assert not list(tmp_path.rglob("*"))
