"""HTTP connections that can be closed from another thread, and that block redirects to private addresses."""

from __future__ import annotations

import contextlib
import functools
import http.client
import ipaddress
import socket
import urllib.request
from typing import Any


class RefusedError(Exception):
    """The reason why a download was not started or was stopped."""


class Connections:
    """The connections of one download."""

    def __init__(self) -> None:
        self._open: list[socket.socket] = []
        self._public = False

    def connect(self, address: tuple[str, int], *arguments: Any) -> socket.socket:
        """Open a connection, as `socket.create_connection` does.

        A server on the public Internet may not redirect to this computer or its private network, because answers from
        there are not public. A private address that the user names is allowed.

        Raises:
            RefusedError: If a public server redirects to a private address.
        """
        connected = socket.create_connection(address, *arguments)
        peer = connected.getpeername()[0]
        if is_public(peer):
            self._public = True
        elif self._public:
            connected.close()
            raise RefusedError(f"the server redirects to {peer}, a private address; give that address if you trust it")
        self._open.append(connected.dup())  # TLS takes the first one over
        return connected

    def end(self) -> None:
        """Close all connections; a thread that waits on one continues at once."""
        while self._open:
            with contextlib.suppress(OSError), self._open.pop() as connected:
                connected.shutdown(socket.SHUT_RDWR)


def is_public(address: str) -> bool:
    """Whether an IP address is on the public Internet, not on this computer or in a private network.

    Examples:
        >>> is_public("8.8.8.8"), is_public("192.168.0.1")
        (True, False)
    """
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
    """The handlers of urllib for ``http`` and ``https``, using these connections."""

    class Http(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(functools.partial(_Http, connections=connections), req)

    class Https(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
            return self.do_open(functools.partial(_Https, connections=connections), req)

    return Http(), Https()
