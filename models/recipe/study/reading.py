"""The shipped model on held-out writers: its accuracy beside the baseline, and what it confuses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from models.recipe.handwriting.characters import MERGED_GROUPS
from models.recipe.letters.batches import Batch
from models.recipe.study.samples import BLOCK, CHARACTERS, only
from ocrcli.letters.classifier import load_classifier

COURSE_WORK_PAIRS = ("0O", "5S", "1I", "2Z")
"""What the course work's network confused most."""

WORST = 15
FEWEST = 60
"""A pair with fewer samples says little."""

Matrix = NDArray[np.int64]


@dataclass(frozen=True)
class Shipped:
    """A finished letter model, whether it has a class for what is no letter or not."""

    path: Path

    def log_probabilities(self, batch: Batch, sized: bool) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Read crops.

        Args:
            batch: The crops.
            sized: Whether the sizes are shown.

        Returns:
            (n, 94) log-probabilities of `CHARACTERS`, and (n,) that of no letter; None without such a class.
        """
        classifier = load_classifier(self.path, "cpu")
        log_p = classifier.log_probabilities(batch.crops, batch.sizes if sized else None)
        columns = [classifier.labels.index(c) for c in CHARACTERS]
        none = log_p[:, classifier.labels.index("")] if "" in classifier.labels else None
        return log_p[:, columns], none

    def read(self, batch: Batch, sized: bool) -> NDArray[np.int64]:
        """(n,) the likeliest character of each crop."""
        return self.log_probabilities(batch, sized)[0].argmax(axis=1)


def study_shipped(model: Path, valid: Batch) -> dict[str, Any]:
    """Accuracy on the validation writers: all classes, and capitals and digits among themselves."""
    shipped = Shipped(model)
    block = np.array([CHARACTERS.index(c) for c in BLOCK])
    rows = only(valid, np.isin(valid.labels, block))
    chosen = block[shipped.log_probabilities(rows, sized=False)[0][:, block].argmax(axis=1)]
    return {
        "samples": len(valid.labels),
        "crop alone": float((shipped.read(valid, sized=False) == valid.labels).mean()),
        "with size": float((shipped.read(valid, sized=True) == valid.labels).mean()),
        "capitals and digits": float((chosen == rows.labels).mean()),
    }


def confusion_matrix(truth: NDArray[np.int64], read: NDArray[np.int64], classes: int) -> Matrix:
    """(classes, classes) counts; rows are what was written, columns what was read."""
    return np.bincount(truth * classes + read, minlength=classes**2).reshape(classes, classes)


def pair_rate(matrix: Matrix, a: int, b: int) -> float:
    """Share of the samples of two classes that are read as the other one."""
    return float((matrix[a, b] + matrix[b, a]) / max(1, matrix[a].sum() + matrix[b].sum()))


def worst_pairs(matrix: Matrix, count: int = WORST, fewest: int = FEWEST) -> list[tuple[int, int]]:
    """The pairs of classes with the highest `pair_rate`, among those with ``fewest`` samples in each class."""
    common = np.flatnonzero(matrix.sum(axis=1) >= fewest)
    pairs = [(int(a), int(b)) for i, a in enumerate(common) for b in common[i + 1 :]]
    return sorted(pairs, key=lambda p: -pair_rate(matrix, *p))[:count]


def alike(a: str, b: str) -> bool:
    """Whether two characters have one shape, so that no crop can tell them apart."""
    return any(a in group and b in group for group in MERGED_GROUPS)


def one_writers_share(wrong: NDArray[np.bool_], writers: NDArray[np.int32]) -> float:
    """Share of the wrong samples, (n,) bool, that come from the one writer who gave most of them."""
    return float(np.bincount(writers[wrong]).max() / wrong.sum()) if wrong.any() else 0.0


def study_confusions(model: Path, test: Batch, writers: NDArray[np.int32]) -> tuple[dict[str, Any], Matrix]:
    """What the shipped model confuses on the test writers, with the size shown.

    Args:
        model: The letter model.
        test: The crops.
        writers: (n,) who wrote each.

    Returns:
        Figures, and the (94, 94) confusion matrix.
    """
    shipped, classes = Shipped(model), len(CHARACTERS)
    alone = confusion_matrix(test.labels, shipped.read(test, sized=False), classes)
    read = shipped.read(test, sized=True)
    sized = confusion_matrix(test.labels, read, classes)

    def row(a: int, b: int) -> dict[str, Any]:
        swapped = ((test.labels == a) & (read == b)) | ((test.labels == b) & (read == a))
        return {
            "pair": CHARACTERS[a] + CHARACTERS[b],
            "alike": alike(CHARACTERS[a], CHARACTERS[b]),
            "samples": int(sized[a].sum() + sized[b].sum()),
            "crop alone": pair_rate(alone, a, b),
            "with size": pair_rate(sized, a, b),
            "by one writer": one_writers_share(swapped, writers),
        }

    wrong = sized.sum() - np.trace(sized)
    same_shape = sum(
        int(sized[a, b])
        for a, first in enumerate(CHARACTERS)
        for b, second in enumerate(CHARACTERS)
        if a != b and alike(first, second)
    )
    figures = {
        "samples": len(test.labels),
        "crop alone": float(np.trace(alone) / alone.sum()),
        "with size": float(np.trace(sized) / sized.sum()),
        "share of errors within one shape": float(same_shape / max(1, wrong)),
        "worst": [row(a, b) for a, b in worst_pairs(sized)],
        "course work": [row(*(CHARACTERS.index(c) for c in p)) for p in COURSE_WORK_PAIRS],
    }
    return figures, sized


def first_kernels(model: Path) -> NDArray[np.float32]:
    """The kernels of the shipped model's first convolution, put back onto pixels.

    2x2 pixels are folded into four channels before it, so a 3x3 kernel looks at 6x6 pixels.

    Returns:
        (outputs, 6, 6) float32.

    Raises:
        ValueError: If the first convolution is of another shape.
    """
    graph = onnx.load(model).graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    first = next(node for node in graph.node if node.op_type == "Conv")
    return unfold(np.array(weights[first.input[1]], np.float32))


def unfold(kernels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(outputs, 4, 3, 3) kernels over folded pixels -> (outputs, 6, 6) over pixels."""
    outputs, channels, height, width = kernels.shape
    if channels != 4:
        raise ValueError(f"a first layer over {channels} channels, not over 2x2 folded pixels")
    pixels = kernels.reshape(outputs, 2, 2, height, width).transpose(0, 3, 1, 4, 2)
    return np.ascontiguousarray(pixels.reshape(outputs, 2 * height, 2 * width))
