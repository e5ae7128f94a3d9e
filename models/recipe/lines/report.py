"""The figures in the line model's card, written by the run that measured them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import torch

from models.recipe.lines.batches import ITEMS, Sources
from models.recipe.lines.evaluate import evaluate
from models.recipe.training import markdown
from models.recipe.training.loop import count_parameters
from ocrcli.lines.line_model import LineReader

CARD = "lines.md"
BLOCK = re.compile(r"<!-- figures.*?<!-- end of figures -->", re.DOTALL)


def measured(reader: LineReader, data: Path) -> str:
    """The table of test sets."""
    rows: list[tuple[str, ...]] = [("writers never seen", "words", "CER", "CER, case folded", "calibration error")]
    for name, found in evaluate(reader, data).items():
        figures = (f"{found[key]:.4f}" for key in ("exact", "folded", "calibration"))
        rows.append((name, f"{found['words']:,}", *figures))
    return markdown.rows(rows)


def trained(
    work: Path, model: Path, network: torch.nn.Module, temperature: float, sources: Sources, wrong: set[tuple[str, int]]
) -> str:
    """What the model is, how long it learnt, and from how much."""
    state = torch.load(work / "lines.pt", map_location="cpu", weights_only=False)
    left_out = Counter(kind for kind, _ in wrong)
    rows: list[tuple[str, ...]] = [
        ("what", "figure"),
        ("file", f"{model.stat().st_size / 1e6:.2f} MB"),
        ("parameters", f"{count_parameters(network):,}"),
        ("last run", f"{state['seconds'] / 60:.0f} minutes, {state['step']:,} steps, {state['samples']:,} strips"),
        ("temperature", f"{temperature:g}"),
    ]
    for kind in ITEMS:
        count = len(getattr(sources, kind))
        rows.append((f"{kind}; of which wrong labels, left out", f"{count:,}, {left_out[kind]:,}"))
    return markdown.rows(rows)


def write(card: Path, blocks: list[str]) -> None:
    """Put the figures into the card.

    Raises:
        ValueError: If it has no place for them.
    """
    made = "<!-- figures: made by python -m models.recipe.lines report -->\n\n"
    made += "\n\n".join(blocks) + "\n\n<!-- end of figures -->"
    text, count = BLOCK.subn(lambda _: made, card.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{card}: no place for the figures")
    card.write_text(text, encoding="utf-8")
