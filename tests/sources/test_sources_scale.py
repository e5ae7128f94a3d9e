"""Orientation, scale and colour."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pictures import assert_alike, encoded, exif, picture
from PIL import Image, JpegImagePlugin

from ocrcli.sources import load_colour, load_photo
from ocrcli.sources.decoding import pixels

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


@pytest.mark.parametrize("load", [load_photo, load_colour])
def test_jpeg_is_decoded_small(load: Callable[[bytes, int], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Not decoded in full and reduced: that takes several times as long."""
    decoded = []
    original = JpegImagePlugin.JpegImageFile.load

    def load_noting_size(image: JpegImagePlugin.JpegImageFile) -> Any:
        decoded.append((image.mode, image.size))
        return original(image)

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", load_noting_size)
    load(encoded(Image.new("RGB", (1000, 600), "red"), "JPEG"), 480)
    assert decoded[0] == ("RGB", (500, 300))


def test_reduction_averages() -> None:
    """Thin strokes get fainter, but do not fall between the pixels that are kept."""
    lines = np.full((400, 400), 255, np.uint8)
    lines[:, ::4] = 55
    assert_alike(load_photo(encoded(lines, "PNG"), 100).grey, np.full((100, 100), 205), 1)


@settings(derandomize=True)
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


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM"])
def test_colours(file_format: str) -> None:
    flag = Image.new("RGB", (96, 64), (200, 30, 30))
    flag.paste((30, 30, 200), (48, 0, 96, 64))
    colour = load_colour(encoded(flag, file_format), 2000)
    assert np.abs(colour[32, 16].astype(int) - (200, 30, 30)).max() <= 8
    assert np.abs(colour[32, 80].astype(int) - (30, 30, 200)).max() <= 8
