"""Measure a model on writers and on sources that training never saw."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from models.recipe.drawing.style import PLAIN, STEADY, Style
from models.recipe.handwriting.characters import (
    LABEL_INDEX,
    LABELS,
    TEST_FOLD,
    VALIDATION_FOLD,
    Corpus,
    Pictures,
    fold_of,
    load_ink,
    load_pictures,
    merged_classes,
    numbered,
)
from models.recipe.letters import audit, prepare
from models.recipe.letters.batches import disturb_sizes, render_plain
from models.recipe.letters.crops import rejection
from models.recipe.letters.crops.isolated import isolated_crops
from models.recipe.letters.finished import Logits, Model, Reader, softmax
from models.recipe.letters.train import predict
from models.recipe.training.calibration import calibration_error

Labels = NDArray[np.int64]

SEED = 5
NONE = np.zeros(0, np.int64)
ALPHANUMERIC = np.array([LABEL_INDEX[label] for label in LABELS if label.isalnum()])
CHARACTERS = np.array([index for index, label in enumerate(LABELS) if label])
"""All classes but *not a letter*: where every sample is a character, the choice is among these."""

LEARNT_EVERY = 8
"""Of the characters by training writers, one in so many is read, to tell how much is learnt by heart."""

PENS = {"fine": (0.03, 0.045), "medium": (0.07, 0.09), "marker": (0.15, 0.19)}
"""Pen widths in capital heights."""


def fit_temperature(logits: Logits, labels: Labels) -> float:
    """The temperature of least calibration error (temperatures: Guo et al. 2017, "On calibration").

    Not that of least negative log-likelihood: a few wrong labels, which no model can foresee, weigh more there than all
    else, and pull it away.
    """
    candidates = np.exp(np.linspace(np.log(0.3), np.log(3), 116))
    return float(min(candidates, key=lambda t: error_of(softmax(logits, t), labels)))


def error_of(probability: NDArray[np.float64], labels: Labels) -> float:
    """Expected calibration error of (n, c) probabilities of (n,) labels."""
    return calibration_error(probability.max(axis=1), probability.argmax(axis=1) == labels)


def accuracy(logits: Logits, labels: Labels, allowed: NDArray[np.int64] | None = None) -> dict[str, float]:
    """Strict and merged accuracy; the choice is among the ``allowed`` classes, or among all characters."""
    if allowed is None:
        allowed = CHARACTERS
    best = allowed[logits[:, allowed].argmax(axis=1)]
    merged = merged_classes()
    return {"strict": float((best == labels).mean()), "merged": float((merged[best] == merged[labels]).mean())}


def validation_crops(corpus: Corpus) -> tuple[NDArray[np.uint8], NDArray[np.float32], Labels]:
    """Crops, sizes and labels of the validation writers; sizes err and some are unknown, as in training."""
    indices = np.flatnonzero(fold_of(corpus.ink) == VALIDATION_FOLD)
    crops, sizes = render_plain(corpus, indices, SEED)
    return crops, disturb_sizes(sizes, np.random.default_rng(SEED)), corpus.ink.labels[indices]


def validation_logits(network: nn.Module, corpus: Corpus) -> tuple[Logits, Labels]:
    """Logits (of characters only) and labels of the validation writers."""
    crops, sizes, labels = validation_crops(corpus)
    return predict(network, crops, sizes)[:, CHARACTERS], labels


@dataclass(frozen=True)
class Rendered:
    """Characters as a test shows them.

    Attributes:
        crops: (n, 32, 32) uint8.
        sizes: (n, 2) float32 in capital heights, as they were written.
        labels: (n,) int64.
        sound: (n,) bool: the label is not known to be wrong.
    """

    crops: NDArray[np.uint8]
    sizes: NDArray[np.float32]
    labels: Labels
    sound: NDArray[np.bool_]


def wrong_labels(tested: NDArray[np.int64], work: Path) -> NDArray[np.int64]:
    """Indices of characters whose labels are wrong.

    Of the ``tested`` ones (`numbered`) those that a person found so (`audit`), of all others those that the first model
    contradicts.
    """
    return np.union1d(np.setdiff1d(prepare.load_wrong(work), tested), audit.wrong(audit.load(), audit.UNIPEN))


def rendered_as(corpus: Corpus, indices: NDArray[np.int64], wrong: NDArray[np.int64], style: Style = PLAIN) -> Rendered:
    """Draw the characters at ``indices``; the labels of those at ``wrong`` are not sound."""
    crops, sizes = render_plain(corpus, indices, SEED, style)
    return Rendered(crops, sizes, corpus.ink.labels[indices], ~np.isin(indices, wrong))


def alone_and_sized(reader: Reader, drawn: Rendered) -> tuple[Logits, Logits]:
    """What the reader says of each crop alone, and with its size."""
    return reader(drawn.crops, np.zeros_like(drawn.sizes)), reader(drawn.crops, drawn.sizes)


def measure_rows(drawn: Rendered, alone: Logits, sized: Logits) -> dict[str, dict[str, float]]:
    """Accuracy from the crop alone and with the size, of all labels and of the sound ones."""
    sound = drawn.sound
    return {
        "crop alone": accuracy(alone, drawn.labels),
        "with size": accuracy(sized, drawn.labels),
        "crop alone, wrong labels left out": accuracy(alone[sound], drawn.labels[sound]),
        "with size, wrong labels left out": accuracy(sized[sound], drawn.labels[sound]),
    }


def measure_writers(model: Model, corpus: Corpus, wrong: NDArray[np.int64]) -> dict[str, Any]:
    """UNIPEN's held-out writers: from the crop alone and with the size, by kind and by pen.

    And without the characters at the indices ``wrong`` (`wrong_labels`).
    """
    indices = np.flatnonzero(fold_of(corpus.ink) == TEST_FOLD)
    drawn = rendered_as(corpus, indices, wrong)
    labels = drawn.labels
    alone, sized = alone_and_sized(model.logits, drawn)
    text = np.array(LABELS)[labels]
    kinds = {
        "digits": np.char.isdigit(text),
        "capitals": np.char.isupper(text),
        "small letters": np.char.islower(text),
        "punctuation": ~np.char.isalnum(text),
    }
    capitals = kinds["digits"] | kinds["capitals"]
    block = np.array([i for i in ALPHANUMERIC if not LABELS[i].islower()])
    result: dict[str, Any] = {
        "samples": len(labels),
        **measure_rows(drawn, alone, sized),
        "calibration error, crop alone": error_of(softmax(alone[:, CHARACTERS], model.temperature), labels),
        "calibration error, with size": error_of(softmax(sized[:, CHARACTERS], model.temperature), labels),
        "capitals and digits among themselves": accuracy(alone[capitals], labels[capitals], block),
    }
    learnt = np.setdiff1d(np.flatnonzero(fold_of(corpus.ink) > VALIDATION_FOLD), wrong)[::LEARNT_EVERY]
    crops, sizes = render_plain(corpus, learnt, SEED)
    result["with size, writers learnt from"] = accuracy(model.logits(crops, sizes), corpus.ink.labels[learnt])
    result |= {f"with size: {kind}": accuracy(sized[rows], labels[rows]) for kind, rows in kinds.items()}
    for pen, width in PENS.items():
        crops, sizes = render_plain(corpus, indices, SEED, replace(PLAIN, pen=width))
        result[f"with size: {pen} pen"] = accuracy(model.logits(crops, sizes), labels)
    return result


def surprise(logits: Logits, labels: Labels) -> float:
    """Mean negative log-likelihood of the labels, in nats, where the choice is among characters."""
    odds = softmax(logits[:, CHARACTERS])
    return float(-np.log(np.maximum(odds[np.arange(len(labels)), labels], 1e-12)).mean())


def measure_validation(model: Model, corpus: Corpus) -> dict[str, Any]:
    """UNIPEN's validation writers: by these it is chosen between weights."""
    indices = np.flatnonzero(fold_of(corpus.ink) == VALIDATION_FOLD)
    drawn = rendered_as(corpus, indices, NONE)
    alone, sized = alone_and_sized(model.logits, drawn)
    return {
        "samples": len(indices),
        "crop alone": accuracy(alone, drawn.labels),
        "with size": accuracy(sized, drawn.labels),
        "negative log-likelihood, crop alone": surprise(alone, drawn.labels),
        "negative log-likelihood, with size": surprise(sized, drawn.labels),
    }


