"""Pictures in the terminal: the protocols of kitty and iTerm2, sixels, or coloured half blocks."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

SIXEL_TERMINALS = ("foot", "mlterm", "contour", "yaft", "sixel")
"""Prefixes of `TERM` in terminals that draw sixels."""

SIXEL_WIDTH = 800
"""Width of sixel pictures in pixels; sixels are large, and most terminals cut them off at the edge of the window."""

SIXEL_COLOURS = 128


def picture_protocol(environment: Mapping[str, str]) -> str | None:
    """Detect from the environment variables how a terminal draws pictures.

    Returns:
        ``kitty``, ``iterm`` or ``sixel``; ``blocks`` for a terminal with colours only; None without colours or if
        they are switched off.
    """
    program, term = environment.get("TERM_PROGRAM", ""), environment.get("TERM", "")
    by_colours = None if environment.get("NO_COLOR") or term in ("", "dumb") else "blocks"
    if "TMUX" in environment:
        return by_colours  # by default tmux does not pass picture protocols through
    if program in ("iTerm.app", "WezTerm", "mintty"):
        return "iterm"
    if "KITTY_WINDOW_ID" in environment or program == "ghostty" or "kitty" in term:
        return "kitty"
    if term.startswith(SIXEL_TERMINALS) or "sixel" in term or "KONSOLE_VERSION" in environment:
        return "sixel"
    return by_colours


def iterm(path: Path) -> str:
    """A picture file in iTerm2's inline protocol."""
    content = path.read_bytes()
    data = base64.b64encode(content).decode()
    return f"\033]1337;File=inline=1;width=100%;preserveAspectRatio=1;size={len(content)}:{data}\a"


def kitty(path: Path) -> str:
    """A picture file in kitty's graphics protocol: PNG in chunks of 4096 characters."""
    content = path.read_bytes() if path.suffix.lower() == ".png" else _as_png(path)
    data = base64.b64encode(content).decode()
    chunks = [data[i : i + 4096] for i in range(0, len(data), 4096)]
    parts = []
    for number, chunk in enumerate(chunks):
        head = "a=T,f=100," if number == 0 else ""
        parts.append(f"\033_G{head}m={int(number < len(chunks) - 1)};{chunk}\033\\")
    return "".join(parts)


def sixel(path: Path) -> str:
    """A picture file as sixels: bands of six rows, each drawn colour by colour."""
    image = _fitting(path, SIXEL_WIDTH, 10 * SIXEL_WIDTH).quantize(SIXEL_COLOURS)
    palette = np.array(image.getpalette(), int).reshape(-1, 3) * 100 // 255
    pixels = np.asarray(image)
    height, width = pixels.shape
    registers = "".join(f"#{number};2;{r};{g};{b}" for number, (r, g, b) in enumerate(palette.tolist()))
    bands = "-".join(_band(pixels[top : top + 6]) for top in range(0, height, 6))
    return f'\033P0;1q"1;1;{width};{height}{registers}{bands}\033\\'


def _band(rows: NDArray[np.uint8]) -> str:
    """One sixel band of up to six rows, (n, w) uint8 colour numbers: for each colour, one character a column."""
    bits = (1 << np.arange(len(rows)))[:, None]
    drawn = []
    for colour in np.unique(rows).tolist():
        columns = ((rows == colour) * bits).sum(axis=0)
        starts = np.flatnonzero(np.diff(columns, prepend=-1))
        lengths = np.diff(starts, append=len(columns))
        runs = zip((columns[starts] + 63).tolist(), lengths.tolist(), strict=True)
        drawn.append(f"#{colour}" + "".join(f"!{n}{chr(c)}" if n > 3 else chr(c) * n for c, n in runs))
    return "$".join(drawn)


def blocks(path: Path) -> str:
    """A picture file as half blocks with two pixels each, no larger than the window."""
    from rich.color import Color
    from rich.console import Console
    from rich.segment import Segment, Segments
    from rich.style import Style

    console = Console(file=io.StringIO(), force_terminal=True, stderr=True)
    size = Console(stderr=True).size
    image = _fitting(path, size.width, 2 * max(size.height - 2, 1))
    pixels = np.asarray(image)
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, pixels[-1:]])
    segments = []
    for upper, lower in zip(pixels[::2].tolist(), pixels[1::2].tolist(), strict=True):
        for above, below in zip(upper, lower, strict=True):
            segments.append(Segment("▀", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below))))
        segments.append(Segment.line())
    with console.capture() as captured:
        console.print(Segments(segments), end="", soft_wrap=True)
    return captured.get().removesuffix("\n")


def _fitting(path: Path, width: int, height: int) -> Image.Image:
    from PIL import Image

    with Image.open(path) as stored:
        image = stored.convert("RGB")
    image.thumbnail((width, height), Image.Resampling.BOX)
    return image


def _as_png(path: Path) -> bytes:
    stream = io.BytesIO()
    _fitting(path, sys.maxsize, sys.maxsize).save(stream, "PNG")
    return stream.getvalue()


ENCODERS: dict[str, Callable[[Path], str]] = {"iterm": iterm, "kitty": kitty, "sixel": sixel, "blocks": blocks}
"""Protocol -> function that encodes a picture file for the terminal."""
