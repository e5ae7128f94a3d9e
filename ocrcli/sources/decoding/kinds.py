"""Detection of the file format from the first bytes; the name of the file does not count."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ocrcli.core.errors import InputError
from ocrcli.core.printable import printable
from ocrcli.sources.decoding.limits import PIPE_BYTES

Readable = str | Path | bytes | BinaryIO
"""A path, the bytes of an image file, or a buffered binary stream of an image file."""

HEAD = 32
"""Number of first bytes that are enough to detect the format."""

_SIGNATURE = re.compile(
    rb"(?P<Jpeg>\xff\xd8\xff)|(?P<Png>\x89PNG\r\n\x1a\n)|(?P<WebP>RIFF.{4}WEBP)"
    rb"|(?P<Tiff>II[*+]\0|MM\0[*+])"
    rb"|(?P<Bmp>BM.{13}\0\0\0)"  # with the high bytes of the header size, because a text may start with "BM", too
    rb"|(?P<Gif>GIF8[79]a)|(?P<Ppm>P[1-6]\s)"
    rb"|(?P<AVIF>.{4}ftypavi[fs])|(?P<HEIC>.{4}ftyp(?:hei|hev|mif1|msf1))"
    rb"|(?P<JXL>\xff\x0a|\0{3}\x0cJXL\x20)|(?P<PDF>%PDF-)",
    re.DOTALL,
)
"""Each group is the name of a format; formats that Pillow reads are spelt as its plugins are."""

_REFUSED = ("AVIF", "JXL")
"""Formats that are detected only for a better message."""

PAGED = ("PDF", "Tiff")
"""Formats whose files may have several pages."""

ANIMATED = ("Gif", "WebP", "Png")
"""Formats whose files may be animations, of which the first frame is read."""


def format_of(head: bytes, name: str) -> str:
    r"""Detect the format of a file.

    Args:
        head: Its first `HEAD` bytes.
        name: Name for messages.

    Raises:
        InputError: If it is not a format that can be read.

    Examples:
        >>> format_of(b"\x89PNG\r\n\x1a\n", "note.png")
        'Png'
    """
    if not head:
        raise InputError(f"{name}: the file is empty; copy or send it again")
    match = _SIGNATURE.match(head)
    if match is None:
        raise InputError(f"{name}: not an image; give a JPEG, PNG, HEIC, WebP, TIFF, PDF, BMP, GIF or PPM file")
    kind = str(match.lastgroup)
    if kind in _REFUSED:
        raise InputError(f"{name}: {kind} files are not supported; convert it to JPEG or PNG first")
    return kind


def open_readable(source: Readable, name: str) -> tuple[str, BinaryIO]:
    """Open an image file and detect its format.

    A file on disk is not loaded. A pipe or stream, which can be read only once, is copied to memory, after its first
    bytes have shown that it is an image.

    Args:
        source: What to open.
        name: Name for messages.

    Returns:
        The format, and a seekable stream at the start of the file; the caller closes it.

    Raises:
        InputError: If there is no such file, or it is not an image format that can be read.
    """
    name = printable(name)
    with _file_errors(name), _stream(source) as stream:
        head = stream.read(HEAD)
        kind = format_of(head, name)
        if isinstance(source, str | Path) and Path(source).is_file():  # not a named pipe
            return kind, Path(source).open("rb")
        if isinstance(source, bytes):
            return kind, io.BytesIO(source)
        return kind, _buffered(head, stream, name)


def read_all(source: Readable, name: str) -> bytes:
    """Read all bytes of an image file or stream; arguments and errors are those of `open_readable`."""
    _, stream = open_readable(source, name)
    with stream:
        return stream.getvalue() if isinstance(stream, io.BytesIO) else stream.read()


def _buffered(head: bytes, stream: BinaryIO, name: str) -> io.BytesIO:
    """Copy the rest of a stream to memory.

    Raises:
        InputError: If it is longer than `PIPE_BYTES`.
    """
    held = io.BytesIO()
    held.write(head)
    while block := stream.read(1 << 20):
        held.write(block)
        if held.tell() > PIPE_BYTES:
            most = f"it gives more than {PIPE_BYTES // 10**6} megabytes"
            raise InputError(f"{name}: {most}; write it to a file, and give the name of the file")
    held.seek(0)
    return held


@contextlib.contextmanager
def _file_errors(name: str) -> Iterator[None]:
    """Turn errors of the file system into an `InputError` whose one line says what to do."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{name}: no such file; check the name") from error
    except IsADirectoryError as error:
        raise InputError(f"{name}: is a folder; name the photos in it") from error
    except PermissionError as error:
        raise InputError(f"{name}: permission denied; make the file readable for you") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{name}: cannot be read ({reason}); copy it elsewhere and try again") from error


def _stream(source: Readable) -> contextlib.AbstractContextManager[BinaryIO]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if not isinstance(source, str | Path):
        return contextlib.nullcontext(source)
    if Path(source).is_dir():
        raise IsADirectoryError  # on Windows, opening a folder fails with "permission denied"
    return Path(source).open("rb")
