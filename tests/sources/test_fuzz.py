"""A short run of tests/fuzz.py: damaged files are read or refused in one line, within 1 GB and 20 seconds."""

from __future__ import annotations

import math
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("its limits are those of POSIX", allow_module_level=True)

import fuzz
from conftest import few
from fuzz_targets import TARGETS

COUNTS = {"reading": 15, "photo": 400, "pages": 150, "heic": 30, "pdf": 60}


@pytest.mark.parametrize("share", few([0.02, 1], 0.02))
@pytest.mark.parametrize("target", TARGETS)
def test_damaged_files_are_read_or_refused(target: str, share: float, capfd: pytest.CaptureFixture[str]) -> None:
    if target == "heic":
        pytest.importorskip("pi_heif", reason="the extra heic is not installed")
    assert fuzz.run(target, math.ceil(share * COUNTS.get(target, 300)), 0) == 0, capfd.readouterr().out


@pytest.mark.parametrize("target", ["selection", "heic"])
def test_what_takes_too_long_is_found(
    target: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def works_for_ever(data: bytes) -> None:
        while data:
            pass

    monkeypatch.setattr(fuzz, "SECONDS", 0.2)
    monkeypatch.setattr(fuzz, "seeds", lambda _target: [b""])
    monkeypatch.setattr(fuzz, "damaged", lambda _data, _chance: b"x")
    monkeypatch.setitem(TARGETS, target, works_for_ever)
    assert fuzz.run(target, 2, 7) == 2
    assert f"{target} 8:" in capfd.readouterr().out


def test_what_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def fails(_data: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(TARGETS, "selection", fails)
    assert fuzz.run("selection", 3, 7) == 3
    assert "selection 7:" in capfd.readouterr().out
