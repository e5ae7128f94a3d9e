"""The line reader, ``models/lines.onnx``: rows of writing to text by connectionist temporal classification.

Checkpoints and whatever else is made on the way are kept in ``models/work/lines``; a run that was killed goes on from
there. Stop `train` after two thirds of its time, do `export` and `labels`, and go on: then wrong labels are left out.
Without a step, `prepare`, `train`, `export` and `report` are done.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from models.recipe.handwriting import words
from models.recipe.handwriting.characters import DATA, REPOSITORY
from models.recipe.lines import batches, composed, evaluate, font_rows, labels, sources
from models.recipe.lines import report as card
from models.recipe.lines.export import serialize, write
from models.recipe.lines.network import LineNet
from models.recipe.lines.start import begin, take_what_is_new
from models.recipe.lines.train import LinePlan, learn, load_lines
from models.recipe.training import markdown, processes
from models.recipe.training.onnx_file import blend, give_features, halve
from models.recipe.training.steps import Step, run
from ocrcli.core.errors import UsageError
from ocrcli.lines.line_model import load_line_model

NEW_SHARE = 0.25
"""Of the new weights in the average that ships; how it was chosen is in ``models/history/lines.md``."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of all steps but `compose`."""
    parser.add_argument("--data", type=Path, default=DATA, help="folder with words/ (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "models" / "work" / "lines", help="checkpoints")
    parser.add_argument("--minutes", type=float, default=LinePlan.minutes, help="of training (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=LinePlan.rate, help="of learning (default: %(default)s)")
    parser.add_argument(
        "--start", type=Path, help="a model whose weights training starts from, such as a copy of models/lines.onnx"
    )
    parser.add_argument("--model", type=Path, default=REPOSITORY / "models" / "lines.onnx", help="to write or measure")
    parser.add_argument("--seed", type=int, default=LinePlan.seed, help="of what is drawn (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="of torch (default: %(default)s)")
    parser.add_argument(
        "--processes", type=int, default=1, help="that train as one, a thread and a batch each (default: 1)"
    )


def check_start(options: argparse.Namespace) -> None:
    """See to it that the model to start from is not written over.

    Raises:
        UsageError: If it is the file that `export` writes.
    """
    if options.start is not None and options.start.resolve() == options.model.resolve():
        raise UsageError(
            f"{options.start} would be averaged with what began there, and written over: start from a copy"
        )


def prepare(options: argparse.Namespace) -> None:
    """Read the words and rows once, fetch the fonts and choose what they write."""
    sources.prepare(options.data, options.work)
    font_rows.prepare(options.data, options.work)


def train(options: argparse.Namespace) -> None:
    """Train to the end of the plan, in as many processes as are wanted."""
    torch.set_num_threads(options.threads)
    given = (options.work, options.minutes, options.rate, options.seed, options.start)
    processes.run(learn, given, options.processes, options.work)


def export(options: argparse.Namespace) -> None:
    """Write the model; its temperature is fitted on every eighth of hdBPMN's validation words.

    Where training started from a model, what ships is the average of its weights and the new ones.
    """
    check_start(options)
    torch.set_num_threads(options.threads)
    trained = load_lines(options.work / "lines.pt")
    model = serialize(trained)
    if options.start is not None:
        before = LineNet()
        begin(before, options.start, next(batches.stream(options.work, LinePlan.seed)).images)
        take_what_is_new(before, trained, options.start)
        model = blend(serialize(before), model, NEW_SHARE)
    halve(model)
    write(model, options.model, 1.0)
    photos = words.load_photos(options.data / "words" / "hdbpmn_words.parquet", "val")
    reader = load_line_model(options.model, "cpu")
    temperature = evaluate.fit_temperature(reader, evaluate.photo_samples(photos[::8]))
    write(model, options.model, temperature)
    print(f"{options.model}: temperature {temperature}", file=sys.stderr)


def find_wrong_labels(options: argparse.Namespace) -> None:
    """Look for wrong labels with the model as it is."""
    torch.set_num_threads(options.threads)
    labels.find_wrong_labels(load_line_model(options.model), options.work)


def measure(options: argparse.Namespace) -> None:
    """Print the figures on the words of writers that are held out."""
    print(card.measured(load_line_model(options.model, "cpu"), options.data))


def report(options: argparse.Namespace) -> None:
    """Measure the model, and write the figures into the card beside it."""
    torch.set_num_threads(options.threads)
    reader = load_line_model(options.model, "cpu")
    network = load_lines(options.work / "lines.pt")
    given, wrong = sources.load_all(options.work), sources.load_wrong(options.work)
    run_told = card.trained(options.work, options.model, network, reader.temperature, given, wrong)
    strokes = markdown.rows(card.stroke_widths(given.without(wrong)))
    blocks = [card.measured(reader, options.data), strokes, run_told]
    markdown.put_between_markers(options.model.with_name(card.CARD), blocks, "python -m models.recipe.lines report")


def all_of_them(options: argparse.Namespace) -> None:
    """What is done without a step."""
    check_start(options)
    for step in (prepare, train, export, report):
        step(options)


STEPS = {
    "prepare": Step("read the words and rows of the training writers once", prepare, add_options),
    "compose": Step("cut line images out of drawn pages; after `page prepare`", composed.fill, composed.add_options),
    "train": Step("train; goes on from its checkpoint", train, add_options),
    "labels": Step(
        "find wrong labels with the exported model, for `train` to leave out", find_wrong_labels, add_options
    ),
    "export": Step("write models/lines.onnx, its temperature fitted", export, add_options),
    "features": Step(
        "give a finished model the output `features`, which `ocr learn` needs",
        lambda options: give_features(options.model),
        add_options,
    ),
    "evaluate": Step("character error rate and calibration on writers that are held out", measure, add_options),
    "report": Step("write what `evaluate` measures into models/lines.md", report, add_options),
    "all": Step("prepare, train, export and report; done where no step is given", all_of_them, add_options),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe, or all of them; returns the exit code."""
    return run("lines", __doc__ or "", STEPS, arguments, default="all")


if __name__ == "__main__":
    sys.exit(main())
