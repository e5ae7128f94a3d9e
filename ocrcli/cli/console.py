"""Data to stdout, everything else to stderr; nothing that was read or passed in controls the terminal."""

from __future__ import annotations

import re
import sys

from ocrcli.printable import printable


def out(text: str) -> None:
    """Write a line of data to stdout."""
    _write(sys.stdout, text)


def err(text: str) -> None:
    """Write one line for people to stderr; a newline in a name does not begin another."""
    _write(sys.stderr, printable(text))


def _write(stream: object, text: str) -> None:
    # Newlines and tabs are the layout of what is written; anything else could move the cursor or ring the bell.
    safe = re.sub(r"[^\n\t]+", lambda part: printable(part[0]), text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    # A terminal or pipe that is not UTF-8 gets escapes instead of an exception.
    print(safe.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)  # type: ignore[call-overload]
