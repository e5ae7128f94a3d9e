"""The commands, loaded when they are used; and the one place where an error becomes an exit code."""

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

from ocrcli.cli import INTERRUPTED, PIPE_CLOSED, discard_stdout, print_version, usage
from ocrcli.cli.support import preferences
from ocrcli.cli.support.console import err
from ocrcli.core.errors import OcrError, UsageError

COMMANDS = {
    "read": "Print the text of photographed notes.",
    "batch": "Read very many photos into a Parquet table, one row a page.",
    "watch": "Read photos as they appear in a folder.",
    "serve": "Read photos that are sent by HTTP, and show a page for it.",
    "eval": "Measure the error rates on images with ground truth.",
    "learn": "Learn a hand from photos with their text, to read the next ones better.",
    "hands": "List the hands that were learnt, or remove one.",
    "explain": "Show the score and the runner-up readings of a line.",
    "thresholds": "Compare the threshold methods on one photo.",
    "config": "Print the settings in effect, and where each comes from.",
    "doctor": "Check this installation, and say how to repair it.",
}
"""Name -> what `ocr --help` says. Each command is the function `command` in the module of its name."""

PLAIN: dict[str, Any] = {
    # Plain help and usage errors: names from the user must not be taken for markup.
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


BARE = {"--show-boxes": ("terminal", "none", "file")}
"""Options that may be given without a value: their values, of which the first is meant then. Typer has no such
options."""


class _Command(TyperCommand):
    """A command whose options can also be set in `ocr.toml` and in environment variables."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        return super().parse_args(ctx, _with_values(args[:end]) + args[end:])

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        # A broken file must not prevent help, completion, or commands without settings.
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


def _with_values(arguments: list[str]) -> list[str]:
    """The arguments with a value at each option of `BARE`: the word behind it if that is one and names no file."""
    given: list[str] = []
    for argument in arguments:
        if given and given[-1] in BARE:
            values = BARE[given[-1]]
            if argument in values and not Path(argument).exists():
                given[-1] += f"={argument}"
                continue
            given[-1] += f"={values[0]}"
        given.append(argument)
    return [f"{argument}={BARE[argument][0]}" if argument in BARE else argument for argument in given]


@cache
def load(name: str) -> Any:
    """Load the click command of a name, a key of `COMMANDS`."""
    alone = typer.Typer(add_completion=False, **PLAIN)
    alone.command(name, cls=_Command)(import_module(f"ocrcli.cli.{name}").command)
    return typer.main.get_command(alone)


@cache
def keys_of(name: str) -> dict[str, preferences.Key]:
    """The options of a command that can be kept in settings, by their names in files."""
    keys, hints = {}, get_type_hints(import_module(f"ocrcli.cli.{name}").command)
    for option in load(name).params:
        flag = option.opts[0].removeprefix("--")
        if option.param_type_name == "option" and flag not in preferences.PER_RUN:
            is_path = Path in (hints[option.name], *get_args(hints[option.name]))
            keys[flag] = preferences.Key(flag, option.name, option.multiple, is_path, option.default)
    return keys


@cache
def settings_files() -> list[tuple[Path, preferences.Table]]:
    """The settings files in effect, the weakest first, with their contents."""
    return [(path, preferences.read_file(path)) for path in preferences.found_files(Path.cwd(), os.environ)]


def preferences_of(name: str) -> dict[str, preferences.Preference]:
    """The kept settings of a command, by the parameters of its function."""
    return preferences.preferences(name, COMMANDS, keys_of, settings_files(), os.environ)


def unused_variables(*names: str) -> Iterator[str]:
    """A warning for each environment variable that starts with `preferences.PREFIX` but is not a setting.

    Args:
        names: Commands whose settings are checked first; the other commands are loaded only if needed.
    """
    strange = {name for name in os.environ if name.startswith(preferences.PREFIX)} - {preferences.INSTEAD}
    known: dict[str, str] = {}
    for name in (*names, *COMMANDS):
        if not strange - known.keys():
            return
        known |= {key.variable: key.name for key in keys_of(name).values()}
    for variable in sorted(strange - known.keys()):
        near = preferences.nearest(variable, [*known, preferences.INSTEAD])
        yield f"ocr: the environment variable {variable} is not a setting; {near}"


class _Commands(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = cast(Any, dict.fromkeys(COMMANDS))  # names only, to list and to suggest them

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
        except BrokenPipeError:  # typer would exit with 1
            discard_stdout()
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
    """Run the command in the arguments of this process, and exit."""
    try:
        code = app(prog_name="ocr", standalone_mode=False)
    except usage.ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message(), file=sys.stderr)
        else:
            err(f"ocr: {usage.one_line(error)}")
        raise SystemExit(error.exit_code) from None
    raise SystemExit(code if isinstance(code, int) else 0)
