"""The model card's figures: reliability, the frontier, the worst confusions, words' and lines' confidence."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing import pens
from models.recipe.drawing.style import PLAIN
from models.recipe.handwriting.characters import (
    LABEL_INDEX,
    LABELS,
    TEST_FOLD,
    Corpus,
    fold_of,
    merged_classes,
    training_indices,
)
from models.recipe.handwriting.spans import LETTER
from models.recipe.letters import prepare
from models.recipe.letters.batches import ISOLATED, MILD, WILD, render_plain
from models.recipe.letters.crops import rejection
from models.recipe.letters.evaluate import CHARACTERS, SEED
from models.recipe.letters.finished import Model, softmax
from models.recipe.letters.frontier import Point
from models.recipe.training import markdown
from models.recipe.training.calibration import calibration_error

mpl.use("Agg")
from matplotlib import pyplot as plt

mpl.rcParams["svg.hashsalt"] = "ocrcli"  # the same figures give the same file

Floats = NDArray[np.float64]

PEN_SEED = 3
"""Of the letters whose strokes are measured."""

TWO_SIZES = (("o", "O"), ("s", "S"), ("c", "C"), ("u", "U"), ("v", "V"), ("w", "W"), ("x", "X"))
"""Pairs of letters that nothing but their size parts."""

HEIGHTS = np.linspace(0.1, 1.6, 151)
"""Bounds between small and large that are tried, in capital heights."""


@dataclass(frozen=True)
class Answers:
    """What the model says of held-out characters: confidence (n,), right (n,) bool, best and true labels (n,)."""

    confidence: Floats
    right: NDArray[np.bool_]
    best: NDArray[np.int64]
    labels: NDArray[np.int64]


def answers(probability: Floats, labels: NDArray[np.int64]) -> Answers:
    """Sum up (n, characters) probabilities."""
    best = probability.argmax(axis=1)
    return Answers(probability.max(axis=1), best == labels, best, labels)


def bins_of(confidence: Floats, right: NDArray[np.bool_], bins: int = 15) -> tuple[Floats, Floats, Floats]:
    """Mean confidence, accuracy and share of the samples of each bin that has any."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(place, minlength=bins)
    filled = counts > 0
    means = np.bincount(place, confidence, bins)[filled] / counts[filled]
    hits = np.bincount(place, right, bins)[filled] / counts[filled]
    return means, hits, counts[filled] / len(confidence)


def chains(given: Answers, writers: NDArray[np.int32], length: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Confidence (the product) and correctness of words of ``length`` characters, each by one writer.

    Errors of one writer come together, as they do on a page.
    """
    order = np.argsort(writers, kind="stable")
    confidence, right = [], []
    for group in np.split(order, np.flatnonzero(np.diff(writers[order])) + 1):
        mixed = np.random.default_rng(SEED).permutation(group)
        for at in range(0, len(mixed) - length + 1, length):
            rows = mixed[at : at + length]
            confidence.append(float(given.confidence[rows].prod()))
            right.append(bool(given.right[rows].all()))
    return np.array(confidence), np.array(right)


def draw_reliability(curves: dict[str, tuple[Floats, NDArray[np.bool_]]], path: Path) -> None:
    """Accuracy over confidence, a line a case, the samples' shares below."""
    figure, (top, low) = plt.subplots(2, 1, figsize=(5, 5.6), height_ratios=(4, 1), sharex=True)
    top.plot([0, 1], [0, 1], color="0.8", linewidth=1)
    for name, (confidence, right) in curves.items():
        means, hits, share = bins_of(confidence, right)
        top.plot(
            means, hits, marker="o", markersize=3, label=f"{name}: error {calibration_error(confidence, right):.3f}"
        )
        low.plot(means, share)
    top.set_ylabel("share right")
    top.legend(frameon=False, fontsize=8)
    low.set_xlabel("confidence")
    low.set_ylabel("share of all")
    low.set_yscale("log")
    save(figure, path)


def save(figure: Any, path: Path) -> None:
    """Write a figure without a date in it."""
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)


def draw_frontier(points: list[Point], path: Path) -> None:
    """Merged accuracy over speed."""
    figure, axes = plt.subplots(figsize=(6.4, 4))
    for numbers, marker in (("float32", "o"), ("int8", "^")):
        chosen = [p for p in points if p.numbers == numbers]
        axes.scatter([p.crops_per_second for p in chosen], [p.merged for p in chosen], marker=marker, label=numbers)
        for p in chosen:
            lift = -9 if p.name.startswith("plain") or (numbers == "int8" and "separable" in p.name) else 4
            axes.annotate(
                p.name, (p.crops_per_second, p.merged), fontsize=6, xytext=(4, lift), textcoords="offset points"
            )
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_xlabel("crops a second on one core, batch 256")
    axes.set_ylabel("accuracy, look-alikes merged")
    axes.legend(frameon=False, loc="lower left")
    save(figure, path)


