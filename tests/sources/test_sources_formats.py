"""Formats, modes, depth and transparency: every kind of file gives the same picture."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import assert_alike, encoded, ink_on_nothing, picture, png
from PIL import Image

from ocrcli.sources import load_colour, load_photo


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
