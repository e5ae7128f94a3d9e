"""Reads photos whose text is known, and measures how far the readings are from the truth.

Whatever is counted is counted by `ocrcli.evaluation.scoring`; this module finds the files and reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocrcli.core.errors import InputError, NothingWrittenError, OcrError
from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.evaluation.ground_truth import TRUTH_ADVICE, Pair, find_pairs, read_truth
from ocrcli.evaluation.scoring import LineDiff, Score, confusions, diff_lines, pool, score

if TYPE_CHECKING:
    from ocrcli.core.settings import Settings
    from ocrcli.pipeline.reading import Reader
    from ocrcli.sources import Picture


class _Figures:
    """The three figures of a `score`, under their own names."""

    __slots__ = ()
    score: Score

    @property
    def letter_accuracy(self) -> float:
        """1 − CER of the letters A–Z and digits alone, without case: at most 1."""
        return self.score.letter_accuracy

    @property
    def cer(self) -> float:
        """Character error rate, a fraction: 0 is perfect."""
        return self.score.cer

    @property
    def wer(self) -> float:
        """Word error rate, a fraction: 0 is perfect."""
        return self.score.wer


@dataclass(frozen=True, slots=True)
class Measured(_Figures):
    """An image that was read, and how far the reading is from the truth.

    Attributes:
        name: What the image is called: its path.
        text: What was read; empty if nothing was found.
        truth: What is written on it.
        score: The counts that the figures come from.
        confusions: How often what was read for what; see `ocrcli.evaluation.scoring.confusions`.
        diffs: The lines that were read wrongly.
        ground_truth: The file that the truth is from; None if it was given as text.
        page: The reading itself; None if nothing was found.
    """

    name: str
    text: str
    truth: str
    score: Score
    confusions: Counter[tuple[str, str]]
    diffs: list[LineDiff]
    ground_truth: Path | None = None
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Evaluation(_Figures):
    """Figures of several images: its own are pooled, which weighs each image by the length of its text.

    Attributes:
        files: Each image that could be measured, in order.
        failures: Name and error of each that could not.
    """

    files: tuple[Measured, ...]
    failures: tuple[tuple[str, OcrError], ...] = ()

    @property
    def score(self) -> Score:  # type: ignore[override]
        """The counts of all files together."""
        return pool(measured.score for measured in self.files)

    @property
    def confusions(self) -> Counter[tuple[str, str]]:
        """How often what was read for what, in all files."""
        return sum((measured.confusions for measured in self.files), start=Counter())


def evaluate(
    images: str | Path | Iterable[str | Path | tuple[Picture, str]],
    settings: Settings | None = None,
    *,
    spaces: bool = True,
) -> Evaluation:
    """Read images whose text is known, and compare.

    Args:
        images: A path or several: images with their text beside them (that of ``NAME.jpg`` is in ``NAME.gt.txt``), or
            folders of such. In place of a path, a pair of anything that `ocrcli.read` takes and its text.
        settings: How to read; the defaults decide by themselves.
        spaces: Whether white space counts. Without it there are no words, and the WER is 0.

    Raises:
        InputError: If there is nothing to measure, or nothing of it can be read; that of the first image.
        ModelError: If the model or the device cannot be used.
    """
    from ocrcli.pipeline.reading import Reader

    reader = Reader(settings)
    measured: list[Measured] = []
    failures: list[tuple[str, OcrError]] = []
    for item in [images] if isinstance(images, str | Path) else images:
        pairs = [item] if isinstance(item, tuple) else find_pairs([Path(item)])[0]
        for pair in pairs:
            try:
                if isinstance(pair, Pair):
                    measured.append(measure_pair(reader, pair, spaces=spaces))
                else:
                    measured.append(measure(reader, *pair, spaces=spaces))
            except OcrError as error:
                name = pair.image if isinstance(pair, Pair) else pair[0]
                failures.append((str(name) if isinstance(name, str | Path) else f"<{type(name).__name__}>", error))
    if failures and not measured:
        raise failures[0][1]
    if not measured:
        raise InputError(f"there is nothing to evaluate; {TRUTH_ADVICE}")
    return Evaluation(tuple(measured), tuple(failures))


def measure_pair(reader: Reader, pair: Pair, *, spaces: bool = True) -> Measured:
    """Read one image and compare it with its file of ground truth.

    Raises:
        OcrError: If one of them cannot be read.
    """
    if not pair.image.exists():  # it is not its ground truth that is missing
        raise InputError(f"{printable(str(pair.image))}: no such file or folder; check the name")
    truth = read_truth(pair.ground_truth) if pair.text is None else pair.text
    return measure(reader, pair.image, truth, spaces=spaces, ground_truth=pair.ground_truth)


def measure(
    reader: Reader, picture: Picture, truth: str, *, spaces: bool = True, ground_truth: Path | None = None
) -> Measured:
    """Read one picture and compare it with what is written on it.

    Args:
        reader: Reads it.
        picture: Anything that it can read.
        truth: What is written on it.
        spaces: Whether white space counts.
        ground_truth: The file that the truth is from.

    Raises:
        OcrError: If it cannot be read. A page of which nothing is read is the worst reading, not an error.
    """
    from ocrcli.sources import source_of

    source = source_of(picture)
    try:
        page = reader.read(source)
    except NothingWrittenError:
        page = None
    text = page.text if page else ""
    return Measured(
        source.name,
        text,
        truth,
        score(truth, text, spaces=spaces),
        confusions(truth, text, spaces=spaces),
        diff_lines(truth, text, spaces=spaces),
        ground_truth,
        page,
    )
