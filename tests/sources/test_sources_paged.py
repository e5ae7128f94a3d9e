"""HEIC photos, PDF and TIFF pages, animations; what is not installed is named."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import Ocr
from drawn import photo, written
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfs import pdf_of_image
from pictures import HEIC, assert_alike, encoded, error_of, picture
from PIL import Image

from ocrcli import read
from ocrcli.core.errors import InputError, MissingExtraError
from ocrcli.sources import expand, load_colour, load_photo
from ocrcli.sources.decoding import isolated


def pages(*levels: int, file_format: str, size: tuple[int, int] = (80, 48)) -> bytes:
    first, *others = [Image.new("L", size, level) for level in levels]
    return encoded(first, file_format, save_all=True, append_images=others)


# --- HEIC ----------------------------------------------------------------------------------------


def test_heic_is_read_upright() -> None:
    pytest.importorskip("pi_heif", reason="the extra heic is not installed")
    found = load_photo(HEIC, 2000)
    assert (found.width, found.height) == (480, 320)
    assert np.abs(found.grey.astype(int) - photo(written())).mean() < 2
    assert load_colour(HEIC, 240).shape == (160, 240, 3)
    assert read(HEIC).text.replace(" ", "").endswith("thelazydog42")


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.95])
def test_truncated_heic(share: float) -> None:
    pytest.importorskip("pi_heif", reason="the extra heic is not installed")
    data = HEIC.read_bytes()
    message = error_of(lambda: load_photo(data[: round(len(data) * share)], 2000, name="note"))
    assert message.startswith("note: the HEIC data is incomplete (truncated) or damaged; ")


@pytest.mark.parametrize("item", [b"E\xaf\xaf\0", b"\xff\xff\xff\xff"])
def test_heic_items_that_pi_heif_does_not_survive(ocr: Ocr, item: bytes) -> None:
    """It is the decoder's process that pi-heif ends."""
    pytest.importorskip("pi_heif", reason="the extra heic is not installed")
    data = HEIC.read_bytes().replace(b"Exif", item, 1)
    done = ocr("read", "-", stdin=data)
    assert done.returncode == 3
    assert "the HEIC data is incomplete (truncated) or damaged" in done.stderr


def test_heic_has_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pi_heif", reason="the extra heic is not installed")
    monkeypatch.setattr(isolated, "DEADLINE", 0.001)
    message = error_of(lambda: load_photo(HEIC, 2000, name="note"))
    assert message == "note: the HEIC data takes more than 0.001 seconds to decode; save it as PNG or JPEG"


# --- PDF -----------------------------------------------------------------------------------------


def test_pdf_pages_are_drawn_at_the_scale_of_reading() -> None:
    data = encoded(Image.fromarray(photo(written())), "PDF")
    for long_side in (480, 1500):
        found = load_photo(data, long_side)
        assert found.grey.shape == (found.height, found.width)
        assert abs(max(found.grey.shape) - long_side) <= 1
    assert_alike(np.asarray(Image.fromarray(load_photo(data, 480).grey).resize((480, 320))), photo(written()), 60)
    assert read(data).text.endswith("dog 42")


def test_pages_of_a_pdf_by_number() -> None:
    data = pages(50, 100, 150, file_format="PDF")
    for number, level in enumerate((50, 100, 150), start=1):
        assert abs(np.median(load_photo(data, 100, page=number).grey) - level) <= 3
        assert abs(np.median(load_colour(data, 100, page=number)) - level) <= 3
    message = error_of(lambda: load_photo(data, 100, page=4, name="scan"))
    assert message == "scan: there is no page 4; the last one is 3"


def test_a_page_is_turned_as_its_pdf_says() -> None:
    data = pages(50, file_format="PDF", size=(80, 48))
    turned = data.replace(b"/Page\n", b"/Page\n/Rotate 90\n", 1)
    assert turned != data
    shape = load_photo(turned, 100).grey.shape
    assert shape[0] > shape[1]


@pytest.mark.parametrize("end", [8, 300, -200])
def test_truncated_pdf(end: int) -> None:
    data = pages(50, 100, file_format="PDF")[:end]
    try:
        load_photo(data, 100, name="scan")
    except InputError as error:
        assert str(error).startswith("scan: the PDF data is incomplete (truncated) or damaged; ")
    else:
        assert end == -200  # PDFium finds the pages without their table


def test_pdf_with_a_password() -> None:
    fpdf = pytest.importorskip("fpdf", reason="fpdf2 is not installed")
    document = fpdf.FPDF()
    document.add_page()
    document.set_encryption(owner_password="a", user_password="b")
    message = error_of(lambda: load_photo(bytes(document.output()), 100, name="scan"))
    assert message == "scan: it is protected by a password; save it without one"


