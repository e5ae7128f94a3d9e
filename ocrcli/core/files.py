"""Files: where the shipped models are, and atomic writing."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ocrcli.core.errors import InputError, ModelError, NoRoomError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def shipped(name: str) -> Path:
    """The path of a model file that ships with ocrcli, in the installed wheel or in a checkout.

    Raises:
        ModelError: If it is in neither place.

    Examples:
        >>> shipped("letters.onnx").name
        'letters.onnx'
    """
    package = Path(__file__).parent.parent
    for path in (package / "_models" / name, package.parent / "models" / name):
        if path.is_file():
            return path
    raise ModelError(f"{name} is missing from this installation; install ocrcli again, from where it came")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits.

    Raises:
        InputError: If it cannot be read.
    """
    import hashlib

    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the name") from error


def beside(image: Path, suffix: str) -> Path:
    """A path in the same folder with another suffix.

    Examples:
        >>> beside(Path("photo.jpg"), ".ocr-boxes.png").name
        'photo.ocr-boxes.png'
    """
    return image.with_name(image.stem + suffix)


MOST_TEXT = 10_000_000
"""Largest size, in bytes, of a text file that people write: settings, words, ground truth."""


def read_text(path: Path) -> str:
    r"""Read a text file, UTF-8 with or without a byte order mark; line ends become ``\n``.

    Raises:
        OSError: If it cannot be read or is larger than `MOST_TEXT`; a pipe may never end.
        UnicodeDecodeError: If it is in another encoding.
    """
    with path.open("rb") as file:
        content = file.read(MOST_TEXT + 1)
    if len(content) > MOST_TEXT:
        raise OSError(errno.EFBIG, f"more than {MOST_TEXT // 10**6} megabytes")
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def check_free(path: Path | None, force: bool, read: Iterable[Path] = ()) -> None:
    """Check, before any work is done, that an output file may be written.

    Args:
        path: The output file; None if nothing is written.
        force: Whether an existing file may be overwritten.
        read: Input files, which are never overwritten.

    Raises:
        UsageError: If `path` exists and `force` is off, if it is an input file, or if it is not a regular file.
        InputError: If no file can be written there.
    """
    try:
        if path is not None:
            _check_place(path)
        taken = path is not None and path.exists()
        is_read = path is not None and taken and any(other.exists() and path.samefile(other) for other in read)
        mode = path.stat().st_mode if path is not None and taken else stat.S_IFREG
        dangling = path is not None and not taken and path.is_symlink()
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another place") from error
    if dangling:
        raise UsageError(f"{path} is a broken link; remove it, or choose another place")
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder; give the name of a file in it")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is a pipe or a device, not a file; choose another place")
    if is_read:
        raise UsageError(f"{path} is an input file; choose another place for the output")
    if taken and not force:
        raise UsageError(f"{path} exists; add --force to overwrite it")


def _check_place(path: Path) -> None:
    """Raise OSError if the file, or the folders above it, cannot be created there."""
    folder = path.absolute().parent
    while not folder.exists() and folder != folder.parent:  # stop at the root: on Windows the drive may be missing
        folder = folder.parent
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def write_picture(picture: NDArray[np.uint8], path: Path) -> None:
    """Write an image file atomically: the whole file appears, or none.

    Args:
        picture: (h, w) grey or (h, w, 3) RGB, uint8.
        path: The file. Its suffix chooses the format; missing folders are created.

    Raises:
        InputError: If it cannot be written.
        NoRoomError: If the disk is full.
    """
    from PIL import Image

    with _atomic_write(path) as temporary:
        Image.fromarray(picture).save(temporary)


def write_file(content: bytes, path: Path) -> None:
    """Write a file atomically: the whole file appears, or none.

    Args:
        content: The bytes of the file.
        path: The file; missing folders are created.

    Raises:
        InputError: If it cannot be written.
        NoRoomError: If the disk is full.
    """
    with _atomic_write(path) as temporary:
        temporary.write_bytes(content)


UNFINISHED = ".ocr-unfinished-"
"""Prefix of temporary files, which hold output until it is complete."""

NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
"""Error numbers of a full disk and of a used-up quota."""


class GrowingFile:
    """A file that is written in parts. It appears under its name when it is closed, or never.

    Args:
        path: The file; missing folders are created.

    Raises:
        InputError: If it cannot be written; all methods may raise this.
        NoRoomError: If the disk is full; all methods may raise this.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _explained_errors(path):
            self._target, self._temporary = _temporary_beside(path)
            self._file = self._temporary.open("wb")

    def write(self, content: bytes) -> None:
        """Append to the file."""
        with _explained_errors(self._path):
            self._file.write(content)

    def close(self) -> Path:
        """Move the finished file to its name and return its path."""
        with _explained_errors(self._path):
            self._file.close()
            _move_into_place(self._temporary, self._target)
        return self._path

    def drop(self) -> None:
        """Delete the unfinished file. Does nothing after `close`."""
        with contextlib.suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)


@contextmanager
def _atomic_write(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that replaces `path` at the end, unless an exception is raised.

    If `path` is a symbolic link, its target is replaced and the link stays.
    """
    temporary = None
    try:
        with _explained_errors(path):
            target, temporary = _temporary_beside(path)
            yield temporary
            _move_into_place(temporary, target)
            temporary = None
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)


def _temporary_beside(path: Path) -> tuple[Path, Path]:
    """The file that `path` leads to, and an empty temporary file in the same folder."""
    target = path.resolve() if path.is_symlink() else path
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(target.suffix, UNFINISHED, target.parent)
    os.close(handle)
    return target, Path(temporary)


def _move_into_place(temporary: Path, target: Path) -> None:
    # mkstemp makes private files; give this one the usual permissions of a new file.
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(0o666 & ~umask)
    temporary.replace(target)


@contextmanager
def _explained_errors(path: Path) -> Iterator[None]:
    """Turn errors of writing a file into an `InputError` whose one line says what to do."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if getattr(error, "errno", None) in NO_ROOM:
            raise NoRoomError(f"{path}: cannot be written ({reason}); make room and run it again") from error
        raise InputError(f"{path}: cannot be written ({reason}); choose another place") from error
