"""Addresses, against a server on this machine: what is fetched, and how much of it."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLES
from pictures import assert_alike, encoded, picture
from PIL import Image

from ocrcli import read
from ocrcli.core.errors import InputError
from ocrcli.pipeline.reading import Reader
from ocrcli.sources import connection, expand, web

PNG = encoded(picture(), "PNG")
PDF = encoded(Image.new("L", (80, 48), 50), "PDF", save_all=True, append_images=[Image.new("L", (80, 48), 150)])
EXAMPLE = EXAMPLES / "shopping_list.jpg"


class Handler(BaseHTTPRequestHandler):
    """Serves each case under its own path."""

    sent = 0

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0].strip("/")
        if path.startswith("to/"):  # /to/ADDRESS redirects there
            self.answer(302, b"", Location=path.removeprefix("to/"))
        elif path.startswith("round"):  # each leads to the next
            self.answer(302, b"", Location=f"/round{int(path.removeprefix('round')) + 1}")
        elif path.startswith("status/"):
            self.answer(int(path.removeprefix("status/")), b"\x1b[31mno")
        elif path == "endless":
            self.endless()
        elif path == "unanswered":
            Server.released.wait(10)
        elif path == "dripping":
            self.drip(b"HTTP/1.0 200 OK\r\nX: ")
        elif path == "dripping-body":
            self.drip(b"HTTP/1.0 200 OK\r\n\r\n")
        elif path == "garbage":
            self.wfile.write(b"\xff\xfe\n\n")
        elif path == "short":
            self.answer(200, PNG, **{"Content-Length": str(len(PNG) + 100)})
        elif path == "too-much-said":
            self.answer(200, PNG, **{"Content-Length": str(10**12)})
        else:
            known = {"note.txt": PNG, "scan": PDF, "page.png": b"<!doctype html>" + b" " * 10**6, "empty": b""}
            known["n%C3%B6te%20a.png"] = PNG
            known["example"] = EXAMPLE.read_bytes()
            self.answer(200 if path in known else 404, known.get(path, b""))

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self, head: bytes) -> None:
        """A byte at a time, more often than anyone waits for the next."""
        try:
            self.wfile.write(head)
            while not Server.released.wait(0.05):
                self.wfile.write(b"x")
        except OSError:
            pass

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            self.wfile.write(PNG)
            for _ in range(1000):
                self.wfile.write(bytes(10_000))
                Handler.sent += 10_000
        except OSError:  # whom it was for has gone
            pass


class Server(ThreadingHTTPServer):
    """Says nothing of clients that went away, which is what they are made to do here."""

    released = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Pass over it."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def error_of(url: str, **limits: float) -> str:
    with pytest.raises(InputError) as caught:
        web.fetch(url, **limits)  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.isprintable()
    return message


def test_a_picture_is_told_by_its_bytes_not_by_its_name(site: str) -> None:
    (source,) = expand([f"{site}/note.txt?size=3#top"])
    assert source.name == f"{site}/note.txt?size=3#top"
    assert_alike(source.load(2000).grey, picture(), 0)


def test_what_is_at_an_address_is_read(site: str) -> None:
    (source,) = expand([f"{site}/example"])
    assert Reader().read(source).text == read(EXAMPLE).text


def test_pages_of_a_pdf_at_an_address(site: str) -> None:
    found = list(expand([f"{site}/scan"], pages="2,1"))
    assert [source.name for source in found] == [f"{site}/scan#2", f"{site}/scan#1"]
    assert [round(float(np.median(source.load(100).grey)), -1) for source in found] == [150, 50]


def test_letters_beyond_ascii_are_escaped(site: str) -> None:
    assert web.fetch(f"{site}/nöte a.png") == PNG


def test_redirects_are_followed_so_far(site: str) -> None:
    assert web.fetch(f"{site}/to//note.txt") == PNG
    assert "the server redirects in a loop" in error_of(f"{site}/round0")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a.png", "gopher://127.0.0.1/"])
def test_redirects_lead_nowhere_else(site: str, target: str) -> None:
    assert "the server redirects in a loop or to an address that is not http; give" in error_of(f"{site}/to/{target}")


def test_what_is_too_large_is_refused_before_it_comes(site: str) -> None:
    assert "it is larger than 100 megabytes; download it" in error_of(f"{site}/too-much-said")


def test_what_does_not_end_is_cut_off(site: str) -> None:
    Handler.sent = 0
    assert "it is larger than 0.1 megabytes" in error_of(f"{site}/endless", max_bytes=100_000)
    assert Handler.sent < 9_000_000  # what the buffers between the two hold, not all


def test_a_page_of_text_is_not_downloaded(site: str) -> None:
    assert "page.png: not an image; give a JPEG" in error_of(f"{site}/page.png", max_bytes=2 * 10**6)


def test_nothing_at_all(site: str) -> None:
    assert "the file is empty" in error_of(f"{site}/empty")


def test_a_download_that_breaks_off(site: str) -> None:
    assert "cannot be fetched (IncompleteRead" in error_of(f"{site}/short")


def test_a_server_that_does_not_answer(site: str) -> None:
    assert "no answer within 0.05 seconds; try again later" in error_of(f"{site}/unanswered", timeout=0.05)


def test_a_server_that_is_too_slow(site: str) -> None:
    assert "the server is too slow; download it" in error_of(f"{site}/endless", total_timeout=-1)


def test_a_server_that_drips_its_headers_has_one_deadline(site: str) -> None:
    begun = time.monotonic()
    assert "no answer within 0.5 seconds; try again later" in error_of(f"{site}/dripping", timeout=0.5)
    assert time.monotonic() - begun < 30


def test_a_server_that_drips_its_body_has_one_deadline(site: str) -> None:
    assert "the server is too slow" in error_of(f"{site}/dripping-body", timeout=60, total_timeout=-0.5)


def test_a_public_address_leads_to_no_private_one(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = iter([True, False])
    monkeypatch.setattr(connection, "is_public", lambda _: next(asked))
    message = error_of(f"{site}/to/{site}/note.txt")
    assert "the server redirects to 127.0.0.1, a private address; give that address if you trust it" in message


def test_a_private_address_leads_anywhere(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = iter([False, True])
    monkeypatch.setattr(connection, "is_public", lambda _: next(asked))
    assert web.fetch(f"{site}/to/{site}/note.txt") == PNG


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *[(address, True) for address in ("8.8.8.8", "2606:4700::1111")],
        *[(address, False) for address in ("127.0.0.1", "10.0.0.7", "169.254.169.254", "0.0.0.0", "::1")],
        *[(address, False) for address in ("fe80::1%eth0", "::ffff:127.0.0.1")],
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert connection.is_public(address) is public


@pytest.mark.parametrize(("status", "reason"), [(404, "Not Found"), (500, "Internal Server Error"), (403, "Forbidden")])
def test_what_the_server_refuses(site: str, status: int, reason: str) -> None:
    assert error_of(f"{site}/status/{status}").endswith(f"the server answers {status} ({reason}); check the address")


def test_a_server_that_speaks_something_else(site: str) -> None:
    assert "cannot be fetched (" in error_of(f"{site}/garbage")
    assert "cannot be fetched (" in error_of(site.replace("http:", "https:") + "/note.txt")


def test_nobody_there() -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        assert "cannot be fetched (Connection refused); check the address" in error_of(
            f"http://127.0.0.1:{taken.getsockname()[1]}/a.png"
        )


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///a.png",
        "http://[::1/a.png",
        "http://127.0.0.1:port/",
        "http://127.0.0.1:99999/",
        "http://a b/",
        "http://127.0.0.1/\x1b[2J\n",
        "http://" + "x" * 300 + "/",
        "http://ö..ä/",
        "http://user:secret@127.0.0.1/",
        "http://\0/",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    error_of(url)


@pytest.mark.parametrize("scheme", ["file", "ftp", "data"])
def test_the_opener_knows_no_other_protocol(scheme: str) -> None:
    assert "cannot be fetched (unknown url type" in error_of(f"{scheme}://127.0.0.1/etc/passwd")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of 127.0.0.1, which nobody trusts yet."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed, so there is no certificate to test https:// with")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*command, "-keyout", path, "-out", path.with_name("cert.pem")], check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_name("cert.pem").read_text())
    return path


@pytest.fixture
def safe_site(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_https_with_a_certificate_that_is_trusted(
    safe_site: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("cert.pem")))
    assert web.fetch(f"{safe_site}/note.txt") == PNG


def test_https_with_a_certificate_that_is_not(safe_site: str) -> None:
    message = error_of(f"{safe_site}/note.txt")
    assert "certificate verify failed" in message
    assert message.endswith("; check the address and the network")


def test_a_bad_address_spoils_no_other(site: str) -> None:
    found = list(expand([f"{site}/nowhere.png", f"{site}/note.txt"]))
    assert [source.error is None for source in found] == [False, True]
