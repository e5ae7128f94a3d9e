"""The commands, each loaded when it is asked for, and the one place where an error becomes an exit code."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Annotated, Any, cast

import typer
from typer.core import TyperGroup

from ocrcli.cli import INTERRUPTED, PIPE_CLOSED, forget_stdout, print_version
from ocrcli.cli.console import err
from ocrcli.errors import OcrError

COMMANDS = {
    "read": "Print the text of photographed notes.",
    "eval": "Measure how well images are read, against ground truth.",
    "thresholds": "Compare the threshold methods on one photo.",
}
"""Each is the function `command` of the module of its name; what `ocr --help` says of it."""

PLAIN: dict[str, Any] = {
    # Plain help and usage errors: names that people pass in are never taken for markup.
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


@cache
def load(name: str) -> Any:
    """The command of that name, a key of `COMMANDS`, as click has it."""
    alone = typer.Typer(add_completion=False, **PLAIN)
    alone.command(name)(import_module(f"ocrcli.cli.{name}").command)
    return typer.main.get_command(alone)


class _Commands(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = cast(Any, dict.fromkeys(COMMANDS))  # the names, to list and to suggest

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except OcrError as error:
            err(f"ocr: {error}")
            raise SystemExit(error.exit_code) from None
        except KeyboardInterrupt:
            err("ocr: interrupted")
            raise SystemExit(INTERRUPTED) from None
        except BrokenPipeError:  # typer would make it a plain 1
            forget_stdout()
            raise SystemExit(PIPE_CLOSED) from None


app = typer.Typer(cls=_Commands, no_args_is_help=True, **PLAIN)


def _version(wanted: bool) -> None:
    if wanted:
        print_version()
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Read photographed handwritten notes, offline, with a confidence for every letter."""


def run() -> None:
    """Do what the arguments of this process ask for, and exit."""
    app(prog_name="ocr")
