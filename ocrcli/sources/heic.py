"""HEIC and HEIF, as phones write them, through pi-heif (the extra `heic`)."""

from __future__ import annotations

import re
from typing import BinaryIO

from PIL import Image

from ocrcli.extras import import_extra

_ITEM = re.compile(rb"(?P<size>.{4})infe(?:\x02.{5}|\x03.{7})..", re.DOTALL)
"""The head of an item's entry (ISO/IEC 14496-12, `infe`, versions 2 and 3), up to its type and names."""


def open_heic(stream: BinaryIO, name: str) -> Image.Image:
    """Open the main picture, not decoded yet; libheif turns it upright as it decodes.

    Its plugin is asked directly, so that nothing is registered with Pillow for the whole process.

    Raises:
        MissingExtraError: If pi-heif is not installed.
        SyntaxError: If the file is damaged.
        ValueError: If it is damaged where pi-heif would not survive it.
    """
    pi_heif = import_extra("pi_heif", "heic", f"{name}: to read HEIC photos")
    check_items(stream.read())
    stream.seek(0)
    image: Image.Image = pi_heif.HeifImageFile(stream, "")
    return image


def check_items(data: bytes) -> None:
    """Refuse items whose type or names are not UTF-8: pi-heif 1.4 ends the process when it lists them.

    Raises:
        ValueError: If there is one.
    """
    for item in _ITEM.finditer(data):
        data[item.end() : item.start() + int.from_bytes(item["size"])].decode()
