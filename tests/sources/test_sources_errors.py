"""Where photos come from, and one clear line for whatever fails."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import FORMATS, assert_alike, encoded, error_of, picture
from PIL import Image, JpegImagePlugin

from ocrcli.core.errors import InputError
from ocrcli.sources import load_colour, load_photo
from ocrcli.sources.decoding import limits


def test_path_and_string(tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    path.write_bytes(encoded(picture(), "PNG"))
    for source in (path, str(path)):
        photo = load_photo(source, 2000)
        assert_alike(photo.grey, picture(), 0)
        assert photo.name == str(path)
    assert load_photo(path, 2000, name="mine").name == "mine"


def test_format_is_told_by_content(tmp_path: Path) -> None:
    path = tmp_path / "note.jpg"
    path.write_bytes(encoded(picture(), "PNG"))
    assert_alike(load_photo(path, 2000).grey, picture(), 0)


def test_bytes_and_streams() -> None:
    data = encoded(picture(), "PNG")
    assert load_photo(data, 2000).name == "<bytes>"
    assert load_photo(data, 2000, name="-").name == "<stdin>"
    stream = io.BytesIO(data)
    assert load_photo(stream, 2000).name == "<stream>"
    assert not stream.closed


def test_pipe() -> None:
    """Standard input cannot seek."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as into:
        into.write(encoded(picture(), "PNG"))
    with os.fdopen(reading, "rb") as pipe:
        assert_alike(load_photo(pipe, 2000, name="-").grey, picture(), 0)


def test_what_is_no_image_is_not_read_to_its_end() -> None:
    stream = io.BytesIO(b"no image" * 10_000)
    error_of(lambda: load_photo(stream, 2000))
    assert stream.tell() < 100


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.jpg"
    assert error_of(lambda: load_photo(path, 2000)) == f"{path}: no such file; check the name"


def test_missing_file_with_a_wild_name(tmp_path: Path) -> None:
    message = error_of(lambda: load_photo(tmp_path / "two\nlines\x1b[2J.jpg", 2000))
    assert r"two\nlines\x1b[2J.jpg: no such file" in message


def test_folder(tmp_path: Path) -> None:
    assert error_of(lambda: load_photo(tmp_path, 2000)).startswith(f"{tmp_path}: is a folder; ")


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(encoded(picture(), "PNG"))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, whom no mode keeps out
    assert error_of(lambda: load_photo(path, 2000)).startswith(f"{path}: permission denied; ")


@pytest.mark.parametrize("name", ["file/below", "x" * 5000, "null\0character"])
def test_impossible_paths(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert "cannot be read (" in error_of(lambda: load_photo(tmp_path / name, 2000))


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.jpg"
    path.touch()
    assert error_of(lambda: load_photo(path, 2000)).startswith(f"{path}: the file is empty; ")


@pytest.mark.parametrize(
    "data", [b"Dear diary,", b"BMW broke down today, and so did I.", b"PS: see you", b"\0" * 99, b"RIFF1234WAVEfmt "]
)
def test_not_an_image(data: bytes) -> None:
    message = error_of(lambda: load_photo(data, 2000, name="note.jpg"))
    assert message.startswith("note.jpg: not an image; give a JPEG, ")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypavif", "AVIF"),
        (b"\xff\x0a", "JXL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JXL"),
    ],
)
def test_unsupported_formats(head: bytes, kind: str) -> None:
    message = error_of(lambda: load_photo(head + bytes(100), 2000, name="note"))
    assert message == f"note: {kind} files are not supported; convert it to JPEG or PNG first"


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.8])
def test_truncated(file_format: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    data = encoded(noise, file_format)
    cut = data[: max(18, round(len(data) * share))]
    for load in (load_photo, load_colour):
        message = error_of(partial(load, cut, 2000, name="note"))
        assert message.startswith(f"note: the {file_format} data is incomplete (truncated) or damaged; ")


def test_reduced_jpeg_that_is_truncated() -> None:
    data = encoded(np.random.default_rng(0).integers(0, 256, (600, 800), np.uint8), "JPEG")
    assert "truncated" in error_of(lambda: load_photo(data[: len(data) // 2], 100))


def test_bomb() -> None:
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 30_000, 30_000, 8, 0, 0, 0, 0)
    bomb = header + struct.pack(">II", zlib.crc32(header[12:]), 0) + b"IDAT"
    message = error_of(lambda: load_photo(bomb, 2000, name="note"))
    assert message == "note: 30000 x 30000 pixels are too many for a PNG of this kind; scale it down to 300 megapixels"


@pytest.mark.parametrize("file_format", FORMATS)
def test_bound_of_pixels(file_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(picture(), file_format)
    monkeypatch.setattr(limits, "MAX_PIXELS", 80 * 48)
    load_photo(data, 2000)
    monkeypatch.setattr(limits, "MAX_PIXELS", 80 * 48 - 1)
    assert "80 x 48 pixels are too many" in error_of(lambda: load_photo(data, 2000))


def test_large_photo_needs_no_setting_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 megapixels, as some phones take, are more than `Image.open` allows."""
    data = encoded(picture(), "JPEG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(data))
    load_photo(data, 2000)


@pytest.mark.parametrize("failure", [Image.DecompressionBombError, MemoryError])
def test_more_than_pillow_or_the_machine_can_take(failure: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise failure

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", refuse)
    assert "too many pixels" in error_of(lambda: load_photo(encoded(picture(), "JPEG"), 2000))


def test_smallest_image() -> None:
    assert load_photo(encoded(Image.new("L", (8, 8)), "PNG"), 2000).grey.shape == (8, 8)


@pytest.mark.parametrize("size", [(1, 1), (7, 500), (500, 7)])
def test_tiny_image(size: tuple[int, int]) -> None:
    message = error_of(lambda: load_photo(encoded(Image.new("L", size), "PNG"), 2000, name="note"))
    assert message == (f"note: {size[0]} x {size[1]} pixels are too small to hold writing; take a larger photo")


def test_strip_that_would_vanish() -> None:
    strip = encoded(Image.new("L", (8000, 30)), "PNG")
    assert "too small to hold writing" in error_of(lambda: load_photo(strip, 2000))
    assert load_photo(strip, 8000).grey.shape == (30, 8000)


@pytest.mark.parametrize("file_format", FORMATS)
@settings(derandomize=True)
@given(data=st.data())
def test_damage_is_an_input_error(file_format: str, data: st.DataObject) -> None:
    """Any bytes may be wrong; then the photo is read all the same, or refused in one line."""
    intact = encoded(picture(), file_format)
    damaged = bytearray(intact)
    for position in data.draw(st.lists(st.integers(0, len(intact) - 1), min_size=1, max_size=8)):
        damaged[position] = data.draw(st.integers(0, 255))
    try:
        load_photo(bytes(damaged), 40)
    except InputError as error:
        assert str(error).isprintable()


def test_only_the_plugin_that_is_needed_is_imported() -> None:
    """Every plugin costs start-up time, and some start other programs."""
    program = (
        "import sys; from ocrcli.sources import load_photo\n"
        "try: load_photo(b'%!PS-Adobe-3.0 EPSF-3.0', 2000)\n"
        "except Exception as error: assert 'not an image' in str(error)\n"
        "load_photo(sys.stdin.buffer, 2000)\n"
        "print(*(m for m in sys.modules if m.endswith('ImagePlugin')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], input=encoded(picture(), "PNG"), capture_output=True, check=True
    )
    assert run.stdout.split() == [b"PIL.PngImagePlugin"]