def test_a_file_that_says_it_had_a_million_pages(tmp_path: Path) -> None:
    path = tmp_path / "many.pdf"
    path.write_bytes(pdf_of_image(20).replace(b"/Count 1>", b"/Count 999999>"))
    (source,) = expand([path])
    assert str(source.error).endswith("many.pdf: 999999 pages; read them in parts, as with --pages 1-10000")
    first, second = expand([path], pages="1-2")
    assert first.load(100).grey.shape == (100, 100)
    assert "many.pdf#2: " in error_of(lambda: second.load(100))


@pytest.mark.parametrize("box", [b"0 0 0 0", b"0 0 -9 -9", b"0 0 1e9 1e9", b"0 0 600 1e-9", b""])
def test_pages_of_absurd_size_stay_small(box: bytes) -> None:
    assert max(load_photo(pdf_of_image(20, box), 300).grey.shape) <= 301


def test_a_page_too_narrow_for_writing() -> None:
    assert "too small to hold writing" in error_of(lambda: load_photo(pdf_of_image(20, b"0 0 1 9000"), 300))


@pytest.mark.parametrize(
    "intact", [pages(50, 100, file_format="PDF"), pages(50, 100, file_format="TIFF"), HEIC.read_bytes()]
)
@settings(derandomize=True, max_examples=settings().max_examples // 4)  # a process each; tests/fuzz.py does it without
@given(data=st.data())
def test_damage_is_an_input_error(intact: bytes, data: st.DataObject) -> None:
    damaged = bytearray(intact)
    for position in data.draw(st.lists(st.integers(0, len(intact) - 1), min_size=1, max_size=8)):
        damaged[position] = data.draw(st.integers(0, 255))
    for page in (1, 2):
        try:
            load_photo(bytes(damaged), 60, page=page)
        except (InputError, MissingExtraError) as error:
            assert str(error).isprintable()


# --- TIFF and animations -------------------------------------------------------------------------


def test_pages_of_a_tiff_by_number() -> None:
    data = pages(50, 100, 150, file_format="TIFF")
    for number, level in enumerate((50, 100, 150), start=1):
        assert np.unique(load_photo(data, 100, page=number).grey).tolist() == [level]
    assert "TIFF data is incomplete" in error_of(lambda: load_photo(data, 100, page=4))


def test_each_page_of_a_tiff_has_its_own_size_and_turn() -> None:
    first, second = Image.new("L", (80, 48), 50), Image.new("L", (60, 100), 100)
    data = encoded(first, "TIFF", save_all=True, append_images=[second])
    found = load_photo(data, 2000, page=2)
    assert (found.width, found.height) == (60, 100)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_read_and_said(file_format: str, tmp_path: Path) -> None:
    path = tmp_path / "moving"
    frames = [Image.new("L", (80, 48), level) for level in (128, 200)]
    path.write_bytes(encoded(Image.fromarray(picture()), file_format, save_all=True, append_images=frames))
    (source,) = expand([path])
    assert "only its first frame is read" in source.note
    assert_alike(source.load(2000).grey, picture(), 24)
    path.write_bytes(encoded(picture(), file_format))
    assert [still.note for still in expand([path])] == [""]


# --- What is not installed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "package", "data"),
    [("pi_heif", "pi-heif", HEIC.read_bytes()), ("pypdfium2", "pypdfium2", pages(50, file_format="PDF"))],
    ids=["HEIC", "PDF"],
)
def test_a_missing_extra_is_one_line_with_the_command(module: str, package: str, data: bytes) -> None:
    program = f"import sys; sys.modules[{module!r}] = None; from ocrcli.cli import main; main()"
    run = subprocess.run([sys.executable, "-c", program, "read", "-"], input=data, capture_output=True, check=False)
    assert run.returncode == 2
    assert run.stdout == b""
    assert run.stderr.decode().count("\n") == 1
    assert run.stderr.decode().endswith(f"run: pip install {package}\n")


def test_without_extras_other_formats_are_read() -> None:
    program = (
        "import sys; sys.modules.update(pi_heif=None, pypdfium2=None)\n"
        "from ocrcli.sources import load_photo; print(load_photo(sys.stdin.buffer, 100).grey.shape)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], input=encoded(picture(), "TIFF"), capture_output=True, check=True
    )
    assert run.stdout.split() == [b"(48,", b"80)"]


def test_streams_of_paged_files_need_not_seek() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError("a pipe cannot seek")

    assert load_photo(Pipe(pages(50, 100, file_format="TIFF")), 100, page=2).grey[0, 0] == 100
