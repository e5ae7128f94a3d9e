"""Line images cut out of drawn pages as reading cuts them: ``python -m models.recipe.lines compose --pages 1000``.

Pages are drawn and photographed (`models.recipe.synthesis`), cleaned by the page model that ships and segmented as
any photo is. A row's line image then has what that leaves in it: erased stems, remnants of rulings, tails of
neighbours, drawn marks, uneven light. It is kept with its text where it is known by the ink to be whole lines
(`models.recipe.lines.matched`). First comes ``python -m models.recipe.page prepare``; the line images lie in
``models/work/lines/composed``, and `models.recipe.lines.samples` takes them from there.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from models.recipe.handwriting.characters import DATA, REPOSITORY
from models.recipe.lines.matched import in_sight, matched, whole_lines
from models.recipe.synthesis.photograph import Setting, Studio, set_up, shoot
from models.recipe.synthesis.scene import owners, reach
from models.recipe.synthesis.studio import reader_of_drawn, studio_of
from models.recipe.synthesis.writing import TextLine
from models.recipe.training.shards import FOLDER, Sample, store
from ocrcli.core.errors import NothingWrittenError
from ocrcli.lines import recognize
from ocrcli.pipeline.segmentation import Segmented, segment
from ocrcli.sources import source_of

SHARD = 16
"""Pages whose line images lie in one file."""

SIDES = (512, 900)
"""Pixels of a page's side; so much that whole lines of small writing find room."""

TRIES = 20
"""Pages that are arranged until one is taken; what is arranged costs little against what is photographed."""

WHOLE = 0.6
"""Share of a page's letters that stand in lines which are wholly in the picture, at least."""

RICH = 100
"""Characters in them, below which a page is worth less."""

ENOUGH = 40
"""Characters in the whole lines of a photo, from which on it is segmented."""

WRONG = 0.6
"""Errors for each character of the text, from which on a rough reading tells that the text is another one."""


@dataclass(frozen=True)
class Kept:
    """What came of a page.

    Attributes:
        samples: Line images, each (HEIGHT, w) uint8, and their texts.
        errors: Of the rough reading of each.
        whole: Lines that might have been kept.
    """

    samples: list[Sample]
    errors: list[int]
    whole: int


def arranged(studio: Studio, size: int, rng: np.random.Generator) -> Setting:
    """A page with many lines, and most of them whole; the best of `TRIES` where there is none."""
    best, most = None, -1.0
    for _ in range(TRIES):
        setting = set_up(studio, size, rng, reading=True)
        lines = setting.page.lines
        inside = [line for line in lines if _touches(line, setting, size)]
        letters = sum(len(lines[i].text) for i in whole_lines(setting, size))
        share = letters / max(sum(len(line.text) or 20 for line in inside), 1) * min(1.0, letters / RICH)
        if share > most:
            best, most = setting, share
        if share >= WHOLE:
            break
    assert best is not None
    return best


def _touches(line: TextLine, setting: Setting, size: int) -> bool:
    low, high = reach(line, setting.warp)
    return bool(high.min() > 0 and low.max() < size)


def taken_apart(grey: NDArray[np.uint8]) -> Segmented | None:
    """A photo segmented as reading does; None where nothing is found."""
    reader = reader_of_drawn()
    try:
        return segment(source_of(grey), reader.settings, reader.models)[1]
    except NothingWrittenError:
        return None


def compose(studio: Studio, rng: np.random.Generator) -> Kept:
    """Draw a page, and keep the line images of its lines."""
    size = int(rng.integers(SIDES[0] // 32, SIDES[1] // 32 + 1)) * 32
    setting = arranged(studio, size, rng)
    shot = shoot(studio, setting, size, rng)
    lines = setting.page.lines
    drawn = owners(lines, setting.warp, size)
    whole = in_sight(shot, drawn)
    # Most of the time goes into taking a page apart.
    page = taken_apart(shot.grey) if sum(len(lines[n].text) for n in whole) >= ENOUGH else None
    if page is None:
        return Kept([], [], len(whole))
    pairs = list(matched(page, shot, drawn))
    pictures = [recognize.row_ink(page.rows[row], page.marks, page.ink) for row, _ in pairs]
    samples, errors = [], []
    for seen, (_, text) in zip(recognize.run_model(pictures, reader_of_drawn().models.lines), pairs, strict=True):
        edits = Levenshtein.distance(text, seen.likeliest)
        if seen.straight is not None and edits <= max(WRONG * len(text), 1):
            samples.append((seen.straight.image, text))
            errors.append(edits)
    return Kept(samples, errors, len(whole))


def write_shard(number: int, seed: int, data: Path, page_work: Path, folder: Path) -> str:
    """Draw the pages of one shard, unless it is there; tells what came of it."""
    path = folder / f"{seed:03d}-{number:05d}.pickle"
    if path.exists():
        return f"{path.name} is there"
    rng = np.random.default_rng([78, seed, number])
    pages = [compose(studio_of(data, page_work), rng) for _ in range(SHARD)]
    samples = [sample for page in pages for sample in page.samples]
    store(path, samples)
    letters = sum(len(text) for _, text in samples)
    errors = sum(sum(page.errors) for page in pages)
    whole = sum(page.whole for page in pages)
    return f"{path.name}: {len(samples)} strips of {whole} lines, rough CER {errors / max(letters, 1):.3f}"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of ``python -m models.recipe.lines compose``."""
    parser.add_argument("--data", type=Path, default=DATA, help="with backgrounds/ (default: %(default)s)")
    work = REPOSITORY / "models" / "work"
    parser.add_argument("--page-work", type=Path, default=work / "page", help="of the page model")
    parser.add_argument("--work", type=Path, default=work / "lines", help="of the line model, to write to")
    parser.add_argument("--pages", type=int, default=1000, help="to draw (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another one adds to what is there (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="that draw (default: %(default)s)")


def fill(options: argparse.Namespace) -> None:
    """Fill the folder."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the models' threads would only wait for one another
    folder = options.work / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    one = partial(write_shard, seed=options.seed, data=options.data, page_work=options.page_work, folder=folder)
    numbers = range(-(-options.pages // SHARD))
    if options.processes == 1:
        for number in numbers:
            print(one(number), flush=True)
        return
    with get_context("spawn").Pool(options.processes) as pool:
        for told in pool.imap_unordered(one, numbers):
            print(told, flush=True)
