"""How far a picture is reduced before it is read. Imports nothing heavy: a decoder's own process uses it, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SLACK = 1.3
"""An image is reduced only if its long side is more than this many times the wanted one."""


def shrunk(image: Image.Image, long_side: int) -> Image.Image:
    """Reduce an image whose long side is more than `SLACK` times `long_side` pixels; any other is given back itself."""
    from PIL.Image import Resampling

    share = long_side / max(image.size)
    if share * SLACK >= 1:
        return image
    return image.resize((max(1, round(image.width * share)), max(1, round(image.height * share))), Resampling.BOX)
