"""Fine-tuning on whole pages: what it does to reading, on the example notes of this project."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from models.recipe.finetune.bank import make_bank
from models.recipe.finetune.samples import read_page_samples, split
from models.recipe.finetune.tuning import Tuning, as_read, share_right, tune
from models.recipe.handwriting.characters import REPOSITORY
from models.recipe.letters.export import export
from models.recipe.letters.start import Start
from models.recipe.letters.train import predict
from ocrcli.core.settings import Settings
from ocrcli.evaluation.scoring import pool, score
from ocrcli.pipeline.reading import Reader

LEARNT = ("shopping_list", "todo_list", "letter", "sticky_note")
OTHER = ("price_list", "lecture_note", "blackboard")
"""Notes in other hands that nothing is learnt from."""


def note(name: str) -> tuple[Path, Path]:
    """Photo and transcript of an example note."""
    folder = REPOSITORY / "examples"
    return folder / f"{name}.jpg", folder / f"{name}.gt.txt"


def error_rate(model: Path, names: Sequence[str]) -> float:
    """Character error rate of some notes together, read with a model."""
    reader = Reader(Settings(model=model, device="cpu"))
    pages = [(reader.read(photo).text, truth.read_text("utf-8")) for photo, truth in map(note, names)]
    return pool(score(truth, text) for text, truth in pages).cer


def study_notes(start: Start, model: Path) -> dict[str, Any]:
    """Fine-tune on some notes, with and without bad cuts to go on answering as before.

    Returns:
        For the shipped model and both tuned ones: accuracy on letters kept apart, and the character
        error rates of the notes that were learnt from and of the others.
    """
    reader = Reader(Settings(model=model, device="cpu"))
    samples = [s for photo, truth in map(note, LEARNT) for s in read_page_samples(reader, photo, truth)]
    train, held = split([s for s in samples if s.label in start.labels])
    checked = as_read(held, start.labels)
    bank = make_bank(start.network, train, start.labels, seed=Tuning.seed)
    networks: dict[str, nn.Module] = {
        "as shipped": start.network,
        "tuned on letters alone": tune(start.network, bank, replace(Tuning(), retain=0.0, blend=1.0)),
        "tuned as the command does": tune(start.network, bank, Tuning()),
    }
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, network in networks.items():
            path = Path(folder) / "letters.onnx"
            export(network, path, start.temperature)
            logits = predict(network, checked.crops, checked.sizes)
            rows[name] = {
                "letters": share_right(logits, checked.labels),
                "learnt": error_rate(path, LEARNT),
                "other": error_rate(path, OTHER),
            }
    return {"learnt": len(train), "kept apart": len(held), "rows": rows}
