"""`ocr read --format`, `--output` and what else shapes the output."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Ocr, call_ocr, environment, few, one_line
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocrcli import read
from ocrcli.cli.support.outputs import target
from ocrcli.formats import FORMATS

NAMES = [name for name in FORMATS if name != "csv"]  # which has nothing of a page without a table


@pytest.fixture(scope="module")
def files(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stem of files in every format."""
    stem = tmp_path_factory.mktemp("files") / "note"
    assert call_ocr("read", "-f", ",".join(NAMES), "-o", stem, example).returncode == 0
    return stem


def without_times(content: bytes) -> bytes:
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", b"", content)


@pytest.mark.parametrize("name", NAMES)
def test_one_format_goes_to_stdout_as_it_goes_into_a_file(example: Path, files: Path, name: str) -> None:
    done = call_ocr("read", "-q", "-f", name, example)
    assert done.returncode == 0
    stored = target(files, FORMATS[name]).read_bytes()
    assert without_times(done.stdout) == without_times(stored)
    assert b"MILK" in done.stdout or name in ("hocr", "pdf")  # which has each letter apart, or is compressed
    assert not done.stderr


def test_a_missing_package_is_told_before_anything_is_read(ocr_process: Ocr, example: Path, tmp_path: Path) -> None:
    (tmp_path / "fpdf.py").write_text("raise ImportError")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = ocr_process("read", "-f", "pdf", example, env={"PYTHONPATH": path})
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert done.stderr.endswith("run: pip install fpdf2\n")


def test_several_formats_go_to_files_of_one_stem(ocr: Ocr, example: Path, note: Path) -> None:
    stem = note.parent / "made" / "list"
    done = ocr("read", "-f", "json,text", "-f", "pdf", "--output", stem, note)
    assert done.returncode == 0
    assert not done.stdout
    assert sorted(path.name for path in stem.parent.iterdir()) == ["list.json", "list.pdf", "list.txt"]
    assert stem.with_suffix(".txt").read_text(encoding="utf-8") == ocr("read", example).stdout
    assert json.loads(stem.with_suffix(".json").read_text())["pages"][0]["image"] == str(note)
    assert str(stem.with_suffix(".pdf")) in done.stderr


def test_a_format_of_one_page_makes_a_file_for_each(ocr: Ocr, note: Path) -> None:
    stem = note.parent / "out"
    assert ocr("read", "-f", "alto,tsv", "-o", stem, note, note).returncode == 0
    assert sorted(path.name for path in note.parent.glob("out*")) == ["out-1.alto.xml", "out-2.alto.xml", "out.tsv"]


def test_files_are_not_overwritten_without_being_asked(ocr: Ocr, note: Path) -> None:
    taken = note.with_name("out.txt")
    taken.write_text("precious")
    done = ocr("read", "-o", taken.with_suffix(""), note)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert taken.read_text() == "precious"
    assert ocr("read", "-o", taken.with_suffix(""), "--force", note).returncode == 0
    assert taken.read_text().startswith("SHOPPING")


@pytest.mark.parametrize(
    "arguments",
    [
        ("read", "--force", "--boxes-out", "NOTE", "NOTE"),
        ("thresholds", "--force", "--out", "NOTE", "NOTE"),
        ("eval", "--force", "--report", "NOTE", "--ground-truth", "TRUTH", "NOTE"),
        ("eval", "--force", "--report", "TRUTH", "--ground-truth", "TRUTH", "NOTE"),
    ],
)
def test_what_is_read_is_not_overwritten_even_by_force(ocr: Ocr, note: Path, arguments: tuple[str, ...]) -> None:
    text = note.with_name("truth.txt")
    text.write_text("SHOPPING")
    before = note.read_bytes()
    named = {"NOTE": note, "TRUTH": text}
    done = ocr(*(named.get(argument, argument) for argument in arguments))
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert note.read_bytes() == before
    assert text.read_text() == "SHOPPING"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", few([("config",), ("read", "-q"), ("read", "-q", "-f", "json")], ("config",)))
