"""Loading photos: formats, modes, orientation, scale, and one clear line for whatever fails."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
import warnings
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from ocrcli.errors import InputError
from ocrcli.printable import printable
from ocrcli.sources import decode, load_colour, load_photo, photo_from_array, pixels

ORIENTATION = 0x0112
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM")


def picture() -> NDArray[np.uint8]:
    """(48, 80): an F in dark ink on a light ground, unlike itself under every turn and flip."""
    grey = np.full((48, 80), 230, np.uint8)
    grey[8:40, 8:16] = 20
    grey[8:16, 8:64] = 20
    grey[24:32, 8:40] = 20
    return grey


def encoded(image: Image.Image | NDArray[Any], file_format: str, **options: Any) -> bytes:
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    if file_format in ("JPEG", "WEBP"):
        options.setdefault("quality", 95)
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def exif(orientation: int, kind: int = 3, count: int = 1) -> bytes:
    """An EXIF block of one tag; `kind` 3 is a 16-bit integer, 2 is text."""
    tag = struct.pack(">HHIHH", ORIENTATION, kind, count, orientation, 0)
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + tag + bytes(4)


def error_of(load: Callable[[], object]) -> str:
    """The message of the `InputError` that `load` raises; always a single line."""
    with pytest.raises(InputError) as caught:
        load()
    message = str(caught.value)
    assert message.isprintable()
    return message


def assert_alike(grey: NDArray[np.uint8], expected: NDArray[Any], tolerance: int) -> None:
    assert grey.shape == expected.shape
    assert grey.dtype == np.uint8
    assert np.abs(grey.astype(int) - expected.astype(int)).max() <= tolerance


# --- Formats and modes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file_format", "mode", "tolerance"),
    [
        ("JPEG", "L", 12),
        ("JPEG", "RGB", 12),
        ("JPEG", "CMYK", 14),  # Pillow writes these inverted, as Adobe does
        ("PNG", "L", 0),
        ("PNG", "LA", 0),
        ("PNG", "P", 0),
        ("PNG", "RGB", 1),
        ("PNG", "RGBA", 1),
        ("WEBP", "RGB", 12),
        ("WEBP", "RGBA", 12),
        ("TIFF", "L", 0),
        ("TIFF", "LA", 0),
        ("TIFF", "P", 0),
        ("TIFF", "PA", 0),
        ("TIFF", "RGB", 1),
        ("TIFF", "RGBA", 1),
        ("TIFF", "CMYK", 1),
        ("TIFF", "YCbCr", 1),
        ("TIFF", "LAB", 3),
        ("BMP", "L", 0),
        ("BMP", "P", 0),
        ("BMP", "RGB", 1),
        ("GIF", "L", 0),
        ("GIF", "P", 0),
        ("PPM", "L", 0),
        ("PPM", "RGB", 1),
    ],
)
def test_formats_and_modes(file_format: str, mode: str, tolerance: int) -> None:
    image = Image.fromarray(picture()).convert("RGB")
    if mode.startswith("P"):
        image = image.quantize(2)  # a palette whose numbers are not its colours
    data = encoded(image.convert(mode), file_format)
    photo = load_photo(data, 2000)
    assert_alike(photo.grey, picture(), tolerance)
    assert (photo.width, photo.height, photo.scale) == (80, 48, 1.0)
    assert photo.grey.flags.writeable
    assert_alike(load_colour(data, 2000), np.dstack([picture()] * 3), tolerance + 4)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "BMP", "PPM"])
def test_one_bit(file_format: str) -> None:
    ink = picture() > 100
    assert_alike(load_photo(encoded(ink, file_format), 2000).grey, ink * 255, 0)


def test_first_frame_and_first_page() -> None:
    other = Image.new("L", (80, 48), 128)
    for file_format in ("GIF", "TIFF", "MPO", "WEBP"):
        data = encoded(Image.fromarray(picture()), file_format, save_all=True, append_images=[other])
        assert_alike(load_photo(data, 2000).grey, picture(), 24)


def test_jpeg_with_second_picture_is_drafted() -> None:
    """Phones store a depth map or a second lens' view behind the photo (MPO)."""
    large = Image.new("RGB", (800, 600), "white")
    data = encoded(large, "MPO", save_all=True, append_images=[large])
    assert load_photo(data, 100).grey.shape == (75, 100)


