"""Processes of `ocr read --jobs` end with the run, however that ends; one that dies is replaced."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import environment, few
from running import alive, children
from small_notes import draw_note

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes as Linux tells them")


def heed_hangups() -> None:
    """What `nohup` would keep from the command, were the tests run by it, is for it again."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    note = draw_note(folder / "note.png", 3)
    return subprocess.Popen(
        [sys.executable, "-m", "ocrcli", "read", "-q", "--jobs", "2", *arguments, *[str(note)] * 500],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), start_new_session=True,
        preexec_fn=heed_hangups,  # noqa: PLW1509  the test has no threads
    )  # fmt: skip


@pytest.mark.parametrize(
    "number", few([signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], signal.SIGTERM), ids=lambda number: number.name
)
def test_no_process_outlives_the_run(tmp_path: Path, number: signal.Signals) -> None:
    running = start(tmp_path)
    assert running.stdout is not None
    assert running.stdout.readline()
    workers = children(running.pid)
    assert len(workers) == 2
    running.send_signal(number)
    sent = time.monotonic()
    while any(map(alive, workers)) and time.monotonic() < sent + 2:
        time.sleep(0.02)
    assert not any(map(alive, workers))
    _, errors = running.communicate(timeout=10)  # nobody else holds its stderr
    if number == signal.SIGKILL:
        assert not errors
    else:
        assert running.returncode == 128 + number
        assert errors.decode() == f"ocr: ended by {number.name}\n"


@pytest.mark.slow
def test_a_process_that_is_killed_is_replaced_and_its_photo_tried_again(tmp_path: Path) -> None:
    note = draw_note(tmp_path / "note.png", 3)
    running = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", "read", "-q", "-j", "2", "-f", "jsonl", *[str(note)] * 10],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), bufsize=0,
    )  # fmt: skip
    assert running.stdout is not None
    first = running.stdout.readline()  # unbuffered: communicate() would lose what a buffer read ahead
    os.kill(children(running.pid)[0], signal.SIGKILL)
    rest, errors = running.communicate(timeout=60)
    assert running.returncode == 0, errors
    assert {json.loads(line)["text"] for line in [first, *rest.splitlines()]} == {"LAZY DOG 42"}
    assert len(rest.splitlines()) == 9
