"""`ocr watch`, as people run it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Ocr, one_line
from running import Running, alive, children, running, wait
from small_notes import WORDS, draw_note, draw_notes

pytest.importorskip("watchfiles", reason="THE EXTRA watch IS MISSING: pip install watchfiles")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform == "win32", reason="ends it by signals"),
]


def words(number: int) -> str:
    return f"{WORDS[number]}\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def watched(inbox: Path) -> Iterator[Running]:
    with running("watch", "inbox", cwd=inbox.parent) as command:
        command.line("watching")
        yield command


def errors(folder: Path) -> list[dict[str, Any]]:
    path = folder / "ocr-errors.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_photos_are_read_when_they_are_whole(watched: Running, inbox: Path) -> None:
    whole = draw_note(inbox.parent / "note.png", 0).read_bytes()
    with (inbox / "slow.png").open("wb", buffering=0) as file:
        for part in range(4):
            file.write(whole[part * len(whole) // 4 : (part + 1) * len(whole) // 4])
            time.sleep(0.5)
    for name in ("a.png.part", "b.png.crdownload", "c.png~", ".d.png", "~e.png"):
        (inbox / name).write_bytes(whole)
    (inbox / "a.png.part").rename(inbox / "a.png")
    for name in ("slow", "a"):
        watched.line(f"{name}.png: confidence")
        assert (inbox / f"{name}.png.txt").read_text() == words(0)
    draw_note(inbox / "a.png", 1)  # another content
    wait(lambda: (inbox / "a.png.txt").read_text() == words(1))
    (inbox / "a.png").touch()  # the same
    (inbox / "a.png").rename(inbox / "f.png")  # another name
    watched.line("f.png: confidence")
    workers = children(watched.process.pid) if sys.platform == "linux" else []
    assert watched.end(signal.SIGTERM) == 143
    assert watched.lines[-2:] == ["inbox: 4 read", "ocr: ended by SIGTERM"]
    assert not any(map(alive, workers))
    assert errors(inbox) == []
    made = {path.name for path in inbox.glob("*.txt")}
    assert made == {"slow.png.txt", "a.png.txt", "f.png.txt"}


def test_what_fails_is_listed_once_and_tried_again_with_another_content(watched: Running, inbox: Path) -> None:
    draw_note(inbox.parent / "note.png", 0)
    whole = (inbox.parent / "note.png").read_bytes()
    (inbox / "cut.png").write_bytes(whole[: len(whole) // 2])
    watched.line("ocr: inbox/cut.png: ")
    wait(lambda: errors(inbox))
    (inbox / "cut.png").touch()
    (inbox / "cut.png").rename(inbox / "renamed.png")
    shutil.copy(inbox / "renamed.png", inbox / "copy.png")
    time.sleep(8)
    (failed,) = errors(inbox)
    assert (failed["path"], failed["kind"]) == ("inbox/cut.png", "input")
    (inbox / "renamed.png").write_bytes(whole)
    watched.line("renamed.png: confidence")
    assert watched.end(signal.SIGINT) == 130
    assert watched.lines[-2:] == ["inbox: 1 read, 1 failed", "ocr: interrupted"]


def test_what_is_there_is_read_if_it_is_asked_for_and_only_once(inbox: Path) -> None:
    draw_note(inbox / "old.png", 0)
    draw_note(inbox / "may" / "deep.png", 1)
    (inbox / "bad.jpg").write_bytes(b"\xff\xd8\xff broken")
    with running("watch", "inbox", cwd=inbox.parent) as command:
        command.line("watching")
        draw_note(inbox / "new.png", 2)
        command.line("new.png: confidence")
        assert command.end(signal.SIGTERM) == 143
    out, wanted = inbox.parent / "out", ("--existing", "--recursive", "--format", "text,json", "--jobs", "2")
    for count in (3, 0):
        with running("watch", *wanted, "--output-dir", "out", "inbox", cwd=inbox.parent) as command:
            command.line("watching")
            if count:
                wait(lambda: len(list(out.rglob("*.png.json"))) == 3 and errors(out))
            time.sleep(5)
            assert command.end(signal.SIGTERM) == 143
            assert command.lines[-2] == (f"inbox: {count} read, 1 failed" if count else "inbox: 0 read")
    assert (out / "may" / "deep.png.txt").read_text() == words(1)
    assert len(errors(out)) == 1
    assert not list(out.rglob(".ocr-unfinished*"))


def test_a_folder_that_is_moved_in_and_one_that_comes_back(inbox: Path) -> None:
    with running("watch", "--recursive", "inbox", cwd=inbox.parent) as command:
        command.line("watching")
        draw_note(inbox.parent / "camera" / "one.png", 3)
        (inbox.parent / "camera").rename(inbox / "camera")
        command.line("one.png: confidence")
        inbox.rename(inbox.parent / "away")
        command.line("cannot be listed")
        (inbox.parent / "away").rename(inbox)
        draw_note(inbox / "two.png", 4)
        command.line("two.png: confidence")


def test_it_overwrites_nothing_that_is_not_its_own(watched: Running, inbox: Path) -> None:
    (inbox / "a.png.txt").write_text("precious")
    draw_note(inbox / "a.png", 0)
    assert "--force" in watched.line("ocr: inbox/a.png.txt exists")
    assert (inbox / "a.png.txt").read_text() == "precious"
    assert [error["kind"] for error in errors(inbox)] == ["usage"]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="MAY NOT MOUNT: a full disk is not tried")
def test_it_waits_for_room_on_a_full_disk(inbox: Path) -> None:
    import subprocess

    full = inbox.parent / "full"
    full.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", full], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("CANNOT MOUNT: a full disk is not tried")
    try:
        with running("watch", "inbox", "--output-dir", "full", cwd=inbox.parent) as command:
            command.line("watching")
            with (full / "ballast").open("wb", buffering=0) as file:
                for size in (65536, 4096, 512):
                    while True:
                        try:
                            file.write(b"x" * size)
                        except OSError:
                            break
            draw_note(inbox / "a.png", 0)
            draw_note(inbox / "b.png", 1)
            assert "waiting" in command.line("No space left")
            (full / "ballast").unlink()
            command.line("results can be written again")
            wait(lambda: len(list(full.glob("*.png.txt"))) == 2)
            assert sum("No space left" in line for line in command.lines) == 1
            assert command.end(signal.SIGTERM) == 143
        assert errors(full) == []
    finally:
        subprocess.run(["umount", full], check=False)


@pytest.mark.timeout(1200)
def test_many_photos_copied_in_are_read_once_each(inbox: Path) -> None:
    notes = draw_notes(inbox.parent / "notes", int(os.environ.get("OCRCLI_WATCHED", "60")))
    with running("watch", "--jobs", "2", "inbox", cwd=inbox.parent) as command:
        command.line("watching")
        for number, note in enumerate(notes):
            shutil.copy(note, inbox / note.name)
            time.sleep(0.02 if number % 50 else 0.5)
        until = time.monotonic() + 1000
        while len(list(inbox.glob("*.txt"))) < len(notes) and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(3)
        assert command.end(signal.SIGTERM) == 143
    told = [line.partition(":")[0] for line in command.lines if ": confidence" in line]
    assert sorted(told) == sorted(f"inbox/{note.name}" for note in notes)
    assert command.lines[-2] == f"inbox: {len(notes)} read"
    assert all((inbox / f"{note.name}.txt").read_text().strip() for note in notes)
    assert errors(inbox) == []


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [(["nowhere"], 3, "name the folder"), (["file"], 2, "name the folder"), (["--format", "pd", "."], 2, "pdf")],
)
def test_what_is_wrong_is_told_at_once(ocr: Ocr, tmp_path: Path, arguments: list[str], code: int, part: str) -> None:
    (tmp_path / "file").touch()
    done = ocr("watch", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert one_line(done.stderr)
    assert part in done.stderr
