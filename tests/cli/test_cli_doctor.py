"""`ocr doctor`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnxruntime
import pytest
from conftest import Ocr

from ocrcli.core.files import shipped
from ocrcli.core.onnx_model import DEVICES


def report(ocr: Ocr, **variables: str) -> dict[str, dict[str, str]]:
    done = ocr("doctor", "--json", env=variables)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return dict(json.loads(done.stdout))


def test_it_says_what_is_here_and_what_works(ocr: Ocr) -> None:
    told = report(ocr)
    assert told["versions"]["onnxruntime"] == onnxruntime.__version__
    assert told["devices"]["cpu"] == "works"
    available = onnxruntime.get_available_providers()
    missing = [name for name, provider in DEVICES.items() if provider and provider not in available]
    assert all("not installed" in told["devices"][name] for name in missing)
    digest = hashlib.sha256(shipped("letters.onnx").read_bytes()).hexdigest()
    assert digest in told["models"]["letters.onnx"]
    assert "DAMAGED" not in "".join(told["models"].values())
    assert told["terminal"]["stdout"] == "no terminal"


def test_a_missing_extra_comes_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from ocrcli.cli import doctor

    monkeypatch.setattr(
        "importlib.metadata.requires",
        lambda _name: ['no-such-thing>=3; extra == "magic"', 'pytest>=8; extra == "test"', 'x; extra == "dev"'],
    )  # fmt: skip
    told = doctor._extras()
    assert told["magic"] == "no-such-thing missing; run: pip install no-such-thing"
    assert told["test"].startswith("pytest ")
    assert "dev" not in told


def test_people_get_the_same_facts(ocr: Ocr) -> None:
    printed = ocr("doctor").stdout
    for title, facts in report(ocr).items():
        assert f"{title}\n" in printed
        for name in facts:
            assert name in printed


def test_broken_settings_are_told_and_do_not_stop_it(ocr: Ocr, tmp_path: Path) -> None:
    file = tmp_path / "ocr.toml"
    file.write_text("no toml")
    told = report(ocr, OCR_CONFIG=str(file), OCR_THRESHOLD="\x1b[31m")
    assert "not valid TOML" in told["settings"][str(file)]
    file.write_text("treshold = 'yen'")
    assert "did you mean 'threshold'" in report(ocr, OCR_CONFIG=str(file))["settings"][str(file)]
    file.write_text("threshold = 'yen'")
    assert report(ocr, OCR_CONFIG=str(file))["settings"][str(file)] == "read"
    assert "\x1b" not in ocr("doctor", env={"OCR_THRESHOLD": "\x1b[31m"}).stdout
