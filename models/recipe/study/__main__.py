"""The study: what was learnt on the way to the letter model, measured again.

Each part keeps its figures in ``study.json`` of the work folder and its picture beside the card. ``--only`` runs some
parts and leaves the figures of the others as they are.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.recipe.handwriting.characters import (
    DATA,
    REPOSITORY,
    TEST_FOLD,
    VALIDATION_FOLD,
    Corpus,
    fold_of,
    load_corpus,
)
from models.recipe.letters.batches import Batch
from models.recipe.letters.start import load_start
from models.recipe.study import plots
from models.recipe.study.card import fragment
from models.recipe.study.notes import study_notes
from models.recipe.study.reading import first_kernels, study_confusions, study_shipped
from models.recipe.study.rejection import LETTERS, Trial, make_trial, study_autoencoder, study_rejection
from models.recipe.study.samples import CHARACTERS, cached, held_out_crops, not_letters, own_letters, training_crops
from models.recipe.study.training import FIRST_LAYER, study_rates
from models.recipe.study.writers import SAMPLES, study_writers
from models.recipe.training.markdown import plain_table, put_into_card
from models.recipe.training.steps import Step, run
from ocrcli.core.errors import InputError

MODELS = REPOSITORY / "models"
OWN_LETTERS = 18

KEPT = "study.json"
"""File of the work folder: the figures of the parts that were run."""


@dataclass(frozen=True)
class Bench:
    """Everything that the parts of the study share; crops are drawn when first asked for.

    Attributes:
        data: Folder with chars/.
        work: Where crops and figures are kept.
        model: The letter model.
        pictures: Where pictures go.
    """

    data: Path
    work: Path
    model: Path
    pictures: Path

    @property
    def store(self) -> Path:
        """Folder of what is kept between runs."""
        return self.work / "study"

    @cached_property
    def corpus(self) -> Corpus:
        """All the data."""
        return load_corpus(self.data)

    @cached_property
    def train(self) -> Batch:
        """Crops to train on."""
        return cached(self.store, "training", lambda: training_crops(self.corpus))

    @cached_property
    def valid(self) -> Batch:
        """Crops by the validation writers."""
        return cached(self.store, "validation", lambda: held_out_crops(self.corpus, VALIDATION_FOLD))

    @cached_property
    def test(self) -> Batch:
        """Crops by the test writers."""
        return cached(self.store, "test", lambda: held_out_crops(self.corpus, TEST_FOLD))

    @cached_property
    def trial(self) -> Trial:
        """Letters and badly cut letters by the test writers."""
        return make_trial(self.test, *not_letters(self.corpus, TEST_FOLD, LETTERS // 2))


def run_rates(bench: Bench) -> dict[str, Any]:
    """Both networks at three learning rates."""
    figures = study_rates(bench.train, bench.valid, bench.store)
    plots.plot_rates(figures, bench.pictures / "learning-rates.png")
    return figures


def run_shipped(bench: Bench) -> dict[str, Any]:
    """The shipped model on the validation writers."""
    return study_shipped(bench.model, bench.valid)


def run_weights(bench: Bench) -> dict[str, Any]:
    """First-layer weights; needs an earlier run of the rates."""
    path = bench.store / FIRST_LAYER
    if not path.exists():
        raise InputError(f"{path}: not there yet; run the part 'rates' first")
    with np.load(path) as stored:
        before, after = stored["before"], stored["after"]
    try:
        kernels = first_kernels(bench.model)
    except ValueError:
        kernels = None  # another architecture: its first layer is no picture of pixels
    plots.plot_weights(before, after, kernels, bench.pictures / "weights.png")
    return {"spread before": float(before.std()), "spread after": float(after.std())}


def run_confusions(bench: Bench) -> dict[str, Any]:
    """Confusions of the shipped model."""
    writers = bench.corpus.ink.writers[fold_of(bench.corpus.ink) == TEST_FOLD]
    figures, matrix = study_confusions(bench.model, bench.test, writers)
    plots.plot_confusions(matrix, CHARACTERS, bench.pictures / "confusions.png")
    return figures


def run_autoencoder(bench: Bench) -> dict[str, Any]:
    """An autoencoder against principal components."""
    figures, shown = study_autoencoder(bench.train, bench.test, bench.trial, own_letters(OWN_LETTERS))
    names = ("as cut", "autoencoder", "32 components")
    plots.plot_reconstructions(list(zip(names, shown, strict=True)), bench.pictures / "reconstructions.png")
    return figures


def run_rejection(bench: Bench) -> dict[str, Any]:
    """Rejection by the shipped model."""
    return study_rejection(bench.model, bench.trial)


def run_writers(bench: Bench) -> dict[str, Any]:
    """Fine-tuning against training from nothing."""
    figures = study_writers(bench.corpus, load_start(bench.model), bench.test)
    plots.plot_writers(figures, SAMPLES, bench.pictures / "few-samples.png")
    return figures


def run_notes(bench: Bench) -> dict[str, Any]:
    """Fine-tuning on whole pages."""
    return study_notes(load_start(bench.model), bench.model)


PARTS: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "rates": run_rates,
    "shipped": run_shipped,
    "weights": run_weights,
    "confusions": run_confusions,
    "autoencoder": run_autoencoder,
    "rejection": run_rejection,
    "writers": run_writers,
    "notes": run_notes,
}


TRAIN = ("rates", "autoencoder", "writers", "notes")
"""Parts that train networks; the others measure the model that ships, and what these have left."""

EVALUATE = tuple(part for part in PARTS if part not in TRAIN)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of every step."""
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--data", type=Path, default=DATA, help="folder with chars/ (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=MODELS / "work", help="where figures and crops are kept")
    parser.add_argument("--model", type=Path, default=MODELS / "letters-float32.onnx", help="the model to study")
    parser.add_argument("--pictures", type=Path, default=MODELS / "study", help="where pictures go")
    parser.add_argument("--card", type=Path, help="a model card whose section '## Study' is replaced")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")


