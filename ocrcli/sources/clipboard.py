"""Input from the clipboard: a copied image, or copied files."""

from __future__ import annotations

import io
from pathlib import Path

from ocrcli.core.errors import InputError

NAME = "clipboard:"
"""The argument that means the clipboard."""


def paste() -> bytes | list[Path]:
    """Read the clipboard: an image as the bytes of a PNG file, or the paths of copied files.

    Raises:
        InputError: If it holds neither, or there is no clipboard program.
    """
    from PIL import ImageGrab

    try:
        held = ImageGrab.grabclipboard()
    except NotImplementedError as error:
        raise InputError(f"{NAME} needs wl-paste or xclip; install wl-clipboard (Wayland) or xclip (X11)") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise InputError(f"{NAME} cannot be read; save the picture to a file and give that") from error
    if isinstance(held, list) and held:
        return [Path(path) for path in held]
    if held is None or isinstance(held, list):
        raise InputError(f"{NAME} holds no picture; copy one first")
    stream = io.BytesIO()
    held.save(stream, "PNG")
    return stream.getvalue()
