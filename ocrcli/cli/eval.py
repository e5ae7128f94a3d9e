"""`ocr eval`: measure readings against ground truth.

Whatever is computed is computed by `ocrcli.scoring`; this module finds the files, reads them and
turns figures into rows of text.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ocrcli.cli import options
from ocrcli.cli.console import err, out
from ocrcli.errors import BoundExceededError, InputError, NothingWrittenError, OcrError, SomeFailedError, UsageError
from ocrcli.reading import Reader

if TYPE_CHECKING:  # It takes 30 ms, which the other commands need not wait for: imported where it is used.
    from ocrcli.scoring import LineDiff, Score

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})
"""What counts as an image in a folder, in lower case."""

TRUTH_SUFFIX = ".gt.txt"
"""Takes the place of an image's suffix in the name of its ground truth."""

ADVICE = f"put the text of NAME.jpg into NAME{TRUTH_SUFFIX} beside it"
"""How to supply ground truth; ends an error message."""

Confusion = tuple[tuple[str, str], int]
"""((written, read), how often); "" where there was nothing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An image and the file that says what is written on it."""

    image: Path
    ground_truth: Path


@dataclass(frozen=True, slots=True)
class Measured:
    """An image that was read, and how far the reading is from the truth."""

    pair: Pair
    text: str
    score: Score
    confusions: Counter[tuple[str, str]]
    diffs: list[LineDiff]


def command(
    images: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Images, or folders of them. The truth about NAME.jpg is in NAME.gt.txt beside it.",
            show_default=False,
        ),
    ],
    *,
    ground_truth: Annotated[
        Path | None,
        typer.Option("--ground-truth", metavar="FILE", help="What the one IMAGE says, as UTF-8 text."),
    ] = None,
    without_spaces: Annotated[
        bool, typer.Option("--without-spaces", help="Ignore spaces and line breaks; there is no WER then.")
    ] = False,
    max_cer: Annotated[
        float | None,
        typer.Option("--max-cer", min=0, metavar="RATE", help="Exit 6 if the pooled CER is above: 0.05 is 5%."),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, metavar="N", help="How many confusions to list.")] = 10,
    diff: Annotated[bool, typer.Option("--diff/--no-diff", help="Show the lines that differ.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    threshold: options.ThresholdOption = options.DEFAULTS.threshold,
    denoise: options.DenoiseOption = options.DEFAULTS.denoise,
    device: options.DeviceOption = options.DEFAULTS.device,
    model: options.ModelOption = None,
    language: options.LanguageOption = options.DEFAULTS.language,
    words: options.WordsOption = None,
    allow: options.AllowOption = None,
) -> None:
    """Measure how well images are read: letter accuracy, CER and WER against ground truth.

    Letter accuracy ignores case and all but A–Z and 0–9; CER and WER are exact, but for blank lines and
    repeated spaces. All are fractions. The pooled figures weigh each image by the length of its text.
    """
    pairs = _find_pairs(images, ground_truth)
    reader = Reader(options.settings_from(denoise, threshold, device, model, language, words, allow))
    measured, failures = _measure_all(reader, pairs, spaces=not without_spaces)
    if not measured:
        # Of the first failure's kind, so that the exit code tells a bad model from bad photos.
        raise type(failures[0])(f"none of the {len(pairs)} images could be scored; see above")

    from ocrcli.scoring import pool

    pooled = pool(m.score for m in measured)
    confusions = commonest(measured, top)
    if as_json:
        # In ASCII, so that `out` finds nothing to neutralise in what was read.
        out(json.dumps(report(measured, pooled, confusions), indent=1))
    else:
        rows = score_rows(measured, pooled)
        for m in measured:
            if diff and m.diffs:
                rows += ["", str(m.pair.image), *diff_rows(m.diffs)]
        if confusions:
            rows += ["", *confusion_rows(confusions)]
        for row in rows:
            out(row)

    if failures:
        raise SomeFailedError(f"{len(failures)} of {len(pairs)} images are missing from the figures; see above")
    if max_cer is not None and not pooled.cer <= max_cer:  # Put so that NaN fails, too.
        raise BoundExceededError(f"the pooled CER is {pooled.cer:.6g}, but --max-cer allows {max_cer:g}")


def pairs_in(folder: Path) -> tuple[list[Pair], list[Path]]:
    """The images directly in a folder that have a ground truth, and those that have none, by name."""
    try:
        images = sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())
    except OSError as error:
        raise InputError(f"{folder}: cannot list the folder ({error.strerror})") from error
    pairs = [_beside(image) for image in images]
    return (
        [pair for pair in pairs if pair.ground_truth.is_file()],
        [pair.image for pair in pairs if not pair.ground_truth.is_file()],
    )


