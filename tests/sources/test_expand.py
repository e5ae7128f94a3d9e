"""Arguments become an ordered sequence of pages; what is wrong with one spoils no other."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from pictures import encoded, picture
from PIL import Image

from ocrcli.core.errors import InputError, OcrError, UsageError
from ocrcli.sources import Source, expand, folders, source_of

PNG = encoded(picture(), "PNG")
TIFF = encoded(
    Image.new("L", (80, 48), 0), "TIFF", save_all=True, append_images=[Image.new("L", (80, 48), n) for n in (100, 200)]
)


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of photos and of what is none, as the current one."""
    for name in ("page10.png", "page2.PNG", "sub/b.png", "sub/deep/a.png", ".hidden.png", ".git/c.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(PNG)
    (tmp_path / "scan.tif").write_bytes(TIFF)
    (tmp_path / "page2.ocr-boxes.png").write_bytes(PNG)
    (tmp_path / "page2.gt.txt").write_text("F")
    (tmp_path / "folder.png").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*arguments: str | Path, **options: object) -> list[str]:
    return [source.name for source in expand(arguments, **options)]  # type: ignore[arg-type]


def messages(*arguments: str | Path, **options: object) -> list[str]:
    return [str(source.error) for source in expand(arguments, **options) if source.error]  # type: ignore[arg-type]


@pytest.mark.usefixtures("album")
def test_files_keep_their_order_and_names() -> None:
    assert names("sub/b.png", "page2.PNG", Path("page10.png")) == ["sub/b.png", "page2.PNG", "page10.png"]


def test_a_folder_gives_its_photos_by_name(album: Path) -> None:
    expected = ["page2.PNG", "page10.png", "scan.tif#1", "scan.tif#2", "scan.tif#3"]
    assert names(".") == expected
    assert names(album) == [str(album / name) for name in expected]


@pytest.mark.usefixtures("album")
def test_folders_in_folders_only_if_recursive() -> None:
    assert names("sub") == ["sub/b.png"]
    assert names("sub", recursive=True) == ["sub/b.png", "sub/deep/a.png"]


@pytest.mark.usefixtures("album")
def test_a_folder_without_photos() -> None:
    assert messages("folder.png") == ["folder.png: no photo in this folder; --recursive looks into the folders in it"]
    assert messages("folder.png", recursive=True) == ["folder.png: no photo in this folder; name the photos"]


def test_links_do_not_lead_in_circles(album: Path) -> None:
    (album / "sub" / "up").symlink_to(album, target_is_directory=True)
    assert names("sub", recursive=True) == ["sub/b.png", "sub/deep/a.png"]


@pytest.mark.usefixtures("album")
def test_a_folder_that_cannot_be_listed_spoils_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # the tests may run as root, whom no mode keeps out
    found = list(expand(["sub"], recursive=True))
    assert [source.name for source in found] == ["sub/b.png", "sub/deep"]
    assert "cannot list the folder (Permission denied)" in str(found[1].error)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("page*.*[Gg]", ["page2.ocr-boxes.png", "page2.PNG", "page10.png"]),
        ("**/?.png", ["sub/b.png", "sub/deep/a.png"]),
        ("s*b", ["sub/b.png"]),
    ],
)
def test_patterns_that_the_shell_left(pattern: str, expected: list[str], album: Path) -> None:
    assert names(pattern) == expected
    assert names(str(album / pattern)) == [str(album / name) for name in expected]


@pytest.mark.usefixtures("album")
def test_an_empty_name_is_not_the_current_folder() -> None:
    assert messages("") == ["the name is empty; name a photo, or . for the current folder"]


@pytest.mark.usefixtures("album")
def test_a_pattern_that_fits_nothing() -> None:
    assert messages("*.jpg") == ["*.jpg: no file matches; check the pattern"]


def test_a_file_whose_name_looks_like_a_pattern(album: Path) -> None:
    (album / "note [1].png").write_bytes(PNG)
    assert names("note [1].png") == ["note [1].png"]


@pytest.mark.usefixtures("album")
def test_pages_are_chosen_of_files_that_have_them() -> None:
    found = list(expand(["scan.tif", "page2.PNG"], pages="3,1,5-"))
    assert [s.name for s in found] == ["scan.tif#3", "scan.tif#1", "scan.tif#5", "page2.PNG"]
    assert [s.page_number for s in found] == [3, 1, 5, None]
    assert [int(np.median(s.load(100).grey)) for s in found[:2]] == [200, 0]
    assert str(found[2].error) == "scan.tif: has 3 pages, no page 5; check --pages"
    with pytest.raises(InputError, match="no page 5"):
        found[2].load(100)


def test_what_is_wrong_with_the_whole_command_is_said_at_once() -> None:
    with pytest.raises(UsageError, match="--pages"):
        expand(["a.png"], pages="x")
    with pytest.raises(UsageError, match="only once"):
        expand(["-", "-"])


