"""Small notes, drawn, in folders: batches that are read in a second or two."""

from __future__ import annotations

import hashlib
from pathlib import Path

from drawn import photo, written
from PIL import Image

WORDS = ("THE QUICK", "BROWN FOX", "JUMPS OVER", "LAZY DOG 42", "MILK AND OATS", "SIX EGGS")


def draw_note(path: Path, number: int) -> Path:
    """A note of one row; the same number gives the same note."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = WORDS[number % len(WORDS)]
    row = photo(written([text], (110, 330 + number // len(WORDS) % 40)), pen=40 + number % 50)
    Image.fromarray(row).save(path)
    return path


def draw_notes(folder: Path, count: int) -> list[Path]:
    """So many of them, in folders of ten."""
    return [draw_note(folder / f"{number // 10}" / f"{number}.png", number) for number in range(count)]


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file in a folder, but of the manifest, by its path there."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".ocr-manifest.json"]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
