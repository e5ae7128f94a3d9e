"""Make the pictures of the docs again: ``python docs/make_pictures.py``.

Each is what the tool itself shows of an example: the stages of a reading, and its boxes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).parent
EXAMPLES = DOCS.parent / "examples"
OCR = [sys.executable, "-m", "ocrcli"]

STAGED = "lecture_note"
"""The example of `how-it-works.md`."""

RULED = "score_sheet"
"""The example of a table with drawn lines."""

JOINED = "letter"
"""The example of rows that are read as a whole."""

WHOLE = ("grey", "flat", "mask", "lines", "marks", "grids", "rows", "strips", "wholes")
"""Stages that are shown whole; the others have details, and are shown of `PART`."""

PART = (0, 0.04, 0.97, 0.385)
"""Left, top, right and bottom of that part, as shares of the page."""

WIDTH = 900

QUALITY = 60


def read(name: str, *flags: str) -> None:
    """Read an example with these flags."""
    subprocess.run([*OCR, "read", "--quiet", *flags, EXAMPLES / f"{name}.jpg"], check=True, stdout=subprocess.DEVNULL)


def save(picture: Image.Image, path: Path) -> None:
    """As a small WebP no wider than `WIDTH`."""
    picture = picture.convert("RGB")
    picture.thumbnail((WIDTH, 10 * WIDTH), Image.Resampling.LANCZOS)
    picture.save(path, quality=QUALITY, method=6)
    print(f"{path.relative_to(DOCS.parent)}: {path.stat().st_size / 1000:.0f} kB")


def stages(folder: Path) -> None:
    """A picture of every stage, under the stage's name without its number, so that links to it stay."""
    read(STAGED, "--stages", str(folder / STAGED), "--recognizer", "letters")
    read(JOINED, "--stages", str(folder / JOINED), "--recognizer", "lines")
    read(RULED, "--stages", str(folder / RULED))
    for path in [
        *folder.glob(f"{RULED}/*-grids.png"),
        *sorted(folder.glob(f"{STAGED}/*.png")),
        *folder.glob(f"{JOINED}/*-strips.png"),
        *folder.glob(f"{JOINED}/*-wholes.png"),
    ]:
        name = path.stem.split("-", 1)[1]
        with Image.open(path) as picture:
            save(picture if name in WHOLE else part(picture, name), DOCS / "stages" / f"{name}.webp")


def part(picture: Image.Image, name: str) -> Image.Image:
    """What is shown of a stage with details; of the sheet of crops, which is no picture of the page, the first rows."""
    width, height = picture.size
    shares = (0, 0, 1, min(1, width / height / 2)) if name == "crops" else PART
    left, top, right, bottom = (
        round(share * size) for share, size in zip(shares, (width, height, width, height), strict=True)
    )
    return picture.crop((left, top, right, bottom))


def boxes(folder: Path) -> None:
    """The boxes of the README's first screen."""
    path = folder / "boxes.png"
    read("shopping_list", "--boxes-out", str(path))
    with Image.open(path) as picture:
        save(picture, EXAMPLES / "shopping_list.boxes.webp")


def main() -> None:
    """Make all of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stages(folder / "stages")
        boxes(folder)


if __name__ == "__main__":
    main()
