"""Write what docs/commands says of every command, from the code: ``python -m tests.docs_commands``.

A page is written by hand but for the block between two markers, which is made here. A page that is missing is begun.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ocrcli.cli.app import BARE, COMMANDS, keys_of, load

PAGES = Path(__file__).parent.parent / "docs" / "commands"

BEGIN = "<!-- usage: made by python -m tests.docs_commands -->"
END = "<!-- end of usage -->"


def options_of(name: str) -> list[Any]:
    """The options of a command, without its --help."""
    return [option for option in load(name).params if option.param_type_name == "option" and option.name != "help"]


def usage(name: str) -> str:
    """The block of a command: its usage, what it says of itself, its arguments and options."""
    command = load(name)
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    called = " ".join(["ocr", name, "[OPTIONS]", *(f"{p.metavar}{'...' if p.nargs == -1 else ''}" for p in arguments)])
    parts = [f"## Usage\n\n    {called}", inspect.cleandoc(command.help)]
    if arguments:
        parts.append(_table(("argument", "what it is"), [(f"`{p.metavar}`", _escaped(p.help)) for p in arguments]))
    rows = [(_flags(p), _escaped(_meaning(p)), _default(p)) for p in options_of(name)]
    parts.append(_table(("option", "what it does", "default"), rows))
    if keys := keys_of(name):
        parts.append(f"Can be kept in [`ocr.toml`](../settings.md): {', '.join(f'`{key}`' for key in keys)}.")
    return "\n\n".join([BEGIN, *parts, END])


def page(name: str, written: str | None) -> str:
    """A command's page.

    Args:
        name: The command.
        written: The page as it is; None if there is none yet.

    Raises:
        ValueError: If the page has no place for what is made here.
    """
    if written is None:
        return f"# ocr {name}\n\n{COMMANDS[name]}\n\n{usage(name)}\n"
    made, count = re.subn(f"{BEGIN}.*?{END}", lambda _: usage(name), written, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"the page of {name} needs one block from {BEGIN} to {END}")
    return made


def _flags(option: Any) -> str:
    value = "NAME" if "|" in (option.metavar or "") else option.metavar or ""
    long = f"{option.opts[0]}[={value}]" if option.opts[0] in BARE else f"{option.opts[0]} {value}".rstrip()
    return ", ".join(f"`{flag}`" for flag in (long, *option.opts[1:], *option.secondary_opts))


def _meaning(option: Any) -> str:
    names = (option.metavar or "").split("|")
    one_of = f" One of {', '.join(f'`{name}`' for name in names)}." if len(names) > 1 else ""
    return f"{option.help}{one_of}"


def _default(option: Any) -> str:
    default = ",".join(option.default) if isinstance(option.default, list | tuple) else option.default
    if option.is_flag:
        return "" if default is not True else f"`{option.opts[0]}`"
    if default is None:
        return "required" if option.required else ""
    return f"`{default}`"


def _escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows))


def main() -> None:
    """Write all pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in COMMANDS:
        path = PAGES / f"{name}.md"
        path.write_text(page(name, path.read_text(encoding="utf-8") if path.exists() else None), encoding="utf-8")


if __name__ == "__main__":
    main()
