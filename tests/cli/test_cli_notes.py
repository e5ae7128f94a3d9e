"""Notes: front matter, the link to the photo, and the clipboard."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES, Ocr
from PIL import Image

from ocrcli.cli.support.copying import copier
from ocrcli.core.errors import UsageError

PHOTO = EXAMPLES / "sticky_note.jpg"


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """The example with a date in its EXIF data, in a folder."""
    image = Image.open(PHOTO)
    exif = image.getexif()
    exif.get_ifd(0x8769)[0x9003] = "2026:05:04 09:30:00"
    path = tmp_path / "my photos" / "note: 1.jpg"
    path.parent.mkdir()
    image.save(path, exif=exif, quality=92)
    return path


@pytest.mark.usefixtures("dated")
def test_a_folder_of_notes(ocr: Ocr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = ocr("read", "--format", "markdown", "--front-matter", "--output-dir", "vault", "my photos")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "vault" / "my photos" / "note: 1.jpg.md").read_text().splitlines()
    assert lines[:3] == ["---", 'source: "my photos/note: 1.jpg"', 'date: "2026-05-04T09:30:00"']
    assert lines[3].startswith("confidence: 0.")
    assert lines[4:7] == ['language: "en"', "---", ""]
    assert lines[7] == "![](../../my%20photos/note:%201.jpg)"
    assert len(lines) > 9


@pytest.mark.parametrize(
    ("flags", "advice"),
    [
        (["--front-matter", PHOTO], "add --format markdown"),
        (["--front-matter", "-f", "markdown", PHOTO, EXAMPLES / "letter.jpg"], "add --output-dir DIR"),
    ],
)
def test_where_front_matter_cannot_be(ocr: Ocr, flags: list[str | Path], advice: str) -> None:
    done = ocr("read", *flags)
    assert done.returncode == 2
    assert advice in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms have a program of their own")
def test_text_goes_to_the_clipboard(tmp_path: Path) -> None:
    program, held = tmp_path / "xclip", tmp_path / "held"
    program.write_text(f"#!/bin/sh\necho \"$@\" > '{held}'; cat >> '{held}'\n")
    program.chmod(0o755)
    put = copier({"DISPLAY": ":0", "PATH": f"{tmp_path}:/usr/bin:/bin"}, "linux")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        put("MILK é\n")
    assert held.read_text() == "-selection clipboard\nMILK é\n"


def test_no_way_to_copy_is_one_line() -> None:
    with pytest.raises(UsageError, match="install wl-clipboard"):
        copier({"PATH": ""}, "linux")
