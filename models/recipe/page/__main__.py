"""The page model, ``models/page.onnx``: ink, text-line cores and which way is up; and ``models/noise.json``.

`draw` is best run in a process of its own beside `train`, which waits for its first crops. Everything is kept in
``models/work/page``.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

import cv2

from models.recipe.handwriting.characters import DATA, REPOSITORY
from models.recipe.page import evaluate, export, noise, pool, train
from models.recipe.synthesis import studio
from models.recipe.synthesis.photograph import Crop, photograph
from models.recipe.training import markdown
from models.recipe.training.steps import Step, run
from ocrcli.binarize.page_model import load_page_model

RUN, CROPS = "run.pt", "pool"
"""Names in the folder of work: the checkpoint, what was drawn."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of all steps but `noise`."""
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
    parser.add_argument("--crops", type=int, default=200, help="of each kind, to measure on (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=REPOSITORY / "models" / "page.onnx", help="to write or measure")


def prepare(options: argparse.Namespace) -> None:
    """Read the handwriting, that to train on and that to measure with."""
    for held_out in (False, True):
        studio.prepare(options.data, options.work, options.seed, held_out=held_out)


def draw(options: argparse.Namespace) -> None:
    """Fill the pool until stopped."""
    cv2.setNumThreads(1)
    made: partial[Crop] = partial(photograph, studio.load_studio(options.data, options.work), pool.SIZE)
    pool.fill(options.work / CROPS, made, options.seed)


def learn(options: argparse.Namespace) -> None:
    """Train on what is drawn."""
    train.train(options.work / CROPS, options.work / RUN, options.minutes, options.rate, processes=options.processes)


def write(options: argparse.Namespace) -> None:
    """Write the model.

    Raises:
        FileNotFoundError: If nothing has been trained.
    """
    checkpoint = options.work / RUN
    if not checkpoint.is_file():
        raise FileNotFoundError(f"{checkpoint} is not there: first run python -m models.recipe.page train")
    export.export(checkpoint, options.model)


def measured(options: argparse.Namespace) -> str:
    """The table of figures on freshly drawn crops of held-out writers and backgrounds."""
    drawn_with = studio.load_studio(options.data, options.work, held_out=True)
    return evaluate.evaluate(load_page_model(options.model, "cpu"), drawn_with, options.crops)


def report(options: argparse.Namespace) -> None:
    """Measure the model, and write the figures into the card beside it."""
    made_by = "python -m models.recipe.page report"
    markdown.put_between_markers(evaluate.card_of(options.model), [measured(options)], made_by)


STEPS = {
    "prepare": Step("read the handwriting once: of the training writers, and of those held out", prepare, add_options),
    "draw": Step("draw crops of pages until it is stopped, beside `train`", draw, add_options),
    "train": Step("train on what is drawn; goes on from its checkpoint", learn, add_options),
    "export": Step("write models/page.onnx", write, add_options),
    "evaluate": Step(
        "overlap of ink and cores on drawn crops of held-out writers and backgrounds",
        lambda options: print(measured(options)),
        add_options,
    ),
    "report": Step("write what `evaluate` measures into models/page.md", report, add_options),
    "noise": Step(
        "learn which rows are writing, with the models that ship: models/noise.json", noise.learn, noise.add_options
    ),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe; returns the exit code."""
    return run("page", __doc__ or "", STEPS, arguments)


if __name__ == "__main__":
    sys.exit(main())
