"""Uploads: the files of a request, within limits of size and time, in memory or in files without a name."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

import anyio
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

if TYPE_CHECKING:
    from starlette.types import Message, Receive

MEMORY = 1 << 20
"""Bytes of an upload that are kept in memory; what is longer goes to a file without a name, as forms do it."""

MOST_FILES = 100
"""Most files in one request."""

RAW = re.compile(r"image/[\w.+-]+|application/(pdf|octet-stream)")
"""Media types of a body that is one file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent.

    Attributes:
        name: The last part of its name.
        file: Its content, at the start.
    """

    name: str
    file: BinaryIO


class Busy(HTTPException):
    """Too many requests at once."""

    def __init__(self) -> None:
        message = "too many requests at once; try again in a second"
        super().__init__(429, message, {"retry-after": "1"})


@asynccontextmanager
async def uploads(request: Request, most: int, seconds: float) -> AsyncIterator[list[Upload]]:
    """The files of a request; they are gone at the end of this context.

    Args:
        request: The request, whose body was not read yet.
        most: Most bytes of its body.
        seconds: How long it may take to come.

    Raises:
        HTTPException: If it is too large or too slow, or has no files.
    """
    try:
        declared = int(request.headers.get("content-length", "0"))
    except ValueError:
        declared = 0
    if declared > most:
        raise _too_large(most)
    request = Request(request.scope, _counted(request.receive, most))
    held: list[Upload] = []
    try:
        with anyio.move_on_after(seconds) as late:
            held = await _files(request)
        if late.cancelled_caught:
            raise HTTPException(408, f"the upload took more than {seconds:g} seconds; send a smaller photo")
        if not held:
            raise HTTPException(400, "no file; send one, as: curl --form file=@note.jpg")
        yield held
    finally:
        for upload in held:
            upload.file.close()
        with suppress(AssertionError, RuntimeError):
            await request.close()


async def _files(request: Request) -> list[Upload]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if RAW.fullmatch(kind):
        return [Upload("photo", await _raw(request))]
    if kind != "multipart/form-data":
        raise HTTPException(
            415, "send photos as multipart/form-data, as: curl --form file=@note.jpg; or one as image/*"
        )
    form = await request.form(max_files=MOST_FILES, max_fields=MOST_FILES)
    return [
        Upload(_last_part(value.filename), value.file)
        for _, value in form.multi_items()
        if isinstance(value, UploadFile) and (value.filename or value.size)
    ]


async def _raw(request: Request) -> BinaryIO:
    file = cast("BinaryIO", tempfile.SpooledTemporaryFile(MEMORY))  # noqa: SIM115  the caller closes it
    try:
        async for chunk in request.stream():
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    if not file.tell():
        raise HTTPException(400, "the body is empty; send a photo")
    file.seek(0)
    return file


def _counted(receive: Receive, most: int) -> Receive:
    """The same, which refuses to take more than so many bytes."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the upload is larger than {most / 1e6:g} megabytes; send fewer or smaller photos")


def _last_part(name: str | None) -> str:
    return re.split(r"[/\\]", name or "")[-1][:200] or "photo"
