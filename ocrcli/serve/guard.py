"""Who may ask: pages of this server, programs of this computer, and whoever has the token. A layer around the server.

A page of another site must not reach a server on this computer: neither by a name that leads here (DNS rebinding),
which the header Host shows, nor by a form that it sends, which the header Origin shows.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
"""Headers of every answer."""

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""Content-Security-Policy of every answer but the page: nothing of it runs."""

DRAINED = 256_000_000
"""Bytes of a refused upload that are taken and dropped."""

DRAIN_SECONDS = 20.0

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Whether a host can be reached from this computer alone.

    Examples:
        >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("example.org")
        (True, True, False, False)
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a request is refused, and the status of that answer."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may ask.

    Attributes:
        host: The host that the server listens on.
        token: The token that reading needs; empty for none.
        guarded: Paths that need the token.
    """

    host: str
    token: str = ""
    guarded: tuple[str, ...] = ("/read",)

    def refuse(self, path: str, headers: dict[str, str]) -> Refused | None:
        """Why a request is refused; None if it is not.

        Args:
            path: The path that is asked for.
            headers: The headers, with names in lower case.
        """
        host = headers.get("host", "")
        if is_loopback(self.host) and name_of(host) not in (*LOOPBACK_NAMES, self.host):
            return Refused(403, "this server answers on this computer alone; open http://localhost and its port")
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return Refused(403, "a page of another site may not ask this server; open the server's own page")
        if self.token and path in self.guarded:
            scheme, _, given = headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self.token.encode()):
                return Refused(401, "the token is missing or wrong; send the header Authorization: Bearer TOKEN")
        return None


def name_of(host: str) -> str:
    """The name in a header Host, without its port.

    Examples:
        >>> name_of("localhost:8080"), name_of("[::1]:8080"), name_of("evil.example")
        ('localhost', '::1', 'evil.example')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


class Guard:
    """Refuses what the rules do not allow, and adds the headers of every answer."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI asks for it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = Body(receive, waits=headers.get("expect", "").lower() == "100-continue")

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                await body.drain()
                given = {name for name, _ in message.setdefault("headers", [])}
                for name, value in {**HEADERS, "content-security-policy": POLICY}.items():
                    if name.encode() not in given:
                        message["headers"] = [*message["headers"], (name.encode(), value.encode())]
            await send(message)

        refused = self._rules.refuse(scope["path"], headers)
        if refused is None:
            await self._app(scope, body.receive, guarded)
            return
        told = json.dumps({"error": {"kind": "refused", "message": refused.message}}).encode() + b"\n"
        more = [(b"www-authenticate", b"Bearer")] if refused.status == 401 else []
        start = {"type": "http.response.start", "status": refused.status}
        await guarded({**start, "headers": [(b"content-type", b"application/json"), *more]})
        await guarded({"type": "http.response.body", "body": told})


class Body:
    """The body of a request, of which it is known whether all was taken.

    Args:
        receive: Where it comes from.
        waits: Whether the client waits to be asked for it.
    """

    def __init__(self, receive: Receive, waits: bool) -> None:
        self._receive, self._waits, self._over = receive, waits, False

    async def receive(self) -> Message:
        """The next part of it."""
        message = await self._receive()
        self._waits = False
        self._over = message["type"] != "http.request" or not message.get("more_body")
        return message

    async def drain(self) -> None:
        """Take the rest and drop it: most clients hear an answer only when they have sent all."""
        import anyio

        taken = 0
        with anyio.move_on_after(DRAIN_SECONDS):
            while not self._over and not self._waits and taken < DRAINED:
                taken += len((await self.receive()).get("body", b""))
