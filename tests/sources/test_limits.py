"""Whatever a file says of itself, opening it takes less than 1 GB and ends in time."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import environment, few
from pdfs import pdf, pdf_of_image, stream
from pictures import HEIC, encoded, error_of, picture
from PIL import Image

from ocrcli.sources import expand, load_colour, load_photo
from ocrcli.sources.decoding import isolated, limits, tiff
from ocrcli.sources.decoding.pixels import fitted

GIGABYTE = 1_000_000


def png_header(width: int, height: int, depth: int, colour: int) -> bytes:
    """A PNG that says its size and breaks off where the pixels begin."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">II", zlib.crc32(header), 0) + b"IDAT"


def webp_header(width: int, height: int) -> bytes:
    """A WebP with a canvas of that size and nothing on it."""
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    chunk = b"VP8X" + struct.pack("<I", 10) + bytes(4) + sides
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def tiff_of(width: int, height: int, bits: int, kind: int, samples: int = 1) -> bytes:
    """An uncompressed TIFF of one strip that says its size and holds nothing; `kind` 3 is floats, 1 integers."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, 1), (262, 3, 1), (273, 4, 8)]
    tags += [(277, 3, samples), (278, 4, height), (279, 4, width * height * bits // 8 % 2**32), (339, 3, kind)]
    table = b"".join(struct.pack("<HHII", tag, size, 1, value) for tag, size, value in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + table + bytes(4)


def twice_deflated(megabytes: int) -> bytes:
    """So many megabytes of zeros, deflated twice: a few kilobytes."""
    inner = zlib.compressobj(9)
    first = inner.compress(bytes(10**6)) + inner.flush(zlib.Z_FULL_FLUSH)
    again = inner.compress(bytes(10**6)) + inner.flush(zlib.Z_FULL_FLUSH)  # a megabyte that can be repeated
    return zlib.compress(first + again * (megabytes - 1), 6)


def pdf_bomb(megabytes: int) -> bytes:
    """A page whose drawing takes so many megabytes."""
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 600]/Contents 4 0 R>>",
        stream(b"/Filter[/FlateDecode/FlateDecode]", twice_deflated(megabytes)),
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "grey.png": lambda: png_header(17300, 17300, 8, 0) + b"\0" * 100,
    "rgba.png": lambda: png_header(17300, 17300, 8, 6),
    "16.png": lambda: png_header(17300, 17300, 16, 0),
    "canvas.webp": lambda: webp_header(13000, 13000),
    "float.tif": lambda: tiff_of(13000, 13000, 32, 3),
    "deep.pdf": lambda: pdf_bomb(2000),
    "image.pdf": lambda: pdf_of_image(20).replace(b"/Width 20/Height 20", b"/Width 60000/Height 60000"),
}


MEASURED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""
"""A small process that starts the command: a child's peak begins with what its parent holds, and tests hold much."""


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="memory is measured by wait4")
@pytest.mark.parametrize("name", few(BOMBS, "grey.png"))
def test_a_small_file_that_asks_for_much_takes_less_than_a_gigabyte(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(BOMBS[name]())
    assert path.stat().st_size < 100_000
    command = [sys.executable, "-c", MEASURED, sys.executable, "-m", "ocrcli", "read", str(path)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=environment())
    code, kilobytes = map(int, done.stdout.split())
    assert code == 3
    assert done.stderr.count("\n") == 1
    assert kilobytes < GIGABYTE  # of the process, or of the decoder that it started, whichever took more


@pytest.mark.parametrize(
    ("data", "size", "kind", "most"),
    [
        (png_header(17300, 17300, 8, 6), "17300 x 17300", "PNG", 81),
        (webp_header(13000, 13000), "13000 x 13000", "WEBP", 41),
        (tiff_of(13000, 13000, 32, 3), "13000 x 13000", "TIFF", 81),
    ],
    ids=["PNG", "WebP", "TIFF"],
)
def test_the_message_says_the_true_limit(data: bytes, size: str, kind: str, most: int) -> None:
    expected = f"note: {size} pixels are too many for a {kind} of this kind; scale it down to {most} megapixels"
    assert error_of(lambda: load_photo(data, 2000, name="note")) == expected


def test_the_limit_in_the_message_is_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DECODED_BYTES", 4 * 80 * 48)  # RGB has 4 bytes
    rgb = Image.fromarray(picture()).convert("RGB")
    load_photo(encoded(rgb, "PNG"), 2000)
    assert "81 x 48 pixels are too many" in error_of(lambda: load_photo(encoded(rgb.resize((81, 48)), "PNG"), 2000))


def test_of_a_jpeg_the_reduced_pixels_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """300 megapixels of it are read: libjpeg decodes an eighth of each side."""
    monkeypatch.setattr(limits, "DECODED_BYTES", 100 * 100)
    grey = Image.new("L", (800, 800), 200)
    assert load_photo(encoded(grey, "JPEG"), 100).grey.shape == (100, 100)
    assert "too many" in error_of(lambda: load_photo(encoded(grey, "JPEG"), 800))


def test_of_a_progressive_jpeg_all_coefficients_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DECODED_BYTES", 2 * 800 * 800)
    grey = Image.new("L", (800, 800), 200)
    load_photo(encoded(grey, "JPEG"), 100)
    assert "too many" in error_of(lambda: load_photo(encoded(grey, "JPEG", progressive=True), 100))


def test_scans_of_a_jpeg_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(Image.fromarray(picture()), "JPEG", progressive=True)
    scans = data.count(b"\xff\xda")
    monkeypatch.setattr(limits, "SCANNED", scans * 80 * 48)
    load_photo(data, 2000)
    monkeypatch.setattr(limits, "SCANNED", scans * 80 * 48 - 1)
    assert f"note: {scans} scans are too many" in error_of(lambda: load_photo(data, 2000, name="note"))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_colours_of_a_jpegs_first_scan(mode: str) -> None:
    data = encoded(Image.new(mode, (80, 48)), "JPEG", exif=b"Exif\0\0" + b"\xff\xda\0\x08\x01" * 9)
    assert limits.first_scan(io.BytesIO(data)) == len(Image.new(mode, (1, 1)).getbands())


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xff\xff", b"\xff\xd8\xff\xe0\0\0\xff\xda\0\x08"])
def test_a_jpeg_without_a_scan_has_no_colours(data: bytes) -> None:
    assert limits.first_scan(io.BytesIO(data)) == 0


def test_deep_pixels_are_averaged_band_by_band() -> None:
    rng = np.random.default_rng(0)
    deep = rng.integers(0, 65536, (640, 960), np.uint16)
    small = np.asarray(fitted(Image.fromarray(deep), 60))
    expected = deep.reshape(64, 10, 96, 10).mean(axis=(1, 3)) / 257
    assert small.shape == (40, 60)
    assert abs(small.mean() - expected.mean()) < 1
    floats = np.asarray(fitted(Image.fromarray((deep / 65535).astype(np.float32)), 60)).astype(int)
    assert np.abs(floats - small).max() <= 1


def test_a_stream_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocrcli.sources.decoding.kinds.PIPE_BYTES", 2_000_000)

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert size > 0
            return (encoded(picture(), "JPEG") + bytes(size))[:size]

    message = error_of(lambda: load_photo(Endless(), 2000, name="-"))  # type: ignore[arg-type]
    assert "megabytes; write it to a file" in message


# --- HEIC and PDF: a process of their own --------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process")
@pytest.mark.parametrize("data", [HEIC.read_bytes(), pdf_of_image(20)], ids=["HEIC", "PDF"])
def test_a_decoder_that_runs_out_of_memory_ends_alone(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "DECODER_BYTES", 12_000_000)
    message = error_of(lambda: load_photo(data, 2000, name="note"))
    assert "12 megabytes to decode" in message


def test_items_of_a_heic_take_no_longer_the_more_there_are() -> None:
    """Each names a size that reaches to the file's end: what looks into all of them takes the square of that."""
    item = struct.pack(">I", 1_000_000) + b"infe\x02" + bytes(7)
    data = HEIC.read_bytes()[:24] + item * (1_000_000 // len(item))
    assert "the HEIC data is incomplete" in error_of(lambda: load_photo(data, 2000, name="note"))


# --- TIFF pages ----------------------------------------------------------------------------------


def tables(count: int, entries: int = 0, order: str = "<") -> bytes:
    """A TIFF of too many entries."""
    size = 6 + 12 * entries
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    table = struct.pack(order + "H", entries) + bytes(12 * entries)
    nexts = [8 + size * (number + 1) for number in range(count - 1)] + [0]
    return head + b"".join(table + struct.pack(order + "I", place) for place in nexts)


@pytest.mark.parametrize("order", "<>")
def test_pages_of_a_tiff_are_counted(order: str) -> None:
    assert tiff.count_tiff_pages(io.BytesIO(tables(7, 3, order)), "scan") == 7


def test_pages_of_a_big_tiff_are_counted() -> None:
    data = b"II+\0\x08\0\0\0" + struct.pack("<Q", 16) + struct.pack("<QQ", 0, 32) + struct.pack("<QQ", 0, 0)
    assert tiff.count_tiff_pages(io.BytesIO(data), "scan") == 2


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II*\0\x08\0\0\0", b"II*\0\xff\0\0\0", tables(1)[:-2]])
def test_a_damaged_tiff_counts_as_one_page(data: bytes) -> None:
    assert tiff.count_tiff_pages(io.BytesIO(data), "scan") == 1


def test_a_tiff_whose_tables_form_a_ring_ends() -> None:
    data = bytearray(tables(3))
    data[-4:] = struct.pack("<I", 8)
    assert tiff.count_tiff_pages(io.BytesIO(bytes(data)), "scan") == 3


def test_a_tiff_is_not_counted_beyond_the_cap(tmp_path: Path) -> None:
    path = tmp_path / "many.tif"
    path.write_bytes(tables(200_000))
    (source,) = expand([path])
    assert "many.tif: more than 10000 pages, or too many entries in" in str(source.error)
    path.write_bytes(tables(40, 60_000))
    (source,) = expand([path])
    assert "save it in parts" in str(source.error)


def test_pages_are_the_same_that_pillow_finds() -> None:
    images = [Image.fromarray(picture()) for _ in range(4)]
    data = encoded(images[0], "TIFF", save_all=True, append_images=images[1:])
    assert tiff.count_tiff_pages(io.BytesIO(data), "scan") == 4
    assert load_colour(data, 100, page=4).shape == (48, 80, 3)
