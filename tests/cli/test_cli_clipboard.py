"""`--copy` and `clipboard:` with the clipboard of an X server that shows nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import EXAMPLES, Ocr
from small_notes import WORDS, draw_note

pytestmark = pytest.mark.slow

XCLIP = ("xclip", "-selection", "clipboard")


@pytest.fixture
def display() -> Iterator[dict[str, str]]:
    """Environment of a new display."""
    if not shutil.which("Xvfb") or not shutil.which("xclip"):
        pytest.skip("XVFB OR XCLIP IS MISSING: the clipboard is untested; apt-get install xvfb xclip")
    told, tell = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(tell), "-nolisten", "tcp"], pass_fds=[tell], stderr=subprocess.DEVNULL
    )
    os.close(tell)
    try:
        with os.fdopen(told, encoding="ascii") as file:
            number = file.readline().strip()
        assert number, "no display"
        yield {"DISPLAY": f":{number}", "WAYLAND_DISPLAY": ""}
    finally:
        server.terminate()
        server.wait()


def test_the_text_is_copied(ocr: Ocr, display: dict[str, str]) -> None:
    done = ocr("read", "--quiet", "--copy", EXAMPLES / "sticky_note.jpg", env=display)
    assert done.returncode == 0
    held = subprocess.run([*XCLIP, "-o"], env={**os.environ, **display}, capture_output=True, text=True, check=True)
    assert held.stdout == done.stdout != ""


def test_a_copied_picture_is_read(ocr: Ocr, display: dict[str, str], tmp_path: Path) -> None:
    note = draw_note(tmp_path / "note.png", 3)
    subprocess.run([*XCLIP, "-t", "image/png", "-i", note], env={**os.environ, **display}, check=True)
    done = ocr("read", "--quiet", "--copy", "clipboard:", env=display)
    assert (done.returncode, done.stdout) == (0, f"{WORDS[3]}\n")
    held = subprocess.run([*XCLIP, "-o"], env={**os.environ, **display}, capture_output=True, text=True, check=True)
    assert held.stdout == done.stdout
