"""``python -m models.recipe.finetune FOLDER --out my-letters.onnx``: the letter model learns one's own hand.

FOLDER holds crops (``LABEL/*.png``) or photos with what is written on them (``NAME.jpg`` and
``NAME.gt.txt``); `models.recipe.finetune.samples` says how they are read. ``ocr read --model
my-letters.onnx`` then uses the result.
"""

from __future__ import annotations

import argparse
import copy
import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.finetune.bank import Bank, make_bank
from models.recipe.finetune.samples import Sample, read_folder, split
from models.recipe.finetune.weights import Start, load_start
from models.recipe.handwriting.characters import LABELS, REPOSITORY
from models.recipe.letters.batches import Batch
from models.recipe.letters.evaluate import CHARACTERS, fit_temperature
from models.recipe.letters.export import export
from models.recipe.letters.train import predict
from ocrcli.core.errors import InputError, ModelError, OcrError, UsageError
from ocrcli.core.settings import Settings
from ocrcli.pipeline.reading import Reader

ENOUGH_TO_CALIBRATE = 200
"""Validation samples below which the temperature stays as it was."""


@dataclass(frozen=True)
class Tuning:
    """How a network is tuned.

    Attributes:
        steps: Of the optimiser.
        batch: Crops a step.
        rate: Highest learning rate.
        warm_up: Steps over which the rate rises.
        smoothing: Of the labels.
        frozen: Keep the batch norms' statistics. A few dozen crops of few classes are no sample to
            estimate them from; a network that starts from nothing has no others.
        blend: Share of the tuned weights in the result; the rest are the old ones (Wortsman et al.
            2022, "Robust fine-tuning of zero-shot models"): the new hand is learnt, and what the
            folder does not show is not forgotten.
        retain: Weight of the loss on badly cut letters (`models.recipe.finetune.bank`).
        seed: Of the chance in drawing and in dropout.
    """

    steps: int = 120
    batch: int = 64
    rate: float = 6e-4
    warm_up: int = 20
    smoothing: float = 0.05
    frozen: bool = True
    blend: float = 0.7
    retain: float = 2.0
    seed: int = 1


def rate_at(tuning: Tuning, step: int) -> float:
    """Linear warm-up, then half a cosine to zero (Loshchilov and Hutter 2017, "SGDR")."""
    rise = min(1.0, (step + 1) / tuning.warm_up)
    return tuning.rate * rise * 0.5 * (1 + math.cos(math.pi * step / tuning.steps))


def tune(network: nn.Module, bank: Bank, tuning: Tuning) -> nn.Module:
    """Train a copy of a network on a bank of crops; the network itself stays as it is.

    Returns:
        The tuned network in eval mode.
    """
    torch.manual_seed(tuning.seed)
    rng = np.random.default_rng(tuning.seed)
    tuned = copy.deepcopy(network).train()
    if tuning.frozen:
        for module in tuned.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
    optimizer = torch.optim.AdamW(tuned.parameters(), lr=tuning.rate, weight_decay=0.0 if tuning.frozen else 0.02)
    for step in range(tuning.steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(tuning, step)
        loss = loss_of(tuned, bank, tuning, rng)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tuned.parameters(), 2.0)
        optimizer.step()
    return blend(network, tuned, tuning.blend).eval()


def loss_of(network: nn.Module, bank: Bank, tuning: Tuning, rng: np.random.Generator) -> Tensor:
    """Cross-entropy of a batch of letters, and of half as many bad cuts against the old network's answers."""
    letters = rng.integers(0, len(bank.letters.labels), tuning.batch)
    cuts = rng.integers(0, len(bank.miscuts.labels), tuning.batch // 2 if tuning.retain else 0)
    crops = np.concatenate([bank.letters.crops[letters], bank.miscuts.crops[cuts]])
    sizes = np.concatenate([bank.letters.sizes[letters], bank.miscuts.sizes[cuts]])
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(torch.from_numpy(crops), torch.from_numpy(sizes))
    logits = logits.float()
    truth = torch.from_numpy(bank.letters.labels[letters])
    loss = functional.cross_entropy(logits[: len(letters)], truth, label_smoothing=tuning.smoothing)
    if tuning.retain:
        answers = torch.from_numpy(bank.answers[cuts])
        loss = loss + tuning.retain * functional.cross_entropy(logits[len(letters) :], answers)
    return loss


def blend(old: nn.Module, new: nn.Module, share: float) -> nn.Module:
    """``new`` with its weights drawn towards ``old``, in place; a ``share`` of 1 leaves it as it is."""
    if share < 1:
        with torch.no_grad():
            for before, after in zip(old.parameters(), new.parameters(), strict=True):
                after.lerp_(before, 1 - share)
    return new


def as_read(samples: Sequence[Sample], labels: Sequence[str]) -> Batch:
    """The samples as the reader would show them, undisturbed."""
    return Batch(
        np.stack([s.crop for s in samples]),
        np.array([s.size for s in samples], np.float32),
        np.array([labels.index(s.label) for s in samples]),
    )


def share_right(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Accuracy of (n, classes) logits against (n,) labels; the choice is among characters, for all samples are."""
    return float((logits[:, CHARACTERS].argmax(axis=1) == labels).mean())


def recalibrated(logits: NDArray[np.float32], labels: NDArray[np.int64], before: float) -> float:
    """The temperature fitted on the validation samples, or the one before where they are too few."""
    return fit_temperature(logits, labels) if len(labels) >= ENOUGH_TO_CALIBRATE else before


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m models.recipe.finetune",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="LABEL/*.png, or NAME.jpg with NAME.gt.txt, or both")
    parser.add_argument("--out", type=Path, required=True, help="the ONNX file to write")
    parser.add_argument("--start", type=Path, default=REPOSITORY / "models" / "letters-float32.onnx", help="to tune")
    parser.add_argument("--steps", type=int, default=Tuning.steps, help="training steps (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=Tuning.rate, help="learning rate (default: %(default)s)")
    parser.add_argument(
        "--blend", type=float, default=Tuning.blend, help="share of the new weights, 0 to 1 (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=Tuning.seed)
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")
    return parser.parse_args(arguments)


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


def main(arguments: list[str] | None = None) -> int:
    """Run the command; an error is one line on stderr."""
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    tuning = Tuning(steps=options.steps, rate=options.rate, blend=options.blend, seed=options.seed)
    try:
        if options.steps < 1 or not 0 <= options.blend <= 1:
            raise UsageError("--steps is 1 or more, and --blend from 0 to 1")
        start = load_start(options.start)
        if start.labels != LABELS:
            raise ModelError(f"{options.start}: made for other classes than this recipe's; make it again first")
        reader = Reader(Settings(model=options.start, device="cpu"))
        finetune(options.folder, options.out, start, reader, tuning)
    except OcrError as error:
        print(f"finetune: {error}", file=sys.stderr)
        return error.exit_code
    print(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