def test_what_cannot_be_read_is_told_in_its_place(album: Path) -> None:
    (album / "bad.jpg").write_bytes(b"no image")
    found = list(expand(["page2.PNG", "bad.jpg", "nowhere.jpg", "a\0b", "x" * 5000, "page10.png"]))
    assert [source.error is None for source in found] == [True, False, False, False, False, True]
    for source in found:
        if source.error:
            assert str(source.error).isprintable()
            for load in (source.load, source.colour):
                with pytest.raises(OcrError) as caught:
                    load(100)
                assert caught.value is source.error
        else:
            assert source.load(100).name == source.name


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://host/a.png", "data://x", "FILE:///etc/passwd"])
def test_other_addresses_are_refused(address: str) -> None:
    (message,) = messages(address)
    assert message.startswith(f"{address}: only http:// and https:// addresses are read; ")


@pytest.mark.usefixtures("album")
def test_wild_names_stay_on_one_line() -> None:
    for name in ("a\n\x1b[2J.jpg", "\x1b[2J*", "ftp://\n"):
        (message,) = messages(name)
        assert message.isprintable()


def test_expansion_is_lazy(album: Path) -> None:
    found = expand(["page2.PNG", "later.png"])
    assert next(found).name == "page2.PNG"
    (album / "later.png").write_bytes(PNG)
    assert next(found).error is None


@pytest.mark.usefixtures("album")
def test_a_source_is_the_same_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TIFF)))
    for source in expand(["scan.tif", "page2.PNG", "-", "nowhere.jpg"], pages="2"):
        there = pickle.loads(pickle.dumps(source))
        assert (there.name, there.page_number, there.stem) == (source.name, source.page_number, source.stem)
        if source.error:
            assert str(there.error) == str(source.error)
        else:
            assert np.array_equal(there.load(100).grey, source.load(100).grey)


def test_standard_input_may_be_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TIFF)))
    assert names("-") == ["stdin#1", "stdin#2", "stdin#3"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no named pipes")
def test_a_named_pipe_is_read_once(album: Path) -> None:
    os.mkfifo(album / "pipe")
    writer = threading.Thread(target=(album / "pipe").write_bytes, args=(TIFF,))
    writer.start()
    found = list(expand(["pipe"]))
    writer.join()
    assert [int(np.median(source.load(100).grey)) for source in found] == [0, 100, 200]


def test_bytes_arrays_images_and_streams() -> None:
    image = Image.fromarray(picture())
    for given in (PNG, bytearray(PNG), memoryview(PNG), picture(), image, io.BytesIO(PNG)):
        source = source_of(given)
        assert np.array_equal(source.load(2000).grey, picture())
        assert source.colour(2000).shape == (48, 80, 3)
    assert source_of(PNG, "mine").name == "mine"
    assert source_of(source_of(PNG)).name == "<bytes>"
    with pytest.raises(TypeError, match="cannot read a int"):
        source_of(3)  # type: ignore[arg-type]


def test_an_image_of_pillow_is_turned_upright_and_not_changed() -> None:
    stored = Image.fromarray(np.rot90(picture()))
    stored.getexif()[0x0112] = 6
    before = stored.tobytes()
    photo = source_of(stored).load(40)
    assert (photo.width, photo.height, photo.grey.shape) == (80, 48, (24, 40))
    assert (stored.tobytes(), stored.size, stored.mode) == (before, (48, 80), "L")


def test_a_jpeg_that_pillow_opened_is_not_reduced_for_its_owner() -> None:
    opened = Image.open(io.BytesIO(encoded(Image.new("RGB", (800, 600), "red"), "JPEG")))
    assert source_of(opened).load(100).grey.shape == (75, 100)
    assert (opened.size, opened.mode) == ((800, 600), "RGB")


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        (Source("notes/a.jpg", "notes/a.jpg"), "notes/a"),
        (Source("notes/scan.pdf#2", "notes/scan.pdf", 2), "notes/scan-2"),
        (Source("stdin", b""), "stdin"),
        (Source("stdin#3", b"", 3), "stdin-3"),
        (Source("https://host/a/b.jpg?size=3&x=/y#z", b""), "b"),
        (Source("https://host/a/b.pdf#2", b"", 2), "b-2"),
        (Source("https://host/", b""), "host"),
        (Source("https://host/..%2f..", b""), "2f"),
        (Source("https://h/\x1b[2J/..\\a.png", b""), "a"),
        (Source("<bytes>", b""), "bytes"),
    ],
)
def test_what_files_made_from_it_are_called(source: Source, stem: str) -> None:
    assert source.stem == Path(stem)


def test_natural_order() -> None:
    names = ["é²", "b1", "a10", "b", "a2", "1", "b01", "A2"]
    assert sorted(names, key=folders.natural_key) == ["1", "A2", "a2", "a10", "b", "b01", "b1", "é²"]


def test_expanding_imports_nothing_that_draws_or_reads() -> None:
    program = (
        "import sys; from ocrcli.sources import expand\n"
        "list(expand(['nowhere.jpg']))\n"
        "heavy = {'pypdfium2', 'pi_heif', 'urllib.request', 'PIL.ImageGrab', 'onnxruntime', 'skimage'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
