"""Coloured text and pictures, for terminals only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ocrcli.core.page import Glyph, Page

UNSURE_BELOW = 0.9
DOUBTFUL_BELOW = 0.6


def print_coloured(page: Page) -> None:
    """Print the text of a page, with uncertain letters in yellow and doubtful ones in red."""
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
    return "" if glyph.confidence >= UNSURE_BELOW else "yellow" if glyph.confidence >= DOUBTFUL_BELOW else "red"


def show_picture(path: Path, *, coarsely: bool = True) -> None:
    """Show a picture in the terminal, through stderr, because stdout is for data. Does nothing outside a terminal.

    Args:
        path: The picture.
        coarsely: Whether coloured blocks are good enough if the terminal has no picture protocol.
    """
    if not sys.stderr.isatty():
        return
    from ocrcli.cli.support.pictures import ENCODERS, picture_protocol

    protocol = picture_protocol(os.environ)
    if protocol and (coarsely or protocol != "blocks"):
        sys.stderr.write(ENCODERS[protocol](path) + "\n")
        sys.stderr.flush()
