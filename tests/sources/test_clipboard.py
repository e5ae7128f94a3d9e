"""The clipboard, as the program that Linux asks for it answers."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES
from pictures import assert_alike, encoded, error_of, picture
from PIL import Image, ImageGrab

from ocrcli import read
from ocrcli.pipeline.reading import Reader
from ocrcli.sources import clipboard, expand

EXAMPLE = EXAMPLES / "shopping_list.jpg"


@pytest.fixture
def xclip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of this name that prints the file `held`, or fails as the real one does if there is none."""
    if not sys.platform.startswith("linux"):
        pytest.skip("other platforms do not ask a program")
    program = tmp_path / "bin" / "xclip"
    program.parent.mkdir()
    held = tmp_path / "held"
    program.write_text(
        f"#!/bin/sh\nif [ -f '{held}' ]; then exec /bin/cat '{held}'; fi\n"
        "echo 'Error: target image/png not available' >&2; exit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return held


def test_a_copied_picture_is_read(xclip: Path) -> None:
    with Image.open(EXAMPLE) as image:
        image.save(xclip, "PNG")
    (source,) = expand(["clipboard:"])
    assert (source.name, source.stem) == ("clipboard", Path("clipboard"))
    assert Reader().read(source).text.split()[0] == read(EXAMPLE).text.split()[0]


@pytest.mark.usefixtures("xclip")
def test_nothing_copied() -> None:
    assert error_of(clipboard.paste) == "clipboard: holds no picture; copy one first"


def test_a_program_that_answers_nonsense(xclip: Path) -> None:
    xclip.write_bytes(b"nonsense")
    assert "cannot be read; save the picture to a file" in error_of(clipboard.paste)


def test_no_program_to_ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("other platforms do not ask a program")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "install wl-clipboard (Wayland) or xclip (X11)" in error_of(clipboard.paste)


def test_copied_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    path.write_bytes(encoded(picture(), "PNG"))
    monkeypatch.setattr(ImageGrab, "grabclipboard", lambda: [str(path), str(tmp_path / "gone.png")])
    found = list(expand(["clipboard:"]))
    assert [source.name for source in found] == [str(path), str(tmp_path / "gone.png")]
    assert_alike(found[0].load(2000).grey, picture(), 0)
    assert "no such file" in str(found[1].error)


def test_an_empty_list_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageGrab, "grabclipboard", list)
    assert "holds no picture" in error_of(clipboard.paste)


def test_a_file_of_that_name_can_still_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name == "nt":
        pytest.skip("no file on Windows can have this name")
    monkeypatch.chdir(tmp_path)
    Path("clipboard:").write_bytes(encoded(picture(), "PNG"))
    assert [source.error for source in expand(["./clipboard:"])] == [None]
