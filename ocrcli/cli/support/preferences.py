"""Kept settings: the user's `ocr.toml`, the project's `ocr.toml`, environment variables; later ones win, then flags.

A key is spelt like its flag: `min-confidence = 0.6` means `--min-confidence 0.6`. At the top of a file it applies to
all commands with this flag, in a table such as `[eval]` to that command only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrcli.core.errors import UsageError
from ocrcli.core.files import read_text
from ocrcli.core.printable import printable

FILE_NAME = "ocr.toml"

PREFIX = "OCR_"

INSTEAD = "OCR_CONFIG"
"""Environment variable that names a file to read instead of both `ocr.toml` files; empty for no file."""

PER_RUN = frozenset(
    {
        "help",
        "json",
        "line",
        "output",
        "output-dir",
        "to",
        "resume",
        "retry-failed",
        "errors",
        "boxes-out",
        "copy",
        "stages",
        "force",
    }
    | {"ground-truth", "out", "report"}
)
"""Flags for one run only, such as output paths, which cannot be kept."""

SECRET = frozenset({"token"})
"""Flags whose values are printed by no command."""

HIDDEN = "(secret)"
"""What is printed instead."""

NO_FILE = "none"
"""Value of an option for a file that means no file."""


@dataclass(frozen=True, slots=True)
class Preference:
    """The value of a setting and where it comes from.

    Attributes:
        value: The value: a string, a number, a boolean, or a list of strings.
        origin: Path of a file, or name of an environment variable.
    """

    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Key:
    """An option that can be kept.

    Attributes:
        name: Name in a file: the flag without its dashes.
        parameter: Name of the parameter in the function of the command.
        many: Whether it takes several values.
        is_path: Whether it is a path; in `ocr.toml` it is relative to that file.
        default: Default value.
    """

    name: str
    parameter: str
    many: bool
    is_path: bool
    default: Any

    @property
    def variable(self) -> str:
        """Name of its environment variable."""
        return PREFIX + self.name.upper().replace("-", "_")


Table = Mapping[str, Any]
Known = Callable[[str], Mapping[str, Key]]
"""Function that returns the keys of a command, by name."""


def found_files(folder: Path, environment: Mapping[str, str]) -> list[Path]:
    """The settings files in effect, the weakest first: the user's, then the nearest in or above `folder`."""
    if INSTEAD in environment:
        return [Path(environment[INSTEAD])] if environment[INSTEAD] else []
    from platformdirs import user_config_path

    places = [user_config_path("ocr", appauthor=False), folder, *folder.parents]
    user, *above = [place / FILE_NAME for place in places]
    project = next((path for path in above if path.is_file()), None)
    return [path for path in dict.fromkeys((user, project)) if path is not None and path.is_file()]


def read_file(path: Path) -> Table:
    """Read a settings file.

    Raises:
        UsageError: If it cannot be read or is not valid TOML.
    """
    import tomllib

    try:
        return tomllib.loads(read_text(path))
    except OSError as error:
        raise UsageError(f"{path}: the settings cannot be read ({error.strerror}); see {INSTEAD}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        reason = printable(str(error))[:200] or "nested too deeply"
        raise UsageError(f"{path}: not valid TOML ({reason}); correct it there") from error


def preferences(
    command: str,
    commands: Iterable[str],
    keys_of: Known,
    files: Iterable[tuple[Path, Table]],
    environment: Mapping[str, str],
) -> dict[str, Preference]:
    """The kept settings of a command, by the parameters of its function.

    Args:
        command: Name of the command.
        commands: Names of all commands.
        keys_of: Function that returns the keys of a command; called for other commands only for unknown keys.
        files: Paths and contents of the settings files, the weakest first.
        environment: Environment variables.

    Raises:
        UsageError: If a file has an unknown key or a wrong value.
    """
    keys, kept = keys_of(command), {}
    for path, table in files:
        for name, value in _for_command(path, table, command, tuple(commands), keys_of).items():
            kept[keys[name].parameter] = Preference(_value(path, keys[name], value), str(path))
    for key in keys.values():
        text = environment.get(key.variable)
        if text:
            kept[key.parameter] = Preference(_listed(text) if key.many else text, key.variable)
    return kept


def _for_command(path: Path, table: Table, command: str, commands: tuple[str, ...], keys_of: Known) -> dict[str, Any]:
    """The settings of a file for one command: those at the top, then those in its own table, which win."""
    shared = {name: value for name, value in table.items() if not isinstance(value, dict)}
    tables = {name: value for name, value in table.items() if isinstance(value, dict)}
    for name in tables.keys() - set(commands):
        raise _unknown(path, f"table [{name}]", name, commands)
    own = tables.get(command, {})
    for name in own.keys() - keys_of(command).keys():
        raise _unknown(path, f"key {name!r} in [{command}]", name, keys_of(command))
    for name in shared.keys() - keys_of(command).keys():
        everywhere = {key for other in commands for key in keys_of(other)}
        if name not in everywhere:
            raise _unknown(path, f"key {name!r}", name, everywhere)
    return {name: value for name, value in shared.items() if name in keys_of(command)} | own


def _unknown(path: Path, what: str, name: str, known: Iterable[str]) -> UsageError:
    return UsageError(f"{path}: unknown {what}; {nearest(name, known)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Advice for a wrong name: the most similar known name, or all known names."""
    from difflib import get_close_matches

    names = {known_name.lower().replace("_", "-"): known_name for known_name in sorted(known)}
    near = get_close_matches(name.lower().replace("_", "-"), names, n=1, cutoff=0.5)
    return f"did you mean {names[near[0]]!r}?" if near else f"there are: {', '.join(names.values())}"


def _value(path: Path, key: Key, value: Any) -> Any:
    if key.many:
        value = _listed(value) if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UsageError(f"{path}: {key.name} takes a string or a list of strings; correct it there")
        return value
    if not isinstance(value, str | int | float):
        raise UsageError(f"{path}: {key.name} takes one value, not {type(value).__name__}; correct it there")
    return str(path.parent / value) if key.is_path and isinstance(value, str) and value != NO_FILE else value


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]
