"""Pages that could not be read: counted, recorded in the file of `--errors`, and reported at the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

from ocrcli.cli.support.work import Outcome
from ocrcli.core.errors import InputError, OcrError, SomeFailedError
from ocrcli.formats.json import plain_name


class Failures:
    """Counts failures and writes them to a file; it keeps only the first one in memory.

    Args:
        path: File for one line of JSON for each failure, written at once; None for no file. An existing file is
            overwritten.

    Raises:
        InputError: If it cannot be written.
    """

    def __init__(self, path: Path | None) -> None:
        self.count = 0
        self._path = path
        self._first: OcrError | None = None
        self._unforeseen = False
        self._file: BinaryIO | None = None
        if path:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = path.open("wb", buffering=0)  # unbuffered, so that a killed run leaves all lines
            except OSError as error:
                raise self._unwritable(error) from error

    def __enter__(self) -> Failures:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file:
            self._file.close()

    def add(self, outcome: Outcome) -> None:
        """Record an outcome without a page.

        Raises:
            InputError: If it cannot be recorded.
        """
        error = outcome.error or OcrError("nothing was read")
        self.count += 1
        self._first = self._first or error
        self._unforeseen |= bool(outcome.bug)
        if self._file:
            record = {"path": plain_name(outcome.task.source.name), "kind": error.kind, "message": str(error)}
            try:
                self._file.write(f"{json.dumps(record)}\n".encode())
            except OSError as cause:
                raise self._unwritable(cause) from cause

    def report(self, total: int) -> None:
        """Raise an error if anything failed.

        Args:
            total: Number of pages that were to be read.

        Raises:
            OcrError: An error whose exit code shows what failed.
        """
        if self._first is None:
            return
        if total == 1:
            raise self._first
        if self._unforeseen:
            raise OcrError("there was an unexpected error; see above, and add --verbose for its traceback")
        if self.count == total:  # of the first one's type, so that the exit code tells a bad model from bad photos
            raise type(self._first)(f"none of {total} pages could be read; see above")
        raise SomeFailedError(f"{self.count} of {total} pages could not be read; see above")

    def _unwritable(self, error: OSError) -> InputError:
        return InputError(f"{self._path}: cannot be written ({error.strerror}); choose another place")