RAMP = np.arange(48 * 80).reshape(48, 80) / (48 * 80 - 1)


@pytest.mark.parametrize(
    ("values", "file_format"),
    [
        ((RAMP * 65535).astype(np.uint16), "PNG"),
        ((RAMP * 65535).astype(np.uint16), "TIFF"),
        ((RAMP * 65535).astype(">u2"), "TIFF"),
        ((RAMP * 65535).astype(np.int32), "TIFF"),
        ((RAMP * 65535).astype(np.int32), "PPM"),
        ((RAMP * 4095).astype(np.uint16), "PNG"),
        ((RAMP * 1023).astype(np.uint16), "PNG"),
        ((RAMP * 255).astype(np.uint16), "PNG"),
        ((RAMP * 2e9 - 1e9).astype(np.int32), "TIFF"),
        (RAMP.astype(np.float32), "TIFF"),
        ((RAMP * 300 - 100).astype(np.float32), "TIFF"),
        ((RAMP * 2 - 1).astype(np.float32), "TIFF"),
    ],
)
def test_deep_images_keep_their_range(values: NDArray[Any], file_format: str) -> None:
    assert_alike(load_photo(encoded(values, file_format), 2000).grey, RAMP * 255, 1)


def test_deep_values_are_rounded() -> None:
    values = picture().astype(np.uint16) * 257 - 100
    assert_alike(load_photo(encoded(values, "PNG"), 2000).grey, picture(), 0)


def png(values: NDArray[Any], colour_type: int, *extra_chunks: bytes) -> bytes:
    """A PNG of 16 bits per value, most of which Pillow reads but does not write; `values` is (h, w, n)."""

    def chunk(content: bytes) -> bytes:
        return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))

    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in values.astype(">u2"))
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    chunks = [header, *extra_chunks, b"IDAT" + zlib.compress(rows), b"IEND"]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, chunks))


@pytest.mark.parametrize(("colour_type", "colours", "alpha"), [(0, 1, 0), (2, 3, 0), (4, 1, 1), (6, 3, 1)])
def test_16_bit_png_of_every_colour_type(colour_type: int, colours: int, alpha: int) -> None:
    grey = picture().astype(np.uint16) * 257
    values = np.dstack([grey] * colours + [np.full_like(grey, 65535)] * alpha)
    assert_alike(load_photo(png(values, colour_type), 2000).grey, picture(), 1)


@pytest.mark.parametrize(("colour_type", "colours"), [(0, 1), (2, 3)])
def test_16_bit_png_with_a_transparent_colour(colour_type: int, colours: int) -> None:
    """Pillow cannot apply it, but the ink is there all the same."""
    values = np.dstack([picture().astype(np.uint16) * 257] * colours)
    transparent = b"tRNS" + struct.pack(f">{colours}H", *[230 * 257] * colours)
    grey = load_photo(png(values, colour_type, transparent), 2000).grey
    assert grey[10, 10] == 20
    assert grey[0, 0] >= 230


def test_deep_blank_page_stays_blank() -> None:
    """Its noise is not stretched until it looks like writing."""
    noise = np.random.default_rng(0).integers(60_000, 60_200, (48, 80)).astype(np.uint16)
    assert np.ptp(load_photo(encoded(noise, "PNG"), 2000).grey) <= 1


def test_unusual_floats() -> None:
    values = RAMP.astype(np.float32)
    values[0, :3] = [np.nan, np.inf, -np.inf]
    grey = load_photo(encoded(values, "TIFF"), 2000).grey
    assert grey[0, :3].tolist() == [0, 0, 0]
    assert grey[-1, -1] == 255
    constant = np.full((48, 80), -7, np.float32)
    assert np.ptp(load_photo(encoded(constant, "TIFF"), 2000).grey) == 0


# --- Transparency --------------------------------------------------------------------------------


