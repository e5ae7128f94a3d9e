"""stdout is data alone, of every command; nothing that comes from outside steers a terminal."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Ocr, few, start_ocr
from drawn import photo, written
from PIL import Image
from small_notes import draw_note

from ocrcli.binarize.threshold import METHODS
from ocrcli.cli.app import COMMANDS
from ocrcli.formats import FORMATS
from ocrcli.hands import hand

TEXT = ["MILK AND", "OATS 42"]


def is_json(text: str) -> bool:
    return isinstance(json.loads(text), dict)


def is_table_of_methods(text: str) -> bool:
    header, *rows = text.splitlines()
    return header.split() == ["method", "level", "components", "ink", "confidence"] and [
        row.split()[0] for row in rows
    ] == list(METHODS)


def is_table_of_figures(text: str) -> bool:
    return text.startswith("image ") and "pooled" in text and "confidence" not in text


def is_table_with_tabs(text: str) -> bool:
    return len({line.count("\t") for line in text.splitlines()}) == 1 and text.startswith("what\ttext\t")


def is_facts(text: str) -> bool:
    return all(re.match(r"$|\w+$|  \S+  ", line) for line in text.splitlines())


DATA: dict[tuple[str, ...], Callable[[str], bool]] = {
    ("--version",): lambda text: bool(re.fullmatch(r"ocr \d[\w.]+\n", text)),
    ("--help",): lambda text: text.startswith("Usage: ocr "),
    ("read", "--verbose", "NOTE"): lambda text: text.splitlines() == TEXT,
    ("read", "--format", "json", "--show-boxes", "NOTE"): is_json,
    ("batch", "NOTE", "--to", "TABLE"): lambda text: not text,
    ("watch", "--help"): lambda text: text.startswith("Usage: ocr watch "),  # they run until they are stopped
    ("serve", "--help"): lambda text: text.startswith("Usage: ocr serve "),
    ("eval", "NOTE"): is_table_of_figures,
    ("eval", "--json", "NOTE"): is_json,
    ("thresholds", "NOTE"): is_table_of_methods,
    ("explain", "--line", "2", "NOTE"): is_table_with_tabs,
    ("learn", "NOTE"): lambda text: text.startswith("me: ") and text.count("\n") == 1,
    ("hands",): lambda text: not text,
    ("hands", "--json"): is_json,
    ("config",): lambda text: isinstance(tomllib.loads(text), dict),
    ("config", "--json"): is_json,
    ("doctor",): is_facts,
    ("doctor", "--json"): is_json,
}


@pytest.mark.parametrize("arguments", DATA, ids=" ".join)
def test_stdout_is_data_alone(
    ocr: Ocr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    note = tmp_path / "note.png"
    Image.fromarray(photo(written(TEXT, (210, 330)))).save(note)
    (tmp_path / "note.gt.txt").write_text("\n".join(TEXT))
    if "batch" in arguments:
        pytest.importorskip("pyarrow", reason="THE EXTRA batch IS MISSING: pip install pyarrow fsspec")
    monkeypatch.setattr(hand, "folder", lambda: tmp_path / "hands")
    places = {"NOTE": note, "TABLE": tmp_path / "table"}
    done = ocr(*[places.get(argument, argument) for argument in arguments])
    assert done.returncode == 0, done.stderr
    assert DATA[arguments](done.stdout), done.stdout


def test_no_command_was_forgotten() -> None:
    assert {arguments[0] for arguments in DATA if not arguments[0].startswith("-")} == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_error_leaves_stdout_empty(ocr: Ocr, command: str) -> None:
    done = ocr(command, "--no-such-option")
    assert done.returncode == 2
    assert not done.stdout
    assert "--" in done.stderr.partition("; ")[2]  # what to do next: the nearest option, or where all of them are told


HOSTILE = [
    b"new\nline.jpg", b"[red]x[bold].jpg", b"<script>alert(1)<&\"'.jpg", b"\x1b[31m\x1b]0;title\a.jpg", b"\xff\xfe.jpg",
    "\u202egpj.jpg".encode(), b"--force.jpg", b"%s{0}$(reboot).jpg", b"==> x <==.jpg",
]  # fmt: skip


def harmful(text: str) -> list[str]:
    """Characters that steer a terminal, and lines that begin within the name of a file."""
    characters = [c for c in text if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    return characters + [line for line in text.splitlines() if line.startswith("line")]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    if sys.platform != "linux":
        pytest.skip("such names are possible on Linux alone")
    draw_note(tmp_path / "note.jpg", 0)
    for name in HOSTILE:
        shutil.copy(tmp_path / "note.jpg", tmp_path / os.fsdecode(name))
    (tmp_path / "note.jpg").unlink()
    for path in list(tmp_path.iterdir()):
        path.with_suffix(".gt.txt").write_text("MILK\n")
    return tmp_path


@pytest.mark.parametrize("format", few(["text", "jsonl"], "text"))
def test_names_of_files_are_harmless_on_stdout(ocr: Ocr, hostile: Path, format: str) -> None:
    done = ocr("read", "--jobs", "2", "-v", "-f", format, hostile, cwd=hostile)
    assert done.returncode == 0, done.stderr
    assert not harmful(done.stdout)
    assert not harmful(done.stderr)
    if format == "text":
        assert done.stdout.count("==> ") == len(HOSTILE) + 1  # and no line that only looks like a heading
        assert len(re.findall(r"^==> .* <==$", done.stdout, re.MULTILINE)) == len(HOSTILE)


@pytest.mark.slow
def test_names_of_files_are_harmless_in_files_and_pictures(ocr: Ocr, hostile: Path) -> None:
    formats = ",".join(FORMATS)
    done = ocr("read", "-f", formats, "-o", "out/x", "--show-boxes", "--stages", "s", hostile, cwd=hostile)
    assert done.returncode == 0, done.stderr
    assert not done.stdout
    assert not harmful(done.stderr)
    assert len(list(hostile.glob("*.ocr-boxes.png"))) == len(HOSTILE)
    for path in (hostile / "out").iterdir():
        assert path.suffix == ".pdf" or not harmful(path.read_text(encoding="utf-8")), path.name


def test_a_process_takes_and_prints_names_as_this_one_does(ocr: Ocr, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\x1b[31m\xfe.jpg")
    strict = start_ocr("read", "--", name, cwd=tmp_path, env={"PYTHONIOENCODING": "utf-8:strict"})
    assert (strict.returncode, strict.stdout, strict.stderr) == (3, "", ocr("read", "--", name, cwd=tmp_path).stderr)


def test_names_of_files_are_harmless_in_figures(ocr: Ocr, hostile: Path) -> None:
    done = ocr("eval", hostile, cwd=hostile)
    assert done.returncode == 0, done.stderr
    assert not harmful(done.stdout + done.stderr)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_missing_files_are_harmless(ocr: Ocr, tmp_path: Path, name: bytes) -> None:
    for command in ("read", "eval", "thresholds"):
        done = ocr(command, "--", os.fsdecode(name), cwd=tmp_path)
        assert done.returncode == 3
        assert not done.stdout
        assert not harmful(done.stderr)
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["\x1b[31m", "--\x1b]0;t\a", "--format=\x1b[31m", "--jobs=\x1b[2J", "new\nline"])
def test_arguments_that_make_no_sense_are_harmless(ocr: Ocr, tmp_path: Path, text: str) -> None:
    for arguments in ((text,), ("read", text, "x.jpg"), ("config", text)):
        done = ocr(*arguments, cwd=tmp_path)
        assert done.returncode in (2, 3)
        assert not done.stdout
        assert not harmful(done.stderr)
