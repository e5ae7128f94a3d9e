"""Make the line reader: ``python -m models.recipe.lines [prepare|train|labels|export|report|all]``.

`prepare` reads the words and rows once; `train` goes on from its checkpoint after a kill; `labels` finds wrong labels
with the model as it is (stop `train` after two thirds of the time, `export`, `labels`, and go on); `export` writes
``models/lines.onnx`` with its temperature fitted; `report` measures it and writes the figures into its card,
``models/lines.md``. Checkpoints are kept in ``models/work/lines``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import torch

from models.recipe.handwriting import words
from models.recipe.handwriting.characters import DATA, REPOSITORY
from models.recipe.letters.export import blend
from models.recipe.lines import batches, evaluate, labels
from models.recipe.lines import export as lines_export
from models.recipe.lines import pens as lines_pens
from models.recipe.lines import report as lines_report
from models.recipe.lines.network import LineNet
from models.recipe.lines.start import begin
from models.recipe.lines.train import LinePlan, LineTrainer, load_lines
from models.recipe.training import markdown, processes
from ocrcli.lines.line_model import load_line_reader

NEW_SHARE = 0.6
"""Of the new weights in the average that ships; how it was chosen is in the card."""

STEPS = ("prepare", "train", "export", "report")
"""Of `all`."""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m models.recipe.lines", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", nargs="?", default="all", choices=[*STEPS, "labels", "all"])
    parser.add_argument("--data", type=Path, default=DATA, help="folder with words/ (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "models" / "work" / "lines", help="checkpoints")
    parser.add_argument("--minutes", type=float, default=LinePlan.minutes, help="of training (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=LinePlan.rate, help="of learning (default: %(default)s)")
    parser.add_argument(
        "--start", type=Path, help="a model whose weights training starts from, such as a copy of models/lines.onnx"
    )
    parser.add_argument("--model", type=Path, default=REPOSITORY / "models" / "lines.onnx", help="to write or measure")
    parser.add_argument("--seed", type=int, default=LinePlan.seed, help="of what is drawn (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--processes", type=int, default=1, help="that train as one, a thread and a batch each (default: 1)"
    )
    options = parser.parse_args(arguments)
    starts_there = options.start is not None and options.start.resolve() == options.model.resolve()
    if starts_there and options.step in ("export", "all"):
        parser.error(f"{options.start} would be averaged with what began there, and written over: start from a copy")
    return options


def train(options: argparse.Namespace) -> None:
    """Train to the end of the plan, in as many processes as are wanted."""
    processes.run(_train, (options,), options.processes, options.work)


def _train(options: argparse.Namespace) -> None:
    plan = replace(LinePlan(), minutes=options.minutes, rate=options.rate, seed=options.seed)
    LineTrainer(options.work, plan, start=options.start).train()


def export(options: argparse.Namespace) -> None:
    """Write the model; its temperature is fitted on every eighth of hdBPMN's validation words.

    Where training started from a model, what ships is the average of its weights and the new ones.
    """
    model = lines_export.serialize(load_lines(options.work / "lines.pt"))
    if options.start is not None:
        before = LineNet()
        begin(before, options.start, next(batches.stream(options.work, LinePlan.seed)).strips)
        model = blend(lines_export.serialize(before), model, NEW_SHARE)
    lines_export.halve(model)
    lines_export.write(model, options.model, 1.0)
    photos = words.load_photos(options.data / "words" / "hdbpmn_words.parquet", "val")
    reader = load_line_reader(options.model, "cpu")
    temperature = evaluate.fit_temperature(reader, evaluate.photo_samples(photos[::8]))
    lines_export.write(model, options.model, temperature)
    print(f"{options.model}: temperature {temperature}", file=sys.stderr)


def report(options: argparse.Namespace) -> None:
    """Measure the model, and write the figures into the card beside it."""
    reader = load_line_reader(options.model, "cpu")
    network = load_lines(options.work / "lines.pt")
    sources, wrong = batches.load_all(options.work), batches.load_wrong(options.work)
    told = lines_report.trained(options.work, options.model, network, reader.temperature, sources, wrong)
    pens = markdown.rows(lines_pens.pens(sources.without(wrong)))
    blocks = [lines_report.measured(reader, options.data), pens, told]
    lines_report.write(options.model.with_name(lines_report.CARD), blocks)


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe, or all of them."""
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    for step in STEPS if options.step == "all" else (options.step,):
        if step == "prepare":
            batches.prepare(options.data, options.work)
        elif step == "train":
            train(options)
        elif step == "export":
            export(options)
        elif step == "labels":
            labels.look(load_line_reader(options.model), options.work)
        elif step == "report":
            report(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
