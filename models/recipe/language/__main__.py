"""The language models: letter n-grams of English, French and German, ``models/en.npz``, ``fr.npz`` and ``de.npz``.

Without a step, `train` and `export` are done for all languages. Tables are kept in ``models/work/language``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from models.recipe.corpora import TEXTS
from models.recipe.handwriting.characters import DATA, REPOSITORY
from models.recipe.language import counts, decoding_weights
from models.recipe.language.evaluate import evaluate, load_transcripts
from models.recipe.training import markdown
from models.recipe.training.steps import Step, run
from ocrcli.core.files import write_file
from ocrcli.language import ngrams

MODELS = REPOSITORY / "models"
CARD = "language.md"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of the steps that make or measure the models."""
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help=f"{', '.join(TEXTS)} (default: all)")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with text/ and lines/ (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=MODELS / "work" / "language", help="where tables are kept")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the finished files and of their card")


def wanted(options: argparse.Namespace) -> list[str]:
    """The languages that the command line names, or all.

    Raises:
        FileNotFoundError: If nothing is known of one.
    """
    for name in options.languages:
        if name not in TEXTS:
            raise FileNotFoundError(f"no texts of {name!r}; there are {', '.join(TEXTS)}")
    return options.languages or list(TEXTS)


def train(options: argparse.Namespace) -> None:
    """Count the n-grams of each language, and keep its tables."""
    options.work.mkdir(parents=True, exist_ok=True)
    for name in wanted(options):
        tables = counts.make(options.data, name)
        np.savez(options.work / f"{name}.npz", **tables)  # type: ignore[arg-type]
        print(f"{name}: {len(tables['minus_log_p']):,} n-grams", file=sys.stderr)


def export(options: argparse.Namespace) -> None:
    """Write the files that ship."""
    for name in wanted(options):
        tables = options.work / f"{name}.npz"
        if not tables.is_file():
            raise FileNotFoundError(f"{tables} is not there: first run python -m models.recipe.language train")
        path = options.models / f"{name}.npz"
        write_file(tables.read_bytes(), path)
        print(f"{path}: {path.stat().st_size:,} bytes")


def measured(options: argparse.Namespace) -> str:
    """The table of figures on held-out transcripts."""
    models = {}
    for name in wanted(options):
        with np.load(options.models / f"{name}.npz") as stored:
            models[name] = ngrams.from_tables(dict(stored))
    return evaluate(models, load_transcripts(options.data))


def report(options: argparse.Namespace) -> None:
    """Measure, and write the figures into the card."""
    made_by = "python -m models.recipe.language report"
    markdown.put_between_markers(options.models / CARD, [measured(options)], made_by)


def both(options: argparse.Namespace) -> None:
    """`train`, then `export`."""
    train(options)
    export(options)


STEPS = {
    "train": Step("count the n-grams of the texts and word lists", train, add_options),
    "export": Step("write models/en.npz, fr.npz and de.npz", export, add_options),
    "evaluate": Step(
        "bits a character on held-out transcripts, and which language their lines are told to be",
        lambda options: print(measured(options)),
        add_options,
    ),
    "report": Step("write what `evaluate` measures into models/language.md", report, add_options),
    "weights": Step(
        "fit how much the language and the other sources count in ocrcli/letters/decode.py",
        decoding_weights.fit,
        decoding_weights.add_options,
    ),
    "all": Step("train and export; done where no step is given", both, add_options),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one step; returns the exit code."""
    return run("language", __doc__ or "", STEPS, arguments, default="all")


if __name__ == "__main__":
    sys.exit(main())
