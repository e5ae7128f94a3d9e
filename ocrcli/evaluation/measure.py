"""Evaluation: read photos with ground truth and compare.

`ocrcli.evaluation.scoring` computes the figures; this module finds the files and reads the photos.
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


class _Rates:
    """The three rates of a `score` as properties."""

    __slots__ = ()
    score: Score

    @property
    def letter_accuracy(self) -> float:
        """1 − CER over the letters A–Z and the digits only, ignoring case; at most 1."""
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
class Measured(_Rates):
    """An image that was read and compared with its ground truth.

    Attributes:
        name: Name of the image: its path.
        text: The text that was read; empty if no writing was found.
        truth: The ground truth.
        score: The counts of errors.
        confusions: Counts of confusions, see `ocrcli.evaluation.scoring.confusions`.
        diffs: The lines with errors.
        ground_truth: The ground truth file; None if the truth was given as text.
        page: The page that was read; None if no writing was found.
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
class Evaluation(_Rates):
    """The result for several images. Its rates are pooled: each image is weighted by the length of its text.

    Attributes:
        files: The images that were measured, in order.
        failures: Name and error of each image that could not be measured.
    """

    files: tuple[Measured, ...]
    failures: tuple[tuple[str, OcrError], ...] = ()

    @property
    def score(self) -> Score:  # type: ignore[override]
        """The counts of all files together."""
        return pool(measured.score for measured in self.files)

    @property
    def confusions(self) -> Counter[tuple[str, str]]:
        """Counts of confusions in all files."""
        return sum((measured.confusions for measured in self.files), start=Counter())


def evaluate(
    images: str | Path | Iterable[str | Path | tuple[Picture, str]],
    settings: Settings | None = None,
    *,
    spaces: bool = True,
) -> Evaluation:
    """Read images with ground truth and measure the errors.

    Args:
        images: One or several paths of images or folders; the ground truth of ``NAME.jpg`` is ``NAME.gt.txt`` beside
            it. Instead of a path, a pair: an image as `ocrcli.read` takes it, and its text.
        settings: How to read.
        spaces: Whether white space counts. Without it there are no words, and the WER is 0.

    Raises:
        InputError: If there is nothing to measure, or no image can be read (the error of the first one).
        ModelError: If the model or the device cannot be used.

    Examples:
        >>> evaluate([("note.jpg", "MILK AND OATS")]).cer  # doctest: +SKIP
        0.0
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
    """Read one image and compare it with its ground truth file.

    Raises:
        OcrError: If one of the two files cannot be read.
    """
    if not pair.image.exists():  # otherwise the message would be about the missing ground truth
        raise InputError(f"{printable(str(pair.image))}: no such file or folder; check the name")
    truth = read_truth(pair.ground_truth) if pair.text is None else pair.text
    return measure(reader, pair.image, truth, spaces=spaces, ground_truth=pair.ground_truth)


def measure(
    reader: Reader, picture: Picture, truth: str, *, spaces: bool = True, ground_truth: Path | None = None
) -> Measured:
    """Read one image and compare it with its text.

    Args:
        reader: The reader.
        picture: The image, as `ocrcli.read` takes it.
        truth: The ground truth.
        spaces: Whether white space counts.
        ground_truth: The file with the ground truth, for the record.

    Raises:
        OcrError: If the image cannot be read. A page on which no writing is found is not an error: it counts as an
            empty text.
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
