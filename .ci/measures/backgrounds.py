"""Photographs on which nothing is written: how often the reader says so, and how much it makes up otherwise."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measures.photos import checksum, folder_of
from measures.runner import Reading, read, spread
from measures.text import Row

FOLDS = 4
"""A picture is held out from training if the checksum of its name is divisible by this."""


def held_out(folder: str = "backgrounds") -> list[Path]:
    """The pictures, tiles not among them, that nothing may be trained on."""
    return [path for path in sorted(folder_of(folder).glob("*.jpg")) if checksum(path) % FOLDS == 0]


def read_picture(reader: Any, path: Path) -> Reading:
    """What is read on a picture."""
    return read(reader, path)


def characters(reading: Reading) -> int:
    """How many were read, white space aside."""
    return len("".join(reading.text.split()))


def backgrounds() -> Iterator[Row]:
    """The table: one row."""
    yield (
        "pictures without writing",
        "refused as nothing written",
        "at most 3 characters read",
        "characters on the others: median",
        "most",
        "all together",
        "failed",
    )
    found = list(spread(read_picture, held_out()))
    counts = [characters(reading) for reading in found if not reading.error]
    rest = [count for count in counts if count] or [0]
    yield (
        str(len(found)),
        f"{counts.count(0) / len(found):.3f}",
        f"{sum(count <= 3 for count in counts) / len(found):.3f}",
        f"{statistics.median(rest):.0f}",
        str(max(rest)),
        str(sum(rest)),
        str(sum(bool(reading.error) for reading in found)),
    )
