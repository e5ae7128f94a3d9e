"""``python -m models.recipe.study``: what was learnt on the way to the letter model, measured again.

Each part prints its figures, keeps them in ``study.json`` of the work folder and its picture beside
the card. ``--only`` runs some parts and leaves the figures of the others as they are.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.recipe.finetune.weights import load_start
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
from models.recipe.study import plots
from models.recipe.study.card import fragment
from models.recipe.study.notes import study_notes
from models.recipe.study.reading import first_kernels, study_confusions, study_shipped
from models.recipe.study.rejection import LETTERS, Trial, make_trial, study_autoencoder, study_rejection
from models.recipe.study.samples import CHARACTERS, cached, held_out_crops, not_letters, own_letters, training_crops
from models.recipe.study.training import FIRST_LAYER, study_rates
from models.recipe.study.writers import SAMPLES, study_writers
from models.recipe.training.markdown import plain_table, put_into_card
from ocrcli.core.errors import InputError, OcrError

MODELS = REPOSITORY / "models"
OWN_LETTERS = 18


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


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m models.recipe.study", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--data", type=Path, default=DATA, help="folder with chars/ (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=MODELS / "work", help="where figures and crops are kept")
    parser.add_argument("--model", type=Path, default=MODELS / "letters-float32.onnx", help="the model to study")
    parser.add_argument("--pictures", type=Path, default=MODELS / "study", help="where pictures go")
    parser.add_argument("--card", type=Path, help="a model card whose section '## Study' is replaced")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")
    return parser.parse_args(arguments)


def load(path: Path) -> dict[str, Any]:
    """The figures of earlier runs."""
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def keep(path: Path, part: str, figures: dict[str, Any]) -> None:
    """Put one part's figures beside those of the others, which another run may just have written."""
    path.write_text(json.dumps(load(path) | {part: figures}, indent=2) + "\n", "utf-8")


def run(bench: Bench, parts: list[str], card: Path | None) -> None:
    """Run some parts, print their figures, and write ``study.json``, ``study.md`` and the card.

    Raises:
        OcrError: If the data or the model cannot be used.
    """
    if not (bench.data / "chars").is_dir():
        raise InputError(f"no chars/ in {bench.data}: see models/README.md for the data, or give --data")
    bench.work.mkdir(parents=True, exist_ok=True)
    kept = bench.work / "study.json"
    for name in [part for part in PARTS if part in parts]:
        start = time.monotonic()
        keep(kept, name, PARTS[name](bench))
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    section = fragment(load(kept))
    (bench.work / "study.md").write_text(section, "utf-8")
    if card:
        put_into_card(card, section)
    print(plain_table(section))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; an error is one line on stderr."""
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    bench = Bench(options.data, options.work, options.model, options.pictures)
    try:
        run(bench, options.only, options.card)
    except OcrError as error:
        print(f"study: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
