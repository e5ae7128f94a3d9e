"""Data to stdout, everything else to stderr; nothing that was read or passed in controls the terminal."""

from __future__ import annotations

import sys


def printable(text: str) -> str:
    """Make control characters visible, so that a file name cannot move the cursor or ring the bell.

    Newlines and tabs stay.
    """
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)


def out(text: str) -> None:
    """Write a line of data to stdout."""
    _write(sys.stdout, text)


def err(text: str) -> None:
    """Write a line for people to stderr."""
    _write(sys.stderr, text)


def _write(stream: object, text: str) -> None:
    safe = printable(text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    # A terminal or pipe that is not UTF-8 gets escapes instead of an exception.
    print(safe.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)  # type: ignore[call-overload]
