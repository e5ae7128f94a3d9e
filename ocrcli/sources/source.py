"""One page that can be loaded, here or in another process."""

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
    """One page: where it comes from and what it is called. Small, can be pickled, loads nothing by itself.

    Attributes:
        name: What to call it: the path or address as it was given; ``scan.pdf#2`` is the second of several pages.
            Not yet fit for a terminal: it may hold control characters.
        origin: The path of a file, the bytes of one (standard input, clipboard, downloads), an array of pixels as
            `photo_from_array` takes them, or an image of Pillow's.
        page_number: From 1, in a file of several pages; None in a file of one page.
        error: Why there is nothing to load. `load` and `colour` raise it, so that one bad argument or page is reported
            in its place and the others are read.
        note: What the reader should know, as that of an animation only the first frame is read; empty if nothing.
    """

    name: str
    origin: str | bytes | NDArray[Any] | Image.Image = field(repr=False)
    page_number: int | None = None
    error: OcrError | None = None
    note: str = ""

    def load(self, long_side: int) -> Photo:
        """Load it in grey for reading.

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
        """Load it in colour, to draw on: (h, w, 3) uint8 RGB, upright.

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
        """This source, to be kept for drawing once `photo` was loaded from it.

        Of an array or image of the caller's it holds the reduced grey copy: what is done to the original later does
        not show, and many pages take little memory.
        """
        return self if isinstance(self.origin, str | bytes) else replace(self, origin=photo.grey)

    @property
    def stem(self) -> Path:
        """What files made from it are called, without a suffix.

        ``notes/a`` for ``notes/a.jpg``, ``notes/scan-2`` for ``notes/scan.pdf#2``; of what is no file on disk a
        name in the current folder: ``stdin``, ``clipboard``, or the last part of an address.
        """
        on_disk = isinstance(self.origin, str)
        whole = self.name if self.page_number is None else self.name.removesuffix(f"#{self.page_number}")
        path = Path(self.origin) if on_disk else Path(_file_name(whole))  # type: ignore[arg-type]
        stem = path.stem or "page"
        return path.with_name(stem if self.page_number is None else f"{stem}-{self.page_number}")


Picture: TypeAlias = "str | Path | bytes | BinaryIO | NDArray[Any] | Image.Image | Source"
"""What can be read: a path, the bytes of a file or a stream of them, an array, an image of Pillow's, or a `Source`."""


def source_of(picture: Picture, name: str | None = None) -> Source:
    """Make a `Source` of anything that can be read; of a file with several pages, of the first.

    Args:
        picture: What to read. A stream is read to its end.
        name: What to call it; by default the path.

    Raises:
        InputError: If a stream holds no image.
        TypeError: If it is nothing that can be read.
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
    """A plain file name made of an address or of ``<stdin>``."""
    last = re.sub(r"[?#].*", "", name).rstrip("/:").rsplit("/", 1)[-1]
    return re.sub(r"[^\w.-]+", "_", last).strip("._-") or "page"
