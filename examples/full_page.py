"""Draw a page of 1,000 letters, to measure speed on.

    python examples/full_page.py [--fonts DIR] [--font NAME] OUT.jpg

The words are those of the example notes, in another order. It is no example: nobody writes such a page.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from drawing import Hand
from make_examples import OVERSAMPLE, fetch_fonts, load_font, photograph, save
from notes import NOTES, Note
from surfaces import Sheet

LETTERS = 1000
PER_LINE = 44


def words(count: int, rng: np.random.Generator) -> list[str]:
    """Words of the example notes with this many letters in all, or a few more."""
    known = sorted({word for note in NOTES for word in note.text.split() if word.isalpha()})
    found: list[str] = []
    while sum(map(len, found)) < count:
        found.append(known[int(rng.integers(len(known)))].lower())
    return found


def lines_of(found: list[str]) -> str:
    """The words in lines of about `PER_LINE` characters."""
    lines = [""]
    for word in found:
        if len(lines[-1]) + len(word) > PER_LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def note(font: str) -> Note:
    """A sheet that is filled with writing, photographed from straight above."""
    likeness = next(note for note in NOTES if note.name == "letter")
    return replace(
        likeness,
        name="full_page",
        text=lines_of(words(LETTERS, np.random.default_rng(5))),
        font=font,
        hand=Hand(size=84, pitch=104, origin=(150, 180), spread=0.06, unsteady=0.7),
        sheet=Sheet((3300, 2400), "#efede6"),
        scene=replace(likeness.scene, size=(3400, 2500), centre=(1250, 1700), turn=0.4, pencil=None),
        camera=replace(likeness.camera, size=(3264, 2448), view=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))),
    )


def main() -> None:
    """Draw it."""
    parser = argparse.ArgumentParser(description="Draw a page of 1,000 letters, to measure speed on.")
    parser.add_argument("out", type=Path, metavar="OUT.jpg")
    parser.add_argument("--fonts", type=Path, metavar="DIR", help="a node_modules folder with the font")
    parser.add_argument("--font", default="patrick-hand", metavar="NAME", help="a package of @fontsource")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fonts = wanted.fonts or fetch_fonts([wanted.font], Path(folder))
        page = replace(note(wanted.font), name=wanted.out.stem)
        path = save(
            page, photograph(page, load_font(fonts, wanted.font, page.hand.size * OVERSAMPLE)), wanted.out.parent
        )
    print(f"{path}: {sum(c.isalnum() for c in page.text)} letters in {len(page.lines)} lines")


if __name__ == "__main__":
    main()
