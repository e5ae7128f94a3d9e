"""Download of photos from ``http://`` and ``https://`` addresses, with limits on size and time."""

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
"""Largest download in bytes. It is more than any photo needs; download larger PDFs by hand."""
TIMEOUT = 20.0
"""Seconds until the server answers, with all redirects; and later, seconds to wait for the next bytes."""
TOTAL_TIMEOUT = 180.0
"""Seconds for the whole file."""
MAX_REDIRECTS = 5
_CHUNK = 1 << 16


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urllib.parse.urlsplit(newurl).scheme not in SCHEMES:  # urllib would follow a redirect to ftp
            raise urllib.error.HTTPError(newurl, code, msg, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(
    url: str, *, max_bytes: int = MAX_BYTES, timeout: float = TIMEOUT, total_timeout: float = TOTAL_TIMEOUT
) -> bytes:
    """Download an image or PDF. The first bytes are checked, and nothing else is downloaded.

    Args:
        url: An ``http://`` or ``https://`` address.
        max_bytes: Largest size.
        timeout: Seconds until the server answers, with all redirects.
        total_timeout: Seconds for the whole file after that.

    Returns:
        The bytes of the file.

    Raises:
        InputError: If it cannot be downloaded, is not an image or PDF, or is too large or too slow.
    """
    name, connections = printable(url), Connections()
    try:
        request = urllib.request.Request(_quoted(url), headers={"User-Agent": "ocrcli", "Accept": "image/*, */*"})
        response = _with_timeout(timeout, lambda: _opener(connections).open(request, timeout=timeout))
        with response:
            return _download(response, name, max_bytes, total_timeout)
    except RefusedError as error:
        raise InputError(f"{name}: {error}; download it with a browser and give the file") from error
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:
            advice = "redirects in a loop or to an address that is not http; give the final address from a browser"
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


def _with_timeout(seconds: float, task: Callable[[], Result]) -> Result:
    """Run a task in a thread and wait for it for a limited time.

    A socket timeout is not enough: a server that sends one byte now and then would never reach it.

    Raises:
        TimeoutError: If the task takes longer. The caller then closes the connection that it waits for.
    """
    outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcomes.put((task(), None))
        except BaseException as error:  # raised again in the waiting thread
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
    """An opener for http and https only: `urllib.request.urlopen` would also read ``file://``."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        *handlers(connections),
        urllib.request.HTTPDefaultErrorHandler(),
        _CheckedRedirects(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _quoted(url: str) -> str:
    """Escape an address as browsers do: non-ASCII characters and spaces, and the host in its ASCII form."""
    parts = urllib.parse.urlsplit(url.strip())
    if not parts.hostname:
        raise ValueError("it has no host")
    if parts.username is not None:
        raise RefusedError("it holds a user name")
    path, query = (urllib.parse.quote(part, safe=string.punctuation) for part in (parts.path, parts.query))
    netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return urllib.parse.urlunsplit((parts.scheme, netloc, path, query, ""))


def _download(response: http.client.HTTPResponse, name: str, max_bytes: int, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    try:
        return _with_timeout(seconds + 1, lambda: _body(response, name, max_bytes, deadline))
    except TimeoutError as error:
        raise RefusedError("the server is too slow") from error


def _body(response: http.client.HTTPResponse, name: str, max_bytes: int, deadline: float) -> bytes:
    too_large = RefusedError(f"it is larger than {max_bytes / 1e6:g} megabytes")
    declared = response.length or 0  # the Content-Length; 0 if there is none
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
