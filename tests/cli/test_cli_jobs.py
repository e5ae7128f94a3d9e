"""`ocr read --jobs`, a Ctrl-C, and what people see meanwhile."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Ocr, environment, few
from small_notes import draw_note

ON_POSIX = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals and terminals")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Five small photos, of which one is broken."""
    for number in range(4):
        draw_note(tmp_path / f"{number}.jpg", number)
    (tmp_path / "1b.jpg").write_bytes(b"\xff\xd8\xff broken")
    return tmp_path


@pytest.mark.parametrize("format", few(["text", "jsonl", "tsv"], "text"))
def test_two_jobs_give_the_same_bytes_as_one(ocr: Ocr, photos: Path, format: str) -> None:
    one, two = (ocr("read", "-f", format, "--jobs", jobs, ".", cwd=photos) for jobs in ("1", "2"))
    assert two.stdout == one.stdout
    assert two.stderr == one.stderr
    assert one.returncode == two.returncode == 5
    assert "1b.jpg" in one.stderr
    assert "1 of 5 pages" in one.stderr


@pytest.mark.slow
def test_a_wrong_model_is_told_once_and_ends_it(ocr: Ocr, photos: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"not a model")
    done = ocr("read", "--jobs", "2", "--model", model, photos)
    assert done.returncode == 4
    assert done.stderr.count("not an ONNX model") == 1
    assert "Traceback" not in done.stderr


def test_pages_that_all_fail_have_the_code_of_the_first(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("read", tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert done.returncode == 3
    assert "none of 2 pages" in done.stderr
    assert not done.stdout


HEEDING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, "-m", "ocrcli", *sys.argv[1:]])
"""
"""The command with Ctrl-C in force; a shell's background jobs, and what they start, ignore it."""


@ON_POSIX
@pytest.mark.parametrize("jobs", few(["1", "2"], "1"))
def test_ctrl_c_ends_it_at_once_and_cleanly(photos: Path, jobs: str) -> None:
    names = [str(photos / "0.jpg")] * 300
    running = subprocess.Popen(
        [sys.executable, "-c", HEEDING, "read", "-q", "--jobs", jobs, *names],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline()
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all processes
    rest, errors = running.communicate(timeout=60)  # ends when the last process has closed its stderr
    assert running.returncode == 130
    assert errors == b"ocr: interrupted\n"
    assert rest.count(b"==>") < 299


@pytest.mark.slow
@ON_POSIX
def test_a_reader_that_goes_away_ends_it_quietly(photos: Path) -> None:
    script = f'"{sys.executable}" -m ocrcli read -q --jobs 2 "$@" | head -n 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *[str(photos / "0.jpg")] * 12],
        capture_output=True, text=True, env=environment(), check=False,
    )  # fmt: skip
    heading, code = done.stdout.splitlines()
    assert heading.startswith("==> ")
    assert code == "141"
    assert not done.stderr


def on_a_terminal(*arguments: str) -> tuple[str, str]:
    """stdout, which is a pipe, and stderr, which is a terminal."""
    import pty

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "ocrcli", *arguments],
        stdout=subprocess.PIPE, stderr=theirs, env=environment(TERM="xterm-256color", COLUMNS="80", LINES="30"),
    ) as running:  # fmt: skip
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # how Linux says that the other end is closed
                break
            if not part:
                break
            seen += part
        os.close(ours)
        assert running.stdout is not None
        return running.stdout.read().decode(), seen.decode()


@ON_POSIX
def test_a_terminal_shows_how_far_it_is_and_stdout_stays_data(ocr: Ocr, photos: Path) -> None:
    names = [str(photos / "0.jpg"), str(photos / "2.jpg")]
    stdout, stderr = on_a_terminal("read", *names)
    assert stdout == ocr("read", *names).stdout
    assert re.search(r"[01]/2", stderr)
    assert "left" in stderr


@pytest.mark.slow
@ON_POSIX
def test_quiet_shows_no_bar(photos: Path) -> None:
    stdout, stderr = on_a_terminal("read", "--quiet", str(photos / "0.jpg"), str(photos / "2.jpg"))
    assert stdout
    assert not stderr


@pytest.mark.slow
@pytest.mark.slow
@ON_POSIX
def test_boxes_are_drawn_in_the_terminal_unless_for_the_file_alone(photos: Path) -> None:
    shown = on_a_terminal("read", "-q", "--show-boxes", str(photos / "0.jpg"))
    assert "▀" in shown[1]
    assert (photos / "0.ocr-boxes.png").exists()
    assert not on_a_terminal("read", "-q", "--show-boxes=file", "--force", str(photos / "0.jpg"))[1]
    assert "▀" not in shown[0]
