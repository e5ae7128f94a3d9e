"""Wrong labels among the line reader's words: found by a model that has half learnt to read, and left out."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from torch.nn import functional

from models.recipe.handwriting.words import InkItem, PhotoItem, encode
from models.recipe.lines.evaluate import Sample, ink_samples, photo_samples
from models.recipe.lines.sources import ITEMS, WRONG, load_all
from ocrcli.core.files import write_file
from ocrcli.lines.beam_search import greedy, spelled_out
from ocrcli.lines.line_model import LineModel

COSTLY = 3.0
"""Nats a character: what the model gives a label that has little to do with the ink. Of a legible word of the same
stage of training the median is a tenth of that."""

DIFFERENT = 0.6
"""Share of the characters in which the model's own reading differs from such a label."""

BATCH = 2048


def wrong_labels(reader: LineModel, items: Sequence[InkItem | PhotoItem]) -> list[tuple[int, str]]:
    """Indices of the items whose label is wrong, and what the model reads there."""
    found = []
    for at in range(0, len(items), BATCH):
        part = items[at : at + BATCH]
        samples = _samples(part)
        log_ps = reader.log_probabilities([s.image for s in samples])
        for number, (sample, log_p) in enumerate(zip(samples, log_ps, strict=True)):
            read = spelled_out(greedy(log_p), reader.characters)
            if Levenshtein.normalized_distance(read.strip(), sample.text) < DIFFERENT:
                continue
            if cost(log_p, sample.text) > COSTLY:
                found.append((at + number, read))
    return found


def _samples(items: Sequence[InkItem | PhotoItem]) -> list[Sample]:
    if isinstance(items[0], PhotoItem):
        return photo_samples([item for item in items if isinstance(item, PhotoItem)])
    return ink_samples([item for item in items if isinstance(item, InkItem)])


def cost(log_p: NDArray[np.float32], text: str) -> float:
    """Negative log-probability of a text, per character; infinite where the row is too short for it."""
    target = torch.tensor([encode(text)])
    steps, length = torch.tensor([len(log_p)]), torch.tensor([target.shape[1]])
    loss = functional.ctc_loss(torch.from_numpy(log_p[:, None]), target, steps, length, reduction="sum")
    return float(loss) / max(1, len(text))


def find_wrong_labels(reader: LineModel, work: Path) -> None:
    """Look through all training words and rows, print how many labels are wrong, and keep which."""
    sources = load_all(work)
    wrong: set[tuple[str, int]] = set()
    for kind in ITEMS:
        items = getattr(sources, kind)
        found = wrong_labels(reader, items)
        wrong |= {(kind, index) for index, _ in found}
        print(f"{kind}: {len(found)} of {len(items)} labels are wrong, such as", file=sys.stderr)
        for index, read in found[:: max(1, len(found) // 12)]:
            print(f"    {items[index].text!r}, which looks like {read!r}", file=sys.stderr)
    write_file(pickle.dumps(wrong), work / WRONG)