def ink_on_nothing(level: int) -> Image.Image:
    """RGBA: ink of one grey level; what surrounds it is transparent, and black underneath."""
    inked = picture() < 100
    return Image.fromarray(np.dstack([inked * np.uint8(level)] * 3 + [inked * np.uint8(255)]))


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_pixels_become_white_paper(file_format: str, mode: str) -> None:
    data = encoded(ink_on_nothing(20).convert(mode), file_format, lossless=True)
    assert_alike(load_photo(data, 2000).grey, np.where(picture() < 100, 20, 255), 1)
    assert load_colour(data, 2000)[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("level", [255, 240])
def test_white_ink_on_nothing_is_laid_on_black(level: int) -> None:
    data = encoded(ink_on_nothing(level), "PNG")
    assert_alike(load_photo(data, 2000).grey, np.where(picture() < 100, level, 0), 1)
    assert load_colour(data, 2000)[0, 0].tolist() == [0, 0, 0]


def test_blank_opaque_page_with_alpha_stays_white() -> None:
    assert load_photo(encoded(Image.new("RGBA", (80, 48), "white"), "PNG"), 2000).grey.min() == 255


@pytest.mark.parametrize(
    ("mode", "file_format", "transparent"),
    [
        ("L", "PNG", 0),
        ("RGB", "PNG", (0, 0, 0)),
        ("P", "PNG", 0),
        ("P", "PNG", b"\0\xff"),
        ("P", "GIF", 0),
    ],
)
def test_transparent_colour(mode: str, file_format: str, transparent: object) -> None:
    ink_on_black = Image.fromarray(np.where(picture() < 100, 20, 0).astype(np.uint8))
    data = encoded(ink_on_black.convert(mode), file_format, transparency=transparent)
    assert_alike(load_photo(data, 2000).grey, np.where(picture() < 100, 20, 255), 1)


# --- Orientation ---------------------------------------------------------------------------------

STORED: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: np.transpose,
    6: np.rot90,  # row 0 of the file is the right side of the scene, column 0 its top
    7: lambda upright: np.rot90(upright, 2).T,
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation(file_format: str, orientation: int) -> None:
    stored = np.ascontiguousarray(STORED[orientation](picture()))
    data = encoded(stored, file_format, exif=exif(orientation))
    photo = load_photo(data, 2000)
    assert (photo.width, photo.height) == (80, 48)
    assert_alike(photo.grey, picture(), 24)
    assert_alike(load_colour(data, 2000), np.dstack([picture()] * 3), 24)


@pytest.mark.parametrize("orientation", STORED)
def test_orientation_of_reduced_photo(orientation: int) -> None:
    large = np.kron(picture(), np.ones((8, 8), np.uint8))
    stored = np.ascontiguousarray(STORED[orientation](large))
    photo = load_photo(encoded(stored, "JPEG", exif=exif(orientation)), 80)
    assert (photo.width, photo.height, photo.scale) == (640, 384, 8.0)
    assert_alike(photo.grey, picture(), 24)


BROKEN_EXIF = {
    "0": exif(0),
    "9": exif(9),
    "65535": exif(65535),
    "text": exif(0x3600, kind=2, count=2),
    "too many values": exif(6, count=1 << 30),
    "unknown type": exif(6, kind=99),
    "empty": b"Exif\0\0",
    "garbage": b"Exif\0\0garbage",
    **{f"cut at {end}": exif(6)[:end] for end in (8, 12, 15, 18, 22)},
}


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("block", BROKEN_EXIF.values(), ids=BROKEN_EXIF)
def test_broken_exif_is_survived(file_format: str, block: bytes) -> None:
    data = encoded(picture(), file_format, exif=block)
    assert_alike(load_photo(data, 2000).grey, picture(), 12)


def test_no_warning_gets_out() -> None:
    data = encoded(picture(), "JPEG", exif=exif(6)[:15])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning):  # Pillow alone does warn
            Image.open(io.BytesIO(data)).getexif()
        load_photo(data, 2000)


