"""The list of photos that could not be read: a file of JSON lines, which also outlives a restart."""

from __future__ import annotations

import json
import time
from pathlib import Path

from ocrcli.core.errors import InputError, NoRoomError, OcrError
from ocrcli.core.files import NO_ROOM
from ocrcli.core.printable import printable


class ErrorList:
    """The contents that failed, by their hashes, so that none is tried for ever.

    Args:
        path: The file; it is read if it is there, and grows.

    Raises:
        InputError: If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digests: set[str] = set()
        try:
            if path.exists() and not path.is_char_device():  # a device may never end
                with path.open(encoding="utf-8", errors="replace") as file:
                    self._digests.update(filter(None, map(_digest, file)))
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); choose another place") from error

    def __contains__(self, digest: str) -> bool:
        return digest in self._digests

    def add(self, name: str, digest: str, errors: list[OcrError]) -> None:
        """Record the errors of a file.

        Args:
            name: The file.
            digest: Its hash; empty if its content is not known, and then it is not remembered.
            errors: An error for each page that could not be read.

        Raises:
            NoRoomError: If the disk is full; nothing is recorded then.
            InputError: If it cannot be recorded.
        """
        lines = [f"{json.dumps(_record(name, digest, error))}\n".encode() for error in errors]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab", buffering=0) as file:
                before = file.tell()
                written = file.write(b"".join(lines))
                if written != sum(map(len, lines)):  # the disk was full within a line
                    file.truncate(before)
                    raise OSError(NO_ROOM[0], "No space left on device")
        except OSError as error:
            raise self._unwritable(error) from error
        if digest:
            self._digests.add(digest)

    def _unwritable(self, error: OSError) -> InputError:
        kind, advice = (NoRoomError, "make room") if error.errno in NO_ROOM else (InputError, "choose another place")
        return kind(f"{self._path}: cannot be written ({error.strerror}); {advice}")


def _record(name: str, digest: str, error: OcrError) -> dict[str, str]:
    told = {"path": printable(name), "kind": error.kind, "message": str(error), "sha256": digest}
    return {**told, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def _digest(line: str) -> str:
    try:
        held = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    return str(held.get("sha256", "")) if isinstance(held, dict) else ""
