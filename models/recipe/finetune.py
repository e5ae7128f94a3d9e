"""``python -m models.recipe.finetune FOLDER --out my-letters.onnx``: the letter model learns one's own hand.

FOLDER holds crops (``LABEL/*.png``) or photos with what is written on them (``NAME.jpg`` and
``NAME.gt.txt``); `models.recipe.finetune_samples` says how they are read. ``ocr read --model
my-letters.onnx`` then uses the result.
"""

from __future__ import annotations

import argparse
import copy
import math
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from models.recipe.batches import Batch, disturb_sizes
from models.recipe.data import LABELS, REPOSITORY
from models.recipe.evaluate import fit_temperature
from models.recipe.export import export
from models.recipe.finetune_samples import Sample, read_folder, split
from models.recipe.finetune_weights import Start, load_start
from models.recipe.render import Style, render_picture
from models.recipe.train import predict, tensors
from ocrcli.errors import ModelError, OcrError
from ocrcli.reading import Reader
from ocrcli.settings import Settings

OWN_HAND = Style(slant=0.15, rotation=4.0, stretch=0.1, wobble=0.02, loose=0.015)
"""Half the variation of `Style`: one hand varies less than hands do."""

ENOUGH_TO_CALIBRATE = 200
"""Validation samples below which the temperature stays as it was."""

Draw = Callable[[np.random.Generator, int], Batch]
"""Draws a batch of n fresh crops."""


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
        seed: Of the chance in drawing and in dropout.
    """

    steps: int = 150
    batch: int = 64
    rate: float = 1e-3
    warm_up: int = 20
    smoothing: float = 0.05
    frozen: bool = True
    blend: float = 0.6
    seed: int = 1


def rate_at(tuning: Tuning, step: int) -> float:
    """Linear warm-up, then half a cosine to zero (Loshchilov and Hutter 2017, "SGDR")."""
    rise = min(1.0, (step + 1) / tuning.warm_up)
    return tuning.rate * rise * 0.5 * (1 + math.cos(math.pi * step / tuning.steps))


def tune(network: nn.Module, draw: Draw, tuning: Tuning) -> nn.Module:
    """Train a copy of a network on what ``draw`` gives; the network itself stays as it is.

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
        crops, sizes, labels = tensors(draw(rng, tuning.batch))
        for group in optimizer.param_groups:
            group["lr"] = rate_at(tuning, step)
        with torch.autocast("cpu", torch.bfloat16):
            logits = tuned(crops, sizes)
        loss = functional.cross_entropy(logits.float(), labels, label_smoothing=tuning.smoothing)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tuned.parameters(), 2.0)
        optimizer.step()
    return blend(network, tuned, tuning.blend).eval()


def blend(old: nn.Module, new: nn.Module, share: float) -> nn.Module:
    """``new`` with its weights drawn towards ``old``, in place; a ``share`` of 1 leaves it as it is."""
    if share < 1:
        with torch.no_grad():
            for before, after in zip(old.parameters(), new.parameters(), strict=True):
                after.lerp_(before, 1 - share)
    return new


def drawer(samples: Sequence[Sample], labels: Sequence[str], style: Style = OWN_HAND) -> Draw:
    """Draws samples evenly, each warped and photographed anew; sizes err as a reader's do."""
    number = {label: index for index, label in enumerate(labels)}

    def draw(rng: np.random.Generator, n: int) -> Batch:
        chosen = [samples[i] for i in rng.integers(0, len(samples), n)]
        crops = np.stack([render_picture(s.picture, style, rng) for s in chosen])
        sizes = np.array([s.size for s in chosen], np.float32)
        return Batch(crops, disturb_sizes(sizes, rng), np.array([number[s.label] for s in chosen]))

    return draw


def as_read(samples: Sequence[Sample], labels: Sequence[str]) -> Batch:
    """The samples as the reader would show them, undisturbed."""
    return Batch(
        np.stack([s.crop for s in samples]),
        np.array([s.size for s in samples], np.float32),
        np.array([labels.index(s.label) for s in samples]),
    )


def share_right(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Accuracy of (n, classes) logits against (n,) labels."""
    return float((logits.argmax(axis=1) == labels).mean())


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
    parser.add_argument("--start", type=Path, default=REPOSITORY / "models" / "letters.onnx", help="the model to tune")
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
        OcrError: If the folder holds nothing to learn from.
    """
    samples = read_folder(folder, reader)
    train, held = split(samples, seed=tuning.seed)
    classes = len(Counter(s.label for s in samples))
    print(f"{len(samples)} letters of {classes} classes: {len(train)} to learn, {len(held)} to check", file=sys.stderr)
    checked = as_read(held or train, start.labels)
    before = share_right(predict(start.network, checked.crops, checked.sizes), checked.labels)
    network = tune(start.network, drawer(train, start.labels), tuning)
    logits = predict(network, checked.crops, checked.sizes)
    after = share_right(logits, checked.labels)
    temperature = recalibrated(logits, checked.labels, start.temperature) if held else start.temperature
    export(network, out, temperature, made_by="python -m models.recipe.finetune")
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