# --- Scale ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "long_side", "expected"),
    [
        ((1000, 600), 250, (250, 150)),  # a quarter, exactly
        ((1001, 600), 250, (251, 150)),  # a quarter; libjpeg rounds up
        ((600, 1001), 250, (150, 251)),
        ((1000, 600), 240, (250, 150)),  # a quarter is a little more than asked for: good enough
        ((1000, 600), 251, (251, 151)),  # a quarter would be too little, a half is too much
        ((1000, 600), 400, (500, 300)),
        ((1000, 600), 770, (1000, 600)),
        ((1000, 600), 700, (700, 420)),
        ((1000, 600), 4000, (1000, 600)),  # never enlarged
        ((1000, 600), 20, (20, 12)),  # an eighth is the least that libjpeg does
        ((4000, 3000), 2000, (2000, 1500)),
    ],
)
def test_jpeg_scale(size: tuple[int, int], long_side: int, expected: tuple[int, int]) -> None:
    data = encoded(Image.new("L", size, 200), "JPEG")
    photo = load_photo(data, long_side)
    assert photo.grey.shape == expected[::-1]
    assert (photo.width, photo.height) == size
    assert load_colour(data, long_side).shape == (*expected[::-1], 3)


@pytest.mark.parametrize(("long_side", "expected"), [(250, (250, 150)), (770, (1000, 600)), (4000, (1000, 600))])
def test_scale_of_other_formats(long_side: int, expected: tuple[int, int]) -> None:
    photo = load_photo(encoded(Image.new("L", (1000, 600), 200), "PNG"), long_side)
    assert photo.grey.shape == expected[::-1]
    assert photo.scale == 1000 / expected[0]


