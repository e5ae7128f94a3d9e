"""The command as a whole: help, version, closed pipes, and the Python API beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import Ocr, truth
from PIL import Image

from ocrcli import Page, read
from ocrcli.cli.app import COMMANDS
from ocrcli.evaluation.scoring import score


def test_console_script_and_module_are_the_same_command(ocr_process: Ocr) -> None:
    script = Path(sys.executable).with_name("ocr")
    if not script.exists():
        pytest.skip("the package is not installed here, so there is no console script")
    by_script = subprocess.run([script, "--help"], capture_output=True, text=True, check=True)
    assert by_script.stdout == ocr_process("--help").stdout


def test_help_names_every_command(ocr: Ocr) -> None:
    done = ocr("--help")
    assert done.returncode == 0
    assert {"read", "eval", "thresholds"} <= set(done.stdout.split())


def completions(ocr: Ocr, *words: str) -> set[str]:
    """What bash offers for the last word."""
    asked = {"_OCR_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(("ocr", *words)), "COMP_CWORD": str(len(words))}
    done = ocr(env=asked)
    assert not done.stderr
    return set(done.stdout.split())


def test_shells_complete_commands_options_and_their_values(ocr: Ocr) -> None:
    assert completions(ocr, "e") == {"eval", "explain"}
    assert "--min-confidence" in completions(ocr, "read", "--min")
    assert completions(ocr, "read", "--threshold", "s") == {"sauvola"}
    assert completions(ocr, "read", "--format", "js") == {"json", "jsonl"}


def test_a_misspelt_command_is_guessed(ocr: Ocr) -> None:
    done = ocr("raed")
    assert done.returncode == 2
    assert "'read'" in done.stderr


def test_every_command_says_in_its_help_what_the_list_says(ocr: Ocr) -> None:
    listed = ocr("--help").stdout
    for name, summary in COMMANDS.items():
        assert " ".join(summary.split()[:4]) in " ".join(listed.split())
        assert ocr(name, "--help").returncode == 0


def test_version(ocr_process: Ocr) -> None:
    assert ocr_process("--version").stdout.startswith("ocr ")


def test_python_api_takes_arrays(example: Path) -> None:
    with Image.open(example) as image:
        page = read(np.asarray(image.convert("RGB")))
    assert isinstance(page, Page)
    assert score(truth(example.stem), page.text).letter_accuracy > 0.8


def test_a_closed_pipe_is_no_traceback(example: Path) -> None:
    reader = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", "read", str(example)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reader.stdout is not None
    assert reader.stderr is not None
    reader.stdout.close()
    assert b"Traceback" not in reader.stderr.read()
    reader.wait()