def measure_pictures(
    model: Model, pictures: Pictures, wrong: NDArray[np.int64]
) -> tuple[dict[str, float], dict[str, float]]:
    """Accuracy over letters and digits from the crop alone: of all, and without those at the indices ``wrong``."""
    crops = isolated_crops(pictures.images)
    logits = model.logits(crops, np.zeros((len(crops), 2), np.float32))
    sound = ~np.isin(np.arange(len(crops)), wrong)
    return accuracy(logits, pictures.labels, ALPHANUMERIC), accuracy(
        logits[sound], pictures.labels[sound], ALPHANUMERIC
    )


def measure_chars74k_ink(model: Model, data: Path) -> dict[str, float]:
    """The ink of Chars74K, a source no part of which was trained on."""
    ink = load_ink(data / "chars" / "chars74k_hnd_strokes.npz")
    corpus = Corpus(ink, Pictures([], np.zeros(0, np.int64)))
    crops, sizes = render_plain(corpus, np.arange(len(ink)), SEED)
    return accuracy(model.logits(crops, np.zeros_like(sizes)), ink.labels, ALPHANUMERIC)


def throughput(model: Model, batch: int = 256, seconds: float = 3.0) -> float:
    """Crops a second of processor time at the given batch, with as many threads as the model was loaded with.

    By the fastest tenth of the runs, in time that the process really had: what else runs on the machine hardly
    matters. Of a model with one thread, it is the pace of one core.
    """
    crops, sizes = np.zeros((batch, 32, 32), np.uint8), np.zeros((batch, 2), np.float32)
    model.logits(crops, sizes)
    times: list[float] = []
    while sum(times) < seconds:
        start = time.process_time()
        model.logits(crops, sizes)
        times.append(time.process_time() - start)
    return batch / float(np.quantile(times, 0.1))


