"""What the line reader learns from: words, characters and rows of public handwriting, read once and kept on disk."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from pathlib import Path

from models.recipe.handwriting import words
from models.recipe.handwriting.words import InkItem, PhotoItem

SOURCES, WRONG = "sources.pickle", "wrong.pickle"
"""Files of the work folder: what `prepare` read, and the wrong labels in it."""


ITEMS = ("words", "photos", "rows", "archives", "names")
"""Kinds of what is written in one go, and may have a wrong label."""


@dataclass(frozen=True)
class Sources:
    """All that rows are made of; what is held out is not among it."""

    words: list[InkItem]
    characters: list[InkItem]
    photos: list[PhotoItem]
    rows: list[PhotoItem]
    archives: list[PhotoItem] = field(default_factory=list)
    names: list[PhotoItem] = field(default_factory=list)

    def without(self, wrong: set[tuple[str, int]]) -> Sources:
        """Without items that are named by kind and index."""
        lists = {}
        for kind in ("characters", *ITEMS):
            lists[kind] = [item for i, item in enumerate(getattr(self, kind)) if (kind, i) not in wrong]
        return Sources(**lists)


def prepare(data: Path, work: Path) -> None:
    """Read the sources once, see the photographs as the reader does, and keep all that."""
    ink, lines = data / "words" / "unipen_ink.parquet", data / "lines"
    sources = Sources(
        words.load_ink(ink, ("word", "text"), test=False),
        words.load_ink(ink, ("char", "char-in-word"), test=False),
        words.load_photos(data / "words" / "hdbpmn_words.parquet", "train"),
        words.load_rows(data / "words" / "copiste_lines.parquet"),
        [row for name in words.ARCHIVES for row in words.load_lines(lines / f"{name}.parquet", test=False)],
        words.load_lines(lines / f"{words.NAMES}.parquet", test=False),
    )
    work.mkdir(parents=True, exist_ok=True)
    (work / WRONG).unlink(missing_ok=True)  # they were others' numbers
    (work / SOURCES).write_bytes(pickle.dumps(sources))


def load_all(work: Path) -> Sources:
    """What `prepare` kept."""
    sources: Sources = pickle.loads((work / SOURCES).read_bytes())
    return sources


def load_wrong(work: Path) -> set[tuple[str, int]]:
    """Kinds and indices of the wrong labels; none where they have not been looked for."""
    path = work / WRONG
    wrong: set[tuple[str, int]] = pickle.loads(path.read_bytes()) if path.exists() else set()
    return wrong


def load(work: Path) -> Sources:
    """What to learn from: what `prepare` kept, without the wrong labels."""
    return load_all(work).without(load_wrong(work))
