"""Figures of the language models on transcripts that were not counted: bits a character, and which language is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.recipe.language.counts import symbols_of
from models.recipe.training import markdown
from ocrcli.core.errors import InputError
from ocrcli.language.model import EDGE, KNOWN, evidence
from ocrcli.language.ngrams import BEGINNING, Ngrams

HELD_OUT = {
    "csafe_eval": "en",
    "lathrop": "en",
    "poilus": "fr",
    "peraire": "fr",
    "mss20": "fr",
    "doniau": "fr",
}
"""Files of ``lines/`` whose transcripts are in no text that is counted, and their languages. None is German."""

TOLD = 400
"""Lines of each file, spread evenly over it, whose language is asked for: a few thousand take minutes."""

SHORTEST = 3
"""Words of a line, below which nobody could say which language it is in."""


def load_transcripts(data: Path) -> dict[str, list[str]]:
    """The lines of each file of `HELD_OUT` that is there.

    Args:
        data: Folder with lines/.

    Raises:
        InputError: If none is there.
    """
    import pyarrow.parquet

    paths = {name: data / "lines" / f"{name}.parquet" for name in HELD_OUT}
    found = {
        name: list(pyarrow.parquet.read_table(path, columns=["text"])["text"].to_pylist())
        for name, path in paths.items()
        if path.is_file()
    }
    if not found:
        raise InputError(f"no {', '.join(HELD_OUT)} in {data / 'lines'}: give --data")
    return found


def bits_a_character(model: Ngrams, lines: Sequence[str]) -> float:
    """Cross-entropy in bits a symbol (Shannon 1951): a letter, or the edge of a word.

    Args:
        model: N-grams of one language.
        lines: Text; each line stands alone, and what the models do not count (digits, signs) is left out.
    """
    texts = [symbols for line in lines if len(symbols := symbols_of(f"{line} ")) > 1]
    histories = np.full(len(texts), BEGINNING)
    nats, count = 0.0, 0
    for place in range(1, max(map(len, texts), default=0)):
        going = np.flatnonzero([len(symbols) > place for symbols in texts])
        symbols = np.array([texts[number][place] for number in going])
        nats -= float(model.scores(histories[going], symbols).sum())
        count += len(going)
        histories[going] = model.extended(histories[going], symbols)
    return nats / np.log(2) / max(count, 1)


def told_languages(lines: Sequence[str]) -> Counter[str]:
    """How many lines of `SHORTEST` words or more `ocrcli.language.model.likeliest` takes for which language."""
    long = [line for line in lines if np.count_nonzero(symbols_of(f"{line} ") == EDGE) > SHORTEST]
    return Counter(evidence(line).language for line in long[:: max(1, len(long) // TOLD)])


def evaluate(models: dict[str, Ngrams], transcripts: dict[str, list[str]]) -> str:
    """A Markdown table: a row for each file, bits a character under each model, and what its lines are told to be.

    Args:
        models: N-grams by language.
        transcripts: Lines by the file's name, as `load_transcripts` gives them.
    """
    head = ["transcripts", "lines", *(f"bits a character, {name}" for name in models)]
    table = [[*head, *(f"lines told to be {name}" for name in KNOWN)]]
    for name, lines in transcripts.items():
        told = told_languages(lines)
        share = [f"{told[language] / max(told.total(), 1):.1%}" for language in KNOWN]
        bits = [f"{bits_a_character(model, lines):.2f}" for model in models.values()]
        table.append([f"{name} ({HELD_OUT[name]})", f"{len(lines):,}", *bits, *share])
    return markdown.rows(table)
