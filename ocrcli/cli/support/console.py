"""Data to stdout, everything else to stderr; nothing that was read or passed in controls the terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ocrcli.cli import forget_stdout
from ocrcli.core.errors import OcrError
from ocrcli.core.printable import printable


def out(text: str) -> None:
    """Write a line of data to stdout.

    Raises:
        OcrError: If there is no room for it.
    """
    with to_stdout():
        _write(sys.stdout, text)


@contextmanager
def to_stdout() -> Iterator[None]:
    """Within, stdout is written to.

    Raises:
        OcrError: If there is no room for what is written.
    """
    try:
        yield
    except BrokenPipeError:  # whoever reads it has had enough
        raise
    except OSError as error:
        forget_stdout()
        raise OcrError(f"stdout cannot be written ({error.strerror}); make room, or write to another place") from error


def err(text: str) -> None:
    """Write one line for people to stderr; a newline in a name does not begin another."""
    _write(sys.stderr, printable(text))


def _write(stream: object, text: str) -> None:
    # Newlines and tabs are the layout of what is written; anything else could move the cursor or ring the bell.
    safe = re.sub(r"[^\n\t]+", lambda part: printable(part[0]), text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    # A terminal or pipe that is not UTF-8 gets escapes instead of an exception.
    print(safe.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)  # type: ignore[call-overload]
