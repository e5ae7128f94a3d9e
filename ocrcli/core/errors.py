"""Errors of ocrcli.

Each class has its own exit code and its own `kind`, the name used in records of failures. The message is one line that
says what to do next. The command line catches `OcrError` in one place and prints the message to stderr.
"""

from collections.abc import Collection


class OcrError(Exception):
    """Base class of all errors that ocrcli raises on purpose. Exit code 1."""

    exit_code = 1
    kind = "unexpected"


class UsageError(OcrError):
    """A setting or option that is not valid. Exit code 2."""

    exit_code = 2
    kind = "usage"


def check_name(what: str, name: str, names: Collection[str]) -> None:
    """Check that a setting has a known value.

    Args:
        what: What the setting is, for the message: ``device``.
        name: The value.
        names: The known values.

    Raises:
        UsageError: If the value is not known.

    Examples:
        >>> check_name("device", "cpu", ["auto", "cpu"])
    """
    if name not in names:
        raise UsageError(f"no {what} {name!r}; choose one of: {', '.join(names)}")


class InputError(OcrError):
    """A file that cannot be read, is not an image, or holds no writing. Exit code 3."""

    exit_code = 3
    kind = "input"


class NothingWrittenError(InputError):
    """An image that could be opened but holds no writing. Exit code 3."""

    kind = "nothing-written"


class NoTableError(InputError):
    """A page without a table, where only its tables are wanted. Exit code 3."""

    kind = "no-table"


class ProcessDiedError(InputError):
    """The worker process died on this page, also at a second try. Exit code 3."""

    kind = "process-died"


class NoRoomError(InputError):
    """The disk is full, so there is no point in reading more pages. Exit code 3."""

    kind = "no-room"


class ModelError(OcrError):
    """A model file that cannot be used, or a missing execution provider. Exit code 4."""

    exit_code = 4
    kind = "model"


class SomeFailedError(OcrError):
    """Some of several files failed; the others were read. Exit code 5."""

    exit_code = 5


class BoundExceededError(OcrError):
    """`ocr eval` measured a higher CER than ``--max-cer`` allows. Exit code 6."""

    exit_code = 6


class MissingExtraError(OcrError):
    """This input or output needs an optional package that is not installed. Exit code 2."""

    exit_code = 2
    kind = "missing-package"
