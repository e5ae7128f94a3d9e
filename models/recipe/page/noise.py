"""Learn which rows are writing: ``python -m models.recipe.page noise``.

Reads drawn pages, where every pixel of writing is known, and the pictures without writing that are not held out; fits
a logistic model (`ocrcli.pipeline.noise`) to the rows that were found there, each with as much weight as it has
letters; and writes ``models/noise.json``. The letter, line and page models must be the ones that ship: run it after
they change.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipe.handwriting.characters import DATA, REPOSITORY
from models.recipe.synthesis.photograph import photograph
from models.recipe.synthesis.studio import reader_of_drawn, studio_of
from models.recipe.synthesis.surfaces.surroundings import is_held_out
from models.recipe.training.logistic import logistic_regression
from ocrcli.core.errors import NothingWrittenError
from ocrcli.pipeline import noise, reading
from ocrcli.pipeline.segmentation import Segmented, segment
from ocrcli.sources import source_of

Floats = NDArray[np.float64]

SIDES = (640, 960, 1280)
"""Pixels of a drawn page's side, one of them by chance."""

WRITING, NOT_WRITING = 0.4, 0.1
"""Written pixels around a row for one of its own, from which it is writing, and up to which it is not; between them it
is left out."""

PICTURE = 2.0
"""Weight of a letter that was read on a picture without writing, against one on a drawn page."""

RIDGE = 2000.0
"""Penalty on the square of the weights. It is high, for the page model, which has learnt from
such drawn pages, is surer of them than of photographs, and would else be believed alone. Chosen, as PICTURE, on the
development pages: of 5, 500, 2000, 4000 and 8000."""


@dataclass(frozen=True)
class Rows:
    """Rows that were found somewhere and have a letter or digit.

    Attributes:
        features: (n, 6) as `ocrcli.pipeline.noise.features` gives them.
        written: (n,) 1 where they are writing, else 0.
        weights: (n,) of each.
    """

    features: Floats
    written: Floats
    weights: Floats


@dataclass(frozen=True)
class Found:
    """What was found on a picture.

    Attributes:
        page: Its rows.
        features: (n, 6) of each.
        letters: (n,) how many letters and digits were read of each.
    """

    page: Segmented
    features: Floats
    letters: NDArray[np.intp]


def found_on(picture: Path | NDArray[np.uint8]) -> Found | None:
    """The rows of a picture; None where there are none."""
    reader = reader_of_drawn()
    told: dict[str, Any] = {}
    try:
        _, page = segment(source_of(picture), reader.settings, reader.models)
        reading.read_page(page, reader.settings, reader.models, told.__setitem__)
    except NothingWrittenError:
        pass  # rows are judged before that is said
    if "judged" not in told:
        return None
    read, features = told["judged"]
    letters = np.array([sum(glyph.text.isalnum() for glyph in row.glyphs) for row in read])
    return Found(page, features, letters)


def from_picture(path: Path) -> Rows | None:
    """Rows that were seen where nothing is written."""
    found = found_on(path)
    if found is None:
        return None
    known = found.letters > 0
    return Rows(found.features[known], np.zeros(known.sum()), PICTURE * found.letters[known].astype(float))


def from_drawn(seed: int, data: Path, work: Path) -> Rows | None:
    """Rows of a drawn page, as far as it is known whether they are writing."""
    rng = np.random.default_rng([77, seed])
    grey, ink, _, _ = photograph(studio_of(data, work), int(rng.choice(SIDES)), rng, reading=True)
    found = found_on(grey)
    if found is None:
        return None
    shares = np.array([_share(found.page, i, ink) for i in range(len(found.page.rows))])
    known = (found.letters > 0) & ((shares >= WRITING) | (shares <= NOT_WRITING))
    return Rows(found.features[known], (shares[known] >= WRITING).astype(float), found.letters[known].astype(float))


def _share(page: Segmented, number: int, ink: NDArray[np.uint8]) -> float:
    """Written pixels around a row for each pixel of its marks."""
    row = page.rows[number]
    left, top, right, bottom = row.box(page.marks)
    x0, y0, x1, y1 = page.photo.full_size((left, top, right, bottom))
    larger = (x1 - x0) * (y1 - y0) / ((right - left) * (bottom - top))
    return float((ink[y0:y1, x0:x1] > 100).sum() / (larger * page.marks.areas[row.marks].sum()))


def fit(rows: Rows) -> noise.NoiseModel:
    """Logistic regression with a ridge penalty."""
    center, scale = rows.features.mean(axis=0), rows.features.std(axis=0)
    x = np.column_stack([(rows.features - center) / scale, np.ones(len(rows.features))])
    penalty = RIDGE * np.array([*np.ones(len(center)), 0.0])
    weights = logistic_regression(x, rows.written, penalty, counts=rows.weights)
    return noise.NoiseModel(center, scale, weights[:-1], float(weights[-1]))


def write(model: noise.NoiseModel, path: Path) -> None:
    """Keep a model as `ocrcli.pipeline.noise` reads it."""
    stored = {
        "features": noise.FEATURES,
        **{name: getattr(model, name).round(4).tolist() for name in ("center", "scale", "weights")},
        "bias": round(model.bias, 4),
    }
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _collected(job: tuple[str, object, Path, Path]) -> Rows | None:
    kind, what, data, work = job
    if kind == "picture":
        return from_picture(Path(str(what)))
    return from_drawn(int(str(what)), data, work)


def jobs(data: Path, work: Path, pages: int) -> Iterator[tuple[str, object, Path, Path]]:
    """All that is looked at: so many drawn pages, and the pictures."""
    for seed in range(pages):
        yield "page", seed, data, work
    for path in sorted((data / "backgrounds").glob("*.jpg")):
        if not is_held_out(path.name):
            yield "picture", path, data, work


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of ``python -m models.recipe.page noise``."""
    parser.add_argument("--data", type=Path, default=DATA, help="with backgrounds/ (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "models" / "work" / "page", help="of the page model")
    parser.add_argument("--pages", type=int, default=300, help="that are drawn (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=REPOSITORY / "models" / "noise.json", help="to write")


def learn(options: argparse.Namespace) -> None:
    """Collect, fit, write."""
    with get_context("spawn").Pool(2) as pool:
        found = pool.imap(_collected, jobs(options.data, options.work, options.pages), chunksize=4)
        kept = [rows for rows in found if rows is not None and len(rows.features)]
    rows = Rows(*(np.concatenate([getattr(one, name) for one in kept]) for name in ("features", "written", "weights")))
    print(f"{len(rows.written)} rows, {int(rows.written.sum())} of them writing")
    write(fit(rows), options.model)
