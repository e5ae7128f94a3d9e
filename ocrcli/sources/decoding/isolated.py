"""Decoding of HEIC photos and PDF pages in a separate process with limits on memory and time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from ocrcli.core.errors import InputError
from ocrcli.core.extras import check_extra
from ocrcli.sources.decoding.limits import DEADLINE, DECODER_BYTES, DECODER_SECONDS

DECODER = Path(__file__).with_name("decoder.py")

NEEDS = {"HEIC": ("pi_heif", "to read HEIC photos"), "PDF": ("pypdfium2", "to read PDF pages")}
"""Format -> the module that decodes it, and the purpose for the message if it is missing."""


def count_pdf_pages(stream: BinaryIO, name: str) -> int:
    """Count the pages of a PDF.

    Args:
        stream: The file.
        name: Name for messages.

    Raises:
        InputError: If it is damaged or protected by a password.
        MissingExtraError: If pypdfium2 is not installed.
    """
    line, _ = _run_decoder("PDF", stream, 0, 0, name)
    return int(line[1])


def decode_isolated(
    kind: str, stream: BinaryIO, page: int, long_side: int, name: str
) -> tuple[Image.Image, tuple[int, int]]:
    """Decode a HEIC photo, upright; or render a page of a PDF on white, with `long_side` pixels on its longer side.

    Args:
        kind: A key of `NEEDS`.
        stream: The file.
        page: Number of the page, from 1.
        long_side: Wanted longer side in pixels.
        name: Name for messages.

    Returns:
        The image, L, RGB or RGBA, downscaled by `ocrcli.core.shrink.shrunk`; its width and height at full resolution.

    Raises:
        InputError: If it is damaged or protected, needs too much memory or time, or has no such page.
        MissingExtraError: If the package is not installed.
    """
    (mode, *sides), pixels = _run_decoder(kind, stream, page, long_side, name)
    width, height, full_width, full_height = map(int, sides)
    return Image.frombuffer(mode, (width, height), pixels), (full_width, full_height)


def _run_decoder(kind: str, stream: BinaryIO, page: int, long_side: int, name: str) -> tuple[list[str], bytes]:
    """Run the decoder; return the words of the line that it prints, and the pixels."""
    module, purpose = NEEDS[kind]
    check_extra(module, f"{name}: {purpose}")
    with _as_file(stream) as file:
        numbers = map(str, (page, long_side, DECODER_BYTES, DECODER_SECONDS))
        command = [sys.executable, "-P", str(DECODER), kind, *numbers]
        try:
            done = subprocess.run(
                command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                timeout=DEADLINE, env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, _module_paths()))},
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise InputError(f"{name}: {_too_slow(kind, DEADLINE)}") from error
    if -done.returncode == getattr(signal, "SIGXCPU", 0) != 0:
        raise InputError(f"{name}: {_too_slow(kind, DECODER_SECONDS)}")
    line, _, pixels = done.stdout.partition(b"\n")
    words = line.decode("ascii", "replace").split()
    if done.returncode or not words or words[0] in _MESSAGES:
        raise InputError(f"{name}: {_MESSAGES[words[0] if words and not done.returncode else 'ended'](kind)}")
    if words[0] == "no":
        raise InputError(f"{name}: there is no page {page}; the last one is {words[2]}")
    return words, pixels


def _module_paths() -> list[str]:
    """The module search path for the decoder process, which must find the same packages as this one."""
    return [str(Path(__file__).parents[3]), *sys.path]


def _as_file(stream: BinaryIO) -> BinaryIO:
    """A real file with the same content, at its start, for a child process to read; the caller closes it."""
    try:
        return os.fdopen(os.dup(stream.fileno()), "rb")
    except (OSError, AttributeError):
        file = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
        stream.seek(0)
        shutil.copyfileobj(stream, file)
        file.seek(0)
        return file


def _too_slow(kind: str, seconds: float) -> str:
    return f"the {kind} data takes more than {seconds:g} seconds to decode; save it as PNG or JPEG"


def _damaged(kind: str) -> str:
    return f"the {kind} data is incomplete (truncated) or damaged; copy or send it again" + (
        "" if kind == "PDF" else ", or convert it to PNG"
    )


_MESSAGES: dict[str, Callable[[str], str]] = {
    "damaged": _damaged,
    "password": lambda _: "it is protected by a password; save it without one",
    "memory": lambda kind: (
        f"the {kind} data takes more than {DECODER_BYTES // 10**6} megabytes to decode; save it smaller"
    ),
    # The decoder may abort on some damage, and when memory runs out.
    "ended": lambda kind: (
        f"the {kind} data is incomplete (truncated) or damaged, or takes more than "
        f"{DECODER_BYTES // 10**6} megabytes to decode; copy or send it again, or save it smaller"
    ),
}
"""Error of the decoder -> function of the format that gives the message."""
