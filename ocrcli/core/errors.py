"""What can go wrong, said in one line.

Every error owns its exit code, the kind that records of failures call it, and its message says what to do next; the
command line catches `OcrError` in one place and prints the message to stderr.
"""

from collections.abc import Collection


class OcrError(Exception):
    """Base of everything that ocrcli raises on purpose. Exit code 1."""

    exit_code = 1
    kind = "unexpected"


class UsageError(OcrError):
    """A setting or an option that makes no sense. Exit code 2."""

    exit_code = 2
    kind = "usage"


def check_name(what: str, name: str, names: Collection[str]) -> None:
    """See whether a setting names something that there is.

    Args:
        what: What it should name, for the message.
        name: What it names.
        names: What there is.

    Raises:
        UsageError: If it is not among them.
    """
    if name not in names:
        raise UsageError(f"no {what} {name!r}; choose one of: {', '.join(names)}")


class InputError(OcrError):
    """A file that cannot be read, is not an image, or holds no writing. Exit code 3."""

    exit_code = 3
    kind = "input"


class NothingWrittenError(InputError):
    """A picture that could be read but holds no writing. Exit code 3."""

    kind = "nothing-written"


class ProcessDiedError(InputError):
    """A page at which the process that read it was ended, at a second try again. Exit code 3."""

    kind = "process-died"


class NoRoomError(InputError):
    """There is no room left for what is written, so that to read on is of no use. Exit code 3."""

    kind = "no-room"


class ModelError(OcrError):
    """A model that does not fit, or an execution provider that is missing. Exit code 4."""

    exit_code = 4
    kind = "model"


class SomeFailedError(OcrError):
    """Some of several files failed; the others were read. Exit code 5."""

    exit_code = 5


class BoundExceededError(OcrError):
    """`ocr eval` measured a worse figure than it was allowed to. Exit code 6."""

    exit_code = 6


class MissingExtraError(OcrError):
    """An optional package is not installed that this input or output needs. Exit code 2."""

    exit_code = 2
    kind = "missing-package"
