"""``python -m models.recipe``: make ``models/letters.onnx`` again from public data.

Steps, in their order; without one, all but the frontier are done:
  first     train a model of letters only
  prepare   with its help, find wrong labels and take words apart
  train     train the model that ships, from the first one's weights
  export    calibrate, and write it as ONNX
  evaluate  measure it on writers and sources that it never saw
  frontier  train other networks briefly: accuracy against speed
  report    draw the figures of the model card
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.recipe import evaluate, frontier, prepare, report
from models.recipe.data import DATA, EMPTY, REPOSITORY, Corpus, load_corpus, training_indices
from models.recipe.export import blend, serialize, write
from models.recipe.pool import load_pool
from models.recipe.quantize import quantize
from models.recipe.train import FIRST, SECOND, Plan, Trainer, best_device, load_network, predict

MODELS = REPOSITORY / "models"
CALIBRATION = 1024
"""Crops by validation writers that the int8 form's ranges are measured on."""

LATE_SHARE = 0.25
"""Of the last weights in the average that ships. Of 0, 1/4, 1/2 and 1; how it was chosen is in the card."""

STEPS = ("first", "prepare", "train", "export", "evaluate", "report")


@dataclass(frozen=True)
class Job:
    """The command line, and what it works on."""

    data: Path
    work: Path
    model: Path
    threads: int
    first: Plan
    second: Plan
    corpus: Corpus

    @property
    def cleaned(self) -> NDArray[np.int64]:
        """Indices to train on, without the wrong labels that `prepare` found."""
        return np.setdiff1d(training_indices(self.corpus), prepare.load_wrong(self.work))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m models.recipe", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", nargs="?", default="all", choices=[*STEPS, "frontier", "all"])
    parser.add_argument("--data", type=Path, default=DATA, help="folder with chars/ and words/ (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=MODELS / "work", help="checkpoints and reports")
    parser.add_argument("--model", type=Path, default=MODELS / "letters.onnx", help="the file to write or measure")
    parser.add_argument("--first-steps", type=int, default=FIRST.steps, help="steps of `first` (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=SECOND.steps, help="steps of `train` (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch and ONNX Runtime")
    return parser.parse_args(arguments)


def train_first(job: Job) -> None:
    """The first model."""
    letters = replace(job.corpus, pool=EMPTY)
    Trainer(letters, training_indices(letters), job.first, job.work / "first.pt").train()


def train_second(job: Job) -> None:
    """The model that ships."""
    prepare.look(job.corpus, job.cleaned, job.work)
    start = load_network(job.work / "first.pt")
    Trainer(job.corpus, job.cleaned, job.second, job.work / "checkpoint.pt", start).train()


def prepare_second(job: Job) -> None:
    """Wrong labels and words, as the first model sees them."""
    network = load_network(job.work / "first.pt")
    temperature = evaluate.fit_temperature(*evaluate.validation_logits(network, job.corpus))
    prepare.prepare(
        job.corpus,
        job.data,
        job.work,
        lambda crops, sizes: evaluate.softmax(predict(network, crops, sizes), temperature),
    )


def export_second(job: Job) -> None:
    """Average the early and the last stage of the run, calibrate, and write the model."""
    stages = [serialize(load_network(job.work / name).cpu()) for name in ("early.pt", "checkpoint.pt")]
    model = blend(stages[0], stages[1], LATE_SHARE)
    whole = job.model.with_stem(f"{job.model.stem}-float32")
    write(model, whole, 1.0)
    crops, sizes, labels = evaluate.validation_crops(job.corpus)
    logits = evaluate.Model(whole, job.threads).logits(crops, sizes)[:, evaluate.CHARACTERS]
    temperature = evaluate.fit_temperature(logits, labels)
    write(model, whole, temperature)
    quantize(whole, job.model, crops[:CALIBRATION], sizes[:CALIBRATION])
    print(f"{job.model}, {whole.name}: temperature {temperature:.3f}", file=sys.stderr)


ACTIONS = {
    "first": train_first,
    "prepare": prepare_second,
    "train": train_second,
    "export": export_second,
    "evaluate": lambda job: evaluate.evaluate(job.model, job.corpus, job.data, job.work, job.threads),
    "frontier": lambda job: frontier.frontier(job.corpus, job.cleaned, job.work, job.threads),
    "report": lambda job: report.report(job.model, job.corpus, job.work, MODELS, job.threads),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe, or all of them."""
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    if not (options.data / "chars").is_dir():
        print(f"no chars/ in {options.data}: see models/README.md for the data, or give --data", file=sys.stderr)
        return 3
    print(f"device: {best_device()}", file=sys.stderr)
    first, second = replace(FIRST, steps=options.first_steps), replace(SECOND, steps=options.steps)
    for step in STEPS if options.step == "all" else (options.step,):
        corpus = replace(load_corpus(options.data), pool=load_pool(options.work / "pool.npz"))
        ACTIONS[step](Job(options.data, options.work, options.model, options.threads, first, second, corpus))
    return 0


if __name__ == "__main__":
    sys.exit(main())
