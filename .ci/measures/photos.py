"""The photos that are measured: where they are, what is written on them, and which of them are kept out of sight."""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ocrcli.evaluation.ground_truth import pairs_in

ROOT = Path(__file__).resolve().parents[2]
DATA = Path("../shared/data")
"""From the root of the checkout, as it stands in commands."""

FOLDERS = ("coursework", "pages", "wild")
"""Of the shared data, with all development photos."""

SHEETS = ("eez_", "pharophy_caps")
"""Alphabet sheets, by how their names begin: whether there are spaces between their letters is a judgement."""

HALVES = ("even", "odd")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo whose text is known.

    Attributes:
        path: Of the image.
        truth: What is written on it, a text line a line.
        tier: ``1`` letters that stand alone, ``2`` neat print, ``3`` cursive or messy; ``-`` if nobody said.
        note: What the manifest says of it.
    """

    path: Path
    truth: str
    tier: str = "-"
    note: str = ""

    @property
    def name(self) -> str:
        """Of the file, without its ending."""
        return self.path.stem

    def pixels(self) -> NDArray[np.uint8]:
        """(h, w, 3) uint8 RGB, upright after its EXIF orientation."""
        with Image.open(self.path) as opened:
            return np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))

    @property
    def spaces(self) -> bool:
        """Whether white space counts on it."""
        return not self.path.name.startswith(SHEETS)


def checksum(path: Path) -> int:
    """CRC-32 of a file's name: tells what is held out, the same everywhere and for ever."""
    return zlib.crc32(path.name.encode())


def folder_of(name: str) -> Path:
    """A folder of the shared data by its name, or any other by its path."""
    shared = ROOT / DATA / name
    return shared if shared.is_dir() else Path(name)


def photos(folder: str, half: str | None = None) -> list[Photo]:
    """The photos of a folder that have a transcript, by name.

    Args:
        folder: A name in the shared data, or a path; tiers and notes are those of its ``manifest.tsv``, if it has one.
        half: ``even`` or ``odd``: only those whose name has such a checksum.
    """
    path = folder_of(folder)
    manifest: dict[str, dict[str, str]] = {}
    if (path / "manifest.tsv").is_file():
        with (path / "manifest.tsv").open(encoding="utf-8", newline="") as file:
            manifest = {row["file"]: row for row in csv.DictReader(file, delimiter="\t")}
    found = []
    for pair in pairs_in(path)[0]:
        if half is not None and checksum(pair.image) % 2 != HALVES.index(half):
            continue
        row = manifest.get(pair.image.name, {})
        truth = pair.ground_truth.read_text(encoding="utf-8-sig")
        found.append(Photo(pair.image, truth, row.get("tier", "-"), row.get("note", "")))
    return found
