"""What tells pages, and files, from all others: 64 bits each, since there may be millions that every process knows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

NO_KEYS: NDArray[np.uint64] = np.zeros(0, np.uint64)


def key(path: str, page: int, sha256: str) -> int:
    """What tells a page from all others, in 64 bits: of ten million two are the same with odds of one to 300,000."""
    return int.from_bytes(hashlib.sha256(f"{sha256} {page} {path}".encode(errors="backslashreplace")).digest()[:8])


def keys(pages: Iterable[tuple[str, int, str]]) -> NDArray[np.uint64]:
    """The keys of many pages, sorted; eight bytes each, since they go to every process."""
    return np.unique(np.fromiter((key(*page) for page in pages), np.uint64))


def is_known(known: NDArray[np.uint64], path: str, page: int, sha256: str) -> bool:
    """Whether a page is among sorted keys."""
    wanted = np.uint64(key(path, page, sha256))
    place = int(np.searchsorted(known, wanted))
    return place < len(known) and bool(known[place] == wanted)
