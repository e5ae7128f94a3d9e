"""`ocr watch` and `ocr serve` where what they need is missing, and what `ocr doctor` says of that."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT, Ocr, one_line

from ocrcli.cli import doctor
from ocrcli.core.extras import EXTRA_PACKAGES


@pytest.mark.parametrize(("command", "module"), [("watch", "watchfiles"), ("serve", "starlette"), ("serve", "uvicorn")])
def test_a_missing_extra_is_told_with_what_brings_it(
    ocr: Ocr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, module: str
) -> None:
    if module == "uvicorn":
        pytest.importorskip("starlette")
    monkeypatch.setitem(sys.modules, module, None)
    done = ocr(command, *([str(tmp_path)] if command == "watch" else []))
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert f"pip install {EXTRA_PACKAGES[module]}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_tells_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    listed = [f'{needed}; extra == "{extra}"' for extra, packages in extras.items() for needed in packages]
    monkeypatch.setattr("importlib.metadata.requires", lambda _name: listed)
    assert {"serve", "watch"} <= doctor._extras().keys()
    for extra in ("serve", "watch"):
        assert set(extras[extra]) <= set(extras["dev"])
