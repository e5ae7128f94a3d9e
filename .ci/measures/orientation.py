"""Which way up: every photo read in all four orientations, and what turning it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from measures.pages import pooled
from measures.photos import FOLDERS, Photo, photos
from measures.runner import read, spread
from measures.text import Row
from ocrcli.evaluation.scoring import Tally, score

QUARTERS = (0, 1, 2, 3)
LYING = {"unbound": 270}
"""Photos that are not upright after their EXIF orientation, and by how many degrees clockwise they have to be turned;
all others are."""


@dataclass(frozen=True, slots=True)
class Turned:
    """What came of a photo that was turned before it was read.

    Attributes:
        right: Whether the reader put it upright again.
        exact: Edits and length in characters.
    """

    right: bool
    exact: Tally


def upright(degrees: int, quarters: int) -> int:
    """Degrees clockwise that put a photo upright that was turned clockwise by some quarters.

    Args:
        degrees: What puts it upright as it was taken.
        quarters: By how many quarters it was turned beyond that.
    """
    return (degrees - 90 * quarters) % 360


def read_turned(reader: Any, photo: Photo) -> tuple[Turned, ...]:
    """Read a photo in each of the four orientations, in the order of `QUARTERS`."""
    image = photo.pixels()
    found = []
    for quarters in QUARTERS:
        reading = read(reader, np.ascontiguousarray(np.rot90(image, -quarters)))
        wanted = upright(LYING.get(photo.name, 0), quarters)
        right = reading.page is not None and reading.page.turned == wanted
        found.append(Turned(right, score(photo.truth, reading.text, spaces=photo.spaces).characters))
    return tuple(found)


def rates(found: Sequence[Turned]) -> tuple[float, float]:
    """Share of photos put upright, and CER of all."""
    return sum(turned.right for turned in found) / len(found), pooled(turned.exact for turned in found).rate


def orientation() -> Iterator[Row]:
    """The table: a row for each folder."""
    yield (
        "",
        "photos",
        *(f"upright, from {90 * quarters}°" for quarters in QUARTERS),
        *(f"CER, from {90 * quarters}°" for quarters in QUARTERS),
        "CER lost by turning",
    )
    every = {folder: photos(folder) for folder in FOLDERS}
    results = spread(read_turned, [photo for found in every.values() for photo in found])
    for folder, found in every.items():
        columns = list(zip(*(next(results) for _ in found), strict=True))
        shares, cers = zip(*(rates(column) for column in columns), strict=True)
        lost = sum(cers[1:]) / 3 - cers[0]
        yield (
            f"`{folder}/`",
            str(len(found)),
            *(f"{share:.3f}" for share in shares),
            *(f"{cer:.3f}" for cer in cers),
            f"{lost:.3f}",
        )
