"""Make the picture of `learn.md` again: ``python docs/make_learning_picture.py [--fonts DIR]``.

Two notes in one hand are drawn, in a handwriting font under the OFL; one is learnt, and the other is read without the
hand and with it. The fonts are fetched with npm, unless --fonts names a `node_modules` folder that has them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent / "examples"), str(DOCS.parent)]

from drawing import Hand  # noqa: E402
from make_examples import OVERSAMPLE, fetch_fonts, load_font, photograph, save  # noqa: E402
from notes import NOTES, Note  # noqa: E402
from PIL import Image, ImageDraw, ImageFont  # noqa: E402
from rapidfuzz.distance import Levenshtein  # noqa: E402
from surfaces import Sheet  # noqa: E402

FONT = "over-the-rainbow"

LEARNT = """Dear Mira, the garden is full
of beans and the first plums
are ripe. We picked a basket
yesterday and made jam until
the kitchen smelled of sugar.
Jonas fixed the blue gate, so
the goats stay where they are.
Bring boots and a warm jacket,
for the evenings are cool now.
The train leaves at nine, and
somebody will wait for you
with the old green bicycle."""

READ = """Thank you for the letter and
the seeds. I put them into
small pots by the window.
My brother asks whether the
goats have learned to jump.
We come on Friday evening
and bring cheese, bread and
a jar of the yellow honey."""

WRONG, RIGHT = "#b3261e", "#202020"

WIDTH = 1100


def note(name: str, text: str, font: str, seed: int) -> Note:
    """A sheet in that hand, photographed from above."""
    likeness = next(note for note in NOTES if note.name == "letter")
    lines = text.count("\n") + 1
    height = 260 + 150 * lines
    return replace(
        likeness,
        name=name,
        text=text,
        font=font,
        hand=Hand(size=92, pitch=150, origin=(150, 200), spread=0.05, unsteady=0.6),
        sheet=Sheet((height, 1700), "#efede6"),
        scene=replace(likeness.scene, size=(height + 100, 1800), centre=(900, height / 2), turn=0.3, pencil=None),
        camera=replace(likeness.camera, size=(height, 1700), view=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))),
        seed=seed,
    )


def ocr(*arguments: str | Path, data: Path) -> str:
    """What a command prints, with a data folder of its own."""
    environment = {**os.environ, "OCR_CONFIG": "", "HOME": str(data), "XDG_DATA_HOME": str(data)}
    done = subprocess.run(
        [sys.executable, "-m", "ocrcli", *map(str, arguments)], stdout=subprocess.PIPE, check=True, env=environment
    )
    return done.stdout.decode()


def written(draw: ImageDraw.ImageDraw, place: tuple[int, int], title: str, text: str, truth: str) -> None:
    """Write a title and a text, wrong letters in red."""
    x, y = place
    small, large = (ImageFont.load_default(size) for size in (22, 27))
    edits = Levenshtein.editops(truth, text)
    wrong = {edit.dest_pos for edit in edits if edit.tag != "delete"}
    draw.text((x, y), f"{title}: {len(edits)} of {len(truth)} letters wrong", fill="#606060", font=small)
    y += 44
    across = float(x)
    for position, letter in enumerate(text):
        if letter == "\n":
            across, y = float(x), y + 38
            continue
        draw.text((across, y), letter, fill=WRONG if position in wrong else RIGHT, font=large)
        across += draw.textlength(letter, font=large)


def main() -> None:
    """Make it."""
    parser = argparse.ArgumentParser(description="Draw the picture of learn.md.")
    parser.add_argument("--fonts", type=Path, metavar="DIR")
    parser.add_argument("--font", default=FONT, metavar="NAME")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fonts = wanted.fonts or fetch_fonts([wanted.font], folder)
        paths = []
        for number, (title, text) in enumerate((("first", LEARNT), ("next", READ))):
            page = note(title, text, wanted.font, 3 + number)
            font = load_font(fonts, wanted.font, page.hand.size * OVERSAMPLE)
            paths.append(save(page, photograph(page, font), folder))
        before = ocr("read", "--quiet", paths[1], data=folder).strip()
        print(ocr("learn", paths[0], data=folder).strip())
        after = ocr("read", "--quiet", "--hand", "me", paths[1], data=folder).strip()
        with Image.open(paths[1]) as opened:
            photo = opened.convert("RGB")
        photo.thumbnail((WIDTH // 2, 2000), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", (WIDTH, max(photo.height, 770)), "white")
    sheet.paste(photo, (0, 0))
    draw = ImageDraw.Draw(sheet)
    written(draw, (photo.width + 30, 10), "before", before, READ)
    written(draw, (photo.width + 30, 400), "after", after, READ)
    sheet.save(DOCS / "learn.webp", quality=60, method=6)
    print(f"docs/learn.webp: {(DOCS / 'learn.webp').stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
