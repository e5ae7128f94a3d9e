"""What all tests share: the command as people run it, the examples, and the real photos where they are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
REAL_DATA = ROOT.parent / "shared" / "data"

Ocr = Callable[..., subprocess.CompletedProcess[str]]


def run_ocr(*arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a shell would; stdout and stderr are text."""
    done = subprocess.run(
        [sys.executable, "-m", "ocrcli", *map(str, arguments)], input=stdin, capture_output=True, cwd=cwd, check=False
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def ocr() -> Ocr:
    return run_ocr


@pytest.fixture(scope="session")
def example() -> Path:
    """One of the example notes."""
    return EXAMPLES / "shopping_list.jpg"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if REAL_DATA.is_dir():
        return
    skip = pytest.mark.skip(reason=f"REAL PHOTOS ARE MISSING: {REAL_DATA} is not there")
    for item in items:
        if item.get_closest_marker("realdata"):
            item.add_marker(skip)
