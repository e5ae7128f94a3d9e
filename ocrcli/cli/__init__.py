"""The command line. Only this package imports typer and rich, and each command only when it is asked for."""

from __future__ import annotations

import errno
import sys

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of the signal, as from any program that a shell runs."""

PIPE_CLOSED = 141
"""Exit code when whoever reads stdout has gone, as `head` does: 128 and the number of SIGPIPE."""


def main() -> None:
    """Entry point of the console script `ocr`."""
    fill_streams()
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
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        forget_stdout()
        print("ocr: stdout is closed; leave it open, or write to a file with --output", file=sys.stderr)
        sys.exit(1)


def fill_streams() -> None:
    """Put something in the place of standard streams that are closed.

    Else the next file that is opened would take their place, and what is printed go into it, or from stderr to stdout.
    What is written to a closed stdout fails as it should; what is written to a closed stderr is for nobody.
    """
    import os

    for number, name, mode in ((0, "stdin", os.O_RDONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # the lowest number that is free
        if getattr(sys, name) is None:
            kind = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, kind, encoding="utf-8", closefd=False))  # noqa: SIM115


def print_version() -> None:
    """Print the name of the command and its version."""
    from importlib.metadata import version

    print(f"ocr {version('ocrcli')}", flush=True)


def forget_stdout() -> None:
    """Send what is still unwritten nowhere: flushed into a closed pipe at exit, it would raise again."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
