"""Page count of a TIFF from its chain of image file directories, with a limit."""

from __future__ import annotations

import struct
from typing import BinaryIO

from ocrcli.core.errors import InputError
from ocrcli.sources.decoding.limits import MAX_ENTRIES, MAX_PAGES


def count_tiff_pages(stream: BinaryIO, name: str) -> int:
    """Count the pages of a TIFF; the count stops at a directory that cannot be read.

    Each directory begins with the number of its entries and ends with the offset of the next directory (TIFF 6.0,
    section 2; in BigTIFF the numbers are longer).

    Args:
        stream: The file, seekable.
        name: Name for messages.

    Returns:
        At least 1: if the first page is damaged, loading it reports that.

    Raises:
        InputError: If there are more than `MAX_PAGES` pages, or more than `MAX_ENTRIES` entries in all.
    """
    stream.seek(0)
    head = stream.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = len(head) == 16 and struct.unpack(order + "H", head[2:4])[0] == 43
    count, each, place = ("Q", 20, "Q") if big else ("H", 12, "I")
    seen: set[int] = set()
    entries = 0
    at = struct.unpack(order + place, head[8:16] if big else head[4:8].ljust(4, b"\0"))[0]
    while 0 < at < 2**63 and at not in seen:
        stream.seek(at)
        header = stream.read(struct.calcsize(count))
        if len(header) < struct.calcsize(count):
            break
        seen.add(at)
        number = struct.unpack(order + count, header)[0]
        entries += number
        if len(seen) > MAX_PAGES or entries > MAX_ENTRIES:
            most = f"more than {MAX_PAGES} pages, or too many entries in its directories"
            raise InputError(f"{name}: {most}; save it in parts")
        stream.seek(at + len(header) + number * each)
        last = stream.read(struct.calcsize(place))
        if len(last) < struct.calcsize(place):
            break
        at = struct.unpack(order + place, last)[0]
    return max(len(seen), 1)
