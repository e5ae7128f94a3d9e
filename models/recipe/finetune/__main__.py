"""Fine-tuning: the letter model learns one's own hand.

FOLDER holds crops (``LABEL/*.png``) or photos with what is written on them (``NAME.jpg`` and ``NAME.gt.txt``);
`models.recipe.finetune.samples` says how they are read. Without a step, ``FOLDER --out my-letters.onnx`` is `train`;
``ocr read --model my-letters.onnx`` then uses the result.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import torch

from models.recipe.finetune.bank import make_bank
from models.recipe.finetune.samples import read_folder, split
from models.recipe.finetune.tuning import Tuning, as_read, recalibrated, share_right, tune
from models.recipe.handwriting.characters import LABELS, REPOSITORY
from models.recipe.letters.export import export
from models.recipe.letters.finished import Model
from models.recipe.letters.start import Start, load_start
from models.recipe.letters.train import predict
from models.recipe.training.steps import Step, run
from ocrcli.core.errors import InputError, ModelError, UsageError
from ocrcli.core.settings import Settings
from ocrcli.pipeline.reading import Reader


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of `train`."""
    add_folder(parser)
    parser.add_argument("--out", type=Path, required=True, help="the ONNX file to write")
    parser.add_argument("--steps", type=int, default=Tuning.steps, help="training steps (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=Tuning.rate, help="learning rate (default: %(default)s)")
    parser.add_argument(
        "--blend", type=float, default=Tuning.blend, help="share of the new weights, 0 to 1 (default: %(default)s)"
    )


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Options of all steps."""
    parser.add_argument("folder", type=Path, help="LABEL/*.png, or NAME.jpg with NAME.gt.txt, or both")
    parser.add_argument("--start", type=Path, default=REPOSITORY / "models" / "letters-float32.onnx", help="to tune")
    parser.add_argument("--seed", type=int, default=Tuning.seed, help="of chance (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch (default: %(default)s)")


def add_measured(parser: argparse.ArgumentParser) -> None:
    """Options of `evaluate`."""
    add_folder(parser)
    parser.add_argument("--model", type=Path, required=True, help="the tuned model")


def finetune(folder: Path, out: Path, start: Start, reader: Reader, tuning: Tuning) -> tuple[float, float]:
    """Learn a folder and write the model.

    Returns:
        Accuracy on the validation part before and after.

    Raises:
        OcrError: If the folder holds nothing to learn from, or the model cannot be written.
    """
    samples = read_folder(folder, reader)
    train, held = split(samples, seed=tuning.seed)
    classes = len(Counter(s.label for s in samples))
    print(f"{len(samples)} letters of {classes} classes: {len(train)} to learn, {len(held)} to check", file=sys.stderr)
    checked = as_read(held or train, start.labels)
    before = share_right(predict(start.network, checked.crops, checked.sizes), checked.labels)
    network = tune(start.network, make_bank(start.network, train, start.labels, tuning.seed), tuning)
    logits = predict(network, checked.crops, checked.sizes)
    after = share_right(logits, checked.labels)
    temperature = recalibrated(logits, checked.labels, start.temperature) if held else start.temperature
    try:
        export(network, out, temperature, made_by="python -m models.recipe.finetune")
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror}); give another --out") from error
    where = "letters kept apart" if held else "the learnt letters themselves: none could be kept apart"
    print(f"accuracy on {len(checked.labels)} {where}: {before:.3f} before, {after:.3f} after", file=sys.stderr)
    if held and after <= before:
        print("no better than before: give more letters, or stay with the model that ships", file=sys.stderr)
    return before, after


def train(options: argparse.Namespace) -> None:
    """Tune, and write the model.

    Raises:
        OcrError: If the command line, the folder or the model to start from is wrong.
    """
    torch.set_num_threads(options.threads)
    tuning = Tuning(steps=options.steps, rate=options.rate, blend=options.blend, seed=options.seed)
    if options.steps < 1 or not 0 <= options.blend <= 1:
        raise UsageError("--steps is 1 or more, and --blend from 0 to 1")
    start = load_start(options.start)
    if start.labels != LABELS:
        raise ModelError(f"{options.start}: made for other classes than this recipe's; make it again first")
    reader = Reader(Settings(model=options.start, device="cpu"))
    finetune(options.folder, options.out, start, reader, tuning)
    print(options.out)


def evaluate(options: argparse.Namespace) -> None:
    """Print the accuracy on the letters that `train`, with the same seed, keeps apart: before and after.

    Raises:
        OcrError: If the folder or one of the models cannot be used.
    """
    reader = Reader(Settings(model=options.start, device="cpu"))
    learnt, held = split(read_folder(options.folder, reader), seed=options.seed)
    checked = as_read(held or learnt, LABELS)
    for name, path in (("before", options.start), ("after", options.model)):
        right = share_right(Model(path, options.threads).logits(checked.crops, checked.sizes), checked.labels)
        print(
            f"{name}: {right:.3f} of {len(checked.labels)} letters {'kept apart' if held else 'learnt from'} ({path})"
        )


STEPS = {
    "train": Step("learn a folder, and write the model: FOLDER --out my-letters.onnx", train, add_options),
    "evaluate": Step("accuracy on the letters that were kept apart: FOLDER --model FILE", evaluate, add_measured),
    "export": Step("the same as train, which writes what it has learnt", train, add_options),
    "report": Step("the same as evaluate: there is no card to write into", evaluate, add_measured),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one step, or `train` where a folder comes first; returns the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] not in STEPS and not given[0].startswith("-"):
        given = ["train", *given]
    return run("finetune", __doc__ or "", STEPS, given, default="train")


if __name__ == "__main__":
    sys.exit(main())
