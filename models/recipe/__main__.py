"""``python -m models.recipe``: make ``models/letters.onnx`` again from public data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from models.recipe import evaluate, prepare
from models.recipe.data import DATA, REPOSITORY, load_corpus
from models.recipe.export import export
from models.recipe.train import Plan, Trainer, load_network

MODELS = REPOSITORY / "models"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m models.recipe", description=__doc__)
    parser.add_argument("step", nargs="?", default="all", choices=["prepare", "train", "export", "evaluate", "all"])
    parser.add_argument("--data", type=Path, default=DATA, help="folder with chars/ (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=MODELS / "work", help="checkpoints and reports")
    parser.add_argument("--model", type=Path, default=MODELS / "letters.onnx", help="the file to write or measure")
    parser.add_argument("--steps", type=int, default=Plan.steps, help="training steps (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch and ONNX Runtime")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe, or all of them."""
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    if not (options.data / "chars").is_dir():
        print(f"no chars/ in {options.data}: see models/README.md for the data, or give --data", file=sys.stderr)
        return 3
    corpus = load_corpus(options.data)
    steps = ["prepare", "train", "export", "evaluate"] if options.step == "all" else [options.step]
    if "prepare" in steps:
        prepare.prepare(corpus, options.work)
    if "train" in steps:
        Trainer(corpus, Plan(steps=options.steps, turn=options.steps * 3 // 4), options.work).train()
    if "export" in steps:
        network = load_network(options.work)
        temperature = evaluate.fit_temperature(*evaluate.validation_logits(network, corpus))
        worst = export(network, options.model, temperature)
        print(f"{options.model}: temperature {temperature:.3f}, differs from torch by {worst:.1e}", file=sys.stderr)
    if "evaluate" in steps:
        evaluate.evaluate(options.model, corpus, options.data, options.work, options.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
