"""The scripts of `.ci` start: what they import is where they look for it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SCRIPTS = [path for path in sorted((ROOT / ".ci").iterdir()) if path.is_file() and path.name != "run"]


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_start_and_say_what_they_measure(script: Path) -> None:
    command = [sys.executable, str(script), "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if missing := re.search("No module named '(cv2|torch|pyarrow)'", told.stderr):
        pytest.skip(f"{missing[1].upper()} IS MISSING: {script.name} needs the extra 'train'")
    assert told.stdout.startswith(f"usage: {script.name}")
