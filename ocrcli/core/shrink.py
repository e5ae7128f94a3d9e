"""Downscaling of large images. It imports nothing heavy, because the separate decoder process uses it, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SLACK = 1.3
"""An image is downscaled only if its long side is more than this many times the wanted one."""


def shrunk(image: Image.Image, long_side: int) -> Image.Image:
    """Downscale an image whose long side is more than `SLACK` times `long_side` pixels; return others unchanged."""
    from PIL.Image import Resampling

    share = long_side / max(image.size)
    if share * SLACK >= 1:
        return image
    return image.resize((max(1, round(image.width * share)), max(1, round(image.height * share))), Resampling.BOX)
