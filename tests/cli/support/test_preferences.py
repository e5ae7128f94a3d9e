"""Settings of files and of the environment: which wins, and that nothing in them does harm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.cli.support.preferences import FILE_NAME, Key, found_files, nearest, preferences, read_file
from ocrcli.core.errors import UsageError

KEYS = {
    "read": [Key("threshold", "threshold", False, False, "auto"), Key("format", "format", True, False, ["text"]),
             Key("model", "model", False, True, None), Key("min-confidence", "min_confidence", False, False, 0.0)],
    "eval": [Key("threshold", "threshold", False, False, "auto"), Key("top", "top", False, False, 10)],
}  # fmt: skip


def keys_of(command: str) -> dict[str, Key]:
    return {key.name: key for key in KEYS[command]}


def kept(
    *files: tuple[str, Mapping[str, Any]], command: str = "read", environment: Mapping[str, str] | None = None
) -> dict[str, tuple[Any, str]]:
    paths = [(Path(path), table) for path, table in files]
    found = preferences(command, KEYS, keys_of, paths, environment or {})
    return {name: (preference.value, preference.origin) for name, preference in found.items()}


def test_the_environment_beats_the_project_beats_the_user() -> None:
    files = [("/user", {"threshold": "li", "min-confidence": 0.2, "model": "/m"}), ("/project", {"threshold": "yen"})]
    assert kept(*files) == {
        "threshold": ("yen", "/project"), "min_confidence": (0.2, "/user"), "model": ("/m", "/user"),
    }  # fmt: skip
    assert kept(*files, environment={"OCR_THRESHOLD": "otsu"})["threshold"] == ("otsu", "OCR_THRESHOLD")


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert kept(environment={"OCR_THRESHOLD": ""}) == {}


def test_a_commands_own_table_beats_the_top() -> None:
    table = {"threshold": "li", "eval": {"threshold": "yen"}}
    assert kept(("f", table))["threshold"][0] == "li"
    assert kept(("f", table), command="eval")["threshold"][0] == "yen"


def test_a_key_of_another_command_is_passed_over() -> None:
    assert kept(("f", {"top": 3, "eval": {"top": 4}})) == {}


def test_several_values_come_from_a_list_or_from_commas() -> None:
    for value in ("text,json", ["text", "json"]):
        assert kept(("f", {"format": value}))["format"][0] == ["text", "json"]
    assert kept(environment={"OCR_FORMAT": "text, json"})["format"][0] == ["text", "json"]


def test_a_path_in_a_file_is_meant_from_there() -> None:
    assert kept(("/home/me/ocr.toml", {"model": "mine.onnx"}))["model"][0] == str(Path("/home/me/mine.onnx"))
    assert kept(environment={"OCR_MODEL": "mine.onnx"})["model"][0] == "mine.onnx"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"treshold": "li"}, "'treshold'; did you mean 'threshold'?"),
        ({"min_confidence": 1}, "did you mean 'min-confidence'?"),
        ({"read": {"top": 1}}, "'top' in [read]"),
        ({"raed": {}}, "[raed]; did you mean 'read'?"),
        ({"xyz": 1}, "there are: format,"),
        ({"threshold": ["li"]}, "threshold takes one value"),
        ({"format": 3}, "format takes a string or a list"),
        ({"format": [3]}, "format takes a string or a list"),
    ],
)
def test_what_makes_no_sense_is_an_error_that_helps(table: Mapping[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        kept(("/etc/ocr.toml", table))
    assert str(caught.value).startswith(str(Path("/etc/ocr.toml")))
    assert said in str(caught.value)


def test_the_nearest_file_above_counts_after_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user, deep = tmp_path / "user", tmp_path / "project" / "photos" / "may"
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_args, **_kwargs: user)
    for folder in (user, deep):
        folder.mkdir(parents=True)
    assert not found_files(deep, {})
    (tmp_path / FILE_NAME).touch()
    (user / FILE_NAME).touch()
    assert found_files(deep, {}) == [user / FILE_NAME, tmp_path / FILE_NAME]
    (deep.parent / FILE_NAME).touch()
    assert found_files(deep, {}) == [user / FILE_NAME, deep.parent / FILE_NAME]
    assert found_files(user, {}) == [user / FILE_NAME]
    assert found_files(deep, {"OCR_CONFIG": "other.toml"}) == [Path("other.toml")]
    assert found_files(deep, {"OCR_CONFIG": ""}) == []


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.just(b"a=" + b"[" * 5000))
def test_any_bytes_are_settings_or_one_clear_line(content: bytes) -> None:
    class Stored(type(Path())):  # type: ignore[misc]
        def read_bytes(self) -> bytes:
            return content

    try:
        table = read_file(Stored("ocr.toml"))
        preferences("read", KEYS, keys_of, [(Path("ocr.toml"), table)], {})
    except UsageError as error:
        assert str(error).startswith("ocr.toml: ")


VALUES = st.recursive(
    st.text(max_size=5) | st.integers() | st.floats() | st.booleans() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["threshold", "format", "model", "top", "read", "eval"]) | st.text(max_size=6)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_table_gives_known_settings_or_one_clear_line(table: dict[str, Any]) -> None:
    try:
        found = kept(("ocr.toml", table))
    except UsageError as error:
        assert str(error).startswith("ocr.toml: ")
    else:
        assert found.keys() <= {key.parameter for key in KEYS["read"]}
        assert all(isinstance(value, str | int | float | list) for value, _ in found.values())


@given(st.text(max_size=20))
def test_advice_names_what_there_is(name: str) -> None:
    assert any(known in nearest(name, ["threshold", "OCR_TOP"]) for known in ("threshold", "OCR_TOP"))


def test_advice_goes_by_what_was_meant() -> None:
    assert "'OCR_THRESHOLD'" in nearest("OCR_TRESHOLD", ["OCR_TOP", "OCR_THRESHOLD"])
