"""The letter model, ``models/letters.onnx``: 32x32 crops to 94 characters and *not a letter*, from public data.

Without a step, those from `first` to `report` are done but for `frontier`. Checkpoints are kept in ``models/work``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.recipe.handwriting import fonts
from models.recipe.handwriting.characters import (
    DATA,
    EMPTY,
    NOT_A_LETTER,
    REPOSITORY,
    Corpus,
    half_of,
    load_corpus,
    training_indices,
)
from models.recipe.letters import audit, evaluate, frontier, prepare, reference, report
from models.recipe.letters.batches import Source, make_batch
from models.recipe.letters.crops.word_crops import load_pool
from models.recipe.letters.distillation import Teachers
from models.recipe.letters.export import export
from models.recipe.letters.finished import Model, softmax
from models.recipe.letters.quantize import quantize
from models.recipe.letters.train import (
    FIRST,
    NORM_CROPS,
    SECOND,
    TEACHER,
    LetterPlan,
    LetterTrainer,
    learn,
    load_network,
    mean_network,
    predict,
)
from models.recipe.training import processes
from models.recipe.training.loop import best_device
from models.recipe.training.onnx_file import give_features
from models.recipe.training.steps import Step, run
from ocrcli.lines.line_model import load_line_model

MODELS = REPOSITORY / "models"
CALIBRATION = 1024
"""Crops by validation writers that the int8 form's ranges are measured on."""

HALVES = (0, 1)

GOING_ON = 0.6
"""Of the usual rate, for a run that goes on from another's weights: it has less to unlearn."""


