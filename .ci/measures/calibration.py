"""Whether confidences can be trusted on photos: how far they are from the share of letters and words that is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from measures.photos import Photo, photos
from measures.runner import read, spread
from measures.text import Row
from models.recipe.training.logistic import logistic_regression
from ocrcli.evaluation.calibration import Answer, answers, bins, calibration_error
from ocrcli.evaluation.unordered import partners_of
from ocrcli.imaging.statistics import log_odds
from ocrcli.pipeline.confidence import EXTREME

HEAD = (
    "",
    "photos",
    "letters",
    "confidence",
    "right",
    "calibration error",
    "words right",
    "calibration error of words",
)

RIDGE = 1.0
"""Penalty on the square of what `fitted` changes."""


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word that was read.

    Attributes:
        recognizer: Which recognizer read it.
        letters: Confidence of each letter, and whether it is right.
    """

    recognizer: str
    letters: tuple[Answer, ...]

    @property
    def answer(self) -> Answer:
        """The product of its letters' confidences, and whether all of them are right."""
        return prod(confidence for confidence, _ in self.letters), all(right for _, right in self.letters)


def words_of(reader: Any, photo: Photo) -> list[ReadWord]:
    """The words of a photo."""
    page = read(reader, photo.path).page
    if page is None:
        return []
    texts = photo.truth, in_order_of(page.text, photo.truth)
    aligned = (answers(page, text, spaces=photo.spaces) for text in texts)
    letters = iter(max(aligned, key=lambda given: sum(right for _, right in given)))
    return [ReadWord(word.recognizer, tuple(next(letters) for _ in word.glyphs)) for word in page.words]


def in_order_of(read: str, truth: str) -> str:
    """The lines of a transcript in the order in which they were read; what was not read follows its neighbour."""
    written, places, last = truth.splitlines(), [], 0
    for partner in partners_of(written, read.splitlines()).tolist():
        last = partner if partner >= 0 else last
        places.append(last)
    return "\n".join(line for _, line in sorted(zip(places, written, strict=True), key=lambda pair: pair[0]))


def calibration() -> Iterator[Row]:
    """A row for each tier of the photos in ``wild/`` that `fitted` did not see, and one for all."""
    yield HEAD
    found = photos("wild", "odd")
    given = list(zip(found, spread(words_of, found), strict=True))
    for tier in (*sorted({photo.tier for photo in found}), "all"):
        some = [words for photo, words in given if tier in (photo.tier, "all")]
        letters = [letter for words in some for word in words for letter in word.letters]
        whole = [word.answer for words in some for word in words]
        yield (
            f"tier {tier}" if tier != "all" else tier,
            str(len(some)),
            str(len(letters)),
            f"{sum(confidence for confidence, _ in letters) / len(letters):.3f}",
            f"{sum(right for _, right in letters) / len(letters):.3f}",
            f"{calibration_error(bins(letters)):.3f}",
            f"{sum(right for _, right in whole) / len(whole):.3f}",
            f"{calibration_error(bins(whole)):.3f}",
        )


def fitted() -> dict[str, tuple[float, float]]:
    """Slope and shift of the log-odds of a letter's confidence, by recognizer: logistic regression."""
    found = [*photos("pages"), *photos("coursework"), *photos("wild", "even")]
    words = [word for some in spread(words_of, found) for word in some]
    scaling = {}
    for recognizer in sorted({word.recognizer for word in words}):
        letters = [letter for word in words if word.recognizer == recognizer for letter in word.letters]
        x = np.array([[log_odds(confidence, EXTREME), 1.0] for confidence, _ in letters])
        y = np.array([right for _, right in letters], float)
        line = logistic_regression(x, y, np.full(2, RIDGE), towards=np.array([1.0, 0.0]))
        scaling[recognizer] = (float(line[0]), float(line[1]))
    return scaling
