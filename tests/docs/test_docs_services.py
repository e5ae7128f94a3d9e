"""The services of the documentation: systemd takes the unit, and what unit and property list start reads photos."""

from __future__ import annotations

import configparser
import os
import plistlib
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import docs_blocks
import pytest
from running import running, wait
from small_notes import WORDS, draw_note

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="ends it by signals")]

(UNIT,) = docs_blocks.blocks("ini", "watch.md")
(PROPERTIES,) = docs_blocks.blocks("xml", "watch.md")


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("SYSTEMD IS MISSING: the unit of the docs is not checked")
    command = tmp_path / ".venv" / "bin" / "ocr"
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    (tmp_path / "ocr-watch.service").write_text(UNIT.text)
    home = {**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        [systemd, "--user", "verify", tmp_path / "ocr-watch.service"],
        check=False,
        env=home,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def unit() -> list[str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]  # keys keep their capitals
    parser.read_string(UNIT.text)
    service = parser["Service"]
    assert service["SuccessExitStatus"] == str(128 + signal.SIGTERM)
    return shlex.split(service["ExecStart"].replace("%h", "/Users/me"))


def properties() -> list[str]:
    held = plistlib.loads(PROPERTIES.text.encode())
    assert held["KeepAlive"] == {"SuccessfulExit": False}
    return list(held["ProgramArguments"])


@pytest.mark.parametrize("service", [unit, properties])
def test_what_is_started_reads_photos(service: object, tmp_path: Path) -> None:
    pytest.importorskip("watchfiles", reason="THE EXTRA watch IS MISSING: pip install watchfiles")
    pytest.importorskip("fpdf", reason="THE EXTRA pdf IS MISSING: pip install fpdf2")
    program, *arguments = service()  # type: ignore[operator]
    assert program == "/Users/me/.venv/bin/ocr"
    inbox = tmp_path / "Pictures" / "inbox"
    draw_note(inbox / "a.png", 0)
    with running(*(argument.replace("/Users/me", str(tmp_path)) for argument in arguments)) as command:
        wait((inbox / "a.png.txt").exists)
        assert command.end(signal.SIGTERM) == 128 + signal.SIGTERM
    assert (inbox / "a.png.txt").read_text() == f"{WORDS[0]}\n"
