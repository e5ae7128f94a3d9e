"""`Source`: one page that can be loaded, in this or another process."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.errors import OcrError
from ocrcli.sources.photo import Photo, colour_from_array, load_colour, load_photo, photo_from_array

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One page: its name and where to load it from. It is small and picklable, and loads nothing until asked.

    Attributes:
        name: The path or address as it was given; ``scan.pdf#2`` is page 2 of a file with several pages. It may hold
            control characters, so escape it for a terminal.
        origin: The path of a file, the bytes of a file (standard input, clipboard, downloads), an array of pixels as
            `photo_from_array` takes it, or a Pillow image.
        page_number: Number of the page, from 1, in a file of several pages; None in a file of one page.
        error: The reason why the page cannot be loaded, or None. `load` and `colour` raise it, so that one bad argument
            is reported in its place and the other pages are read.
        note: Something that the user should know, for example that only the first frame of an animation is read.
    """

    name: str
    origin: str | bytes | NDArray[Any] | Image.Image = field(repr=False)
    page_number: int | None = None
    error: OcrError | None = None
    note: str = ""

    def load(self, long_side: int) -> Photo:
        """Load the page in grey for reading.

        Args:
            long_side: As in `load_photo`.

        Raises:
            OcrError: `error`, or what `load_photo` raises.
        """
        if self.error:
            raise self.error
        if isinstance(self.origin, np.ndarray):
            return photo_from_array(self.origin, long_side, self.name)
        return load_photo(self.origin, long_side, name=self.name, page=self.page_number or 1)

    def colour(self, long_side: int) -> NDArray[np.uint8]:
        """Load the page in colour, to draw on it: (h, w, 3) uint8 RGB, upright.

        Args:
            long_side: As in `load_photo`.

        Raises:
            OcrError: `error`, or what `load_photo` raises.
        """
        if self.error:
            raise self.error
        if isinstance(self.origin, np.ndarray):
            return colour_from_array(self.origin, long_side, self.name)
        return load_colour(self.origin, long_side, name=self.name, page=self.page_number or 1)

    def kept(self, photo: Photo) -> Source:
        """A source to keep with the result, so that the photo can be drawn on later.

        An array or image of the caller is replaced by the smaller grey copy in `photo`: later changes of the original
        then do not show, and many pages take little memory.
        """
        return self if isinstance(self.origin, str | bytes) else replace(self, origin=photo.grey)

    @property
    def stem(self) -> Path:
        """The path of output files for this page, without a suffix.

        ``notes/a`` for ``notes/a.jpg``, ``notes/scan-2`` for ``notes/scan.pdf#2``. For an input that is not a file on
        disk it is a name in the current folder: ``stdin``, ``clipboard``, or the last part of an address.
        """
        on_disk = isinstance(self.origin, str)
        whole = self.name if self.page_number is None else self.name.removesuffix(f"#{self.page_number}")
        path = Path(self.origin) if on_disk else Path(_file_name(whole))  # type: ignore[arg-type]
        stem = path.stem or "page"
        return path.with_name(stem if self.page_number is None else f"{stem}-{self.page_number}")


Picture: TypeAlias = "str | Path | bytes | BinaryIO | NDArray[Any] | Image.Image | Source"
"""What can be read: a path, the bytes of a file, a binary stream, an array, a Pillow image, or a `Source`."""


def source_of(picture: Picture, name: str | None = None) -> Source:
    """Make a `Source` from anything that can be read; for a file with several pages, from the first page.

    Args:
        picture: What to read. A stream is read to its end.
        name: Name for messages and results; by default the path.

    Raises:
        InputError: If a stream does not hold an image.
        TypeError: If it is of another type.

    Examples:
        >>> source_of("notes/a.jpg").stem.as_posix()
        'notes/a'
    """
    from PIL import Image

    from ocrcli.sources.decoding.kinds import read_all

    if isinstance(picture, Source):
        return picture if name is None else replace(picture, name=name)
    if isinstance(picture, str | Path):
        return Source(name or str(picture), str(picture))
    if isinstance(picture, bytes | bytearray | memoryview):
        return Source(name or "<bytes>", bytes(picture))
    if isinstance(picture, np.ndarray):
        return Source(name or "<array>", picture)
    if isinstance(picture, Image.Image):
        return Source(name or getattr(picture, "filename", "") or "<image>", picture)
    if hasattr(picture, "read"):
        name = name or str(getattr(picture, "name", "<stream>"))
        return Source(name, read_all(picture, name))
    raise TypeError(f"cannot read a {type(picture).__name__}; give a path, bytes, an array or an image of Pillow's")


def _file_name(name: str) -> str:
    """A plain file name, made from an address or a name such as ``<stdin>``."""
    last = re.sub(r"[?#].*", "", name).rstrip("/:").rsplit("/", 1)[-1]
    return re.sub(r"[^\w.-]+", "_", last).strip("._-") or "page"
