"""What a language model does to what is in no language: capitals, numbers, codes and names of programs, drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measures.photos import folder_of
from measures.runner import spread
from measures.text import Row
from ocrcli.evaluation.scoring import Tally, score

LANGUAGES = ("none", "en", "fr", "de")
LINES, SEED = 500, 20261130

Drawn = tuple[NDArray[np.uint8], str]


def drawn() -> list[Drawn]:
    """Line images of letters by writers of pen ink whom no model has seen, and what they say."""
    from models.recipe.handwriting import words
    from models.recipe.lines.samples import LineSampler
    from models.recipe.lines.sources import Sources

    ink = folder_of("words") / "unipen_ink.parquet"
    texts, letters = (words.load_ink(ink, levels, test=True) for levels in (("word",), ("char", "char-in-word")))
    sampler, rng = LineSampler(Sources(texts, letters, [], [])), np.random.default_rng(SEED)
    found: list[Drawn] = []
    while len(found) < LINES:
        image, text = sampler.letters(rng)
        if text.isupper() or not text.replace(" ", "").isalpha():
            found.append((image, text))
    return found


def read_drawn(reader: Any, line: Drawn) -> Tally:
    """Read by the line model, and compare; white space counts as one space."""
    from ocrcli.lines import decoding, sizes
    from ocrcli.lines.line_image import LineImage
    from ocrcli.pipeline.reading import known_by

    image, text = line
    model = reader.models.lines
    (row,) = sizes.at_sizes([LineImage(image, 0, 1.0, np.zeros(1))], model.log_probabilities([image]), model)
    (found,) = decoding.decode([[log_p for _, log_p in row]], model.characters, known_by(reader.settings))
    return score(text, found.readings[0][0]).characters


def codes() -> Iterator[Row]:
    """The table: exact CER with each language, and without one."""
    yield ("", "lines", *(f"exact CER, `--language {language}`" for language in LANGUAGES))
    lines = drawn()
    pooled = (sum(spread(read_drawn, lines, ("--language", language)), start=Tally()) for language in LANGUAGES)
    yield ("capitals, numbers, codes, programs", str(len(lines)), *(f"{tally.rate:.4f}" for tally in pooled))
