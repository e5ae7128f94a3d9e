"""The command line. Only this package imports typer and rich, and each command only when it is asked for."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of the signal, as from any program that a shell runs."""

PIPE_CLOSED = 141
"""Exit code when whoever reads stdout has gone, as `head` does: 128 and the number of SIGPIPE."""


def main() -> None:
    """Entry point of the console script `ocr`."""
    try:
        if sys.argv[1:] == ["--version"]:  # asked by scripts and packagers: not worth loading anything for
            print_version()
        else:
            from ocrcli.cli.app import run

            run()
    except KeyboardInterrupt:
        print("ocr: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        forget_stdout()
        sys.exit(PIPE_CLOSED)


def print_version() -> None:
    """Print the name of the command and its version."""
    from importlib.metadata import version

    print(f"ocr {version('ocrcli')}", flush=True)


def forget_stdout() -> None:
    """Send what is still unwritten nowhere: flushed into a closed pipe at exit, it would raise again."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
