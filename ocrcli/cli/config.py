"""`ocr config`: print the settings in effect, and where each comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrcli.cli import app
from ocrcli.cli.support.console import err, out
from ocrcli.cli.support.preferences import HIDDEN, SECRET, Key, Preference
from ocrcli.core.printable import printable

DEFAULT = "default"


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print the settings in effect in the format of ocr.toml, and where each comes from.

    Settings come from ocr.toml in your configuration folder, ocr.toml in this folder or the nearest folder above it,
    environment variables such as OCR_THRESHOLD, and flags. The later ones win. OCR_CONFIG names a file to read instead
    of both ocr.toml files.
    """
    files = app.settings_files()
    effective = {
        name: {key.name: (key, _shown(key, kept.get(key.parameter))) for key in keys.values()}
        for name in app.COMMANDS
        for keys, kept in [(app.keys_of(name), app.preferences_of(name))]
        if keys
    }
    if as_json:
        settings = {name: {k: _entry(v) for k, (_, v) in kept.items()} for name, kept in effective.items()}
        out(json.dumps({"files": [str(path) for path, _ in files], "settings": settings}, indent=1))
    else:
        for number, (name, settings_of) in enumerate(effective.items()):
            out(f"{chr(10) if number else ''}[{name}]")
            for key, preference in settings_of.values():
                out(_line(key, preference))
    for warning in app.unused_variables():
        err(warning)


def _shown(key: Key, preference: Preference | None) -> Preference:
    """What is printed of a setting: the default if it is not set, and no secret."""
    if preference is None:
        return Preference(key.default, DEFAULT)
    return Preference(HIDDEN, preference.origin) if key.name in SECRET and preference.value else preference


def _entry(preference: Preference) -> dict[str, Any]:
    return {"value": _plain(preference.value), "from": preference.origin}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value


def _line(key: Key, preference: Preference) -> str:
    value = _plain(preference.value)
    setting = f"# {key.name} is not set" if value in (None, []) else f"{key.name} = {toml(value)}"
    return printable(f"{setting:<28}  # {preference.origin}")


def toml(value: Any) -> str:
    """A string, number, boolean or list of strings in TOML.

    Examples:
        >>> toml(["text", "json"])
        '["text", "json"]'
    """
    # TOML has the escapes of JSON except those of characters above 16 bits, and requires DEL to be escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
