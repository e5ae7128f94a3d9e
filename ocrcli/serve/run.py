"""Run the server: the socket, the worker processes, and an end that finishes what is in flight."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

from ocrcli.core.errors import InputError, UsageError
from ocrcli.core.extras import import_extra
from ocrcli.core.settings import Settings
from ocrcli.serve import reading
from ocrcli.serve.guard import Rules, is_loopback
from ocrcli.workers.crew import Crew

SHORTEST_TOKEN = 12
"""Fewest characters of a token; a shorter one can be guessed."""

CONNECTIONS = 500
"""Most connections at once, also of those that say nothing."""


def check_rules(host: str, token: str) -> Rules:
    """Who may ask a server on this host.

    Raises:
        UsageError: If others than this computer can ask, and there is no token that cannot be guessed.
    """
    advice = "make one, as with: openssl rand -hex 16"
    if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
        raise UsageError(f"--token needs {SHORTEST_TOKEN} characters or more, of ASCII without spaces; {advice}")
    if not token and not is_loopback(host):
        raise UsageError(f"--host {host} lets others read photos here; add --token TOKEN; {advice}")
    return Rules(host, token)


def serve(
    settings: Settings, host: str, port: int, rules: Rules, size: int, seconds: float, in_flight: int, jobs: int,
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    """Serve until a signal ends it; requests in flight are finished.

    Args:
        settings: How to read, where a request does not say.
        host: Address to listen on.
        port: Its port; 0 for any that is free.
        rules: Who may ask.
        size: Most bytes of a request.
        seconds: Seconds that an upload may take, and again those that a reading may take.
        in_flight: Most requests at once.
        jobs: Number of worker processes.
        tell: Called with the address, once the server listens, and with a line at the end.

    Raises:
        MissingExtraError: If a package is missing.
        InputError: If the address cannot be used.
        OcrError: If the models cannot be used.
    """
    for module in ("starlette", "uvicorn", "python_multipart"):
        import_extra(module, "to serve")
    import uvicorn

    from ocrcli.serve.app import Limits, Server, application

    listening = _listening(host, port)
    address = _address(host, listening)
    crew: Crew[reading.Job, reading.Reply] = Crew(partial(reading.prepare, settings), jobs)
    try:
        crew.wait()
        server = Server(crew, Limits(size, seconds, in_flight, jobs), settings, address)
        config = uvicorn.Config(
            application(server, rules), log_level="warning", access_log=False, server_header=False, ws="none",
            lifespan="off", limit_concurrency=CONNECTIONS, timeout_graceful_shutdown=int(2 * seconds) + 1,
            proxy_headers=False,
        )  # fmt: skip
        tell(f"serving on {address}; Ctrl-C ends it")
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            tell(f"{server.answered} requests were answered")
    finally:
        crew.stop()
        listening.close()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        advice = "choose another --port, or --port 0 for any" if host else "choose another --host"
        raise InputError(f"{host} port {port}: cannot listen ({error.strerror}); {advice}") from error
    except OverflowError as error:
        raise UsageError(f"--port {port}: give a number from 0 to 65535") from error


def _address(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
