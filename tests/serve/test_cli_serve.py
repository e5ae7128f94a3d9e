"""`ocr serve` with a real client: what it answers, whom it refuses, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES, ROOT, Ocr, bad_inputs, halved, one_line
from running import alive, children, wait

for extra in ("starlette", "uvicorn", "python_multipart"):
    pytest.importorskip(extra, reason="THE EXTRA serve IS MISSING: pip install starlette uvicorn python-multipart")
httpx = pytest.importorskip("httpx", reason="HTTPX IS MISSING: the server is untested; pip install httpx")

from serving import error, files, serving

from ocrcli.formats import FORMATS
from ocrcli.formats.csv import NO_TABLE
from ocrcli.serve.media import MEDIA

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform == "win32", reason="ends it by signals"),
]

TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return halved(EXAMPLES / "shopping_list.jpg", tmp_path_factory.mktemp("photos") / "note.jpg")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with serving("--max-size", "2") as (client, command):
        yield client
        assert command.process.poll() is None


def test_json_is_what_the_command_writes(client: Any, photo: Path, ocr: Ocr) -> None:
    answer = client.post("/read", files=files(photo))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == json.loads(ocr("read", "--format", "json", "note.jpg", cwd=photo.parent).stdout)
    jsonschema = pytest.importorskip("jsonschema", reason="JSONSCHEMA IS MISSING: the schema is unchecked")
    jsonschema.validate(answer.json(), json.loads((ROOT / "ocrcli/formats/page.schema.json").read_text()))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format(client: Any, photo: Path, name: str) -> None:
    if name == "pdf":
        pytest.importorskip("fpdf", reason="THE EXTRA pdf IS MISSING: pip install fpdf2")
    by_name = client.post("/read", params={"format": name}, files=files(photo))
    by_accept = client.post("/read", headers={"Accept": f"{MEDIA[name]}, */*;q=0.1"}, files=files(photo))
    if name == "csv":  # the note has no table
        assert error(by_name) == error(by_accept) == (422, "no-table", f"{photo.name}: {NO_TABLE}")
        return
    assert by_name.status_code == by_accept.status_code == 200
    assert by_name.headers["content-type"] == by_accept.headers["content-type"]
    assert by_name.headers["content-type"].partition(";")[0] == MEDIA[name]
    assert by_accept.content == by_name.content or name in ("page", "pdf")  # these hold the time
    assert b"SHOPPING" in by_name.content or name in ("hocr", "html", "pdf")


def test_the_query_is_as_the_flags(client: Any, photo: Path) -> None:
    def text(**query: str) -> str:
        answer = client.post("/read", params={"format": "text", **query}, files=files(photo))
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    assert text().startswith("SHOPPING\nMILK AND OATS\n")
    assert text(confidence="1").splitlines()[0].endswith("\tSHOPPING")
    assert not set(text(allow="0-9", language="none")) - set("0123456789 \n")
    assert "_" in text(**{"min-confidence": "0.999", "placeholder": "_"})
    assert text(threshold="li", denoise="median", orientation="0", recognizer="letters").startswith("SHOPPING")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("words=/etc/passwd", "no parameter 'words'"),
        ("model=x", "no parameter 'model'"),
        ("formt=text", "did you mean format?"),
        ("format=tex", "did you mean text?"),
        ("format=text&format=json", "given twice"),
        ("min-confidence=60", "from 0 to 1"),
        ("min-confidence=nan", "from 0 to 1"),
        ("confidence=maybe", "true or false"),
        ("pages=0", "pages"),
        ("allow=" + "x" * 1001, "shorten"),
        ("allow=%e4%b8%ad", "does not know"),
        ("language=%1b%5b31m", r"\\x1b"),
    ],
)
def test_a_wrong_query_is_told(client: Any, photo: Path, query: str, message: str) -> None:
    status, _, told = error(client.post(f"/read?{query}", files=files(photo)))
    assert status in (400, 422)
    assert message in told


def test_several_files_and_a_bad_one(client: Any, photo: Path) -> None:
    broken = ("file", ("C:\\in\\broken.jpg", b"\xff\xd8\xff broken", "image/jpeg"))
    answer = client.post("/read", files=[*files(photo), broken, *files(EXAMPLES / "sticky_note.jpg")])
    assert (answer.status_code, answer.headers["ocr-failed"]) == (200, "1")
    assert [page["image"] for page in answer.json()["pages"]] == ["note.jpg", "sticky_note.jpg"]
    assert [(one["image"], one["kind"]) for one in answer.json()["errors"]] == [("broken.jpg", "input")]
    lines = client.post("/read?format=jsonl", files=[broken, *files(photo)]).text.splitlines()
    assert [json.loads(line)["image"] for line in lines] == ["broken.jpg", "note.jpg"]
    text = client.post("/read?format=text&confidence=1", files=[*files(photo), *files(photo)]).text
    assert text.count("==> note.jpg <==\n") == 2
    assert error(client.post("/read?format=alto", files=[*files(photo), *files(photo)]))[0] == 400
    assert error(client.post("/read", files=[broken]))[:2] == (422, "input")
    assert len(client.post("/read", files=[broken, broken]).json()["errors"]) == 2


def test_bad_photos_are_refused_in_one_line(client: Any, tmp_path: Path) -> None:
    for name, path in bad_inputs(tmp_path).items():
        if path.is_file():
            status, kind, message = error(client.post("/read", files=files(path)))
            assert status in (400, 422), name
            assert kind in ("input", "nothing-written", "usage")
            assert message
    assert client.get("/health").json()["status"] == "ok"


def test_a_body_that_is_one_photo(client: Any, photo: Path) -> None:
    answer = client.post("/read?format=text", content=photo.read_bytes(), headers={"Content-Type": "image/jpeg"})
    assert answer.text.startswith("SHOPPING")
    assert error(client.post("/read", content=b"", headers={"Content-Type": "image/jpeg"}))[0] == 400
    assert error(client.post("/read", content=b"x", headers={"Content-Type": "text/plain"}))[0] == 415
    assert error(client.post("/read", data={"a": "b"}))[0] == 415
    assert error(client.post("/read", files={"a": (None, "no file")}))[0] == 400
    assert error(client.post("/read", content=b"x", headers={"Content-Type": "multipart/form-data"}))[0] == 400
    assert error(client.post("/read", files=files(photo), headers={"Accept": "image/png"}))[0] == 406
    assert error(client.get("/read"))[0] == 405
    assert error(client.get("/nothing"))[0] == 404


def test_what_is_too_large_is_refused(client: Any, photo: Path) -> None:
    large = [("file", ("large.jpg", photo.read_bytes() + bytes(2_000_000), "image/jpeg"))]
    assert error(client.post("/read", files=large))[:2] == (413, "too-large")

    def chunks() -> Iterator[bytes]:  # it does not say how long it will be
        for _ in range(40):
            yield bytes(100_000)

    answer = client.post("/read", content=chunks(), headers={"Content-Type": "image/jpeg"})
    assert error(answer)[:2] == (413, "too-large")


@pytest.mark.parametrize("path", ["/", "/page.js", "/page.css", "/health", "/openapi.json", "/nothing", "/read"])
def test_every_answer_is_safe(client: Any, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
    assert not {name for name in headers if name.startswith("access-control")}


def test_other_sites_are_refused(client: Any, photo: Path) -> None:
    for headers in ({"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example:80"}, {"Host": ""}):
        assert error(client.get("/", headers=headers))[0] == 403
    for origin in ("http://evil.example", "null", "http://localhost:1"):
        assert error(client.post("/read", files=files(photo), headers={"Origin": origin}))[0] == 403
    own = str(client.base_url).rstrip("/")
    assert client.post("/read", files=files(photo), headers={"Origin": own}).status_code == 200
    assert client.get("/", headers={"Host": "localhost:9"}).status_code == 200


def test_the_openapi_document_is_valid(client: Any) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {"/read", "/health"}
    names = {parameter["name"] for parameter in document["paths"]["/read"]["post"]["parameters"]}
    assert {"format", "language", "min-confidence"} <= names
    validator = pytest.importorskip(
        "openapi_spec_validator", reason="NO VALIDATOR: the OpenAPI document is unchecked; openapi-spec-validator"
    )
    validator.validate(document)


def test_others_need_a_token(photo: Path, ocr: Ocr) -> None:
    for arguments in (("--host", "0.0.0.0"), ("--token", "short"), ("--token", "with spaces in it")):
        done = ocr("serve", *arguments)
        assert done.returncode == 2
        assert one_line(done.stderr)
        assert "openssl rand" in done.stderr
    with serving("--host", "0.0.0.0", OCR_TOKEN=TOKEN) as (client, _):
        for path in ("/", "/health", "/openapi.json"):
            assert client.get(path, headers={"Host": "notes.example"}).status_code == 200
        for given in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xff"):
            answer = client.post("/read", files=files(photo), headers={"Authorization": given.encode("latin-1")})
            assert error(answer)[:2] == (401, "refused")
            assert answer.headers["www-authenticate"] == "Bearer"
        answer = client.post("/read", files=files(photo), headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200


def test_the_token_is_not_printed(ocr: Ocr) -> None:
    for arguments in (("config",), ("config", "--json"), ("doctor",), ("doctor", "--json")):
        done = ocr(*arguments, env={"OCR_TOKEN": TOKEN})
        assert "(secret)" in done.stdout
        assert TOKEN not in done.stdout + done.stderr


def test_a_port_that_is_taken(ocr: Ocr) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        done = ocr("serve", "--port", str(held.getsockname()[1]))
    assert done.returncode == 3
    assert one_line(done.stderr)
    assert "--port" in done.stderr


def test_a_worker_that_dies_costs_its_request_alone(photo: Path) -> None:
    with serving("--jobs", "1") as (client, command), ThreadPoolExecutor(1) as threads:
        (worker,) = children(command.process.pid)
        os.kill(worker, signal.SIGSTOP)
        asked = threads.submit(client.post, "/read", files=files(photo))
        wait(lambda: client.get("/health").json()["in_flight"] == 1)
        time.sleep(0.5)
        os.kill(worker, signal.SIGKILL)
        status, kind, message = error(asked.result())
        assert (status, kind) == (500, "process-died")
        assert "smaller photo" in message
        assert client.post("/read?format=text", files=files(photo)).text.startswith("SHOPPING")
        assert children(command.process.pid) != [worker]


def test_what_takes_too_long_is_ended(photo: Path) -> None:
    with serving("--timeout", "2", "--jobs", "1") as (client, command):
        (worker,) = children(command.process.pid)
        os.kill(worker, signal.SIGSTOP)
        assert error(client.post("/read", files=files(photo)))[:2] == (503, "too-slow")
        assert not alive(worker)
        with socket.create_connection((client.base_url.host, client.base_url.port)) as slow:  # an upload that stalls
            slow.sendall(
                b"POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 9\r\n\r\nx"
            )
            slow.settimeout(60)
            assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_too_many_at_once_are_told_to_wait_and_none_is_lost(photo: Path) -> None:
    body = photo.read_bytes()
    busy = []

    def ask(base: str) -> list[str]:
        texts = []
        with httpx.Client(base_url=base, timeout=90, trust_env=False) as client:
            for _ in range(3):
                while True:
                    answer = client.post("/read?format=text", content=body, headers={"Content-Type": "image/jpeg"})
                    if answer.status_code != 429:
                        break
                    busy.append(error(answer)[1])
                    time.sleep(float(answer.headers["retry-after"]) / 4)
                assert answer.status_code == 200
                texts.append(answer.text)
        return texts

    with serving("--in-flight", "8") as (client, _), ThreadPoolExecutor(20) as threads:
        texts = [text for one in threads.map(ask, [str(client.base_url)] * 20) for text in one]
    assert len(texts) == 60  # .ci/server load: 200
    assert len(set(texts)) == 1
    assert texts[0].startswith("SHOPPING\n")
    assert set(busy) == {"busy"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"])
def test_requests_in_flight_are_finished(photo: Path, number: int, code: int) -> None:
    with serving("--jobs", "1") as (client, command), ThreadPoolExecutor(4) as threads:
        workers = children(command.process.pid)
        os.kill(workers[0], signal.SIGSTOP)
        asked = [threads.submit(client.post, "/read", files=files(photo)) for _ in range(4)]
        wait(lambda: client.get("/health").json()["in_flight"] == 4)
        command.process.send_signal(number)
        time.sleep(1)
        os.kill(workers[0], signal.SIGCONT)
        assert command.process.wait(90) == code
        wait(lambda: "4 requests were answered" in command.lines)
        assert [one.result().status_code for one in asked] == [200] * 4
        assert not any(map(alive, workers))


def test_nothing_outlives_a_kill_and_nothing_is_kept(photo: Path, tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    with serving(TMPDIR=str(place)) as (client, command):
        padded = [("file", ("note.jpg", photo.read_bytes() + bytes(3_000_000), "image/jpeg"))]
        assert client.post("/read?format=text", files=padded).text.startswith("SHOPPING")
        workers = children(command.process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        wait(lambda: client.get("/health").json()["workers"] == 1)
        assert client.post("/read?format=text", files=padded).status_code == 200
        assert client.post("/read?format=text", files=padded).status_code == 200
        pending = threading.Thread(target=lambda: _ask(client, padded), daemon=True)
        pending.start()
        wait(lambda: client.get("/health").json()["in_flight"] == 1)
        workers = children(command.process.pid)
        command.process.kill()
        wait(lambda: not any(map(alive, workers)))
        assert {path.name for path in place.iterdir()} <= {".ses"}  # onnxruntime's own, of each process that uses it


def _ask(client: Any, padded: Any) -> None:
    try:
        client.post("/read", files=padded)
    except httpx.HTTPError:
        return
