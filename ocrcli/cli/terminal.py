"""Text and pictures for a terminal; never used in a pipe."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

from ocrcli.page import Glyph, Page

UNSURE = 0.9
DOUBTFUL = 0.6


def print_coloured(page: Page) -> None:
    """Print a page's text, with letters that may be wrong in yellow and red."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in page.lines:
        text = Text()
        for number, word in enumerate(line.words):
            text.append(" " if number else "")
            for glyph in word.glyphs:
                text.append(glyph.text, style=_style(glyph))
        console.print(text)


def _style(glyph: Glyph) -> str:
    return "" if glyph.confidence >= UNSURE else "yellow" if glyph.confidence >= DOUBTFUL else "red"


def show_picture(path: Path) -> None:
    """Show a picture in the terminal, if stderr is one that can: kitty's protocol (PNG only) or iTerm2's.

    It goes to stderr, since stdout is for data.
    """
    if not sys.stderr.isatty():
        return
    protocol = picture_protocol(dict(os.environ))
    if protocol == "iterm" or (protocol == "kitty" and path.suffix.lower() == ".png"):
        sys.stderr.write(_ENCODERS[protocol](path.read_bytes()) + "\n")
        sys.stderr.flush()


def picture_protocol(environment: dict[str, str]) -> str | None:
    """Which picture protocol a terminal speaks, by what it says of itself in its environment."""
    program = environment.get("TERM_PROGRAM", "")
    if "TMUX" in environment:
        return None  # tmux passes neither protocol through by default
    if program in ("iTerm.app", "WezTerm", "mintty"):
        return "iterm"
    if "KITTY_WINDOW_ID" in environment or program == "ghostty" or "kitty" in environment.get("TERM", ""):
        return "kitty"
    return None


def _iterm(png: bytes) -> str:
    data = base64.b64encode(png).decode()
    return f"\033]1337;File=inline=1;width=100%;preserveAspectRatio=1;size={len(png)}:{data}\a"


def _kitty(png: bytes) -> str:
    data = base64.b64encode(png).decode()
    chunks = [data[i : i + 4096] for i in range(0, len(data), 4096)]
    parts = []
    for number, chunk in enumerate(chunks):
        head = "a=T,f=100," if number == 0 else ""
        parts.append(f"\033_G{head}m={int(number < len(chunks) - 1)};{chunk}\033\\")
    return "".join(parts)


_ENCODERS = {"iterm": _iterm, "kitty": _kitty}
