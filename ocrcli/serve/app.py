"""The server as an ASGI application: its routes, and how each error is answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ocrcli.core.errors import OcrError
from ocrcli.core.files import NO_ROOM
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.formats.html import SCRIPTS, STYLE_SHEETS
from ocrcli.serve import media, openapi, query
from ocrcli.serve.guard import Guard, Rules
from ocrcli.serve.intake import Busy, Upload, uploads
from ocrcli.serve.reading import Job, Reply, refusal
from ocrcli.web import policy_sources

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ocrcli.workers.crew import Crew

KINDS = {400: "usage", 401: "refused", 404: "usage", 405: "usage", 406: "usage", 408: "too-slow", 413: "too-large"}
"""Status -> kind of the error."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server takes.

    Attributes:
        size: Most bytes of a request.
        seconds: Seconds that an upload may take, and again those that a reading may take.
        in_flight: Most requests at once.
        jobs: How many of them are read at once.
    """

    size: int
    seconds: float
    in_flight: int
    jobs: int


class Server:
    """What answers.

    Args:
        crew: The worker processes.
        limits: What it takes.
        settings: How to read, where a request does not say.
        address: Where it can be reached, for its OpenAPI document.

    Attributes:
        answered: Number of requests that were read.
    """

    def __init__(self, crew: Crew[Job, Reply], limits: Limits, settings: Settings, address: str) -> None:
        self.answered = 0
        self._crew, self._limits, self._in_flight = crew, limits, 0
        self._free = anyio.CapacityLimiter(limits.jobs)
        self._files = files(__package__)
        self._openapi = openapi.document(settings, limits.size, address)
        style, script = policy_sources(STYLE_SHEETS, SCRIPTS)
        # The report is shown in a frame of the page and inherits this: its own script and style are named by hashes.
        self._policy = (
            f"default-src 'none'; script-src 'self' {script}; style-src 'self' {style}; img-src 'self' data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    async def page(self, _request: Request) -> Response:
        """The page to drop or photograph a note on."""
        return self._file("page.html", "text/html", {"content-security-policy": self._policy})

    async def static(self, request: Request) -> Response:
        """The script and the style of the page."""
        name = request.url.path.rpartition("/")[2]
        return self._file(name, {"js": "text/javascript", "css": "text/css"}[name.rpartition(".")[2]])

    def _file(self, name: str, kind: str, headers: dict[str, str] | None = None) -> Response:
        return Response((self._files / name).read_bytes(), media_type=kind, headers=headers)

    async def health(self, _request: Request) -> Response:
        """Whether photos can be read."""
        alive = self._crew.alive()
        told = {"status": "ok" if alive else "no worker", "version": version("ocrcli"), "workers": alive}
        return JSONResponse({**told, "in_flight": self._in_flight}, 200 if alive else 503)

    async def openapi(self, _request: Request) -> Response:
        """The OpenAPI document."""
        return JSONResponse(self._openapi)

    async def read(self, request: Request) -> Response:
        """Read the photos of a request."""
        if self._in_flight >= self._limits.in_flight:
            raise Busy
        self._in_flight += 1
        try:
            asked = query.parse(request.query_params.multi_items())
            name = asked.format or media.accepted(request.headers.get("accept", ""))
            if name is None:
                raise HTTPException(406, f"Accept names no known format; there are: {', '.join(media.MEDIA.values())}")
            async with uploads(request, self._limits.size, self._limits.seconds) as held:
                reply = await self._read(request, held, name, asked)
        finally:
            self._in_flight -= 1
        self.answered += 1
        return Response(reply.body, reply.status, dict(reply.headers), reply.media)

    async def _read(self, request: Request, held: list[Upload], name: str, asked: query.Query) -> Reply:
        def work() -> Reply:
            # Only now in memory: those that wait are in files without a name.
            content = tuple((upload.name, upload.file.read()) for upload in held)
            return self._crew.do(Job(content, name, asked), self._limits.seconds)

        async with self._free:
            if await request.is_disconnected():
                raise ClientDisconnect
            return await anyio.to_thread.run_sync(work)


def application(server: Server, rules: Rules) -> ASGIApp:
    """The application of a server behind its guard."""
    routes = [
        Route("/", server.page),
        Route("/page.js", server.static),
        Route("/page.css", server.static),
        Route("/health", server.health),
        Route("/openapi.json", server.openapi),
        Route("/read", server.read, methods=["POST"]),
    ]
    handlers: dict[Any, Any] = {
        OcrError: _ocr_error,
        HTTPException: _http_error,
        ClientDisconnect: _gone,
        OSError: _os_error,
        Exception: _bug,
    }
    return Guard(Starlette(routes=routes, exception_handlers=handlers), rules)


async def _ocr_error(_request: Request, error: Any) -> Response:
    reply = refusal(error)
    return Response(reply.body, reply.status, media_type=reply.media)


async def _http_error(_request: Request, error: Any) -> Response:
    kind = "busy" if error.status_code == 429 else KINDS.get(error.status_code, "usage")
    told = {"error": {"kind": kind, "message": printable(str(error.detail))}}
    return Response(f"{json.dumps(told)}\n", error.status_code, error.headers, "application/json")


async def _os_error(_request: Request, error: Exception) -> Response:
    """The disk for uploads that wait is full."""
    if getattr(error, "errno", None) not in NO_ROOM:
        raise error
    told = {"error": {"kind": "no-room", "message": "there is no room for the upload; make some, or try again later"}}
    return JSONResponse(told, 507)


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # nobody hears it


async def _bug(_request: Request, error: Exception) -> Response:
    """An unexpected exception; uvicorn writes its traceback to stderr."""
    message = f"unexpected {type(error).__name__}; please report it with the photo"
    return JSONResponse({"error": {"kind": "unexpected", "message": message}}, 500)