def frontier_table(points: list[Point]) -> str:
    """The frontier as a Markdown table."""
    head = ("network", "numbers", "parameters", "kB", "crops/s a core", "strict", "merged")
    body = [
        (
            *(p.name, p.numbers, f"{p.parameters / 1000:.0f} k", f"{p.bytes / 1000:.0f}"),
            *(f"{p.crops_per_second:,.0f}", f"{p.strict:.3f}", f"{p.merged:.3f}"),
        )
        for p in points
    ]
    return markdown.rows([head, *body])


def worst_pairs(given: Answers, count: int = 20) -> list[tuple[str, int]]:
    """The commonest confusions across groups of look-alikes: "true read", and how often."""
    merged = merged_classes()
    across = merged[given.best] != merged[given.labels]
    pairs = zip(given.labels[across].tolist(), given.best[across].tolist(), strict=True)
    return [(f"{LABELS[a]} as {LABELS[b]}", n) for (a, b), n in Counter(pairs).most_common(count)]


def by_height(corpus: Corpus, rows: NDArray[np.int64], probability: Floats) -> list[tuple[str, ...]]:
    """How often two letters of one shape are taken for each other: by their height alone, and by the model.

    Args:
        corpus: All samples.
        rows: (n,) indices of held-out ink.
        probability: (n, characters) of the model, with the size.
    """
    trained = training_indices(corpus)
    trained = trained[trained < len(corpus.ink)]
    height, labels = corpus.ink.relwh[:, 1], corpus.ink.labels
    found: list[tuple[str, ...]] = [("pair", "samples", "taken for each other by height alone", "by the model")]
    for small, large in TWO_SIZES:
        pair = LABEL_INDEX[small], LABEL_INDEX[large]
        known = trained[np.isin(labels[trained], pair)]
        is_large = labels[known] == pair[1]
        bound = min(HEIGHTS, key=lambda h: np.count_nonzero((height[known] > h) != is_large))
        shown = np.isin(labels[rows], pair)
        if not shown.any():
            continue
        truth = labels[rows[shown]] == pair[1]
        alone = ((height[rows[shown]] > bound) != truth).mean()
        model = ((probability[shown, pair[1]] > probability[shown, pair[0]]) != truth).mean()
        found.append((f"`{small}` `{large}`", f"{shown.sum()}", f"{alone:.1%}", f"{model:.1%}"))
    return found


def report(path: Path, corpus: Corpus, data: Path, work: Path, target: Path, threads: int) -> None:
    """Draw ``reliability.svg`` and, where ``frontier`` has been run, ``frontier.svg``; print the tables."""
    model = Model(path, threads)
    rows = np.flatnonzero(fold_of(corpus.ink) == TEST_FOLD)
    crops, sizes = render_plain(corpus, rows, SEED)
    labels, writers = corpus.ink.labels[rows], corpus.ink.writers[rows]
    curves = {}
    for name, known in (("with size", sizes), ("crop alone", np.zeros_like(sizes))):
        probability = softmax(model.logits(crops, known)[:, CHARACTERS], model.temperature)
        given = answers(probability, labels)
        curves[f"characters, {name}"] = (given.confidence, given.right)
        if name == "with size":
            curves |= {f"words of {n}": chains(given, writers, n) for n in (5, 20)}
            print(markdown.rows(by_height(corpus, rows, probability)))
            print("worst: " + ", ".join(f"{pair} {n}" for pair, n in worst_pairs(given)))
    for name, (confidence, right) in curves.items():
        error = calibration_error(confidence, right)
        print(f"{name:<24} {len(right):>6}  right {right.mean():.3f}  calibration error {error:.3f}")
    words = rejection.load_cut_words(data, prepare.typical_sizes(corpus.ink), work)
    print(markdown.rows(stroke_widths(corpus, words)))
    draw_reliability(curves, target / "reliability.svg")
    if (work / "frontier.json").exists():
        points = [Point(**entry) for entry in json.loads((work / "frontier.json").read_text())]
        draw_frontier(points, target / "frontier.svg")
        print(frontier_table(points))


def stroke_widths(corpus: Corpus, words: rejection.CutWords) -> list[tuple[str, ...]]:
    """A table of stroke widths in crops: letters of photographed words, and the same letters as they are drawn."""
    rng = np.random.default_rng(PEN_SEED)
    shown = words.kinds == LETTER
    indices = training_indices(corpus)
    ink = indices[indices < len(corpus.ink)]
    of_label = {label: ink[corpus.ink.labels[ink] == label] for label in np.unique(words.labels[shown])}
    same = np.array([rng.choice(of_label[label]) for label in words.labels[shown] if len(of_label[label])])
    rows = [
        pens.head("strokes in the crops, in pixels"),
        ("hdBPMN, photographed", *pens.quantiles(words.crops[shown], 1, 1)),
    ]
    styles = {"most of training": MILD, "without a size": ISOLATED, "what varies strongly": WILD, "tests": PLAIN}
    for name, style in styles.items():
        crops, _ = render_plain(corpus, same, PEN_SEED, replace(PLAIN, pen=style.pen))
        thinnest, broadest = style.pen
        rows.append((f"drawn by pens of {thinnest:.1%} to {broadest:.1%}: {name}", *pens.quantiles(crops, 1, 1)))
    return rows