@dataclass(frozen=True)
class Job:
    """The command line, and what it works on."""

    data: Path
    work: Path
    model: Path
    threads: int
    processes: int
    lines: Path
    before: Path | None
    stages: tuple[Path, ...]
    first: LetterPlan
    teacher: LetterPlan
    second: LetterPlan
    corpus: Corpus

    @property
    def teachers(self) -> tuple[Path, ...]:
        """Files of the teachers."""
        return tuple(self.work / f"teacher{half}.onnx" for half in HALVES)

    def need(self, step: str, *files: Path) -> None:
        """See whether a former step has been done.

        Raises:
            FileNotFoundError: If one of the files that it makes is missing.
        """
        for path in files:
            if not path.exists():
                raise FileNotFoundError(
                    f"no {path.name} in {self.work}: run `python -m models.recipe.letters {step}` first"
                )

    def samples(self) -> tuple[Corpus, NDArray[np.int64]]:
        """All that `prepare` has made, words and fonts included, and which of it to train on: no wrong labels.

        Together, for an index means nothing in another corpus: words stand between single characters and the pool.

        Raises:
            FileNotFoundError: If it has not been made.
        """
        self.need("fonts", self.work / prepare.FONTS)
        self.need("prepare", *(self.work / name for name in prepare.MADE))
        corpus = prepare.with_words(self.corpus, self.work)
        return corpus, np.setdiff1d(training_indices(corpus), prepare.load_wrong(self.work))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of every step."""
    parser.add_argument("--data", type=Path, default=DATA, help="folder with chars/ and words/ (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=MODELS / "work", help="checkpoints and reports")
    parser.add_argument("--model", type=Path, default=MODELS / "letters.onnx", help="the file to write or measure")
    parser.add_argument("--first-steps", type=int, default=FIRST.steps, help="steps of `first` (default: %(default)s)")
    parser.add_argument(
        "--teacher-minutes", type=float, default=TEACHER.minutes, help="of each of `teachers` (default: %(default)s)"
    )
    parser.add_argument("--minutes", type=float, default=SECOND.minutes, help="of `train` (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SECOND.seed, help="of `train` (default: %(default)s)")
    parser.add_argument(
        "--lines", type=Path, default=MODELS / "lines.onnx", help="the line reader that helps `prepare`"
    )
    parser.add_argument("--before", type=Path, help="a letter model, for `prepare` instead of the first")
    parser.add_argument("--start", type=Path, help="a float32 letter model for `train` to go on from")
    parser.add_argument(
        "--stages",
        type=Path,
        nargs="+",
        default=(),
        help="copies of checkpoint.pt, of this run or of others, for `export` to average it with",
    )
    parser.add_argument("--processes", type=int, default=1, help="that train as one (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch and ONNX Runtime")


def train_first(job: Job) -> None:
    """The first model."""
    letters = replace(job.corpus, pool=EMPTY)
    LetterTrainer(letters, training_indices(letters), job.first, job.work / "first.pt").train()


def train_teachers(job: Job) -> None:
    """Two models, each of what the other does not see."""
    corpus, indices = job.samples()
    for half, path in zip(HALVES, job.teachers, strict=True):
        seen = indices[half_of(corpus, indices) != half]
        plan, checkpoint = replace(job.teacher, seed=job.teacher.seed + half), path.with_suffix(".pt")
        processes.run(learn, (corpus, seen, plan, checkpoint), job.processes, job.work)
        export(load_network(checkpoint).cpu(), path, 1.0)


def train_second(job: Job) -> None:
    """The model that ships."""
    job.need("teachers", *job.teachers)
    corpus, indices = job.samples()
    indices = np.setdiff1d(indices, prepare.contradicted(corpus, indices, Teachers(job.teachers), job.work))
    prepare.summarise(corpus, indices, job.work)
    plan = replace(job.second, teachers=job.teachers)
    processes.run(learn, (corpus, indices, plan, job.work / "checkpoint.pt"), job.processes, job.work)


def prepare_second(job: Job) -> None:
    """Wrong labels and words, as a model of letters sees them."""
    if job.before is None:
        network = load_network(job.work / "first.pt")
        temperature = evaluate.fit_temperature(*evaluate.validation_logits(network, job.corpus))

        def logits(crops: NDArray[np.uint8], sizes: NDArray[np.float32]) -> NDArray[np.float32]:
            return predict(network, crops, sizes)
    else:
        model = Model(job.before, job.threads)
        temperature, logits = model.temperature, model.logits

    def of_letters(crops: NDArray[np.uint8], sizes: NDArray[np.float32]) -> NDArray[np.float64]:
        found = logits(crops, sizes)
        found[:, NOT_A_LETTER] = -np.inf  # the pool decides what is no letter, and would be deciding for itself
        return softmax(found, temperature)

    prepare.prepare(job.corpus, job.data, job.work, of_letters, load_line_model(job.lines))


def float32_of(model: Path) -> Path:
    """Where the same network is before it is quantised; a file that is called so already is itself."""
    return model if model.stem.endswith("-float32") else model.with_stem(f"{model.stem}-float32")


def export_second(job: Job) -> None:
    """Calibrate, and write the model."""
    checkpoint = job.work / "checkpoint.pt"
    job.need("train", checkpoint)
    for missing in (path for path in job.stages if not path.exists()):
        raise FileNotFoundError(f"no {missing}: --stages takes copies of {checkpoint}")
    shown = make_batch(Source(*job.samples(), NORM_CROPS, job.second.seed), 0) if job.stages else None
    network = mean_network((checkpoint, *job.stages), shown)
    crops, sizes, labels = evaluate.validation_crops(job.corpus)
    temperature = evaluate.fit_temperature(predict(network, crops, sizes)[:, evaluate.CHARACTERS], labels)
    whole = float32_of(job.model)
    export(network, whole, temperature)
    few = slice(None, None, max(1, len(crops) // CALIBRATION))  # of all classes, in whose order they are stored
    quantize(whole, job.model, crops[few], sizes[few])
    print(f"{job.model}, {whole.name}: temperature {temperature:.3f}", file=sys.stderr)


def draw_frontier(job: Job) -> None:
    """Other networks than the one that ships."""
    corpus, indices = job.samples()
    frontier.frontier(corpus, indices, float32_of(job.model), job.work, job.threads)


def job_of(options: argparse.Namespace) -> Job:
    """The command line, with all that has been made so far.

    Raises:
        FileNotFoundError: If the data is not there.
    """
    if not (options.data / "chars").is_dir():
        raise FileNotFoundError(f"no chars/ in {options.data}: see models/letters.md for the data, or give --data")
    first = replace(FIRST, steps=options.first_steps)
    teacher = replace(TEACHER, minutes=options.teacher_minutes)
    second = replace(SECOND, minutes=options.minutes, seed=options.seed)
    if options.start:
        second = replace(second, start=options.start.resolve(), rate=GOING_ON * SECOND.rate)
    corpus = replace(load_corpus(options.data), pool=load_pool(options.work / prepare.POOL))
    given = (options.data, options.work.resolve(), options.model, options.threads, options.processes)
    return Job(*given, options.lines, options.before, tuple(options.stages), first, teacher, second, corpus)


def step(summary: str, act: Callable[[Job], object]) -> Step:
    """A step that works on a `Job`."""

    def do(options: argparse.Namespace) -> None:
        torch.set_num_threads(options.threads)
        print(f"device: {best_device()}", file=sys.stderr)
        act(job_of(options))

    return Step(summary, do, add_options)


def show_features(options: argparse.Namespace) -> None:
    """Make what the last layer sees an output of models that were exported without it."""
    for path in (options.model, float32_of(options.model)):
        give_features(path)


def all_of_them(options: argparse.Namespace) -> None:
    """What is done without a step."""
    for name in ALL:
        STEPS[name].run(options)


ALL = ("first", "fonts", "prepare", "teachers", "train", "export", "evaluate", "report")

STEPS = {
    "first": step("train a model of letters only, which finds wrong labels", train_first),
    "fonts": step(
        "fetch handwriting fonts and draw their characters", lambda job: fonts.make(job.work / prepare.FONTS)
    ),
    "prepare": step("with its help, and the line reader's, find wrong labels and take words apart", prepare_second),
    "teachers": step("train two models, each on one half of the writers", train_teachers),
    "train": step("train the model that ships, by labels and by distillation", train_second),
    "export": step("calibrate, quantise, and write models/letters.onnx", export_second),
    "evaluate": step(
        "measure it on writers and sources that are held out",
        lambda job: evaluate.evaluate(job.model, job.corpus, job.data, job.work, job.threads),
    ),
    "frontier": step("train other networks briefly: accuracy against speed", draw_frontier),
    "report": step(
        "draw the pictures of the model card, and print its tables",
        lambda job: report.report(job.model, job.corpus, job.data, job.work, MODELS, job.threads),
    ),
    "audit": Step(
        "count which of the tests' labels are wrong, by eye", lambda options: audit.count(options.work), add_options
    ),
    "features": Step("give finished models the output `features`, which `ocr learn` needs", show_features, add_options),
    "ask": Step(
        "draw sheets of the tests' doubtful labels, for an eye to audit",
        lambda options: audit.draw_sheets(float32_of(options.model), options.data, options.work),
        add_options,
    ),
    "reference": Step(
        "what the way a test is drawn is worth: the network of the goals, made again",
        lambda options: reference.compare(float32_of(options.model), options.data, options.work),
        add_options,
    ),
    "all": Step(f"{', '.join(ALL)}; done where no step is given", all_of_them, add_options),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe, or all of them; returns the exit code."""
    return run("letters", __doc__ or "", STEPS, arguments, default="all")


if __name__ == "__main__":
    sys.exit(main())
