"""One writer's few samples: the shipped model, the same fine-tuned, and a network trained from nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from models.recipe.drawing.render import picture_crop
from models.recipe.drawing.strokes import draw, place_points
from models.recipe.drawing.style import PLAIN
from models.recipe.finetune.bank import make_bank
from models.recipe.finetune.samples import Sample
from models.recipe.finetune.tuning import Tuning, share_right, tune
from models.recipe.handwriting.characters import TEST_FOLD, Corpus, fold_of
from models.recipe.letters.batches import Batch, render_plain
from models.recipe.letters.network import LetterNet
from models.recipe.letters.start import Start
from models.recipe.letters.train import predict
from models.recipe.study.samples import CHARACTERS, SEED, only
from ocrcli.hands.fit import LetterSamples, fit_letters

SAMPLES = (1, 3, 5, 10)
"""Samples of each class that are learnt from."""

WRITERS = 3
"""Those of the test fold that wrote the most classes often enough."""

FROM_NOTHING = replace(Tuning(), steps=400, rate=3e-3, frozen=False, blend=1.0, retain=0.0)
"""More than three times the steps that fine-tuning gets: there is more to learn."""

OTHERS = 2000
"""Crops by other writers that forgetting is measured on."""

CAPITAL, PEN = 60, 6
"""Pixels: capital height and pen width of the pictures that are learnt from."""


@dataclass(frozen=True)
class Part:
    """One writer's samples: indices of ink to measure with, and per class, shuffled, to learn from."""

    writer: int
    measure: NDArray[np.int64]
    classes: tuple[NDArray[np.int64], ...]

    def learn(self, count: int) -> NDArray[np.int64]:
        """Up to ``count`` samples of each class."""
        return np.concatenate([members[:count] for members in self.classes])


def part(corpus: Corpus, writer: int) -> Part:
    """Half of each class measures, whatever is learnt from the other half; single samples are learnt from."""
    rng = np.random.default_rng(SEED)
    measure, learn = [], []
    mine = np.flatnonzero(corpus.ink.writers == writer)
    for label in np.unique(corpus.ink.labels[mine]):
        members = rng.permutation(mine[corpus.ink.labels[mine] == label])
        half = len(members) // 2
        measure.append(members[:half])
        learn.append(members[half:])
    return Part(writer, np.concatenate(measure), tuple(learn))


def busiest_writers(corpus: Corpus, count: int = WRITERS, fewest: int = 8) -> list[int]:
    """The test fold's writers with the most classes of ``fewest`` samples or more."""
    writers = corpus.ink.writers
    held = np.unique(writers[fold_of(corpus.ink) == TEST_FOLD])

    def classes(writer: int) -> int:
        return int((np.bincount(corpus.ink.labels[writers == writer]) >= fewest).sum())

    return sorted((int(w) for w in held), key=lambda w: (-classes(w), w))[:count]


def ink_sample(corpus: Corpus, index: int) -> Sample:
    """One character of ink as a picture of the kind that a user's folder holds: sharp, in a medium pen."""
    rng = np.random.default_rng(int(index))
    points, offsets = corpus.ink.placed(index)
    placed = place_points(points, offsets, PLAIN, rng)
    canvas = draw(placed, offsets, CAPITAL, PEN, PLAIN, rng)
    x, y, width, height = cv2.boundingRect(canvas)
    picture = canvas[y : y + height, x : x + width]
    unit = CAPITAL + PEN
    return Sample(CHARACTERS[corpus.ink.labels[index]], picture, picture_crop(picture), (width / unit, height / unit))


def as_written(corpus: Corpus, indices: NDArray[np.int64]) -> Batch:
    """Crops to measure with."""
    return Batch(*render_plain(corpus, indices, SEED), corpus.ink.labels[indices])


def accuracy(network: torch.nn.Module, batch: Batch) -> float:
    """Accuracy with the size shown."""
    return share_right(predict(network, batch.crops, batch.sizes), batch.labels)


def seen(network: torch.nn.Module, batch: Batch) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits (n, labels) of crops, and what the last layer sees of them, (n, hidden)."""
    kept: list[NDArray[np.float32]] = []
    last: Any = network.mix
    handle = last[-1].register_forward_pre_hook(lambda _layer, given: kept.append(given[0].detach().numpy()))
    logits = predict(network, batch.crops, batch.sizes)
    handle.remove()
    return logits, np.concatenate(kept)


def with_hand(start: Start, learnt: Batch, batches: Sequence[Batch]) -> list[float]:
    """Accuracies with a hand, the correction of the last layer that `ocr learn` fits, learnt from some crops."""
    scale = np.float32(1 / start.temperature)
    logits, features = seen(start.network, learnt)
    targets = np.eye(len(start.labels), dtype=np.float32)[learnt.labels]
    head = fit_letters(LetterSamples(features, logits * scale, targets), start.temperature)
    found = []
    for batch in batches:
        logits, features = seen(start.network, batch)
        found.append(share_right(logits + head.logits(features) if head else logits, batch.labels))
    return found


def study_writer(corpus: Corpus, start: Start, mine: Part, others: Batch) -> dict[str, Any]:
    """Fine-tune, and train from nothing, on 1, 3, 5 and 10 samples a class of one writer.

    Returns:
        Accuracies on the rest of the writer's samples; ``others`` is that on other writers afterwards,
        which tells what was forgotten.
    """
    rest = as_written(corpus, mine.measure)
    rows = []
    for count in SAMPLES:
        bank = make_bank(start.network, [ink_sample(corpus, i) for i in mine.learn(count)], start.labels, SEED)
        tuned = tune(start.network, bank, Tuning())
        torch.manual_seed(SEED)
        fresh = LetterNet(labels=len(start.labels)).to(memory_format=torch.channels_last)
        fresh = tune(fresh, bank, FROM_NOTHING)
        hand, hand_others = with_hand(start, as_written(corpus, mine.learn(count)), (rest, others))
        rows.append(
            {
                "hand": hand,
                "hand, others": hand_others,
                "samples a class": count,
                "samples": len(mine.learn(count)),
                "fine-tuned": accuracy(tuned, rest),
                "from nothing": accuracy(fresh, rest),
                "fine-tuned, others": accuracy(tuned, others),
            }
        )
    return {
        "writer": mine.writer,
        "classes": len(mine.classes),
        "measured on": len(rest.labels),
        "shipped": accuracy(start.network, rest),
        "rows": rows,
    }


def study_writers(corpus: Corpus, start: Start, test: Batch) -> dict[str, Any]:
    """`study_writer` for several writers, none of whom the start was trained on."""
    chosen = busiest_writers(corpus)
    owners = corpus.ink.writers[fold_of(corpus.ink) == TEST_FOLD]
    away = np.flatnonzero(~np.isin(owners, chosen))
    others = only(test, np.random.default_rng(SEED).choice(away, min(OTHERS, len(away)), replace=False))
    return {
        "others, shipped": accuracy(start.network, others),
        "writers": [study_writer(corpus, start, part(corpus, writer), others) for writer in chosen],
    }


def mean_over_writers(writers: Sequence[dict[str, Any]], key: str) -> list[float]:
    """Mean over the writers, for each count of samples."""
    return [float(np.mean([w["rows"][i][key] for w in writers])) for i in range(len(SAMPLES))]
