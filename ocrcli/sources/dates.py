"""When a photo was taken."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from ocrcli.sources.source import Source

EXIF_IFD, TAKEN = 0x8769, 0x9003
"""Tags of EXIF: of the part about the exposure, and of `DateTimeOriginal` in it."""


def taken(source: Source) -> str | None:
    """When a photo was taken, as ``2026-05-04T09:30:00``: by its EXIF data, or by the time of its file.

    Local time, of the camera or of this machine. None for what is not a file on disk.
    """
    if not isinstance(source.origin, str):
        return None
    found = _exif_date(Path(source.origin))
    if found:
        return found
    try:
        changed = Path(source.origin).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(changed).astimezone().strftime("%Y-%m-%dT%H:%M:%S")


def _exif_date(path: Path) -> str | None:
    from PIL import Image

    try:
        with Image.open(path) as image:
            value = str(image.getexif().get_ifd(EXIF_IFD).get(TAKEN, ""))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # a PDF, or EXIF data that are damaged
        return None
    match = re.fullmatch(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)\0?", value)
    return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}" if match else None
