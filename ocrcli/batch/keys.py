"""Compact 64-bit keys of pages and files: a batch may have millions, and every process holds them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

NO_KEYS: NDArray[np.uint64] = np.zeros(0, np.uint64)


def key(path: str, page: int, sha256: str) -> int:
    """The key of a page: 64 bits of a hash. Ten million pages collide with a probability of about 1/300,000."""
    return int.from_bytes(hashlib.sha256(f"{sha256} {page} {path}".encode(errors="backslashreplace")).digest()[:8])


def keys(pages: Iterable[tuple[str, int, str]]) -> NDArray[np.uint64]:
    """(n,) uint64 sorted keys of many pages."""
    return np.unique(np.fromiter((key(*page) for page in pages), np.uint64))


def is_known(known: NDArray[np.uint64], path: str, page: int, sha256: str) -> bool:
    """Whether the key of a page is among sorted keys."""
    wanted = np.uint64(key(path, page, sha256))
    place = int(np.searchsorted(known, wanted))
    return place < len(known) and bool(known[place] == wanted)
