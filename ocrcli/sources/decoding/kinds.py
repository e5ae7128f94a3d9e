"""What the first bytes of a file say about it; names of files say nothing."""

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
"""A path, the bytes of an image file, or a buffered binary stream of them."""

HEAD = 32
"""Bytes that are enough to tell a format."""

_SIGNATURE = re.compile(
    rb"(?P<Jpeg>\xff\xd8\xff)|(?P<Png>\x89PNG\r\n\x1a\n)|(?P<WebP>RIFF.{4}WEBP)"
    rb"|(?P<Tiff>II[*+]\0|MM\0[*+])"
    rb"|(?P<Bmp>BM.{13}\0\0\0)"  # the high bytes of the header's size: text starts with "BM", too
    rb"|(?P<Gif>GIF8[79]a)|(?P<Ppm>P[1-6]\s)"
    rb"|(?P<AVIF>.{4}ftypavi[fs])|(?P<HEIC>.{4}ftyp(?:hei|hev|mif1|msf1))"
    rb"|(?P<JXL>\xff\x0a|\0{3}\x0cJXL\x20)|(?P<PDF>%PDF-)",
    re.DOTALL,
)
"""Each group is the name of a format; those of Pillow's are spelt as in the names of its plugins."""

_REFUSED = ("AVIF", "JXL")
"""Formats that are known only to say so."""

PAGED = ("PDF", "Tiff")
"""Formats whose files hold pages."""

ANIMATED = ("Gif", "WebP", "Png")
"""Formats whose files may be animations, of which the first frame is read."""


def format_of(head: bytes, name: str) -> str:
    """The format that a file starts like.

    Args:
        head: Its first `HEAD` bytes.
        name: What to call it in messages.

    Raises:
        InputError: If it is none that can be read.
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
    """The format, and a stream at its start that can seek and that the caller closes.

    Of a file no more is read than is asked of the stream. What can be read only once is held in memory; of what is
    no image, no more than its first bytes are read.

    Args:
        source: What to open.
        name: What to call it in messages.

    Raises:
        InputError: If there is no such file, or it is not an image that can be read.
    """
    name = printable(name)
    with _told(name), _stream(source) as stream:
        head = stream.read(HEAD)
        kind = format_of(head, name)
        if isinstance(source, str | Path) and Path(source).is_file():  # a pipe is no such file
            return kind, Path(source).open("rb")
        if isinstance(source, bytes):
            return kind, io.BytesIO(source)
        return kind, _held(head, stream, name)


def read_all(source: Readable, name: str) -> bytes:
    """All bytes of what can be read only once; arguments and errors are those of `open_readable`."""
    _, stream = open_readable(source, name)
    with stream:
        return stream.getvalue() if isinstance(stream, io.BytesIO) else stream.read()


def _held(head: bytes, stream: BinaryIO, name: str) -> io.BytesIO:
    """The rest of a stream in memory, without a copy of it.

    Raises:
        InputError: If it has no end, or a very distant one.
    """
    held = io.BytesIO()
    held.write(head)
    while block := stream.read(1 << 20):
        held.write(block)
        if held.tell() > PIPE_BYTES:
            most = f"more than {PIPE_BYTES // 10**6} megabytes come out of it"
            raise InputError(f"{name}: {most}; write them to a file, and give its name")
    held.seek(0)
    return held


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Errors of the file system as one line that says what to do."""
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
        raise IsADirectoryError  # to open it would say "permission denied" on Windows
    return Path(source).open("rb")
