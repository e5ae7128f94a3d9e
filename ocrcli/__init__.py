"""ocrcli reads photographed handwritten notes, offline, with a confidence for every letter.

>>> import ocrcli
>>> page = ocrcli.read("examples/shopping_list.jpg")  # doctest: +SKIP
>>> print(page.text)  # doctest: +SKIP
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ocrcli.errors import OcrError
from ocrcli.page import Box, Glyph, Line, Page, Word
from ocrcli.settings import Settings

__all__ = ["Box", "Glyph", "Line", "OcrError", "Page", "Settings", "Word", "read"]


def read(image: str | Path | bytes | Any, settings: Settings | None = None) -> Page:
    """Read one photo.

    Loads the model each time; for many photos make one `ocrcli.reading.Reader` and keep it.

    Args:
        image: A path, the bytes of an image file, or an array: (h, w) grey, (h, w, 3) RGB or
            (h, w, 4) RGBA, uint8, uint16, bool, or float from 0 to 1.
        settings: How to read; the defaults decide by themselves.

    Raises:
        InputError: If it cannot be read, or nothing is written on it.
        ModelError: If the model or the device cannot be used.
    """
    from ocrcli.reading import Reader

    return Reader(settings).read(image)
