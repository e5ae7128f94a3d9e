"""Settings that people keep: `ocr.toml` of the user, that of the project, the environment, in rising order.

A flag beats them all. A key is spelt like the flag: `min-confidence = 0.6` stands for `--min-confidence 0.6`. At the
top of a file it holds for every command that has such a flag, in a table such as `[eval]` for that command alone.
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
"""Environment variable that names a file to read instead of those found; empty for none."""

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
        "stages",
        "force",
    }
    | {"ground-truth", "out", "report"}
)
"""Flags about one run, as where its results go: not to be kept."""

NO_FILE = "none"
"""What an option that takes a file may say instead, to do without."""


@dataclass(frozen=True, slots=True)
class Preference:
    """A setting and where it comes from.

    Attributes:
        value: What the option takes: a string, a number, a boolean, or a list of strings.
        origin: Path of a file, or name of an environment variable.
    """

    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Key:
    """An option that may be kept.

    Attributes:
        name: Its name in a file: the flag without its dashes.
        parameter: Its name as a parameter of the command's function.
        many: Whether it takes several values.
        is_path: Whether it names a file; in `ocr.toml`, relative to that file.
        default: Its value where nothing else is said.
    """

    name: str
    parameter: str
    many: bool
    is_path: bool
    default: Any

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + self.name.upper().replace("-", "_")


Table = Mapping[str, Any]
Known = Callable[[str], Mapping[str, Key]]
"""Gives the keys of a command by name."""


def found_files(folder: Path, environment: Mapping[str, str]) -> list[Path]:
    """The settings files that count, the weakest first: the user's, then the nearest above `folder`."""
    if INSTEAD in environment:
        return [Path(environment[INSTEAD])] if environment[INSTEAD] else []
    from platformdirs import user_config_path

    places = [user_config_path("ocr", appauthor=False), folder, *folder.parents]
    user, *above = [place / FILE_NAME for place in places]
    project = next((path for path in above if path.is_file()), None)
    return [path for path in dict.fromkeys((user, project)) if path is not None and path.is_file()]


def read_file(path: Path) -> Table:
    """The contents of a settings file.

    Raises:
        UsageError: If it cannot be read or is not TOML.
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
    """What is kept for a command, by the parameters of its function.

    Args:
        command: Its name.
        commands: The names of all commands.
        keys_of: Their keys; asked for another command's only if `command` has none of that name.
        files: Paths and contents, the weakest first.
        environment: The environment variables.

    Raises:
        UsageError: If a file has an unknown key, or a value of no use.
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
    """What a file says to one command: the top, overruled by the command's own table."""
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
    """Advice that names what was probably meant."""
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
