"""How many pages a TIFF has, told from the chain of its tables alone, within a bound."""

from __future__ import annotations

import struct
from typing import BinaryIO

from ocrcli.core.errors import InputError
from ocrcli.sources.decoding.limits import MAX_ENTRIES, MAX_PAGES


def count_tiff_pages(stream: BinaryIO, name: str) -> int:
    """How many pages a TIFF has; a page whose table cannot be read ends the count.

    Each of its tables begins with the number of its entries and ends with the place of the next one
    (TIFF 6.0, section 2; BigTIFF, whose numbers are longer).

    Args:
        stream: The file; must be able to seek.
        name: What to call it in messages.

    Returns:
        At least 1: the first page says what is wrong with it when it is loaded.

    Raises:
        InputError: If there are more than `MAX_PAGES`, or more than `MAX_ENTRIES` entries in all.
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
        told = stream.read(struct.calcsize(count))
        if len(told) < struct.calcsize(count):
            break
        seen.add(at)
        number = struct.unpack(order + count, told)[0]
        entries += number
        if len(seen) > MAX_PAGES or entries > MAX_ENTRIES:
            most = f"more than {MAX_PAGES} pages, or so many tables that no page is found"
            raise InputError(f"{name}: {most}; save it in parts")
        stream.seek(at + len(told) + number * each)
        last = stream.read(struct.calcsize(place))
        if len(last) < struct.calcsize(place):
            break
        at = struct.unpack(order + place, last)[0]
    return max(len(seen), 1)
