"""Calibration of confidences: is a letter with confidence 0.9 right nine times out of ten?

References:
    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017.
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from ocrcli.core.page import Page
from ocrcli.evaluation.scoring import correct_characters

BINS = 10
Z = 1.96
"""Standard deviations on each side that hold 95 % of a normal distribution."""

Answer = tuple[float, bool]
"""The confidence of a letter, and whether the letter is right."""


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin: one or more letters of about the same confidence.

    Attributes:
        count: Number of letters.
        confidence: Their mean confidence.
        accuracy: The share of them that is right.
    """

    count: int
    confidence: float
    accuracy: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of the accuracy (Wilson's score interval)."""
        n, p = self.count, self.accuracy
        middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)


def answers(page: Page, reference: str, *, spaces: bool = True) -> list[Answer]:
    """The confidence of each letter of a page, and whether the letter is right.

    Args:
        page: The page that was read.
        reference: The ground truth.
        spaces: Whether white space counts when the two texts are aligned.
    """
    read: list[tuple[str, float | None]] = []
    for word in page.words:
        if read:
            read.append((" ", None))
        read += [(glyph.text, glyph.confidence) for glyph in word.glyphs]
    right = correct_characters(reference, [text for text, _ in read], spaces=spaces)
    return [(confidence, hit) for (_, confidence), hit in zip(read, right, strict=True) if confidence is not None]


def bins(given: Iterable[Answer], count: int = BINS) -> list[Bin]:
    """Sort answers into `count` bins of equal width by confidence; empty bins are left out.

    Examples:
        >>> [(b.count, b.accuracy) for b in bins([(0.95, True), (0.91, False), (0.2, False)])]
        [(1, 0.0), (2, 0.5)]
    """
    ranges: list[list[Answer]] = [[] for _ in range(count)]
    for confidence, right in given:
        ranges[min(int(confidence * count), count - 1)].append((confidence, right))
    return [
        Bin(len(held), sum(c for c, _ in held) / len(held), sum(right for _, right in held) / len(held))
        for held in ranges
        if held
    ]


def calibration_error(of: Iterable[Bin]) -> float:
    """Expected calibration error: the mean gap between confidence and accuracy, weighted by count; 0 without bins."""
    held = list(of)
    total = sum(b.count for b in held)
    return sum(b.count * abs(b.confidence - b.accuracy) for b in held) / total if total else 0.0
