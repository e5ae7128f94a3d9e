"""Line images and their texts on disk, a few hundred to a file: one process makes them, another learns from them."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrcli.lines.line_image import HEIGHT

Sample = tuple[NDArray[np.uint8], str]
"""A line image (HEIGHT, w) and what it says."""

FOLDER = "composed"
"""In the folder of work of the line model."""

MOST = 100_000
"""Line images that are held in memory, about three kilobytes each."""


@dataclass(frozen=True)
class Packed:
    """A line image that takes little room.

    Attributes:
        pixels: Those of the line image, compressed.
        text: What it says.
    """

    pixels: bytes
    text: str

    @classmethod
    def of(cls, sample: Sample) -> Packed:
        """Pack a line image."""
        return cls(zlib.compress(sample[0].tobytes(), 1), sample[1])

    def sample(self) -> Sample:
        """The line image as it was."""
        return np.frombuffer(zlib.decompress(self.pixels), np.uint8).reshape(HEIGHT, -1), self.text


def store(path: Path, samples: Sequence[Sample]) -> None:
    """Write a file, which is there wholly or not at all."""
    path.with_suffix(".partial").write_bytes(pickle.dumps(list(samples), pickle.HIGHEST_PROTOCOL))
    path.with_suffix(".partial").replace(path)


def load(work: Path, most: int = MOST) -> list[Packed]:
    """Line images in a folder of work, the newest, up to about ``most``; none where none were made."""
    found: list[Packed] = []
    for path in sorted((work / FOLDER).glob("*.pickle"), key=lambda path: path.stat().st_mtime, reverse=True):
        if len(found) >= most:
            break
        found += [Packed.of(sample) for sample in pickle.loads(path.read_bytes())]
    return found
