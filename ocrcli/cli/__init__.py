"""The command line. Only this package imports typer and rich, and each command only when it is asked for."""

from __future__ import annotations

import contextlib
import errno
import signal
import sys

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of the signal, as from any program that a shell runs."""

PIPE_CLOSED = 141
"""Exit code when whoever reads stdout has gone, as `head` does: 128 and the number of SIGPIPE."""


class Ended(SystemExit):
    """The system, or who looks after it, asked this program to end.

    Args:
        number: Of the signal; the exit code is 128 more, as from any program that a shell runs.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.name = signal.Signals(number).name


def main() -> None:
    """Entry point of the console script `ocr`."""
    fill_streams()
    heed_signals()
    try:
        if sys.argv[1:] == ["--version"]:  # asked by scripts and packagers: not worth loading anything for
            print_version()
        else:
            from ocrcli.cli.app import run

            run()
    except KeyboardInterrupt:
        print("ocr: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except Ended as ended:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print(f"ocr: ended by {ended.name}", file=sys.stderr)
        raise
    except BrokenPipeError:
        forget_stdout()
        sys.exit(PIPE_CLOSED)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        forget_stdout()
        print("ocr: stdout is closed; leave it open, or write to a file with --output", file=sys.stderr)
        sys.exit(1)


def heed_signals() -> None:
    """End on SIGTERM and SIGHUP as on an exception, so that processes are ended and half-written files taken away."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows: one

    def end(number: int, _frame: object) -> None:
        for other in numbers:  # nothing disturbs the cleaning up
            signal.signal(other, signal.SIG_IGN)
        raise Ended(number)

    for number in numbers:
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores it
            signal.signal(number, end)


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