def table(metrics: dict[str, Any], indent: str = "") -> str:
    """The figures as text, one a line."""
    lines = []
    for name, value in metrics.items():
        if isinstance(value, dict) and "strict" in value:
            lines.append(f"{indent}{name:<42} strict {value['strict']:.3f}  merged {value['merged']:.3f}")
        elif isinstance(value, dict):
            lines += [f"{indent}{name}", table(value, indent + "  ")]
        else:
            shown = f"{value:,.3f}" if isinstance(value, float) else str(value)
            lines.append(f"{indent}{name:<42} {shown}")
    return "\n".join(lines)


def evaluate(path: Path, corpus: Corpus, data: Path, work: Path, threads: int) -> dict[str, Any]:
    """Measure the model, print the table and write ``metrics.json`` into ``work``."""
    model = Model(path, threads)
    chars = data / "chars"
    answers = audit.load()
    (hand62, hand62_sound), (chars74k, chars74k_sound) = (
        measure_pictures(model, load_pictures(chars / f"{source}.npz"), audit.wrong(answers, source))
        for source in (audit.HAND62, audit.CHARS74K)
    )
    work.mkdir(parents=True, exist_ok=True)
    typical = prepare.typical_sizes(corpus.ink)
    cut = rejection.load_cut_words(data, typical, work)
    tested = numbered(data)
    wrong, held_out = wrong_labels(tested, work), np.flatnonzero(fold_of(corpus.ink) == TEST_FOLD)

    def rows(indices: NDArray[np.int64], style: Style) -> dict[str, Any]:
        drawn = rendered_as(corpus, indices, wrong, style)
        return {"samples": len(indices), **measure_rows(drawn, *alone_and_sized(model.logits, drawn))}

    metrics = {
        "UNIPEN, validation writers": measure_validation(model, corpus),
        "UNIPEN, held-out writers": measure_writers(model, corpus, wrong),
        "UNIPEN, held-out writers, drawn steadily": rows(held_out, STEADY),
        "UNIPEN, all of the test's numbers": rows(tested, PLAIN),
        "UNIPEN, all of the test's numbers, drawn steadily": rows(tested, STEADY),
        "Chars74K ink, crop alone, 62 classes": measure_chars74k_ink(model, data),
        "Chars74K pictures, 62 classes": chars74k,
        "Chars74K pictures, wrong labels left out": chars74k_sound,
        "hand62 photographs, 62 classes": hand62,
        "hand62 photographs, wrong labels left out": hand62_sound,
        "hdBPMN words cut badly, with size": rejection.measure_rejection(
            cut, softmax(model.logits(cut.crops, cut.sizes), model.temperature)
        ),
        "hdBPMN words cut badly, crop alone": rejection.measure_rejection(
            cut, softmax(model.logits(cut.crops, np.zeros_like(cut.sizes)), model.temperature)
        ),
        "temperature": model.temperature,
        "crops a second and core": throughput(Model(path, 1)),
        "bytes": path.stat().st_size,
    }
    (work / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(table(metrics))
    return metrics
