"""Every kind of input through the command itself."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import Ocr
from drawn import photo, written
from pictures import HEIC
from PIL import Image

ONE, TWO = (Image.fromarray(photo(written([row], (110, 400)))) for row in ("LAZY DOG 42", "SECOND PAGE"))
LAST = "DOG 42"


def encoded(file_format: str, *others: Image.Image) -> bytes:
    stream = io.BytesIO()
    several = {"save_all": True, "append_images": [other.copy() for other in others]} if others else {}
    ONE.copy().save(stream, file_format, **several)
    return stream.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Photos in a folder and in the folder in it."""
    (tmp_path / "album" / "sub").mkdir(parents=True)
    (tmp_path / "album" / "a.png").write_bytes(encoded("PNG"))
    (tmp_path / "album" / "sub" / "b.tif").write_bytes(encoded("TIFF", TWO))
    (tmp_path / "album" / "broken.jpg").write_bytes(b"no image")
    return tmp_path


def test_formats(ocr: Ocr, tmp_path: Path) -> None:
    names = ["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "PPM", "PDF"]
    for name in names:
        (tmp_path / name).write_bytes(encoded(name))
    done = ocr("read", *names, cwd=tmp_path)
    assert done.returncode == 0
    parts = done.stdout.split("==> ")[1:]
    assert [part.split(" <==")[0] for part in parts] == names
    assert all(LAST in part for part in parts)


def test_standard_input(ocr: Ocr) -> None:
    assert LAST in ocr("read", "-", stdin=encoded("PNG")).stdout


def test_heic(ocr: Ocr) -> None:
    pytest.importorskip("pi_heif", reason="the extra heic is not installed")
    assert "dog 42" in ocr("read", HEIC).stdout


@pytest.mark.parametrize("file_format", ["PDF", "TIFF"])
def test_pages(ocr: Ocr, tmp_path: Path, file_format: str) -> None:
    path = tmp_path / "scan"
    path.write_bytes(encoded(file_format, TWO))
    every = ocr("read", path)
    assert every.returncode == 0
    assert every.stdout.index(f"==> {path}#1 <==") < every.stdout.index(LAST) < every.stdout.index(f"==> {path}#2 <==")
    second = ocr("read", "--pages", "2", path)
    assert LAST not in second.stdout
    assert "SECOND" in second.stdout
    some = ocr("read", "--pages", "1,7", path)
    assert some.returncode == 5
    assert LAST in some.stdout
    assert "has 2 pages, no page 7; check --pages" in some.stderr


def test_pages_that_are_none(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("read", "--pages", "3-1", tmp_path / "scan.pdf")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the range 3-1 runs backwards" in done.stderr


def test_of_an_animation_the_first_frame_is_read_and_said(ocr: Ocr, tmp_path: Path) -> None:
    path = tmp_path / "moving.gif"
    path.write_bytes(encoded("GIF", TWO))
    done = ocr("read", path)
    assert LAST in done.stdout
    assert "SECOND" not in done.stdout
    assert "only its first frame is read" in done.stderr


def test_folders(ocr: Ocr, folder: Path) -> None:
    flat = ocr("read", "album", cwd=folder)
    assert flat.returncode == 5  # one bad file does not spoil the rest
    assert "album/broken.jpg: not an image" in flat.stderr
    assert LAST in flat.stdout
    assert "SECOND" not in flat.stdout
    deep = ocr("read", "--recursive", "album", cwd=folder)
    assert "==> album/sub/b.tif#2 <==" in deep.stdout
    assert "SECOND" in deep.stdout


def test_patterns_that_the_shell_left(ocr: Ocr, folder: Path) -> None:
    done = ocr("read", "album/*.pn?", cwd=folder)
    assert (done.returncode, LAST in done.stdout) == (0, True)
    none = ocr("read", "album/*.gif", cwd=folder)
    assert none.returncode == 3
    assert "album/*.gif: no file matches; check the pattern" in none.stderr


@pytest.fixture
def site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder / "album"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_addresses(ocr: Ocr, site: str) -> None:
    done = ocr("read", f"{site}/a.png")
    assert (done.returncode, LAST in done.stdout) == (0, True)
    for address, message in (
        (f"{site}/nowhere.png", "the server answers 404"),
        (f"{site}/broken.jpg", "not an image"),
        ("file:///etc/passwd", "only http:// and https:// addresses are read"),
    ):
        refused = ocr("read", address)
        assert (refused.returncode, refused.stdout) == (3, "")
        assert f"{address}: {message}" in refused.stderr


def test_the_clipboard(ocr: Ocr, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("other platforms ask no program for it")
    program = folder / "bin" / "xclip"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec /bin/cat '{folder}/album/a.png'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert LAST in ocr("read", "clipboard:").stdout


def test_a_pipe_with_a_name(folder: Path) -> None:
    """What a shell makes of ``ocr read <(command)``."""
    if not Path("/bin/bash").exists():
        pytest.skip("there is no bash")
    command = f"'{sys.executable}' -m ocrcli read <(cat album/sub/b.tif)"
    done = subprocess.run(["/bin/bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    assert LAST in done.stdout
    assert "SECOND" in done.stdout


def test_a_decompression_bomb_is_refused_with_one_line(ocr: Ocr) -> None:
    import struct
    import zlib

    header = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">II", zlib.crc32(header), 0) + b"IDAT"
    done = ocr("read", "-", stdin=bomb)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "ocr: stdin: 30000 x 30000 pixels are too many for a PNG of this kind; scale it down to 300 megapixels\n"
    )
