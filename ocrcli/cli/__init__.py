"""The command line `ocr`. Only this package imports typer and rich, and each command is loaded when it is used."""

from __future__ import annotations

import contextlib
import errno
import signal
import sys

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 plus the number of the signal, as shells expect."""

PIPE_CLOSED = 141
"""Exit code if the reader of stdout has closed it, as `head` does: 128 plus the number of SIGPIPE."""


class Terminated(SystemExit):
    """A signal asked this program to end.

    Args:
        number: Number of the signal; the exit code is 128 plus this number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.name = signal.Signals(number).name


def main() -> None:
    """Entry point of the console script `ocr`."""
    replace_closed_streams()
    install_signal_handlers()
    try:
        if sys.argv[1:] == ["--version"]:  # used by scripts, so do not load anything
            print_version()
        else:
            from ocrcli.cli.app import run

            run()
    except KeyboardInterrupt:
        print("ocr: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except Terminated as ended:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print(f"ocr: ended by {ended.name}", file=sys.stderr)
        raise
    except BrokenPipeError:
        discard_stdout()
        sys.exit(PIPE_CLOSED)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        discard_stdout()
        print("ocr: stdout is closed; leave it open, or write to a file with --output", file=sys.stderr)
        sys.exit(1)


def install_signal_handlers() -> None:
    """Turn SIGTERM and SIGHUP into an exception, so that worker processes end and half-written files are deleted."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows has only one

    def end(number: int, _frame: object) -> None:
        for other in numbers:  # a second signal must not interrupt the cleanup
            signal.signal(other, signal.SIG_IGN)
        raise Terminated(number)

    for number in numbers:
        if signal.getsignal(number) is signal.SIG_DFL:  # not if nohup has set it to be ignored
            signal.signal(number, end)


def replace_closed_streams() -> None:
    """Open the null device for standard streams that are closed.

    Otherwise the next opened file would get the number of the closed stream, and printed text would go into that file.
    Writing to a closed stdout still fails, as it should; text for a closed stderr is dropped.
    """
    import os

    for number, name, mode in ((0, "stdin", os.O_RDONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest free number, that of the closed stream
        if getattr(sys, name) is None:
            kind = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, kind, encoding="utf-8", closefd=False))  # noqa: SIM115


def print_version() -> None:
    """Print the name of the command and its version."""
    from importlib.metadata import version

    print(f"ocr {version('ocrcli')}", flush=True)


def discard_stdout() -> None:
    """Drop unwritten text of stdout: flushing it into a closed pipe at exit would raise again."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
