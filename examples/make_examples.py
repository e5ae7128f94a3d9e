"""Draw the example photos of this folder, with their ground truth.

    python examples/make_examples.py [--fonts DIR] [--out DIR] [NAME ...]

Nobody wrote these notes, so they may be shared freely and their text is known to the letter. The same
seed gives the same pixels; to draw other notes, change or add to `NOTES`.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from camera import expose, illuminate, lay, put_pencil, view
from drawing import apply_ink, draw_text
from notes import NOTES, Note
from numpy.typing import NDArray
from PIL import Image, ImageFont
from surfaces import board, paper

FONTS_VERSION = "5.3.0"
"""Version of every @fontsource package; another could draw other letters."""

OVERSAMPLE = 3
"""Letters are drawn this much larger than they are written, so that bending keeps them crisp."""

ORIENTATION = 0x0112
"""EXIF tag: how to turn the stored pixels."""


def photograph(note: Note, font: ImageFont.FreeTypeFont) -> NDArray[np.uint8]:
    """Write a note and take a photo of it.

    Args:
        note: What to draw.
        font: Its font, `OVERSAMPLE` times as large as the hand writes.

    Returns:
        (height, width, 3) uint8, sRGB, upright.
    """
    rng = np.random.default_rng(note.seed)
    size = note.scene.size if note.sheet is None else note.sheet.size
    surface = board(size, rng) if note.sheet is None else paper(note.sheet, rng)
    ink = draw_text(note.lines, font, size, hand=note.hand, pen=note.pen, rng=rng, rulings=note.rulings)
    scene, where = apply_ink(surface, ink, note.pen), note.scene
    if note.sheet is not None:
        table = where.table(where.size, rng)
        scene = lay(table, scene, centre=where.centre, turn=where.turn, bend=where.bend, rng=rng)
    if where.pencil is not None:
        scene = put_pencil(scene, *where.pencil, width=44, colour="#b8392f")
    seen = view(scene, note.camera)
    return expose(seen * illuminate(note.camera.size, note.light, rng), note.camera, rng)


def fetch_fonts(names: list[str], folder: Path) -> Path:
    """Install fonts with npm.

    Args:
        names: Packages of @fontsource.
        folder: Where to; it becomes a small npm project.

    Returns:
        The folder to look for them in, as for ``--fonts``.
    """
    packages = [f"@fontsource/{name}@{FONTS_VERSION}" for name in names]
    flags = ["--silent", "--ignore-scripts", "--no-audit", "--prefix", str(folder)]
    subprocess.run(["npm", "install", *flags, *packages], check=True)
    return folder / "node_modules"


def load_font(fonts: Path, name: str, size: float) -> ImageFont.FreeTypeFont:
    """A font of a folder that npm installed @fontsource packages into.

    FreeType reads WOFF as it is, so nothing needs to be converted.
    """
    file = fonts / "@fontsource" / name / "files" / f"{name}-latin-400-normal.woff"
    # Basic layout: letters are placed one by one, so ligatures and kerning would only get in the way.
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)


def save(note: Note, photo: NDArray[np.uint8], folder: Path) -> Path:
    """Store a photo and its ground truth as NAME.jpg and NAME.gt.txt; returns the photo's path."""
    image, exif = Image.fromarray(photo), Image.Exif()
    if note.sideways:
        image = image.transpose(Image.Transpose.ROTATE_90)
        exif[ORIENTATION] = 6
    path = folder / f"{note.name}.jpg"
    image.save(path, quality=note.quality, optimize=True, progressive=True, exif=exif)
    (folder / f"{note.name}.gt.txt").write_text(note.truth, encoding="utf-8", newline="\n")
    return path


def main() -> None:
    """Draw all examples, or those that are named."""
    parser = argparse.ArgumentParser(description="Draw the example photos and their ground truth.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these examples")
    parser.add_argument("--fonts", type=Path, metavar="DIR", help="a node_modules folder with the fonts")
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path(__file__).parent)
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - {note.name for note in NOTES}:
        parser.error(f"no such example: {', '.join(sorted(unknown))}")
    notes = [note for note in NOTES if not wanted.names or note.name in wanted.names]
    with tempfile.TemporaryDirectory() as folder:
        fonts = wanted.fonts or fetch_fonts(sorted({note.font for note in notes}), Path(folder))
        for note in notes:
            font = load_font(fonts, note.font, note.hand.size * OVERSAMPLE)
            path = save(note, photograph(note, font), wanted.out)
            print(f"{path.name}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
