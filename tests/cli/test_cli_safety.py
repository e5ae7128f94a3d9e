"""What is read is not written over, and nothing ends in a traceback: odd names, closed streams, endless files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES, Ocr, environment, few, one_line

from ocrcli.cli.support import preferences
from ocrcli.core.errors import UsageError
from ocrcli.core.files import check_free, write_file

NOTE = EXAMPLES / "shopping_list.jpg"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="a matter of POSIX")


@pytest.mark.parametrize(
    ("flag", "name", "content"),
    [("--words", "w.txt", "milk\n"), ("--model", "w.txt", "no model"), ("", "ocr.toml", "quiet = true\n")],
)
def test_other_files_that_are_read_are_not_written_over(
    ocr: Ocr, tmp_path: Path, flag: str, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    arguments = [flag, name] if flag else []
    environment = {"OCR_CONFIG": name} if name == "ocr.toml" else {}
    taken = ["-o", "w"] if name == "w.txt" else ["--boxes-out", name]
    done = ocr("read", "--force", *taken, *arguments, NOTE, cwd=tmp_path, env=environment)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert f"{name} is an input file; choose another place" in done.stderr
    assert path.read_text() == content


@POSIX
def test_links_and_pipes_stay_what_they_are(tmp_path: Path) -> None:
    dangling, pipe, link, file = (tmp_path / name for name in ("dangling", "pipe", "link", "file"))
    dangling.symlink_to(tmp_path / "nowhere")
    os.mkfifo(pipe)
    file.write_bytes(b"old")
    link.symlink_to(file)
    with pytest.raises(UsageError, match="is a broken link; remove it"):
        check_free(dangling, force=True)
    with pytest.raises(UsageError, match="is a pipe or a device"):
        check_free(pipe, force=True)
    with pytest.raises(UsageError, match="is a folder; give the name of a file in it"):
        check_free(tmp_path, force=True)
    check_free(link, force=True)
    write_file(b"new", link)
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


@pytest.mark.parametrize("stem", ["", ".", "..", "x/", "x/.", "/"])
def test_an_output_that_is_no_stem_is_one_line(ocr: Ocr, tmp_path: Path, stem: str) -> None:
    done = ocr("read", "-o", stem, NOTE, cwd=tmp_path)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert "is not a file name; add the start of a name, as in --output " in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flags", [("--boxes-out", ""), ("--stages", ""), ("--boxes-out", ".")])
def test_empty_names_of_other_outputs_leave_nothing_behind(ocr: Ocr, tmp_path: Path, flags: tuple[str, str]) -> None:
    done = ocr("read", *flags, NOTE, cwd=tmp_path)
    assert "Traceback" not in done.stderr


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell in which OCR stands for the command."""
    line = command.replace("OCR", f"{sys.executable} -m ocrcli")
    return subprocess.run(["sh", "-c", line], cwd=cwd, capture_output=True, text=True, env=environment(), check=False)


@pytest.mark.slow
@POSIX
def test_a_closed_stderr_leaves_stdout_to_the_data(tmp_path: Path) -> None:
    done = shell(f"OCR read {NOTE} 2>&-", tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("SHOPPING\n")
    assert "confidence" not in done.stdout
    assert shell("OCR read missing.jpg 2>&-", tmp_path).stdout == ""


@POSIX
@pytest.mark.parametrize(
    "command",
    few([f"read -q {NOTE}", "config", "--version", "--help", f"read -q -f json {NOTE}"], "config", "--version"),
)
def test_a_closed_stdout_is_told_in_one_line(tmp_path: Path, command: str) -> None:
    done = shell(f"OCR {command} >&-", tmp_path)
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert "stdout" in done.stderr


@pytest.mark.slow
@POSIX
def test_all_streams_may_be_closed_where_nothing_goes_to_them(tmp_path: Path) -> None:
    done = shell(f"OCR read -o note {NOTE} <&- >&- 2>&-", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "note.txt").read_text().startswith("SHOPPING\n")
    done = shell("OCR read - <&-", tmp_path)
    assert done.returncode == 3
    assert "the file is empty" in done.stderr


@pytest.mark.parametrize("content", [f"jobs = {'1' * 5000}\n", f"min-confidence = {'1' * 5000}\n", "a = " + "[" * 5000])
def test_settings_of_thousands_of_digits_are_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ocr.toml"
    path.write_text(content)
    with pytest.raises(UsageError, match="not valid TOML") as caught:
        preferences.read_file(path)
    assert len(str(caught.value)) < 1000


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("read", "--words", "/dev/zero", str(NOTE)), 3),
        (("read", "--model", "/dev/zero", str(NOTE)), 4),
        (("eval", "--ground-truth", "/dev/zero", str(NOTE)), 3),
        (("read", "/dev/zero"), 3),
    ],
)
def test_files_without_an_end_are_refused(ocr: Ocr, arguments: tuple[str, ...], code: int) -> None:
    done = ocr(*arguments)
    assert done.returncode == code
    assert one_line(done.stderr)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero")
def test_settings_without_an_end_are_refused(ocr: Ocr) -> None:
    done = ocr("read", NOTE, env={"OCR_CONFIG": "/dev/zero"})
    assert done.returncode == 2
    assert one_line(done.stderr)
