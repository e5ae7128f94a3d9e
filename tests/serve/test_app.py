"""The server without a process: its application is asked directly, and one reader stands for the workers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES, halved

for extra in ("starlette", "uvicorn", "python_multipart"):
    pytest.importorskip(extra, reason="THE EXTRA serve IS MISSING: pip install starlette uvicorn python-multipart")
httpx = pytest.importorskip("httpx", reason="HTTPX IS MISSING: the server is untested; pip install httpx")

from ocrcli import Reader
from ocrcli.core.errors import ProcessDiedError
from ocrcli.serve import app, reading
from ocrcli.serve.guard import Rules


class Workers:
    """Stands for the worker processes; the names of some files make them fail."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def alive(self) -> int:
        return 1

    def do(self, job: reading.Job, seconds: float) -> reading.Reply:
        if job.files[0][0] == "deadly.jpg":
            raise ProcessDiedError("the process that read it died; try a smaller photo")
        if job.files[0][0] == "bug.jpg":
            raise ZeroDivisionError
        if job.files[0][0] == "full.jpg":
            raise OSError(28, "No space left on device")
        return reading.answer(self._reader, job)


@pytest.fixture
def ask(reader: Reader) -> Any:
    limits = app.Limits(size=1_000_000, seconds=60, in_flight=2, jobs=1)
    held = app.Server(Workers(reader), limits, reader.settings, "http://localhost")  # type: ignore[arg-type]
    served = app.application(held, Rules("127.0.0.1", "correct-horse-battery"))

    def request(method: str, path: str, **how: Any) -> Any:
        async def asked() -> Any:
            transport = httpx.ASGITransport(served, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                headers = {"Authorization": "Bearer correct-horse-battery", **how.pop("headers", {})}
                return await client.request(method, path, headers=headers, **how)

        return asyncio.run(asked())

    return request


def form(name: str, content: bytes = b"x") -> dict[str, Any]:
    return {"files": [("file", (name, content, "image/jpeg"))]}


@pytest.fixture
def photo(tmp_path: Path) -> bytes:
    return halved(EXAMPLES / "sticky_note.jpg", tmp_path / "note.jpg").read_bytes()


def test_a_photo_is_read_in_the_format_that_is_asked_for(ask: Any, photo: bytes) -> None:
    assert ask("POST", "/read", **form("note.jpg", photo)).json()["pages"][0]["image"] == "note.jpg"
    raw = ask("POST", "/read", content=photo, headers={"Content-Type": "image/jpeg", "Accept": "text/plain"})
    assert "Soup is on" in raw.text
    sure = ask("POST", "/read?format=text&confidence=1&language=en", **form("note.jpg", photo)).text
    assert all(line[1] == "." and "\t" in line for line in sure.splitlines())


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [("deadly.jpg", 500, "process-died"), ("bug.jpg", 500, "unexpected"), ("full.jpg", 507, "no-room"),
     ("text.jpg", 422, "input")],
)  # fmt: skip
def test_what_goes_wrong_is_one_line(ask: Any, name: str, status: int, kind: str) -> None:
    answer = ask("POST", "/read", **form(name))
    assert (answer.status_code, answer.json()["error"]["kind"]) == (status, kind)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "how", "status"),
    [
        ("/read?formt=1", form("a"), 400),
        ("/read", {"headers": {"Authorization": ""}}, 401),
        ("/read", {"headers": {"Host": "evil.example"}}, 403),
        ("/read", {"headers": {"Origin": "http://evil.example"}}, 403),
        ("/read", {**form("a"), "headers": {"Accept": "image/png"}}, 406),
        ("/read", form("a", bytes(1_000_001)), 413),
        ("/read", {"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415),
        ("/read", {"content": b"", "headers": {"Content-Type": "image/png"}}, 400),
        ("/nothing", {}, 404),
    ],
)
def test_what_is_refused(ask: Any, path: str, how: dict[str, Any], status: int) -> None:
    answer = ask("POST", path, **how)
    assert answer.status_code == status
    assert "\n" not in answer.json()["error"]["message"]


def test_too_many_at_once(reader: Reader) -> None:
    limits = app.Limits(size=1000, seconds=1, in_flight=0, jobs=1)
    held = app.Server(Workers(reader), limits, reader.settings, "http://localhost")  # type: ignore[arg-type]
    served = app.application(held, Rules("127.0.0.1"))

    async def asked() -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://localhost") as client:
            return await client.post("/read", content=b"x")

    answer = asyncio.run(asked())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_the_other_paths(ask: Any) -> None:
    assert ask("GET", "/health").json()["status"] == "ok"
    assert ask("GET", "/openapi.json").json()["openapi"].startswith("3.")
    page = ask("GET", "/")
    assert 'capture="environment"' in page.text
    assert "unsafe" not in page.headers["content-security-policy"]
    assert ask("GET", "/page.js").headers["content-type"].startswith("text/javascript")
    assert ask("GET", "/page.css").headers["content-type"].startswith("text/css")
