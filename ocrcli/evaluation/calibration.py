"""How far confidences can be trusted: is a letter that is 90 % sure right nine times out of ten?

References:
    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017.
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from ocrcli.core.page import Page
from ocrcli.evaluation.scoring import hits

BINS = 10
Z = 1.96
"""Standard deviations to either side that hold 95 % of a normal distribution."""

Answer = tuple[float, bool]
"""A confidence, and whether what it was about is right."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers of about the same confidence; at least one.

    Attributes:
        count: How many they are.
        confidence: Their mean confidence.
        accuracy: The share of them that is right.
    """

    count: int
    confidence: float
    accuracy: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy (Wilson's score interval): how much so few answers can tell."""
        n, p = self.count, self.accuracy
        middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)


def answers(page: Page, reference: str, *, spaces: bool = True) -> list[Answer]:
    """The confidence of each letter of a page, and whether the letter is right.

    Args:
        page: What was read.
        reference: What was written.
        spaces: Whether white space counts when the two are aligned.
    """
    read: list[tuple[str, float | None]] = []
    for word in page.words:
        if read:
            read.append((" ", None))
        read += [(glyph.text, glyph.confidence) for glyph in word.glyphs]
    right = hits(reference, [text for text, _ in read], spaces=spaces)
    return [(confidence, hit) for (_, confidence), hit in zip(read, right, strict=True) if confidence is not None]


def bins(given: Iterable[Answer], count: int = BINS) -> list[Bin]:
    """Answers gathered by confidence, in `count` ranges of the same width; empty ranges are left out."""
    ranges: list[list[Answer]] = [[] for _ in range(count)]
    for confidence, right in given:
        ranges[min(int(confidence * count), count - 1)].append((confidence, right))
    return [
        Bin(len(held), sum(c for c, _ in held) / len(held), sum(right for _, right in held) / len(held))
        for held in ranges
        if held
    ]


def calibration_error(of: Iterable[Bin]) -> float:
    """Expected calibration error: the mean gap between confidence and accuracy, each bin by its count; 0 if empty."""
    held = list(of)
    total = sum(b.count for b in held)
    return sum(b.count * abs(b.confidence - b.accuracy) for b in held) / total if total else 0.0
