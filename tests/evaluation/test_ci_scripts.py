"""The scripts of `.ci` start: what they import is where they look for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SCRIPTS = [path for path in sorted((ROOT / ".ci").iterdir()) if path.is_file() and path.name != "run"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_start_and_say_what_they_measure(script: Path) -> None:
    command = [sys.executable, str(script), "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.startswith(f"usage: {script.name}")
