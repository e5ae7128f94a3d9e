"""The commands, each loaded when it is asked for, and the one place where an error becomes an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, cast, get_args, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from ocrcli.cli import INTERRUPTED, PIPE_CLOSED, forget_stdout, print_version, usage
from ocrcli.cli.support import preferences
from ocrcli.cli.support.console import err
from ocrcli.core.errors import OcrError, UsageError

COMMANDS = {
    "read": "Print the text of photographed notes.",
    "batch": "Read very many photos into a table, one row a page.",
    "eval": "Measure how well images are read, against ground truth.",
    "explain": "Show why a line was read as it was, and what else was close.",
    "thresholds": "Compare the threshold methods on one photo.",
    "config": "Print the settings in effect, and where each comes from.",
    "doctor": "Check this installation, and say what to do about what does not work.",
}
"""Each is the function `command` of the module of its name; what `ocr --help` says of it."""

PLAIN: dict[str, Any] = {
    # Plain help and usage errors: names that people pass in are never taken for markup.
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


BARE = {"--show-boxes": "--show-boxes=terminal"}
"""Options that may stand without their value, and what they mean then; typer does not know such."""


class _Command(TyperCommand):
    """A command whose options may be kept in files and in the environment."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        return super().parse_args(ctx, [BARE.get(argument, argument) for argument in args[:end]] + args[end:])

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        # A broken file must not stand in the way of help, completion, and commands that have nothing to keep.
        wanted = keys_of(str(info_name)) and not extra.get("resilient_parsing") and not {"-h", "--help"} & set(args)
        kept = preferences_of(str(info_name)) if wanted else {}
        for warning in unused_variables(str(info_name)) if wanted and info_name != "config" else ():
            err(warning)
        extra["default_map"] = {name: preference.value for name, preference in kept.items()}
        try:
            return super().make_context(info_name, args, parent, **extra)
        except typer.BadParameter as error:
            name = getattr(error.param, "name", None)
            source = error.ctx.get_parameter_source(name) if error.ctx and name in kept else None
            if source is not None and source.name == "DEFAULT_MAP":
                error.message += f" (from {kept[str(name)].origin})"
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:
        usage.write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        usage.write_examples(str(self.name), formatter)


@cache
def load(name: str) -> Any:
    """The command of that name, a key of `COMMANDS`, as click has it."""
    alone = typer.Typer(add_completion=False, **PLAIN)
    alone.command(name, cls=_Command)(import_module(f"ocrcli.cli.{name}").command)
    return typer.main.get_command(alone)


@cache
def keys_of(name: str) -> dict[str, preferences.Key]:
    """What may be kept for a command, by the names that files use."""
    keys, hints = {}, get_type_hints(import_module(f"ocrcli.cli.{name}").command)
    for option in load(name).params:
        flag = option.opts[0].removeprefix("--")
        if option.param_type_name == "option" and flag not in preferences.PER_RUN:
            is_path = Path in (hints[option.name], *get_args(hints[option.name]))
            keys[flag] = preferences.Key(flag, option.name, option.multiple, is_path, option.default)
    return keys


@cache
def settings_files() -> list[tuple[Path, preferences.Table]]:
    """The settings files that count, the weakest first, and what they say."""
    return [(path, preferences.read_file(path)) for path in preferences.found_files(Path.cwd(), os.environ)]


def preferences_of(name: str) -> dict[str, preferences.Preference]:
    """What is kept for a command, by the parameters of its function."""
    return preferences.preferences(name, COMMANDS, keys_of, settings_files(), os.environ)


def unused_variables(*names: str) -> Iterator[str]:
    """A line for each environment variable that begins like a setting and is none.

    Args:
        names: Commands whose settings are looked through first; the others are loaded only if it is none of these.
    """
    strange = {name for name in os.environ if name.startswith(preferences.PREFIX)} - {preferences.INSTEAD}
    known: dict[str, str] = {}
    for name in (*names, *COMMANDS):
        if not strange - known.keys():
            return
        known |= {key.variable: key.name for key in keys_of(name).values()}
    for variable in sorted(strange - known.keys()):
        near = preferences.nearest(variable, [*known, preferences.INSTEAD])
        yield f"ocr: the environment variable {variable} is no setting; {near}"


class _Commands(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = cast(Any, dict.fromkeys(COMMANDS))  # the names, to list and to suggest

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        usage.write_exit_codes(formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and (advice := usage.photo_as_command(args[0])):
            raise UsageError(advice)
        return super().resolve_command(ctx, args)

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
    try:
        code = app(prog_name="ocr", standalone_mode=False)
    except usage.ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message(), file=sys.stderr)
        else:
            err(f"ocr: {usage.one_line(error)}")
        raise SystemExit(error.exit_code) from None
    raise SystemExit(code if isinstance(code, int) else 0)
