"""Printing: data to stdout, everything else to stderr, with control characters escaped."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ocrcli.cli import discard_stdout
from ocrcli.core.errors import OcrError
from ocrcli.core.printable import printable


def out(text: str) -> None:
    """Write a line of data to stdout.

    Raises:
        OcrError: If it cannot be written, for example because the disk is full.
    """
    with to_stdout():
        _write(sys.stdout, text)


@contextmanager
def to_stdout() -> Iterator[None]:
    """Context for writing to stdout.

    Raises:
        OcrError: If it cannot be written, for example because the disk is full.
    """
    try:
        yield
    except BrokenPipeError:  # the reader has closed the pipe; `main` handles that
        raise
    except OSError as error:
        discard_stdout()
        raise OcrError(f"stdout cannot be written ({error.strerror}); make room, or write to another place") from error


def err(text: str) -> None:
    """Write one line to stderr; newlines in names are escaped."""
    _write(sys.stderr, printable(text))


def _write(stream: object, text: str) -> None:
    # Keep newlines and tabs, which are the layout; other control characters could control the terminal.
    safe = re.sub(r"[^\n\t]+", lambda part: printable(part[0]), text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    # If the terminal or pipe is not UTF-8, write escapes instead of raising an exception.
    print(safe.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)  # type: ignore[call-overload]
