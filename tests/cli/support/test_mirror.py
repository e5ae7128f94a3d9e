"""`ocr read --output-dir`, `--resume` and `--errors`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Ocr, environment, few, one_line
from small_notes import contents, draw_note, draw_notes

from ocrcli.cli.support.mirror import mirrored
from ocrcli.core.folder_lock import lock
from ocrcli.core.settings import Settings
from ocrcli.pipeline.provenance import made_with
from ocrcli.sources import Source

ON_POSIX = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals and locks")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder with three notes in folders, two of one name but for the suffix, and one that is broken."""
    folder = tmp_path / "notes"
    for number, name in enumerate(("a.png", "a.bmp", "may/b.png")):
        draw_note(folder / name, number)
    (folder / "may" / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    return tmp_path


def made(folder: Path) -> set[str]:
    return set(contents(folder))


@pytest.mark.parametrize("jobs", few(["1", "2"], "1"))
def test_the_folder_mirrors_those_of_the_photos(ocr: Ocr, notes: Path, jobs: str) -> None:
    done = ocr("read", "-r", "--output-dir", "out", "--format", "text,json", "--jobs", jobs, "notes", cwd=notes)
    assert done.returncode == 5
    assert not done.stdout
    stems = ("notes/a.png", "notes/a.bmp", "notes/may/b.png")
    assert made(notes / "out") == {f"{stem}{suffix}" for stem in stems for suffix in (".txt", ".json")}
    assert (notes / "out/notes/a.png.txt").read_text() == "THE QUICK\n"
    assert "out: 3 read, 1 failed, 0 skipped" in done.stderr


@pytest.mark.parametrize(
    ("origin", "number", "expected"),
    [
        ("a.jpg", None, "a.jpg"),
        ("./x//a.jpg", None, "x/a.jpg"),
        ("../x/a.jpg", None, "x/a.jpg"),
        ("/x/a.jpg", None, "x/a.jpg"),
        ("scan.pdf", 2, "scan.pdf-2"),
        (str(Path.cwd() / "x" / "a.jpg"), None, "x/a.jpg"),
    ],
)
def test_where_the_files_of_a_photo_go(origin: str, number: int | None, expected: str) -> None:
    assert mirrored(Source("name", origin, number)).as_posix() == expected


def test_photos_of_one_place_in_the_folder_are_refused_before_any_is_read(ocr: Ocr, notes: Path) -> None:
    shutil.copytree(notes / "notes", notes / "may" / "notes")
    done = ocr("read", "--output-dir", "out", "notes/a.png", "../notes/a.png", cwd=notes / "may")
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert "two folders" in done.stderr
    done = ocr("read", "--output-dir", "out", "notes/a.png", "./notes/a.png", cwd=notes / "may")
    assert done.returncode == 0  # it is one and the same
    assert made(notes / "may" / "out") == {"notes/a.png.txt"}


def test_an_existing_folder_with_a_slash_is_such_a_folder(ocr: Ocr, notes: Path) -> None:
    (notes / "out").mkdir()
    assert ocr("read", "--output", "out/", "notes/a.png", cwd=notes).returncode == 0
    assert made(notes / "out") == {"notes/a.png.txt"}
    assert not (notes / "out.txt").exists()


def test_files_that_are_there_are_kept_unless_asked_for(ocr: Ocr, notes: Path) -> None:
    precious = notes / "out" / "notes" / "a.png.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("precious")
    for flags in ((), ("--resume",)):  # no run has written this one
        done = ocr("read", "--output-dir", "out", *flags, "notes", cwd=notes)
        assert done.returncode == 2
        assert one_line(done.stderr)
        assert ("--resume" in done.stderr) == (not flags)
        assert "--force" in done.stderr
        assert precious.read_text() == "precious"
    assert ocr("read", "--output-dir", "out", "--force", "notes", cwd=notes).returncode == 0
    assert precious.read_text() == "THE QUICK\n"


def test_what_is_read_is_not_overwritten_even_by_force(ocr: Ocr, notes: Path) -> None:
    draw_note(notes / "a.png", 0)
    shutil.copy(notes / "a.png", notes / "a.png.txt")
    before = (notes / "a.png.txt").read_bytes()
    done = ocr("read", "--force", "--output-dir", ".", "a.png", "a.png.txt", cwd=notes)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert (notes / "a.png.txt").read_bytes() == before


def run(ocr: Ocr, folder: Path, *flags: str) -> str:
    """Read what is still to be read, and tell how much that was."""
    done = ocr("read", "-r", "--output-dir", "out", "--resume", *flags, "notes", cwd=folder)
    assert done.returncode in (0, 5), done.stderr
    return next(line for line in done.stderr.splitlines() if line.startswith("out: "))


def test_a_run_goes_on_where_another_one_ended(ocr: Ocr, notes: Path) -> None:
    assert run(ocr, notes) == "out: 3 read, 1 failed, 0 skipped"
    before = contents(notes / "out")
    assert run(ocr, notes) == "out: 0 read, 1 failed, 3 skipped"
    (notes / "out/notes/a.bmp.txt").unlink()
    draw_note(notes / "notes/may/b.png", 4)  # newer than its text
    draw_note(notes / "notes/may/broken.jpg", 5)
    assert run(ocr, notes) == "out: 3 read, 1 skipped"
    after = contents(notes / "out")
    assert {name for name in before if before[name] != after[name]} == {"notes/may/b.png.txt"}
    assert set(after) - set(before) == {"notes/may/broken.jpg.txt"}


def test_other_settings_formats_and_words_are_read_again(ocr: Ocr, notes: Path) -> None:
    shutil.rmtree(notes / "notes/may")
    (notes / "notes/a.bmp").unlink()
    run(ocr, notes)
    assert run(ocr, notes, "--language", "none") == "out: 1 read, 0 skipped"
    assert run(ocr, notes, "--language", "none") == "out: 0 read, 1 skipped"
    assert run(ocr, notes, "--language", "none", "--format", "text,tsv") == "out: 1 read, 0 skipped"
    (notes / "words.txt").write_text("MILK\n")
    assert run(ocr, notes, "--words", "words.txt") == "out: 1 read, 0 skipped"
    (notes / "words.txt").write_text("OATS\n")
    assert run(ocr, notes, "--words", "words.txt") == "out: 1 read, 0 skipped"
    assert run(ocr, notes, "--words", "words.txt") == "out: 0 read, 1 skipped"


def test_every_model_that_ships_counts() -> None:
    wanted = {path.name for path in (ROOT / "models").glob("*.npz")}
    assert wanted <= made_with(Settings())["models"].keys()


def test_pdf_files_that_were_made_are_not_read_as_photos(ocr: Ocr, notes: Path) -> None:
    pytest.importorskip("fpdf", reason="the extra pdf is not installed")
    (notes / "notes/may/broken.jpg").unlink()
    flags = ("read", "-r", "--output-dir", "notes", "--format", "pdf", "--resume", ".")
    assert ocr(*flags, cwd=notes / "notes").returncode == 0
    before = contents(notes / "notes")
    done = ocr(*flags, cwd=notes / "notes")
    assert done.returncode == 0
    assert contents(notes / "notes") == before


def test_errors_are_records_and_the_run_goes_on(ocr: Ocr, notes: Path) -> None:
    (notes / "blank.png").write_bytes(b"")
    files = ("notes", "blank.png", "missing.jpg")
    done = ocr("read", "-r", "--errors", "failed/errors.jsonl", "--format", "jsonl", *files, cwd=notes)
    assert done.returncode == 5
    records = [json.loads(line) for line in (notes / "failed/errors.jsonl").read_text().splitlines()]
    assert [record["path"] for record in records] == ["notes/may/broken.jpg", "blank.png", "missing.jpg"]
    assert {record["kind"] for record in records} == {"input"}
    assert records[2]["message"] == "missing.jpg: no such file; check the name"
    pages = [json.loads(line) for line in done.stdout.splitlines()]
    assert [page["image"] for page in pages if "error" in page] == [record["path"] for record in records]
    assert all(page["lines"] == [] for page in pages if "error" in page)
    assert pages[-1]["error"] == {"kind": "input", "message": records[2]["message"]}
    assert len(pages) == 6
    assert ocr("read", "--errors", "failed/errors.jsonl", "missing.jpg", cwd=notes).returncode == 2
    assert len((notes / "failed/errors.jsonl").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("flags", "advice"),
    [
        (("--resume",), "--output-dir"),
        (("--output", "x", "--output-dir", "y"), "leave one out"),
        (("--output-dir", "notes/a.png"), "name of a folder"),
    ],
)
def test_what_makes_no_sense_is_told(ocr: Ocr, notes: Path, flags: tuple[str, ...], advice: str) -> None:
    done = ocr("read", *flags, "notes/a.png", cwd=notes)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert advice in done.stderr


@pytest.mark.slow
@ON_POSIX
def test_a_killed_run_loses_nothing_that_was_read(tmp_path: Path, ocr: Ocr) -> None:
    draw_notes(tmp_path / "notes", 9)
    assert ocr("read", "-r", "--output-dir", "whole", "notes", cwd=tmp_path).returncode == 0
    running = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", "read", "-r", "--jobs", "2", "--output-dir", "out", "notes"],
        cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stderr is not None
    assert [running.stderr.readline() for _ in range(2)][1]
    running.kill()
    running.communicate()  # ends with the last process
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.txt")}
    assert len(kept) >= 2
    assert run(ocr, tmp_path).endswith(f"{len(kept)} skipped")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")  # and nothing half-written lies about
    assert {path: path.stat().st_mtime_ns for path in kept} == kept  # none was read twice


@ON_POSIX
def test_two_runs_do_not_write_into_one_folder(notes: Path, ocr: Ocr) -> None:
    class Run:
        pass

    other = Run()
    assert lock(notes, other)
    for command in (("read", "--output-dir"), ("batch", "--to")):
        done = ocr(*command, ".", "notes/a.png", cwd=notes)
        assert done.returncode == 2
        assert one_line(done.stderr)
        assert "another run" in done.stderr
    del other
    assert ocr("read", "--output-dir", ".", "notes/a.png", cwd=notes).returncode == 0


@ON_POSIX
def test_a_name_too_long_for_its_files_is_a_failure_of_that_photo_alone(notes: Path, ocr: Ocr) -> None:
    (notes / "notes/may/broken.jpg").rename(notes / "notes" / f"{'x' * 251}.bmp")
    draw_note(notes / "notes" / f"{'x' * 251}.bmp", 1)
    for counts in ("3 read, 1 failed, 0 skipped", "0 read, 1 failed, 3 skipped"):
        assert run(ocr, notes) == f"out: {counts}"