def load(path: Path) -> dict[str, Any]:
    """The figures of earlier runs."""
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def keep(path: Path, part: str, figures: dict[str, Any]) -> None:
    """Put one part's figures beside those of the others, which another run may just have written."""
    path.write_text(json.dumps(load(path) | {part: figures}, indent=2) + "\n", "utf-8")


def study(options: argparse.Namespace, parts: Sequence[str]) -> None:
    """Run some parts, those of them that ``--only`` names, and keep their figures.

    Raises:
        OcrError: If the data or the model cannot be used.
    """
    torch.set_num_threads(options.threads)
    bench = Bench(options.data, options.work, options.model, options.pictures)
    if not (bench.data / "chars").is_dir():
        raise InputError(f"no chars/ in {bench.data}: see models/letters.md for the data, or give --data")
    bench.work.mkdir(parents=True, exist_ok=True)
    for name in [part for part in parts if part in options.only]:
        start = time.monotonic()
        keep(bench.work / KEPT, name, PARTS[name](bench))
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)


def report(options: argparse.Namespace) -> None:
    """Print the figures, and write them into ``study.md`` and the card.

    Raises:
        InputError: If no part has been run.
    """
    figures = load(options.work / KEPT)
    if not figures:
        raise InputError(f"no {KEPT} in {options.work}: run python -m models.recipe.study train first")
    section = fragment(figures)
    (options.work / "study.md").write_text(section, "utf-8")
    if options.card:
        put_into_card(options.card, section)
    print(plain_table(section))


def all_of_it(options: argparse.Namespace) -> None:
    """Every part, in the order of `PARTS`, then `report`."""
    study(options, list(PARTS))
    report(options)


STEPS = {
    "train": Step(f"the parts that train networks: {', '.join(TRAIN)}", lambda o: study(o, TRAIN), add_options),
    "evaluate": Step(f"the parts that only measure: {', '.join(EVALUATE)}", lambda o: study(o, EVALUATE), add_options),
    "export": Step("the same as report: all that leaves the study are its figures", report, add_options),
    "report": Step("print the figures, and write them into study.md and, with --card, a card", report, add_options),
    "all": Step("train, evaluate and report; done where no step is given", all_of_it, add_options),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one step, or all; returns the exit code."""
    return run("study", __doc__ or "", STEPS, arguments, default="all")


if __name__ == "__main__":
    sys.exit(main())
