"""Photos at ``http://`` and ``https://`` addresses: nothing else is fetched, and no more than a photo's worth."""

from __future__ import annotations

import http.client
import queue
import string
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import IO, Any, TypeVar, cast

from ocrcli.core.errors import InputError
from ocrcli.core.printable import printable
from ocrcli.sources.connection import Connections, RefusedError, handlers
from ocrcli.sources.decoding.kinds import HEAD, format_of
from ocrcli.sources.decoding.limits import PIPE_BYTES

Result = TypeVar("Result")

SCHEMES = ("http", "https")
MAX_BYTES = PIPE_BYTES
"""More than a photo has; a long PDF is better downloaded by hand."""
TIMEOUT = 20.0
"""Seconds until the server has answered, wherever it sends us on to, and for its next bytes then."""
TOTAL_TIMEOUT = 180.0
"""Seconds for the whole file."""
MAX_REDIRECTS = 5
_CHUNK = 1 << 16


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urllib.parse.urlsplit(newurl).scheme not in SCHEMES:  # urllib would let ftp pass
            raise urllib.error.HTTPError(newurl, code, msg, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(
    url: str, *, max_bytes: int = MAX_BYTES, timeout: float = TIMEOUT, total_timeout: float = TOTAL_TIMEOUT
) -> bytes:
    """Download an image or PDF; what it is, its first bytes say, and what is none is not downloaded.

    Args:
        url: An ``http://`` or ``https://`` address.
        max_bytes: The most to take.
        timeout: Seconds until the server has answered, with all addresses that it sends us on to.
        total_timeout: Seconds for the whole file after that.

    Raises:
        InputError: If there is no such thing to be had.
    """
    name, connections = printable(url), Connections()
    try:
        request = urllib.request.Request(_quoted(url), headers={"User-Agent": "ocrcli", "Accept": "image/*, */*"})
        response = _within(timeout, lambda: _opener(connections).open(request, timeout=timeout))
        with response:
            return _whole(response, name, max_bytes, total_timeout)
    except RefusedError as error:
        raise InputError(f"{name}: {error}; download it with a browser and give the file") from error
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:
            advice = "sends us on in circles or to no http:// address; give the address at which a browser ends up"
            raise InputError(f"{name}: the server {advice}") from error
        raise InputError(
            f"{name}: the server answers {error.code} ({_reason(error.reason)}); check the address"
        ) from error
    except TimeoutError as error:
        raise InputError(f"{name}: no answer within {timeout:g} seconds; try again later") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        cause = getattr(error, "reason", None) or error
        if isinstance(cause, TimeoutError):
            raise InputError(f"{name}: no answer within {timeout:g} seconds; try again later") from error
        reason = _reason(getattr(cause, "strerror", None) or cause)
        raise InputError(f"{name}: cannot be fetched ({reason}); check the address and the network") from error
    finally:
        connections.end()


def _within(seconds: float, task: Callable[[], Result]) -> Result:
    """Do a task, and wait no longer than that for its end: a server that sends a byte now and then has no other bound.

    Raises:
        TimeoutError: If it has not ended by then; what it waits for is closed by the caller.
    """
    outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcomes.put((task(), None))
        except BaseException as error:  # it is raised again, by the thread that waits
            outcomes.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        result, error = outcomes.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return cast(Result, result)


def _opener(connections: Connections) -> urllib.request.OpenerDirector:
    """An opener that knows no other protocol: `urllib.request.urlopen` would read ``file://``, too."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        *handlers(connections),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _quoted(url: str) -> str:
    """An address as browsers send it: letters beyond ASCII and spaces escaped, the host in its ASCII form."""
    parts = urllib.parse.urlsplit(url.strip())
    if not parts.hostname:
        raise ValueError("there is no host in it")
    if parts.username is not None:
        raise RefusedError("it holds a user name")
    path, query = (urllib.parse.quote(part, safe=string.punctuation) for part in (parts.path, parts.query))
    netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return urllib.parse.urlunsplit((parts.scheme, netloc, path, query, ""))


def _whole(response: http.client.HTTPResponse, name: str, max_bytes: int, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    try:
        return _within(seconds + 1, lambda: _body(response, name, max_bytes, deadline))
    except TimeoutError as error:
        raise RefusedError("the server is too slow") from error


def _body(response: http.client.HTTPResponse, name: str, max_bytes: int, deadline: float) -> bytes:
    too_large = RefusedError(f"it is larger than {max_bytes / 1e6:g} megabytes")
    declared = response.length or 0  # what the server says; 0 if it does not
    if declared > max_bytes:
        raise too_large
    body = bytearray(response.read(HEAD))
    format_of(bytes(body), name)
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise too_large
        if time.monotonic() > deadline:
            raise RefusedError("the server is too slow")
    if len(body) < declared:
        raise http.client.IncompleteRead(b"", declared - len(body))
    return bytes(body)


def _reason(text: object) -> str:
    return printable(str(text))[:200]
