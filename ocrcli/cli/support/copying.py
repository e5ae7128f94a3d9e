"""The clipboard as a place for text: by the system's program, or by the terminal (OSC 52)."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ocrcli.core.errors import InputError, UsageError

PROGRAMS = (
    ("wl-copy", "WAYLAND_DISPLAY", ("wl-copy",)),
    ("xclip", "DISPLAY", ("xclip", "-selection", "clipboard")),
    ("xsel", "DISPLAY", ("xsel", "--clipboard", "--input")),
)
"""Programs, the variable of the display that each needs, and how they are called."""

PATIENCE = 10
"""Seconds after which a program that does not end is given up."""

TERMINAL = Path("/dev/tty")


def copier(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Callable[[str], None]:
    """Find a way to put text on the clipboard.

    Args:
        environ: Environment variables.
        platform: As `sys.platform`.

    Returns:
        A function that does so. It raises InputError if that fails.

    Raises:
        UsageError: If there is no way.
    """
    if platform == "darwin":
        return partial(_by_program, ("pbcopy",), "utf-8")
    if platform == "win32":
        return partial(_by_program, ("clip",), "utf-16")
    for name, display, call in PROGRAMS:
        if environ.get(display) and shutil.which(name, path=environ.get("PATH")):
            return partial(_by_program, call, "utf-8")
    if sys.stderr.isatty() and TERMINAL.exists():
        return _by_terminal
    raise UsageError("--copy needs wl-copy, xclip or xsel; install wl-clipboard (Wayland) or xclip (X11)")


def _by_program(call: tuple[str, ...], encoding: str, text: str) -> None:
    held, nowhere = text.encode(encoding, "replace"), subprocess.DEVNULL
    try:  # xclip stays behind, to serve the text, with whatever streams it was given
        subprocess.run(call, input=held, check=True, timeout=PATIENCE, stdout=nowhere, stderr=nowhere)
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError(f"--copy: {call[0]} does not take the text; leave out --copy") from error


def _by_terminal(text: str) -> None:
    """Ask the terminal: it also works over ssh; a terminal that does not know how ignores it."""
    held = base64.b64encode(text.encode("utf-8", "replace")).decode()
    try:
        TERMINAL.write_text(f"\x1b]52;c;{held}\x07", encoding="ascii")
    except OSError as error:
        raise InputError("--copy: the terminal does not take the text; leave out --copy") from error
