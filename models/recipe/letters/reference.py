"""``python -m models.recipe.letters reference``: what the way a test is drawn is worth.

The goals of the letter model come from a small residual network that had seen each of UNIPEN's characters drawn once
and read 0.815 of the others' right from the crop alone (0.898 with look-alikes merged), 0.840 with the size (0.908).
The figures depend on how the test's ink is drawn, which is not part of the data. So that network is made again here,
by one way of drawing and by another, and asked on tests drawn either way; beside it stands the model that ships.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.recipe.drawing.style import PLAIN, STEADY, Style
from models.recipe.handwriting.characters import Corpus, load_corpus, numbered
from models.recipe.letters.batches import Batch, render_plain
from models.recipe.letters.evaluate import SEED, Rendered, alone_and_sized, measure_rows, rendered_as, wrong_labels
from models.recipe.letters.finished import Model, Reader
from models.recipe.letters.frontier import BATCH, fit
from models.recipe.letters.network import LetterNet
from models.recipe.letters.train import predict
from models.recipe.training import markdown
from models.recipe.training.loop import count_parameters

EPOCHS = 5
WIDTHS, HIDDEN = (16, 56, 136), 192
"""Of a residual network with half a million parameters."""

DRAWINGS = {"as here": PLAIN, "steadily": STEADY}
"""Ways of drawing: as tests are here, by pens of 4 to 16 % on capitals of 18 to 90 pixels, with a mild photo; or by
pens of 6 to 18 % on capitals of 64 pixels, without one."""


def figures(reader: Reader, test: Rendered) -> tuple[str, ...]:
    """The table's row of a reader: strict and merged accuracy."""
    scores = measure_rows(test, *alone_and_sized(reader, test)).values()
    return tuple(f"{score['strict']:.3f} / {score['merged']:.3f}" for score in scores)


def drawn_once(corpus: Corpus, indices: NDArray[np.int64], style: Style) -> Batch:
    """Each of the characters with its size and without."""
    crops, sizes = render_plain(corpus, indices, SEED + 1, style)
    labels = corpus.ink.labels[indices]
    return Batch(np.tile(crops, (2, 1, 1)), np.concatenate([sizes, np.zeros_like(sizes)]), np.tile(labels, 2))


def made_again(batch: Batch) -> LetterNet:
    """The small network, after `EPOCHS` of the characters."""
    torch.manual_seed(SEED)
    network = LetterNet(WIDTHS, HIDDEN)
    fit(network, batch, None, EPOCHS * (len(batch.labels) // 2) // BATCH)
    return network


def compare(path: Path, data: Path, work: Path) -> None:
    """Print the table of networks and ways of drawing.

    Args:
        path: The float32 letter model that ships.
        data: Folder with chars/.
        work: Where the wrong labels lie that a model of letters has found.
    """
    torch.set_num_threads(2)
    corpus, held = load_corpus(data), numbered(data)
    wrong = wrong_labels(held, work)
    others = np.setdiff1d(np.flatnonzero(corpus.ink.writers < 1000), held)  # as there: some are the same people
    tests = {name: rendered_as(corpus, held, wrong, style) for name, style in DRAWINGS.items()}
    model = Model(path, 2)
    readers: dict[str, Reader] = {}
    for name, style in DRAWINGS.items():
        network = made_again(drawn_once(corpus, others, style))
        count = count_parameters(network)
        print(f"{len(others)} characters, {count} parameters: drawn {name}", file=sys.stderr, flush=True)
        readers[f"made again, drawn {name}"] = partial(predict, network)
    readers["ships"] = model.logits
    head = ("crop alone", "with size", "crop alone, sound labels", "with size, sound labels")
    table: list[tuple[str, ...]] = [("network, test", *head)]
    for drawing, test in tests.items():
        table += [(f"{name}; test drawn {drawing}", *figures(read, test)) for name, read in readers.items()]
    print(markdown.rows(table))