@pytest.mark.parametrize(("load", "mode"), [(load_photo, "L"), (load_colour, "RGB")])
def test_jpeg_is_decoded_small(
    load: Callable[[bytes, int], object], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not decoded in full and reduced: that takes several times as long."""
    decoded = []
    original = JpegImagePlugin.JpegImageFile.load

    def load_noting_size(image: JpegImagePlugin.JpegImageFile) -> Any:
        decoded.append((image.mode, image.size))
        return original(image)

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", load_noting_size)
    load(encoded(Image.new("RGB", (1000, 600), "red"), "JPEG"), 480)
    assert decoded[0] == (mode, (500, 300))


def test_reduction_averages() -> None:
    """Thin strokes get fainter, but do not fall between the pixels that are kept."""
    lines = np.full((400, 400), 255, np.uint8)
    lines[:, ::4] = 55
    assert_alike(load_photo(encoded(lines, "PNG"), 100).grey, np.full((100, 100), 205), 1)


@settings(deadline=None, derandomize=True)
@given(
    st.integers(8, 400), st.integers(8, 400), st.integers(8, 300), st.sampled_from(["JPEG", "PNG"]), st.integers(1, 8)
)
def test_any_size(width: int, height: int, long_side: int, file_format: str, orientation: int) -> None:
    assume(min(width, height) * min(1, long_side / max(width, height)) >= pixels.MIN_SIDE)
    data = encoded(Image.new("L", (width, height)), file_format, exif=exif(orientation))
    photo = load_photo(data, long_side)
    assert (photo.width, photo.height) == ((height, width) if orientation >= 5 else (width, height))
    shorter, longer = sorted(photo.grey.shape)
    assert min(long_side, max(width, height)) <= longer <= pixels.SLACK * long_side
    assert shorter >= pixels.MIN_SIDE
    assert photo.scale >= 1
    assert abs(photo.width / photo.scale - photo.grey.shape[1]) < 1.01
    assert abs(photo.height / photo.scale - photo.grey.shape[0]) < 1.01
    assert load_colour(data, long_side).shape == (*photo.grey.shape, 3)


# --- Colour --------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM"])
def test_colours(file_format: str) -> None:
    flag = Image.new("RGB", (96, 64), (200, 30, 30))
    flag.paste((30, 30, 200), (48, 0, 96, 64))
    colour = load_colour(encoded(flag, file_format), 2000)
    assert np.abs(colour[32, 16].astype(int) - (200, 30, 30)).max() <= 8
    assert np.abs(colour[32, 80].astype(int) - (30, 30, 200)).max() <= 8


# --- Where from, and what it is called -----------------------------------------------------------


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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jürgens Notizen 第一.jpg", "Jürgens Notizen 第一.jpg"),
        ("9.41\u202fAM.png", "9.41\u202fAM.png"),  # macOS names its screenshots like this
        ("a\nb\r.jpg", r"a\nb\r.jpg"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\u2028b", r"a\u2028b"),
        ("gpj.\u202enote", r"gpj.\u202enote"),  # would print the rest of the line from right to left
        (os.fsdecode(b"\xff.jpg"), r"\udcff.jpg"),
    ],
)
def test_printable(name: str, expected: str) -> None:
    assert printable(name) == expected


@settings(derandomize=True)
@given(st.text(st.characters()))
def test_printable_is_one_line_of_utf_8(name: str) -> None:
    shown = printable(name)
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    shown.encode()


# --- Arrays --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "array",
    [
        picture(),
        picture()[:, ::-1][:, ::-1],
        np.dstack([picture()] * 3),
        np.dstack([picture()] * 3 + [np.full_like(picture(), 255)]),
        picture().astype(np.uint16) * 257,
        np.dstack([picture().astype(np.uint16) * 257] * 3),
        picture() / 255,
        (picture() / 255).astype(np.float32),
        np.dstack([picture() / 255] * 3),
    ],
)
def test_arrays(array: NDArray[Any]) -> None:
    photo = photo_from_array(array, 2000)
    assert_alike(photo.grey, picture(), 0)
    assert (photo.width, photo.height, photo.name) == (80, 48, "<array>")


def test_array_of_bool() -> None:
    assert_alike(photo_from_array(picture() > 100, 2000).grey, (picture() > 100) * 255, 0)


def test_array_of_floats_that_overshoot() -> None:
    """As resampling with cubic weights does; the other values keep their meaning."""
    array = picture() / 255
    array[0, :2] = [-0.04, 1.04]
    expected = picture()
    expected[0, :2] = [0, 255]
    assert_alike(photo_from_array(array, 2000).grey, expected, 0)


def test_array_is_reduced_and_copied() -> None:
    array = np.full((300, 500), 200, np.uint8)
    assert photo_from_array(array, 100).grey.shape == (60, 100)
    assert photo_from_array(array, 100).scale == 5
    photo_from_array(array, 500).grey[:] = 0
    assert array.min() == 200


def test_array_with_alpha_is_laid_on_paper() -> None:
    photo = photo_from_array(np.asarray(ink_on_nothing(20)), 2000)
    assert_alike(photo.grey, np.where(picture() < 100, 20, 255), 1)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(50), r"shape \(50,\)"),
        (np.zeros((50, 50, 2)), r"shape \(50, 50, 2\)"),
        (np.zeros((2, 50, 50, 3)), r"shape \(2, 50, 50, 3\)"),
        (np.zeros((50, 50), np.int64), "int64 values"),
        (np.zeros((50, 50), complex), "complex128 values"),
        (np.full((50, 50), None), "object values"),
        (np.full((50, 50), 200.0), "floats beyond 0 to 1"),
        (np.full((50, 50), -1.0), "floats beyond 0 to 1"),
        (np.full((50, 50), np.nan), "floats beyond 0 to 1"),
        (np.zeros((0, 0)), "too small"),
        (np.zeros((50, 7)), "too small"),
        ("not pixels", r"shape \(\)"),
    ],
)
def test_unfit_arrays(array: Any, message: str) -> None:
    assert re.match(f"mine: .*{message}.*; ", error_of(lambda: photo_from_array(array, 2000, "mine")))


# --- Errors --------------------------------------------------------------------------------------


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
    assert message == "note: too many pixels; scale it down below 100 megapixels"


@pytest.mark.parametrize("file_format", FORMATS)
def test_bound_of_pixels(file_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(picture(), file_format)
    monkeypatch.setattr(decode, "MAX_PIXELS", 80 * 48)
    load_photo(data, 2000)
    monkeypatch.setattr(decode, "MAX_PIXELS", 80 * 48 - 1)
    assert "too many pixels" in error_of(lambda: load_photo(data, 2000))


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
@settings(deadline=None, derandomize=True, max_examples=60)
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
