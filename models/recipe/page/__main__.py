"""Make the page model: ``python -m models.recipe.page prepare|draw|train|export``.

`prepare` reads the handwriting once; `draw` makes photos of drawn pages until it is stopped, best in a process of its
own beside `train`, which waits for the first of them and goes on from its checkpoint after a kill; `export` writes
``models/page.onnx``. Everything is kept in ``models/work/page``.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from functools import partial
from pathlib import Path

import cv2

from models.recipe.handwriting.characters import DATA, REPOSITORY
from models.recipe.page import export, pool, train
from models.recipe.synthesis.hands import Hands, load_hands
from models.recipe.synthesis.photograph import Crop, Studio, photograph
from models.recipe.synthesis.surfaces.surroundings import Surroundings

HANDS, RUN, CROPS = "hands.pickle", "run.pt", "pool"
"""Names in the folder of work: what pages are written with, the checkpoint, what was drawn."""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m models.recipe.page", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", choices=["prepare", "draw", "train", "export"])
    parser.add_argument(
        "--data", type=Path, default=DATA, help="folder with words/, chars/ and backgrounds/ (default: %(default)s)"
    )
    parser.add_argument("--work", type=Path, default=REPOSITORY / "models" / "work" / "page", help="checkpoints")
    parser.add_argument("--minutes", type=float, default=600.0, help="of training (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=train.RATE, help="of learning (default: %(default)s)")
    parser.add_argument(
        "--processes", type=int, default=2, help="that train as one, a thread and a batch each (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=REPOSITORY / "models" / "page.onnx", help="to write")
    return parser.parse_args(arguments)


def prepare(data: Path, work: Path, seed: int) -> None:
    """Read the handwriting of the training writers, and keep it as one file."""
    work.mkdir(parents=True, exist_ok=True)
    partial_file = work / f"{HANDS}.partial"
    partial_file.write_bytes(pickle.dumps(load_hands(data, seed), pickle.HIGHEST_PROTOCOL))
    partial_file.replace(work / HANDS)


def studio(data: Path, work: Path) -> Studio:
    """All that photos are made of; without the folder of backgrounds, sheets lie on drawn ones.

    Raises:
        SystemExit: If `prepare` has not run.
    """
    file = work / HANDS
    if not file.is_file():
        raise SystemExit(f"{file} is not there: first run python -m models.recipe.page prepare")
    hands: Hands = pickle.loads(file.read_bytes())
    backgrounds = data / "backgrounds"
    return Studio(hands, Surroundings.load(backgrounds if backgrounds.is_dir() else None))


def draw(data: Path, work: Path, seed: int) -> None:
    """Fill the pool until stopped."""
    cv2.setNumThreads(1)
    made: partial[Crop] = partial(photograph, studio(data, work), pool.SIZE)
    pool.fill(work / CROPS, made, seed)


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe."""
    options = parse(arguments)
    if options.step == "prepare":
        prepare(options.data, options.work, options.seed)
    elif options.step == "draw":
        draw(options.data, options.work, options.seed)
    elif options.step == "train":
        train.train(
            options.work / CROPS, options.work / RUN, options.minutes, options.rate, processes=options.processes
        )
    elif not (options.work / RUN).is_file():
        raise SystemExit(f"{options.work / RUN} is not there: first run python -m models.recipe.page train")
    else:
        export.export(options.work / RUN, options.model)
    return 0


if __name__ == "__main__":
    sys.exit(main())
