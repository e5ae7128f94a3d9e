"""`ocr config` and what it reports."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from conftest import Ocr, one_line
from hypothesis import given
from hypothesis import strategies as st

from ocrcli import read
from ocrcli.cli.config import toml

HOSTILE = ["[red]x[/red]", "<script>alert(1)</script>", "\x1b[31m", "new\nline", "\u202edcba", "a'b\"c\\d"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "ocr.toml").write_text('threshold = "yen"\n[eval]\ntop = 3\n')
    return tmp_path


def settings(ocr: Ocr, cwd: Path, **variables: str) -> dict[str, dict[str, dict[str, object]]]:
    done = ocr("config", "--json", cwd=cwd, env={"OCR_CONFIG": str(cwd / "ocr.toml"), **variables})
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["settings"])


def test_every_setting_says_where_it_comes_from(ocr: Ocr, project: Path) -> None:
    found = settings(ocr, project, OCR_DENOISE="median")
    assert found["read"]["threshold"] == {"value": "yen", "from": str(project / "ocr.toml")}
    assert found["read"]["denoise"] == {"value": "median", "from": "OCR_DENOISE"}
    assert found["read"]["device"] == {"value": "auto", "from": "default"}
    assert found["eval"]["top"] == {"value": 3, "from": str(project / "ocr.toml")}


def test_what_it_prints_is_an_ocr_toml(ocr: Ocr, project: Path) -> None:
    found = settings(ocr, project)
    printed = ocr("config", cwd=project, env={"OCR_CONFIG": str(project / "ocr.toml")}).stdout
    told = {name: {key: entry["value"] for key, entry in keys.items()} for name, keys in found.items()}
    set_here = {name: {k: v for k, v in keys.items() if v not in (None, [])} for name, keys in told.items()}
    assert tomllib.loads(printed) == set_here
    (project / "ocr.toml").write_text(printed)
    assert {n: {k: e["value"] for k, e in keys.items()} for n, keys in settings(ocr, project).items()} == told


def test_settings_are_heeded_and_flags_beat_them(ocr: Ocr, project: Path, example: Path) -> None:
    (project / "ocr.toml").write_text("confidence = true\n")
    env = {"OCR_CONFIG": str(project / "ocr.toml")}
    assert "\t" in ocr("read", example, env=env).stdout
    assert "\t" not in ocr("read", example, env={**env, "OCR_CONFIDENCE": "false"}).stdout
    assert ocr("read", "--threshold", "auto", example, env={"OCR_THRESHOLD": "nonsense"}).stdout == (
        read(example).text + "\n"
    )


def test_a_value_of_no_use_says_where_it_is_from(ocr: Ocr, example: Path) -> None:
    done = ocr("read", example, env={"OCR_THRESHOLD": "nonsense"})
    assert done.returncode == 2
    assert "from OCR_THRESHOLD" in done.stderr


@pytest.mark.parametrize("content", ["treshold = 1", "no toml", "threshold = []", "\x00"])
def test_a_wrong_file_is_one_line_and_never_hides_the_help(ocr: Ocr, tmp_path: Path, content: str) -> None:
    file = tmp_path / "ocr.toml"
    file.write_text(content)
    for command in ("config", "read"):
        done = ocr(command, *(["x.jpg"] if command == "read" else []), env={"OCR_CONFIG": str(file)})
        assert done.returncode == 2
        assert one_line(done.stderr)
        assert str(file) in done.stderr
        assert not done.stdout
    assert ocr("read", "--help", env={"OCR_CONFIG": str(file)}).returncode == 0


def test_a_missing_file_that_was_named_is_an_error(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("config", env={"OCR_CONFIG": str(tmp_path / "none.toml")})
    assert done.returncode == 2
    assert one_line(done.stderr)


def test_a_misspelt_variable_is_told(ocr: Ocr) -> None:
    done = ocr("config", env={"OCR_TRESHOLD": "yen"})
    assert done.returncode == 0
    assert "OCR_TRESHOLD" in done.stderr
    assert "'OCR_THRESHOLD'" in done.stderr


@pytest.mark.parametrize("value", HOSTILE)
def test_values_are_harmless(ocr: Ocr, value: str) -> None:
    done = ocr("config", env={"OCR_MODEL": value, "OCR_X\x1b[31m": "1"})
    assert "\x1b" not in done.stdout + done.stderr
    assert tomllib.loads(done.stdout)["read"]["model"] == value


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_strings_survive_being_written(text: str) -> None:
    assert tomllib.loads(f"x = {toml(text)}")["x"] == text
