"""Files that come with ocrcli, and writing files without losing anything."""

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
    """Where a model is that comes with ocrcli: in the wheel, or in a checkout.

    Raises:
        ModelError: If it is in neither place.
    """
    package = Path(__file__).parent.parent
    for path in (package / "_models" / name, package.parent / "models" / name):
        if path.is_file():
            return path
    raise ModelError(f"{name} is missing from this installation; install ocrcli again, from where it came")


def beside(image: Path, suffix: str) -> Path:
    """`photo.jpg` and `.ocr-boxes.png` give `photo.ocr-boxes.png` in the same folder."""
    return image.with_name(image.stem + suffix)


MOST_TEXT = 10_000_000
"""Bytes of a text file that people write: settings, words, ground truth."""


def read_text(path: Path) -> str:
    """The text of a file that people write, UTF-8 with or without a byte order mark.

    Raises:
        OSError: If it cannot be read, or has no end, or a very distant one.
        UnicodeDecodeError: If it is in another encoding.
    """
    with path.open("rb") as file:
        content = file.read(MOST_TEXT + 1)
    if len(content) > MOST_TEXT:
        raise OSError(errno.EFBIG, f"more than {MOST_TEXT // 10**6} megabytes")
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def check_free(path: Path | None, force: bool, read: Iterable[Path] = ()) -> None:
    """Refuse, before any work is done, to overwrite a file, or to write one where none can be.

    Args:
        path: Of the file; None where none is written.
        force: Whether what is there may go.
        read: Files that are read, and may not go in any case.

    Raises:
        UsageError: If `path` exists and `force` is off, or is one of those that are read, or no file at all.
        InputError: If no file can have that name, or be there.
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
        raise UsageError(f"{path} is a link to nothing; remove it, or choose another place")
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder; give the name of a file in it")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is a pipe or a device, not a file; choose another place")
    if is_read:
        raise UsageError(f"{path} is a file that is read; choose another place for what is written")
    if taken and not force:
        raise UsageError(f"{path} exists; add --force to overwrite it")


def _check_place(path: Path) -> None:
    """Raise OSError where neither a file nor the folders that it wants can be made."""
    folder = path.absolute().parent
    while not folder.exists() and folder != folder.parent:  # a drive may be missing
        folder = folder.parent
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def write_picture(picture: NDArray[np.uint8], path: Path) -> None:
    """Write a picture atomically: the file is there as a whole or not at all.

    Args:
        picture: (h, w) or (h, w, 3) uint8.
        path: Its suffix chooses the format; folders are made.

    Raises:
        InputError: If it cannot be written.
        NoRoomError: If there is no room left.
    """
    from PIL import Image

    with _replacing(path) as temporary:
        Image.fromarray(picture).save(temporary)


def write_file(content: bytes, path: Path) -> None:
    """Write a file atomically: it is there as a whole or not at all.

    Args:
        content: All of it.
        path: Where to; folders are made.

    Raises:
        InputError: If it cannot be written.
        NoRoomError: If there is no room left.
    """
    with _replacing(path) as temporary:
        temporary.write_bytes(content)


UNFINISHED = ".ocr-unfinished-"
"""How the names of files begin that are being written."""

NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
"""What the system says when there is no room left, or none left for this user."""


class Growing:
    """A file that is written part by part; it is there as a whole when it is closed, or not at all.

    Args:
        path: Where to; folders are made.

    Raises:
        InputError: Here and from all methods, if it cannot be written.
        NoRoomError: If there is no room left.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _told(path):
            self._target, self._temporary = _begun(path)
            self._file = self._temporary.open("wb")

    def write(self, content: bytes) -> None:
        """Add to its end."""
        with _told(self._path):
            self._file.write(content)

    def close(self) -> Path:
        """Put it in its place, and give that."""
        with _told(self._path):
            self._file.close()
            _put(self._temporary, self._target)
        return self._path

    def drop(self) -> None:
        """Take away what was written; nothing is left to take away of what was closed."""
        with contextlib.suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to; it takes the place of `path` unless something goes wrong.

    Of a link what it leads to is replaced; the link stays.
    """
    temporary = None
    try:
        with _told(path):
            target, temporary = _begun(path)
            yield temporary
            _put(temporary, target)
            temporary = None
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)


def _begun(path: Path) -> tuple[Path, Path]:
    """Where a file really goes, and an empty one beside that."""
    target = path.resolve() if path.is_symlink() else path
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(target.suffix, UNFINISHED, target.parent)
    os.close(handle)
    return target, Path(temporary)


def _put(temporary: Path, target: Path) -> None:
    # mkstemp makes private files; this one is as readable as any other the user makes.
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(0o666 & ~umask)
    temporary.replace(target)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What goes wrong with writing a file, as one line that says what to do."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if getattr(error, "errno", None) in NO_ROOM:
            raise NoRoomError(f"{path}: cannot be written ({reason}); make room and run it again") from error
        raise InputError(f"{path}: cannot be written ({reason}); choose another place") from error
