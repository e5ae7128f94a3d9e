"""HEIC and HEIF, as phones write them, through pi-heif (the extra `heic`)."""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image

from ocrcli.extras import import_extra


def open_heic(stream: BinaryIO, name: str) -> Image.Image:
    """Open the main picture, not decoded yet; libheif turns it upright as it decodes.

    Its plugin is asked directly, so that nothing is registered with Pillow for the whole process.

    Raises:
        MissingExtraError: If pi-heif is not installed.
        SyntaxError: If the file is damaged.
    """
    pi_heif = import_extra("pi_heif", "heic", f"{name}: to read HEIC photos")
    image: Image.Image = pi_heif.HeifImageFile(stream, "")
    return image