def test_a_full_disk_is_told_in_one_line(note: Path, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "ocrcli", *arguments, *([str(note)] if arguments[0] == "read" else [])]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment(), check=False)
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert "stdout cannot be written" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("-f", "json,text", "NOTE"), "--output"),
        (("-f", "alto", "NOTE", "NOTE"), "--output"),
        (("-q", "-v", "NOTE"), "leave one out"),
        (("--boxes-out", "same.png", "--show-boxes", "NOTE", "NOTE"), "one by one"),
        (("--pages", "3-1", "NOTE"), "--pages"),
        (("-", "-"), "only once"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_read(
    ocr: Ocr, example: Path, arguments: tuple[str, ...], advice: str
) -> None:
    done = ocr("read", *[str(example) if argument == "NOTE" else argument for argument in arguments])
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert advice in done.stderr
    assert not done.stdout


def test_unsure_letters_are_replaced_in_text_and_kept_in_data(ocr: Ocr, example: Path) -> None:
    page = read(example)
    minimum = sorted(glyph.confidence for glyph in page.glyphs)[len(page.glyphs) // 2]
    unsure = sum(glyph.confidence < minimum for glyph in page.glyphs)
    done = ocr("read", "--min-confidence", repr(minimum), "--placeholder", "·", example)
    assert done.stdout.count("·") == unsure > 0
    assert len(done.stdout) == len(page.text) + 1
    assert ocr("read", "--min-confidence", "1", "-f", "markdown", example).stdout.count("?") >= unsure
    assert (
        json.loads(ocr("read", "--min-confidence", "1", "-f", "json", example).stdout)["pages"][0]["text"] == page.text
    )


def test_verbose_tells_the_time_of_each_stage(ocr: Ocr, example: Path) -> None:
    (told,) = [line for line in ocr("read", "-v", example).stderr.splitlines() if " seconds: " in line]
    for stage in ("grey", "flat", "mask", "marks", "rows", "crops"):
        assert f" {stage} " in told


def test_quiet_leaves_errors_alone_on_stderr(ocr: Ocr, note: Path) -> None:
    assert not ocr("read", "-q", "--show-boxes", note).stderr
    done = ocr("read", "-q", note, note.with_name("missing.jpg"))
    assert done.returncode == 5
    assert [line for line in done.stderr.splitlines() if "missing.jpg" not in line] == [
        "ocr: 1 of 2 pages could not be read; see above"
    ]


@pytest.mark.slow
def test_folders_and_pages_are_read(ocr: Ocr, tmp_path: Path, example: Path) -> None:
    deep = tmp_path / "notes" / "may"
    deep.mkdir(parents=True)
    with Image.open(example) as image:
        small = image.resize((image.width // 2, image.height // 2))
        blank = Image.new("RGB", small.size, "white")
        small.save(deep / "scan.tif", save_all=True, append_images=[blank, small])
    assert ocr("read", tmp_path / "notes").returncode == 3
    done = ocr("read", "--recursive", "--pages", "1,3", tmp_path / "notes")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if line.startswith("==>")] == [
        f"==> {deep / 'scan.tif'}#1 <==", f"==> {deep / 'scan.tif'}#3 <=="
    ]  # fmt: skip
    assert ocr("read", "--recursive", tmp_path / "notes").returncode == 5


def test_every_format_has_a_file_of_its_own() -> None:
    names = {target(Path("x"), format).name for format in FORMATS.values()}
    assert len(names) == len(FORMATS)


@given(st.sampled_from(sorted(FORMATS)), st.text("ab.-", min_size=1, max_size=8).filter(lambda name: name.strip(".")))
def test_a_stem_may_have_the_suffix_already(name: str, stem: str) -> None:
    path = target(Path(stem), FORMATS[name])
    assert path.name.endswith(FORMATS[name].suffix)
    assert target(path, FORMATS[name]) == path
    assert path.name.startswith(stem.removesuffix(FORMATS[name].suffix))
