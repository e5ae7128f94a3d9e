"""The study's pictures: figures and weights only, and reconstructions of letters of our own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm
from numpy.typing import NDArray
from PIL import Image

from models.recipe.study.writers import mean_over_writers

COLOURS = ("#2a6f97", "#e07a1f", "#7a3b8f", "#4d7c3a")
GREY = "#8a8a8a"
STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "figure.constrained_layout.use": True,
}

Array = NDArray[Any]


def save(figure: Any, path: Path, dpi: int = 110) -> None:
    """Write a figure as a PNG of 128 colours, a third of the size of a full one."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=dpi)
    plt.close(figure)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(buffer).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def plot_rates(rates: dict[str, Any], path: Path) -> None:
    """Loss and accuracy of both networks at three learning rates."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(2, 2, figsize=(8.4, 5.6))
        for row, name in zip(axes, ("fully connected", "convolutional"), strict=True):
            for colour, run in zip(COLOURS, rates[name]["runs"], strict=False):
                thousands = np.array(run["crops"]) / 1000
                label = f"×{run['factor']:g}  ({rates[name]['rate'] * run['factor']:g})"
                row[0].plot(thousands, run["loss"], color=colour, label=label)
                row[1].plot(thousands, run["accuracy"], color=colour)
            row[0].set(ylabel="training loss", ylim=(0, 5.2))
            row[1].set(ylabel="validation accuracy", ylim=(0, 1))
            row[0].set_title(f"{name}: loss", loc="left")
            row[1].set_title(f"{name}: accuracy", loc="left")
            row[0].legend(title="learning rate", frameon=False)
            for axis in row:
                axis.set_xlabel("thousand crops seen")
                axis.set_xlim(left=0)
        save(figure, path)


def mosaic(tiles: Array, columns: int, gap: int = 1) -> Array:
    """(n, h, w) float tiles -> one (rows, columns) float picture of them, NaN between."""
    count, height, width = tiles.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
    for number, tile in enumerate(tiles):
        top, left = number // columns * (height + gap), number % columns * (width + gap)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def plot_weights(before: Array, after: Array, kernels: Array | None, path: Path) -> None:
    """First layers: (64, 1024) of the baseline before and after, and (n, k, k) of the shipped model."""
    scale = [float(np.quantile(np.abs(weights), 0.995)) for weights in (before, after)]
    panels = [
        (f"fully connected, before (±{scale[0]:.2f})", before.reshape(-1, 32, 32) / scale[0], 8),
        (f"fully connected, after (±{scale[1]:.2f})", after.reshape(-1, 32, 32) / scale[1], 8),
    ]
    if kernels is not None:
        columns = max(2, round(len(kernels) ** 0.5))
        own = np.abs(kernels).max(axis=(1, 2), keepdims=True)
        panels += [("shipped model, each 6×6 kernel at its own scale", kernels / own, columns)]
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(panels), figsize=(4.0 * len(panels), 4.3))
        for axis, (title, tiles, columns) in zip(axes, panels, strict=True):
            axis.imshow(mosaic(tiles, columns), cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
            axis.set_title(title, loc="left")
            axis.set_axis_off()
        figure.get_layout_engine().set(wspace=0.04)
        save(figure, path, dpi=120)


def plot_confusions(matrix: Array, labels: Sequence[str], path: Path) -> None:
    """Heat map of a (n, n) confusion matrix; each row is divided by its sum."""
    share = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    groups = [np.array([i for i, c in enumerate(labels) if kind(c)]) for kind in KINDS]
    order = np.concatenate(groups)
    ends = np.cumsum([len(group) for group in groups])[:-1] - 0.5
    with plt.rc_context(STYLE | {"axes.grid": False, "axes.spines.top": True, "axes.spines.right": True}):
        figure, axis = plt.subplots(figsize=(10.4, 9.6))
        shown = np.ma.masked_less(share[np.ix_(order, order)], 0.002)
        image = axis.imshow(shown, cmap="magma_r", norm=LogNorm(0.002, 1), interpolation="nearest")
        names = [labels[i].replace("$", r"\$") for i in order]
        axis.set_xticks(range(len(order)), names, fontsize=7, family="monospace")
        axis.set_yticks(range(len(order)), names, fontsize=7, family="monospace")
        axis.tick_params(length=0, top=True, labeltop=True)
        for end in ends:
            axis.axhline(end, color=GREY, linewidth=0.6)
            axis.axvline(end, color=GREY, linewidth=0.6)
        axis.set(xlabel="read", ylabel="written")
        bar = figure.colorbar(image, shrink=0.6, pad=0.02)
        bar.set_label("share of what was written (logarithmic)")
        save(figure, path, dpi=100)


KINDS = (str.isdigit, str.isupper, str.islower, lambda c: not c.isalnum())


def plot_reconstructions(rows: Sequence[tuple[str, Array]], path: Path) -> None:
    """(n, 1024) ink from 0 to 1, one row each, dark on white, under each other."""
    sheets = [1 - mosaic(ink.reshape(-1, 32, 32), len(ink), 2) for _, ink in rows]
    with plt.rc_context(STYLE | {"axes.grid": False}):
        figure, axes = plt.subplots(len(rows), 1, figsize=(10, 0.72 * len(rows)), squeeze=False)
        for axis, (name, _), sheet in zip(axes[:, 0], rows, sheets, strict=True):
            axis.imshow(np.nan_to_num(sheet, nan=1.0), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axis.set_axis_off()
            axis.text(-6, 16, name, ha="right", va="center")
        save(figure, path)


def plot_writers(figures: dict[str, Any], counts: Sequence[int], path: Path) -> None:
    """Accuracy against samples a class: each writer thin, their mean thick."""
    writers = figures["writers"]
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.4))
        for key, colour in (("from nothing", COLOURS[1]), ("fine-tuned", COLOURS[0])):
            for writer in writers:
                left.plot(counts, [r[key] for r in writer["rows"]], color=colour, alpha=0.3, linewidth=1)
            left.plot(counts, mean_over_writers(writers, key), "o-", color=colour, label=key)
        shipped = float(np.mean([w["shipped"] for w in writers]))
        left.axhline(shipped, color=GREY, linestyle="--", label="as shipped")
        left.set_title("the rest of the same writer's samples", loc="left")
        left.set(ylabel="accuracy", ylim=(0, 1))
        left.legend(frameon=False, loc="lower right")
        right.plot(counts, mean_over_writers(writers, "fine-tuned, others"), "o-", color=COLOURS[0], label="fine-tuned")
        right.axhline(figures["others, shipped"], color=GREY, linestyle="--", label="as shipped")
        right.set_title("other writers: what it forgets", loc="left")
        right.set(ylim=(0.5, 1))
        for axis in (left, right):
            axis.set_xscale("log")
            axis.set_xticks(counts, [str(c) for c in counts])
            axis.minorticks_off()
            axis.set_xlabel("samples of each class")
        save(figure, path)
