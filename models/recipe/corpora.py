"""Texts to learn from: those that languages know, and programs; what is measured is found in them and left out."""

from __future__ import annotations

import importlib.util
import lzma
import sysconfig
from collections.abc import Iterable
from pathlib import Path

TEXTS = {
    "en": {
        "en_commonvoice": 2.0, "en_dialogue_coffee": 1.0, "en_dialogue_sgd": 0.3, "en_mail": 1.0, "en_novels_part": 0.7,
        "en_recipes": 6.0, "en_shopping_ingredients": 20.0, "en_sms": 3.0, "en_web_ewt": 3.0, "en_wikipedia": 2.0,
    },
    "fr": {
        "fr_commonvoice": 1.0, "fr_debats": 1.0, "fr_gutenberg": 1.0, "fr_libretheatre": 1.0,
        "fr_novels_eltec_part": 1.0,
    },
    "de": {"de_commonvoice": 1.0},
}  # fmt: skip
"""Texts of each language, and how much each of their letters counts."""

STDLIB = "stdlib"

PROGRAMS = {"en": {STDLIB: 0.8, "algorithms": 2.5}}
"""Python programs that are read as texts, comments and all, for notes have code and English of its kind: the standard
library, and installed packages."""

NO_CODE = {"site-packages", "dist-packages", "test", "tests", "encodings", "pydoc_data", "idlelib", "lib2to3"}
"""Folders of the library that hold tables, tests, or what is no part of it."""

MEASURED = ("lines/csafe_eval.parquet",)
"""Transcripts of what is measured; lines that share words with them are left out."""

SAME = 6
"""Words in a row that two texts share by no chance."""


def read(path: Path) -> list[str]:
    """The lines of a compressed text."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return file.read().splitlines()


def programs(name: str) -> list[str]:
    """The lines of a package's modules, or of the standard library's.

    Raises:
        FileNotFoundError: If the package is not installed.
    """
    if name == STDLIB:
        folder = Path(sysconfig.get_path("stdlib"))
    elif (spec := importlib.util.find_spec(name)) is not None and spec.origin is not None:
        folder = Path(spec.origin).parent
    else:
        raise FileNotFoundError(f"the package {name} is not installed; run pip install -e '.[train]'")
    files = sorted(file for file in folder.rglob("*.py") if not NO_CODE & {*file.relative_to(folder).parts})
    return [line for file in files for line in file.read_text(encoding="utf-8", errors="ignore").splitlines()]


def passages(lines: Iterable[str]) -> set[int]:
    """Hashes of all SAME words in a row."""
    return {hash(tuple(w[i : i + SAME])) for line in lines if (w := words_of(line)) for i in range(len(w) - SAME + 1)}


def words_of(line: str) -> list[str]:
    """The words of a line, in lower case, without what is no letter."""
    return "".join(c if c.isalpha() else " " for c in line.lower()).split()


def measured(data: Path) -> set[int]:
    """Passages of what is measured, lines joined as they follow each other."""
    import pyarrow.parquet

    found: set[int] = set()
    for name in MEASURED:
        found |= passages([" ".join(pyarrow.parquet.read_table(data / name, columns=["text"])["text"].to_pylist())])
    return found


def without(secret: set[int], lines: Iterable[str]) -> list[str]:
    """Lines that share no passage with what is measured."""
    return [line for line in lines if not secret & passages([line])]
