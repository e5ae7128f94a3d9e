"""`ocr explain`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Ocr, one_line
from drawn import sparse_table
from PIL import Image


def cells(text: str) -> list[dict[str, str]]:
    header, *rows = [line.split("\t") for line in text.rstrip("\n").split("\n")]
    assert all(len(row) == len(header) for row in rows)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_a_line_is_explained_as_a_table(ocr: Ocr, example: Path) -> None:
    done = ocr("explain", example, "--line", "2")
    assert done.returncode == 0
    assert done.stderr == ""
    rows = cells(done.stdout)
    readings = [row for row in rows if row["what"] == "reading"]
    glyphs = [row for row in rows if row["what"] == "glyph"]
    assert readings[0]["text"] == "MILK AND OATS"
    assert readings[0]["behind"] == "0.00"
    assert len(readings) > 2
    assert "".join(row["text"] for row in glyphs) == "MILKANDOATS"
    assert all(0 < float(row["confidence"]) <= 1 for row in glyphs)
    assert all(float(row[part]) <= 5 for row in glyphs for part in ("crop", "place", "geometry", "kinds", "language"))


def test_each_part_of_a_row_of_a_table_is_explained(ocr: Ocr, tmp_path: Path) -> None:
    sparse_table().save(tmp_path / "table.png")
    rows = cells(ocr("explain", tmp_path / "table.png", "--line", "2").stdout)
    assert "".join(row["text"] for row in rows if row["what"] == "glyph") == "MAJORJOINT"
    assert len([row for row in rows if row["behind"] == "0.00" and row["what"] == "reading"]) == 2


def test_without_a_language_it_has_no_part(ocr: Ocr, example: Path) -> None:
    done = ocr("explain", example, "--line", "2", "--language", "none", "--recognizer", "letters")
    rows = cells(done.stdout)
    assert {row["language"] for row in rows if row["what"] == "glyph"} == {"0.00"}


def test_a_line_that_was_read_as_a_whole_tells_its_readings(ocr: Ocr, example: Path) -> None:
    rows = cells(ocr("explain", example, "--line", "2", "--recognizer", "lines").stdout)
    readings = [row for row in rows if row["what"] == "reading"]
    glyphs = [row for row in rows if row["what"] == "glyph"]
    assert len(readings) > 2
    assert readings[0]["behind"] == "0.00"
    assert "".join(row["text"] for row in glyphs).lower() == readings[0]["text"].replace(" ", "").lower()
    assert {row["crop"] for row in glyphs} == {""}


@pytest.mark.parametrize("line", ["0", "8", "x"])
def test_a_line_that_is_not_there_is_a_usage_error(ocr: Ocr, example: Path, line: str) -> None:
    done = ocr("explain", example, "--line", line)
    assert done.returncode == 2
    assert done.stdout == ""
    if line == "8":
        assert one_line(done.stderr)
        assert "it has 7" in done.stderr


def test_a_photo_may_come_through_a_pipe(ocr: Ocr, example: Path) -> None:
    piped = ocr("explain", "-", "--line", "2", stdin=example.read_bytes())
    assert piped.stdout == ocr("explain", example, "--line", "2").stdout


def test_one_page_is_explained_and_no_more(ocr: Ocr, example: Path, tmp_path: Path) -> None:
    scans = tmp_path / "scans.tiff"
    first = Image.open(example).convert("L")
    first.save(scans, save_all=True, append_images=[first.rotate(90, expand=True)])
    done = ocr("explain", scans, "--line", "1")
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert "2 pages" in done.stderr
    assert "SHOPPING" in ocr("explain", scans, "--line", "1", "--pages", "1").stdout.split("\n")[1]


@pytest.mark.slow
def test_a_terminal_gets_columns(example: Path) -> None:
    pty = pytest.importorskip("pty")  # not on Windows
    main, side = pty.openpty()
    command = [sys.executable, "-m", "ocrcli", "explain", str(example), "--line", "2"]
    process = subprocess.Popen(command, stdout=side, stderr=subprocess.PIPE)
    os.close(side)
    shown = b""
    while True:
        try:
            part = os.read(main, 4096)
        except OSError:  # Linux's way to say that the other side has closed
            break
        if not part:
            break
        shown += part
    os.close(main)
    assert process.wait() == 0
    text = shown.decode()
    assert "MILK AND OATS" in text
    assert "\t" not in text
    assert "behind" in text.splitlines()[0]
