"""`ocr batch`: folders, lists and tables in, Parquet out, resumed and tried again."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import Ocr, environment, one_line
from PIL import Image
from small_notes import draw_note, draw_notes

pa = pytest.importorskip("pyarrow", reason="THE EXTRA batch IS MISSING: pip install pyarrow fsspec")
fsspec = pytest.importorskip("fsspec", reason="THE EXTRA batch IS MISSING: pip install pyarrow fsspec")

from pyarrow import dataset, parquet

from ocrcli import InputError, Settings
from ocrcli.batch import TableReader
from ocrcli.batch.files import place_of, without_name_clashes
from ocrcli.batch.items import Item, count, items, unique_items
from ocrcli.batch.run import batch
from ocrcli.batch.store import FAILED, open_store


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Two notes in folders and a broken one."""
    draw_note(tmp_path / "notes/a.png", 0)
    draw_note(tmp_path / "notes/may/b.png", 1)
    (tmp_path / "notes/may/broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    return tmp_path


def table(folder: Path) -> list[dict[str, Any]]:
    """All rows, by path and page."""
    held = dataset.dataset(folder, partitioning="hive").to_table().to_pylist()
    return sorted(held, key=lambda row: (row["path"], row["page"]))


def without_times(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def summary(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode in (0, 5), done.stderr
    return next(line for line in done.stderr.splitlines() if line.startswith("out: "))


def test_a_row_tells_what_is_written_or_what_went_wrong(ocr: Ocr, notes: Path) -> None:
    done = ocr("batch", "notes", "--to", "out", "--jobs", "1", cwd=notes)
    assert done.returncode == 5
    assert not done.stdout
    assert "--retry-failed" in done.stderr
    first, second, broken = table(notes / "out")
    assert (first["path"], first["text"], first["page"]) == (str(Path("notes/a.png")), "THE QUICK", 1)
    assert second["text"] == "BROWN FOX" == second["lines"][0]["text"]
    assert [word["text"] for word in second["lines"][0]["words"]] == ["BROWN", "FOX"]
    assert len(second["lines"][0]["box"]) == 4
    assert first["status"] == second["status"] == "read"
    assert (broken["status"], broken["error_kind"], broken["text"]) == ("failed", "input", None)
    assert "damaged" in broken["error"]
    assert len({first["sha256"], second["sha256"], broken["sha256"]}) == 3
    assert len({row["models"] for row in table(notes / "out")}) == 1


@pytest.mark.slow
def test_sources_of_every_kind_give_the_same_rows(ocr: Ocr, notes: Path) -> None:
    (notes / "list.txt").write_text("notes/a.png\n\nnotes/may/b.png\n")
    contents = [(notes / name).read_bytes() for name in ("notes/a.png", "notes/may/b.png")]
    parquet.write_table(pa.table({"path": ["a", "b"], "bytes": contents}), notes / "photos.parquet")
    images = [{"bytes": content, "path": None} for content in contents]
    parquet.write_table(pa.table({"image": images}), notes / "images.parquet")
    parquet.write_table(pa.table({"file": ["notes/a.png", "notes/may/b.png"]}), notes / "paths.parquet")
    texts = {}
    for source in ("list.txt", "photos.parquet", "images.parquet", "paths.parquet", "notes/**/?.png"):
        done = ocr("batch", source, "--to", f"to/{source.replace('*', '-')}", "-j", "1", cwd=notes)
        assert done.returncode == 0, done.stderr
        rows = table(notes / "to" / source.replace("*", "-"))
        texts[source] = [(row["sha256"], row["text"]) for row in rows]
        assert [row["text"] for row in rows] == ["THE QUICK", "BROWN FOX"]
    assert len(set(map(str, texts.values()))) == 1
    assert [row["path"] for row in table(notes / "to/images.parquet")] == ["images.parquet#1", "images.parquet#2"]


def test_what_is_wrong_with_a_source_is_told_in_its_place(notes: Path) -> None:
    parquet.write_table(pa.table({"number": [1]}), notes / "numbers.parquet")
    (notes / "broken.parquet").write_bytes(b"PAR1")
    (notes / "bytes.bin").write_bytes(b"\xff\xfe\xfd")
    names = ["numbers.parquet", "broken.parquet", "bytes.bin", "no*.png"]
    found = list(items([str(notes / name) for name in names]))
    assert [Path(item.path).name for item in found] == names
    for item, told in zip(found, ("none of its columns", "Parquet", "or a list", "no file matches"), strict=True):
        assert told in str(item.error)
        assert str(item.error).isprintable()


def test_addresses_are_read_and_written(notes: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/photos/may/b.png", (notes / "notes/may/b.png").read_bytes())
    memory.pipe_file("/photos/a.png", (notes / "notes/a.png").read_bytes())
    assert [item.path for item in items(["memory://photos"])] == [
        "memory:///photos/a.png",
        "memory:///photos/may/b.png",
    ]
    assert [item.path for item in items(["memory://photos/*/b*"])] == ["memory:///photos/may/b.png"]
    (missing,) = items(["memory://nothing"])
    assert "cannot be reached" in str(missing.error)
    assert batch(["memory://photos"], open_store("memory://texts"), Settings(), 1).read == 2
    again = batch(["memory://photos"], open_store("memory://texts"), Settings(), 1, resume=True)
    assert (again.read, again.skipped) == (0, 2)
    (part,) = memory.glob("/texts/status=read/*.parquet")
    with memory.open(part) as file:
        assert parquet.read_table(file).column("text").to_pylist() == ["THE QUICK", "BROWN FOX"]


def test_what_is_named_twice_is_read_once(ocr: Ocr, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (notes / "list.txt").write_text(f"notes/a.png\n./notes/a.png\n{notes / 'notes/a.png'}\nmissing.png\nmissing.png\n")
    done = ocr("batch", "list.txt", "notes", "--to", "out", "--jobs", "1", cwd=notes)
    assert summary(done) == "out: 2 read, 2 failed, 0 skipped"
    assert len(table(notes / "out")) == 4
    monkeypatch.chdir(notes)
    assert count(["list.txt", "notes"]) == 4
    content = (notes / "notes/a.png").read_bytes()
    contents = [content, content, content + b"other"]
    parquet.write_table(pa.table({"path": ["a"] * 3, "bytes": contents}), notes / "photos.parquet")
    assert [item.content for item in unique_items(items(["photos.parquet"]))] == contents[1:]


@pytest.mark.slow
def test_each_photo_has_files_in_the_formats_that_are_wanted(ocr: Ocr, notes: Path) -> None:
    with Image.open(notes / "notes/a.png") as first, Image.open(notes / "notes/may/b.png") as second:
        first.save(notes / "notes/scan.tif", save_all=True, append_images=[second])
    command = ("batch", "notes", "--to", "out", "--jobs", "1")
    assert ocr(*command, "--format", "text,alto", cwd=notes).returncode == 5
    ocr("read", "-q", "notes/may/b.png", "--format", "alto", "--output-dir", "read", cwd=notes)
    files = notes / "out/_files/notes"
    alto = "may/b.png.alto.xml"
    assert (files / alto).read_bytes() == (notes / "read/notes" / alto).read_bytes()
    assert (files / "a.png.txt").read_text() == "THE QUICK\n" == (files / "scan.tif.txt").read_text()
    assert (files / "scan.tif-2.txt").read_text() == "BROWN FOX\n"
    assert len(list(files.rglob("*.*"))) == 8
    rows = table(notes / "out")
    assert len(rows) == 5
    (files / "a.png.txt").unlink()
    resumed = summary(ocr(*command, "--resume", "--format", "text", cwd=notes))
    assert resumed == "out: 1 read, 4 skipped"
    assert (files / "a.png.txt").read_text() == "THE QUICK\n"
    assert summary(ocr(*command, "--resume", "--format", "html", cwd=notes)) == "out: 4 read, 1 skipped"
    assert b"<img" in (files / "a.png.html").read_bytes()
    assert table(notes / "out") == rows
    assert summary(ocr(*command, "--resume", cwd=notes)) == "out: 0 read, 5 skipped"


def test_files_go_into_buckets(notes: Path) -> None:
    photo = str(notes / "notes/a.png")
    assert batch([photo], open_store("memory://files"), Settings(), 1, formats=("json", "tsv")).read == 1
    again = batch([photo], open_store("memory://files"), Settings(), 1, formats=("json", "tsv"), resume=True)
    assert again.skipped == 1
    memory = fsspec.filesystem("memory")
    written = [name for name in memory.find("/files") if "_files/" in name]
    assert [name.rpartition("/")[2] for name in written] == ["a.png.json", "a.png.tsv"]
    assert b"THE QUICK" in memory.cat_file(written[0])


def test_names_of_files_mirror_the_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path, page, name in (
        ("notes/a.jpg", 1, "notes/a.jpg.txt"),
        (str(tmp_path / "notes/a.jpg"), 1, "notes/a.jpg.txt"),
        ("../notes/./scan.pdf", 3, "notes/scan.pdf-3.txt"),
        ("/a.jpg", 1, "a.jpg.txt"),
        ("s3://bucket/a.jpg", 1, "bucket/a.jpg.txt"),
        ("memory:///../a.jpg", 1, "a.jpg.txt"),
        ("photos.parquet#7", 1, "photos.parquet#7.txt"),
        ("a\x00\nb", 1, r"a\x00\nb.txt"),
        ("a\udcff", 1, r"a\udcff.txt"),
    ):
        assert place_of(path, page, "text") == f"_files/{name}"
    long, other = (place_of("ä" * 140 + end, 1, "text") for end in "ab")
    assert len(long.encode()) < 200
    assert long != other


def test_photos_whose_files_would_have_one_name_are_told(tmp_path: Path) -> None:
    found = [Item(path) for path in ("../a.jpg", "a.jpg", str(tmp_path / "_files/b.pdf"), "c.jpg")]
    first, second, last = without_name_clashes(iter(found), str(tmp_path / "_files"))
    assert (first.error, last.error) == (None, None)
    assert second.path == "a.jpg"
    assert "_files/a.jpg" in str(second.error)


def test_a_batch_goes_on_with_what_is_new(ocr: Ocr, notes: Path) -> None:
    command = ("batch", "notes", "--to", "out", "--jobs", "1")
    assert summary(ocr(*command, cwd=notes)) == "out: 2 read, 1 failed, 0 skipped"
    refused = ocr(*command, cwd=notes)
    assert refused.returncode == 2
    assert one_line(refused.stderr)
    assert "--resume" in refused.stderr
    assert summary(ocr(*command, "--resume", cwd=notes)) == "out: 0 read, 3 skipped"
    draw_note(notes / "notes/a.png", 2)
    draw_note(notes / "notes/c.png", 3)
    assert summary(ocr(*command, "--resume", cwd=notes)) == "out: 2 read, 2 skipped"
    assert summary(ocr(*command, "--resume", "--language", "none", cwd=notes)) == "out: 3 read, 1 failed, 0 skipped"


def test_what_failed_is_tried_again_alone(ocr: Ocr, notes: Path) -> None:
    command = ("batch", "notes", "--to", "out", "--jobs", "1")
    (notes / "notes/empty.png").touch()
    assert summary(ocr(*command, cwd=notes)) == "out: 2 read, 2 failed, 0 skipped"
    draw_note(notes / "notes/may/broken.jpg", 4)
    assert summary(ocr(*command, "--retry-failed", cwd=notes)) == "out: 1 read, 1 failed, 0 skipped"
    rows = table(notes / "out")
    assert [row["path"].rpartition("/")[2] for row in rows] == ["a.png", "empty.png", "b.png", "broken.jpg"]
    assert [row["status"] for row in rows] == ["read", "failed", "read", "read"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_batch_that_is_ended_goes_on(ocr: Ocr, tmp_path: Path, number: signal.Signals) -> None:
    draw_notes(tmp_path / "notes", 7)
    (tmp_path / "notes/0/0.png").write_bytes(b"broken")
    command = ("batch", "notes", "--jobs", "1")
    assert ocr(*command, "--to", "whole", cwd=tmp_path).returncode == 5
    running = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", *command, "--to", "out"],
        cwd=tmp_path, env=environment(), stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stderr is not None
    assert b"0.png" in running.stderr.readline()  # a row that is not written yet
    running.send_signal(number)
    running.communicate()
    assert len(list(tmp_path.glob("out/*/*.parquet"))) >= (number == signal.SIGTERM)
    done = ocr(*command, "--to", "out", "--resume", cwd=tmp_path)
    assert done.returncode in (0, 5), done.stderr
    assert without_times(table(tmp_path / "out")) == without_times(table(tmp_path / "whole"))


def test_a_part_that_was_not_written_to_its_end_gives_no_row_twice(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(str(notes / "out"))
    write, full = store._place.write, [True]
    monkeypatch.setattr("ocrcli.batch.store.PART_ROWS", 3)

    def once_full(files: Mapping[str, bytes]) -> None:
        if any(FAILED in name for name in files) and full:
            full.clear()
            raise OSError("no room")
        write(files)

    monkeypatch.setattr(store._place, "write", once_full)
    with pytest.raises(InputError, match="no room"):
        batch([str(notes / "notes")], store, Settings(), 1)
    assert [row["status"] for row in table(notes / "out")] == ["read", "read", "failed"]


def test_a_missing_package_is_told(ocr_process: Ocr, notes: Path) -> None:
    (notes / "pyarrow.py").write_text("raise ImportError")
    path = os.pathsep.join([str(notes), os.environ.get("PYTHONPATH", "")])
    done = ocr_process("batch", "notes", "--to", "out", cwd=notes, env={"PYTHONPATH": path})
    assert done.returncode == 2
    assert done.stderr.endswith("run: pip install pyarrow\n")
    assert one_line(done.stderr)


def test_engines_call_a_reader_of_tables(notes: Path) -> None:
    reader = pickle.loads(pickle.dumps(TableReader(Settings(language="none"))))
    photos = pa.table({"path": [str(notes / "notes/a.png"), "missing.jpg"], "bytes": [None, None], "other": [1, 2]})
    read = reader(photos)
    assert read.column("text").to_pylist() == ["THE QUICK", None]
    assert read.column("error_kind").to_pylist() == [None, "input"]
    again = reader(pa.table({"Content": [(notes / "notes/a.png").read_bytes()]}).to_batches()[0])
    assert again.schema == read.schema
    assert again.column("path").to_pylist() == ["table#1"]
    with pytest.raises(InputError, match="rename one"):
        reader(pa.table({"x": [1]}))


def test_a_source_that_is_not_there_or_empty_is_told_and_leaves_no_row(ocr: Ocr, notes: Path) -> None:
    (notes / "empty").mkdir()
    for source, told in (("nots", "no such file"), ("empty", "no photo in empty"), ("", "the name is empty")):
        done = ocr("batch", "-q", source, "--to", "out", cwd=notes)
        assert done.returncode == 3
        assert one_line(done.stderr)
        assert told in done.stderr
    assert not list(notes.glob("out/**/*.parquet"))
