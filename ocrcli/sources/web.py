"""Photos at ``http://`` and ``https://`` addresses: nothing else is fetched, and no more than a photo's worth."""

from __future__ import annotations

import http.client
import string
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import IO, Any

from ocrcli.errors import InputError
from ocrcli.printable import printable
from ocrcli.sources.kinds import HEAD, format_of

SCHEMES = ("http", "https")
MAX_BYTES = 100_000_000
"""More than a photo has; a long PDF is better downloaded by hand."""
TIMEOUT = 20.0
"""Seconds to wait for the server's next bytes."""
TOTAL_TIMEOUT = 180.0
"""Seconds for the whole file."""
MAX_REDIRECTS = 5
_CHUNK = 1 << 16


class _RefusedError(Exception):
    """Why a download was not begun or not ended."""


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
        timeout: Seconds to wait for each answer of the server.
        total_timeout: Seconds after which to give up.

    Raises:
        InputError: If there is no such thing to be had.
    """
    name = printable(url)
    try:
        request = urllib.request.Request(_quoted(url), headers={"User-Agent": "ocrcli", "Accept": "image/*, */*"})
        with _opener().open(request, timeout=timeout) as response:
            return _body(response, name, max_bytes, time.monotonic() + total_timeout)
    except _RefusedError as error:
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


def _opener() -> urllib.request.OpenerDirector:
    """An opener that knows no other protocol: `urllib.request.urlopen` would read ``file://``, too."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
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
        raise _RefusedError("it holds a user name")
    path, query = (urllib.parse.quote(part, safe=string.punctuation) for part in (parts.path, parts.query))
    netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return urllib.parse.urlunsplit((parts.scheme, netloc, path, query, ""))


def _body(response: http.client.HTTPResponse, name: str, max_bytes: int, deadline: float) -> bytes:
    too_large = _RefusedError(f"it is larger than {max_bytes / 1e6:g} megabytes")
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
            raise _RefusedError("the server is too slow")
    if len(body) < declared:
        raise http.client.IncompleteRead(b"", declared - len(body))
    return bytes(body)


def _reason(text: object) -> str:
    return printable(str(text))[:200]
