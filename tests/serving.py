"""A server as people start it, and a client that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from running import Running, running


@contextmanager
def serving(
    *arguments: str | Path, cwd: Path | None = None, **variables: str
) -> Iterator[tuple[httpx.Client, Running]]:
    """Start `ocr serve` on a free port; gives a client of it, and the command."""
    with running("serve", "--port", "0", *arguments, cwd=cwd, **variables) as command:
        address = command.line("serving on").removeprefix("serving on ").partition(";")[0]
        local = address.replace("0.0.0.0", "127.0.0.1")
        # Without the environment's proxy, which is none of this computer's business.
        with httpx.Client(base_url=local, timeout=90, trust_env=False) as client:
            yield client, command


def files(*photos: Path) -> list[tuple[str, tuple[str, bytes, str]]]:
    """Photos as a form sends them."""
    return [("file", (photo.name, photo.read_bytes(), "image/jpeg")) for photo in photos]


def error(answer: Any) -> tuple[int, str, str]:
    """Status, kind and message of an error, which is one line."""
    told = answer.json()["error"]
    assert "\n" not in told["message"]
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, told["kind"], told["message"]
