"""The command line. Only this package imports typer and rich."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ocrcli.cli import eval as eval_command
from ocrcli.cli import read, thresholds
from ocrcli.cli.console import err, out
from ocrcli.errors import OcrError

INTERRUPTED = 130


class _Commands(TyperGroup):
    """The one place where an error becomes a line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except OcrError as error:
            err(f"ocr: {error}")
            raise SystemExit(error.exit_code) from None
        except KeyboardInterrupt:
            err("ocr: interrupted")
            raise SystemExit(INTERRUPTED) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    # Plain help and usage errors: names that people pass in are never taken for markup.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("read")(read.command)
app.command("eval")(eval_command.command)
app.command("thresholds")(thresholds.command)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        out(f"ocr {version('ocrcli')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Read photographed handwritten notes, offline, with a confidence for every letter."""


def main() -> None:
    """Entry point of the console script `ocr`."""
    app(prog_name="ocr")
