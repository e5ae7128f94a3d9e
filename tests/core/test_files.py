"""Writing pictures as a whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ocrcli.cli.support.outputs import Outputs, TextStyle
from ocrcli.core import files
from ocrcli.core.errors import InputError, ModelError, NoRoomError, UsageError
from ocrcli.core.files import GrowingFile, beside, check_free, write_file, write_picture
from ocrcli.core.page import Page
from ocrcli.formats import FORMATS
from ocrcli.sources import Source

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8)
COLOUR = np.arange(144, dtype=np.uint8).reshape(6, 8, 3)
OLD = b"an older file"


def failing_save(error: BaseException) -> Any:
    """Stands in for Pillow: writes a part of the file, and then fails."""

    def save(_image: Image.Image, path: str, *_args: Any, **_options: Any) -> None:
        Path(path).write_bytes(b"\x89PNG half of it")
        raise error

    return save


@pytest.mark.parametrize("picture", [GREY, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("suffix", [".png", ".PNG", ".tiff", ".bmp"])
def test_a_picture_comes_back_as_it_was(tmp_path: Path, picture: np.ndarray, suffix: str) -> None:
    path = tmp_path / f"picture{suffix}"
    write_picture(picture, path)
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image), picture)
    assert list(tmp_path.iterdir()) == [path]


def test_the_suffix_chooses_the_format(tmp_path: Path) -> None:
    write_picture(COLOUR, tmp_path / "picture.jpg")
    with Image.open(tmp_path / "picture.jpg") as image:
        assert image.format == "JPEG"


def test_a_place_where_nothing_can_be_written_is_told_before_any_work(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "note.txt").write_text("a file")
    with pytest.raises(InputError, match=r"out\.json: cannot be written \(Not a directory\)"):
        check_free(tmp_path / "note.txt" / "deep" / "out.json", force=True)
    check_free(tmp_path / "folders" / "to come" / "out.json", force=False)
    assert not (tmp_path / "folders").exists()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match=r"out\.json: cannot be written \(Permission denied\)"):
        check_free(tmp_path / "out.json", force=False)


def test_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "picture.png"
    write_picture(GREY, path)
    assert path.is_file()


def test_an_older_picture_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    write_picture(GREY, path)
    write_picture(COLOUR, path)
    with Image.open(path) as image:
        assert image.mode == "RGB"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_picture_is_as_readable_as_any_other_file(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_picture(GREY, tmp_path / "picture.png")
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert (tmp_path / "picture.png").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("name", ["picture", "picture.", "picture.xyz", "picture.txt"])
def test_an_unknown_format_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        write_picture(GREY, tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("odd picture")])
def test_a_failure_leaves_the_older_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(OLD)
    monkeypatch.setattr(Image.Image, "save", failing_save(error))
    with pytest.raises(InputError, match=r"No space left on device|odd picture"):
        write_picture(GREY, path)
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "save", failing_save(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        write_picture(GREY, tmp_path / "picture.png")
    assert list(tmp_path.iterdir()) == []


def test_the_older_file_is_whole_until_the_new_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(OLD)
    save = Image.Image.save
    seen = []

    def watched(image: Image.Image, target: Any, *args: Any, **options: Any) -> None:
        save(image, target, *args, **options)
        seen.append(path.read_bytes())

    monkeypatch.setattr(Image.Image, "save", watched)
    write_picture(GREY, path)
    assert seen == [OLD]
    assert path.read_bytes() != OLD


def test_a_folder_in_its_place_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.mkdir()
    with pytest.raises(InputError, match=r"picture\.png: .*cannot be written"):
        write_picture(GREY, path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_place_of_the_folder_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "folder").write_bytes(OLD)
    with pytest.raises(InputError, match="cannot be written"):
        write_picture(GREY, tmp_path / "folder" / "picture.png")
    assert (tmp_path / "folder").read_bytes() == OLD


def test_an_existing_file_is_only_free_by_force(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(OLD)
    with pytest.raises(UsageError, match="--force") as caught:
        check_free(path, force=False)
    assert str(path) in str(caught.value)
    check_free(path, force=True)
    assert path.read_bytes() == OLD


def test_what_is_read_is_never_free(tmp_path: Path) -> None:
    photo, link = tmp_path / "photo.jpg", tmp_path / "link.jpg"
    photo.write_bytes(b"")
    link.symlink_to(photo)
    for path in (photo, link):
        with pytest.raises(UsageError, match="is an input file"):
            check_free(path, force=True, read=[tmp_path / "missing.jpg", photo])
    check_free(tmp_path / "new.jpg", force=True, read=[photo])


def test_no_file_is_free(tmp_path: Path) -> None:
    check_free(None, force=False)
    check_free(tmp_path / "picture.png", force=False)
    check_free(tmp_path / "no" / "folder" / "picture.png", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_no_file_can_have_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / ("long" * 100 + ".png")
    with pytest.raises((InputError, UsageError)):  # noqa: PT012  one of the two refuses it
        check_free(path, force=False)
        write_picture(GREY, path)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("photo.jpg", "photo.ocr-boxes.png"),
        ("folder/photo.v2.JPG", "folder/photo.v2.ocr-boxes.png"),
        ("photo", "photo.ocr-boxes.png"),
        ("/a.b/photo.png", "/a.b/photo.ocr-boxes.png"),
    ],
)
def test_beside_a_photo(image: str, expected: str) -> None:
    assert beside(Path(image), ".ocr-boxes.png") == Path(expected)


def test_what_ships_is_in_the_wheel_or_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "ocrcli"
    monkeypatch.setattr(files, "__file__", str(package / "core" / "files.py"))
    with pytest.raises(ModelError, match="install"):
        files.shipped("letters.onnx")
    for folder in (tmp_path / "models", package / "_models"):
        folder.mkdir(parents=True)
        (folder / "letters.onnx").touch()
        assert files.shipped("letters.onnx") == folder / "letters.onnx"


def test_a_growing_file_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "notes.txt"
    growing = GrowingFile(path)
    growing.write(b"MILK\n")
    assert not path.exists()
    growing.drop()
    assert not list(path.parent.iterdir())
    growing = GrowingFile(path)
    for part in (b"MILK\n", b"OATS\n"):
        growing.write(part)
    assert growing.close() == path
    growing.drop()  # there is nothing left to take away
    assert path.read_bytes() == b"MILK\nOATS\n"
    assert [found.name for found in path.parent.iterdir()] == ["notes.txt"]


def test_a_disk_without_room_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NoRoomError, match=r"No space left on device\); make room"):
        write_file(b"MILK", tmp_path / "note.txt")
    assert not list(tmp_path.iterdir())


def test_a_disk_that_is_full_at_the_end_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    outputs = Outputs([FORMATS["text"]], tmp_path / "note", True, TextStyle(), False, (), nullcontext)
    monkeypatch.setattr(files, "_move_into_place", full)
    with pytest.raises(NoRoomError), outputs:  # noqa: PT012  the disk is full at the one or the other
        outputs.add(Source("a.jpg", b""), Page((), 1, 1))
        outputs.close()
    assert not list(tmp_path.iterdir())
