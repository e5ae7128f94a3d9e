"""Connections that can be ended from outside, and that lead from a public address to no private one."""

from __future__ import annotations

import contextlib
import functools
import http.client
import ipaddress
import socket
import urllib.request
from typing import Any


class RefusedError(Exception):
    """Why a download was not begun or not ended."""


class Connections:
    """All connections of one download."""

    def __init__(self) -> None:
        self._open: list[socket.socket] = []
        self._public = False

    def connect(self, address: tuple[str, int], *arguments: Any) -> socket.socket:
        """As `socket.create_connection`.

        A server in the Internet may send us on, but not to this computer or its neighbours: what they answer is not
        for everyone. Whoever means them names them.

        Raises:
            RefusedError: If it does.
        """
        connected = socket.create_connection(address, *arguments)
        peer = connected.getpeername()[0]
        if is_public(peer):
            self._public = True
        elif self._public:
            connected.close()
            raise RefusedError(f"the server sends us on to {peer}, a private address; give that one if you trust it")
        self._open.append(connected.dup())  # TLS takes the first one over
        return connected

    def end(self) -> None:
        """Close them all; a thread that waits for one goes on at once."""
        while self._open:
            with contextlib.suppress(OSError), self._open.pop() as connected:
                connected.shutdown(socket.SHUT_RDWR)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the Internet, not to this computer or a network of one's own."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_global)


class _Http(http.client.HTTPConnection):
    def __init__(self, *arguments: Any, connections: Connections, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._create_connection = connections.connect


class _Https(http.client.HTTPSConnection):
    def __init__(self, *arguments: Any, connections: Connections, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._create_connection = connections.connect


def handlers(connections: Connections) -> tuple[urllib.request.BaseHandler, ...]:
    """The handlers of urllib for ``http`` and ``https``, over such connections."""

    class Http(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(functools.partial(_Http, connections=connections), req)

    class Https(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(functools.partial(_Https, connections=connections), req)

    return Http(), Https()
