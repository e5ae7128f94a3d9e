"""Samples of a hand out of known pages: rows for the line recognizer, crops for the letter classifier."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ocrcli.hands.fit import LetterSamples, RowSample, softmax
from ocrcli.language.priors import NOT_A_LETTER
from ocrcli.learn.pages import AGREEMENT, KnownPage, Line
from ocrcli.letters.classifier import Classifier
from ocrcli.letters.row_reading import RowReading
from ocrcli.lines import recognize
from ocrcli.lines.line_model import LineModel

AS_BEFORE = 2
"""Most crops that no label is known of, such as wrong cuts, for each that has one: to them a head has to answer as
before (Li and Hoiem 2016, "Learning without forgetting"), or every cut would look like a letter."""


def row_samples(page: KnownPage, model: LineModel) -> dict[int, RowSample]:
    """Rows of a page whose text the line recognizer can print, by their indices.

    Args:
        page: The page.
        model: The line recognizer; a hand of it does not count.
    """
    numbers = {character: number for number, character in enumerate(model.characters, 1)}
    texts = {row: text for line in page.lines for row, text in zip(line.rows, line.texts, strict=True)}
    pictures = {row: recognize.row_ink(page.page.rows[row], page.page.marks, page.page.ink).straight for row in texts}
    kept = [row for row, text in texts.items() if pictures[row] is not None and set(text) <= numbers.keys()]
    images = [picture.image for row in kept if (picture := pictures[row]) is not None]
    encoded = [tuple(numbers[character] for character in texts[row]) for row in kept]
    return dict(zip(kept, samples_of(images, encoded, model), strict=True))


def samples_of(
    images: Sequence[NDArray[np.uint8]], texts: Sequence[tuple[int, ...]], model: LineModel
) -> list[RowSample]:
    """Samples out of line images and the outputs of their characters."""
    scale = np.float32(1 / model.temperature)
    seen = model.seen(images)
    return [RowSample(features, logits * scale, text) for (logits, features), text in zip(seen, texts, strict=True)]


def letter_samples(page: KnownPage, model: Classifier) -> dict[int, LetterSamples]:
    """Crops of a page's rows, by the indices of the rows; none for joined writing.

    Args:
        page: The page.
        model: The letter classifier; a hand of it does not count.
    """
    if not page.letters:
        return {}
    starts = np.cumsum([0, *(_count(row) for row in page.letters)])
    texts = {row: text for line in page.lines for row, text in zip(line.rows, line.texts, strict=True)}
    found = {}
    for row, text in texts.items():
        labels = glyph_labels(page.letters[row], text, model.labels)
        if labels:
            crops = page.crops[starts[row] : starts[row + 1]]
            found[row] = _labelled(page.letters[row], crops, labels, model)
    return found


def glyph_labels(reading: RowReading, text: str, labels: Sequence[str]) -> dict[int, int]:
    """Which hypotheses of a row are which class, by an alignment of its glyphs with its text.

    Args:
        reading: The row, read letter by letter.
        text: What is written there.
        labels: The character of each class.

    Returns:
        Class by hypothesis; empty if reading and text have little in common.
    """
    written = text.replace(" ", "")
    read = [glyph.text for glyph in reading.glyphs]
    edits = Levenshtein.opcodes(read, list(written))
    wrong = Levenshtein.distance(read, list(written))
    if reading.decoded is None or not written or wrong > AGREEMENT * len(written):
        return {}
    chosen, classes = reading.decoded.best.hypotheses.tolist(), {label: number for number, label in enumerate(labels)}
    found = {}
    for step in edits:
        # Elsewhere marks were cut wrongly, and nobody knows which character has which of them.
        if step.src_end - step.src_start == step.dest_end - step.dest_start:
            for glyph, place in zip(
                range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True
            ):
                if written[place] in classes and written[place] != NOT_A_LETTER:
                    found[chosen[glyph]] = classes[written[place]]
    return found


def join(parts: Collection[LetterSamples]) -> LetterSamples | None:
    """All samples as one; None without any."""
    if not parts:
        return None
    return LetterSamples(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.targets for part in parts]),
    )


def rows_of(lines: Collection[Line]) -> set[int]:
    """Indices of the rows of lines."""
    return {row for line in lines for row in line.rows}


def _count(reading: RowReading) -> int:
    return len(reading.decoded.row.log_p) if reading.decoded else 0


def _labelled(
    reading: RowReading, crops: NDArray[np.uint8], labels: dict[int, int], model: Classifier
) -> LetterSamples:
    assert reading.decoded is not None  # noqa: S101  `glyph_labels` finds nothing in other rows
    others = [number for number in range(len(crops)) if number not in labels]
    step = max(1, -(-len(others) // (AS_BEFORE * len(labels))))
    kept = [*labels, *others[::step]]
    logits, features = model.seen(crops[kept], reading.decoded.row.proposals.sizes[kept])
    logits = logits / np.float32(model.temperature)
    targets = softmax(logits).astype(np.float32)
    targets[: len(labels)] = 0
    targets[np.arange(len(labels)), list(labels.values())] = 1
    return LetterSamples(features, logits, targets)
