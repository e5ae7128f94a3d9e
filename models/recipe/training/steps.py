"""The command line of a recipe: its steps, which ``--help`` lists in their order, and one line for what goes wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from ocrcli.core.errors import InputError, OcrError, UsageError

HELP_WIDTH = 116
"""Columns of ``--help``: a step takes one line."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with the code of a wrong command line."""
        self.exit(UsageError.exit_code, f"{self.prog}: {message}\n")


@dataclass(frozen=True)
class Step:
    """One step of a recipe.

    Attributes:
        summary: One line for ``--help``.
        run: Does it; takes the parsed command line.
        options: Adds the step's options to its parser.
    """

    summary: str
    run: Callable[[argparse.Namespace], object]
    options: Callable[[argparse.ArgumentParser], None]


def parse(
    task: str, about: str, steps: Mapping[str, Step], arguments: list[str] | None, default: str | None = None
) -> argparse.Namespace:
    """Read the command line of ``python -m models.recipe.TASK STEP``.

    Args:
        task: Name of the recipe's folder.
        about: Its description.
        steps: In the order in which they are run.
        arguments: What follows the module's name; None for those of the process.
        default: The step where the first argument is none, nor a word; None if there must be one.

    Raises:
        SystemExit: With code 2, after one line on stderr, if the command line is wrong.
    """
    formatter = partial(argparse.RawDescriptionHelpFormatter, width=HELP_WIDTH)
    width = max(map(len, steps))
    listed = "\n".join(
        ["steps, in their order:", *(f"  {name:{width}}  {step.summary}" for name, step in steps.items())]
    )
    parser = Parser(prog=f"python -m models.recipe.{task}", description=about, epilog=listed, formatter_class=formatter)
    inner = parser.add_subparsers(dest="step", metavar="STEP", required=True, help="STEP --help tells its options")
    for name, step in steps.items():
        own = inner.add_parser(name, description=step.summary, formatter_class=formatter)
        step.options(own)
        own.set_defaults(run=step.run)
    given = sys.argv[1:] if arguments is None else list(arguments)
    if default and (not given or given[0].startswith("-")) and given[:1] not in (["-h"], ["--help"]):
        given = [default, *given]
    return parser.parse_args(given)


def run(
    task: str, about: str, steps: Mapping[str, Step], arguments: list[str] | None = None, default: str | None = None
) -> int:
    """`parse` the command line, do the step, and return the exit code; an error is one line on stderr."""
    options = parse(task, about, steps, arguments, default)
    try:
        options.run(options)
    except (OcrError, FileNotFoundError, ConnectionError) as error:
        print(f"{task}: {error}", file=sys.stderr)
        return error.exit_code if isinstance(error, OcrError) else InputError.exit_code
    return 0