def read_truth(path: Path) -> str:
    """The text of a ground truth file: UTF-8, with or without a byte order mark.

    Raises:
        InputError: If it cannot be read or is in another encoding.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save the ground truth as UTF-8") from error
    except OSError as error:
        raise InputError(
            f"{path}: cannot read the ground truth ({error.strerror});"
            f" put the text there, or name its file with --ground-truth"
        ) from error


def commonest(measured: Iterable[Measured], top: int) -> list[Confusion]:
    """The `top` most frequent confusions of all images; equally frequent ones in alphabetical order."""
    pooled: Counter[tuple[str, str]] = sum((m.confusions for m in measured), start=Counter())
    return sorted(pooled.items(), key=lambda item: (-item[1], item[0]))[:top]


def report(measured: Iterable[Measured], pooled: Score, confusions: Iterable[Confusion]) -> dict[str, Any]:
    """What ``--json`` prints; ``wer`` is null where there are no words."""
    return {
        "files": [
            {
                "image": str(m.pair.image),
                "ground_truth": str(m.pair.ground_truth),
                **_figures(m.score),
                "text": m.text,
            }
            for m in measured
        ],
        "pooled": _figures(pooled),
        "confusions": [{"reference": written, "read": read, "count": count} for (written, read), count in confusions],
    }


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of text with their columns aligned: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]


def score_rows(measured: Sequence[Measured], pooled: Score) -> list[str]:
    """A table of the figures: a row per image, and one for all of them together."""
    header = ["image", "letter accuracy", "CER", "WER", "characters", "words"]
    scores = [(str(m.pair.image), m.score) for m in measured] + [("pooled", pooled)]
    return table([header, *([name, *map(_shown, _figures(score).values())] for name, score in scores)])


def diff_rows(diffs: Iterable[LineDiff]) -> list[str]:
    """Each differing line as it was written, as it was read, and carets under what differs."""
    return [
        row
        for diff in diffs
        for row in (
            f"  written  {diff.reference}",
            f"  read     {diff.hypothesis}",
            f"           {diff.marks}".rstrip(),
        )
    ]


def confusion_rows(confusions: Iterable[Confusion]) -> list[str]:
    """A table of confusions, with names for what cannot be seen."""
    names = {"": "nothing", " ": "space"}
    rows = [[names.get(written, written), names.get(read, read), str(count)] for (written, read), count in confusions]
    return table([["written", "read as", "times"], *rows])


def _find_pairs(images: Sequence[Path], ground_truth: Path | None) -> list[Pair]:
    if ground_truth is not None:
        if len(images) != 1 or images[0].is_dir():
            raise UsageError(f"--ground-truth goes with exactly one image; for several, {ADVICE}")
        return [Pair(images[0], ground_truth)]
    pairs: list[Pair] = []
    for path in images:
        if not path.is_dir():
            pairs.append(_beside(path))
            continue
        found, without = pairs_in(path)
        if not found:
            raise InputError(f"{path}: no image with ground truth; {ADVICE}")
        for image in without:
            err(f"{image}: skipped, there is no {_beside(image).ground_truth.name} beside it")
        pairs += found
    return list(dict.fromkeys(pairs))  # An image that was named twice must not count twice.


def _beside(image: Path) -> Pair:
    return Pair(image, image.with_suffix(TRUTH_SUFFIX))


def _measure_all(reader: Reader, pairs: Sequence[Pair], *, spaces: bool) -> tuple[list[Measured], list[OcrError]]:
    """Measure what can be measured; of several images, those that fail are reported and passed over."""
    measured: list[Measured] = []
    failures: list[OcrError] = []
    for pair in pairs:
        try:
            measured.append(_measure(reader, pair, spaces=spaces))
        except OcrError as error:
            if len(pairs) == 1:
                raise
            failures.append(error)
            # Most messages name the file that they are about already.
            message = str(error)
            err(f"ocr: {message}" if str(pair.image) in message else f"ocr: {pair.image}: {message}")
    return measured, failures


def _measure(reader: Reader, pair: Pair, *, spaces: bool) -> Measured:
    from ocrcli.scoring import confusions, diff_lines, score

    try:
        text = reader.read(pair.image).text
    except NothingWrittenError:
        text = ""  # A page of which nothing was read is the worst reading, not a missing one.
    truth = read_truth(pair.ground_truth)
    return Measured(
        pair,
        text,
        score(truth, text, spaces=spaces),
        confusions(truth, text, spaces=spaces),
        diff_lines(truth, text, spaces=spaces),
    )


def _figures(score: Score) -> dict[str, float | None]:
    has_words = score.words.length or score.words.edits
    return {
        "letter_accuracy": score.letter_accuracy,
        "cer": score.cer,
        "wer": score.wer if has_words else None,
        "characters": score.characters.length,
        "words": score.words.length,
    }


def _shown(figure: float | None) -> str:
    if figure is None:
        return "-"
    return str(figure) if isinstance(figure, int) else f"{figure:.4f}"
