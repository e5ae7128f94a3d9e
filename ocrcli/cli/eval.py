"""`ocr eval`: measure error rates against ground truth.

`ocrcli.evaluation.measure` and `ocrcli.evaluation.scoring` compute the figures; this module prints them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ocrcli.cli import options
from ocrcli.cli.support.console import err, out
from ocrcli.core.errors import BoundExceededError, OcrError, SomeFailedError
from ocrcli.core.files import check_free, write_file
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.pipeline.reading import Reader

if TYPE_CHECKING:  # these imports take 30 ms, so they are done where they are used
    from PIL import Image

    from ocrcli.evaluation.ground_truth import Pair
    from ocrcli.evaluation.measure import Measured
    from ocrcli.evaluation.scoring import LineDiff, Score


PHOTO = 3000
"""Longer side in pixels of the photos from which the crops of a report are cut."""

Confusion = tuple[tuple[str, str], int]
"""((written, read), count); "" for nothing."""


ImagesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PATH]",
        help="Images, or folders of images. The ground truth of NAME.jpg is NAME.gt.txt beside it.",
        show_default=False,
    ),
]
GroundTruthOption = Annotated[
    Path | None,
    typer.Option(
        "--ground-truth",
        metavar="FILE",
        help="Text of the one image, as UTF-8; or a list with an image, a tab and its text on each line.",
    ),
]
WithoutSpacesOption = Annotated[
    bool, typer.Option("--without-spaces", help="Ignore spaces and line breaks; then there is no WER.")
]
MaxCerOption = Annotated[
    float | None,
    typer.Option("--max-cer", min=0, metavar="RATE", help="Exit with 6 if the pooled CER is higher; 0.05 is 5%."),
]
TopOption = Annotated[int, typer.Option("--top", min=0, metavar="N", help="Number of confusions to list.")]
DiffOption = Annotated[bool, typer.Option("--diff/--no-diff", help="Show the lines with errors.")]
AsJsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ReportToOption = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE.html", help="Write an HTML report with charts and the worst lines."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite an existing report.")]


@options.with_settings
def command(
    images: ImagesArgument = None,
    *,
    ground_truth: GroundTruthOption = None,
    without_spaces: WithoutSpacesOption = False,
    max_cer: MaxCerOption = None,
    top: TopOption = 10,
    diff: DiffOption = True,
    as_json: AsJsonOption = False,
    report_to: ReportToOption = None,
    force: ForceOption = False,
    settings: Settings,
) -> None:
    """Measure letter accuracy, CER and WER against ground truth.

    Letter accuracy counts only A–Z and 0–9 and ignores case. CER and WER count everything except empty lines and
    repeated spaces. All are fractions. Pooled figures weight each image by the length of its text.
    """
    from ocrcli.evaluation.ground_truth import find_pairs

    pairs, passed_over = find_pairs(images or [], ground_truth)
    read = [path for pair in pairs for path in (pair.image, pair.ground_truth)]
    check_free(report_to, force, [*read, *options.files_read(settings)])
    for image in passed_over:
        err(f"{image}: skipped, there is no {image.with_suffix('.gt.txt').name} beside it")
    reader = Reader(settings)
    measured, failures = _measure_all(reader, pairs, spaces=not without_spaces)
    if not measured:
        # Raise the type of the first failure, so that the exit code tells a bad model from bad photos.
        raise type(failures[0])(f"none of the {len(pairs)} images could be scored; see above")

    from ocrcli.evaluation.scoring import pool

    pooled = pool(m.score for m in measured)
    confusions = commonest(measured, top)
    if as_json:
        # ASCII, so that `out` has nothing to escape.
        out(json.dumps(report(measured, pooled, confusions), indent=1))
    else:
        rows = score_rows(measured, pooled)
        for m in measured:
            if diff and m.diffs:
                rows += ["", m.name, *diff_rows(m.diffs)]
        if confusions:
            rows += ["", *confusion_rows(confusions)]
        for row in rows:
            out(printable(row))  # a newline in a name must not start another row

    if report_to:
        _write_report(report_to, measured, pairs, spaces=not without_spaces)
    if failures:
        raise SomeFailedError(f"{len(failures)} of {len(pairs)} images are missing from the figures; see above")
    if max_cer is not None and not pooled.cer <= max_cer:  # written so that NaN fails, too
        raise BoundExceededError(f"the pooled CER is {pooled.cer:.6g}, but --max-cer allows {max_cer:g}")


def commonest(measured: Iterable[Measured], top: int) -> list[Confusion]:
    """The `top` most frequent confusions of all images; equally frequent ones in alphabetical order."""
    pooled: Counter[tuple[str, str]] = sum((m.confusions for m in measured), start=Counter())
    return sorted(pooled.items(), key=lambda item: (-item[1], item[0]))[:top]


def report(measured: Iterable[Measured], pooled: Score, confusions: Iterable[Confusion]) -> dict[str, Any]:
    """The object that ``--json`` prints; ``wer`` is null if there are no words."""
    return {
        "files": [
            {
                "image": m.name,
                "ground_truth": str(m.ground_truth),
                **_figures(m.score),
                "text": m.text,
            }
            for m in measured
        ],
        "pooled": _figures(pooled),
        "confusions": [{"reference": written, "read": read, "count": count} for (written, read), count in confusions],
    }


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align the columns of a table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]


def score_rows(measured: Sequence[Measured], pooled: Score) -> list[str]:
    """The table of figures: a row for each image, and one for the pooled figures."""
    header = ["image", "letter accuracy", "CER", "WER", "characters", "words"]
    scores = [(m.name, m.score) for m in measured] + [("pooled", pooled)]
    return table([header, *([name, *map(_shown, _figures(score).values())] for name, score in scores)])


def diff_rows(diffs: Iterable[LineDiff]) -> list[str]:
    """Three rows for each line with errors: written, read, and carets under the differences."""
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
    """The table of confusions, with names for a space and for nothing."""
    names = {"": "nothing", " ": "space"}
    rows = [[names.get(written, written), names.get(read, read), str(count)] for (written, read), count in confusions]
    return table([["written", "read as", "times"], *rows])


def _measure_all(reader: Reader, pairs: Sequence[Pair], *, spaces: bool) -> tuple[list[Measured], list[OcrError]]:
    """Measure the images. If there are several, those that fail are reported and skipped."""
    from ocrcli.evaluation.measure import measure_pair

    measured: list[Measured] = []
    failures: list[OcrError] = []
    for pair in pairs:
        try:
            measured.append(measure_pair(reader, pair, spaces=spaces))
        except OcrError as error:
            if len(pairs) == 1:
                raise
            failures.append(error)
            # Most messages already name their file.
            message = str(error)
            err(f"ocr: {message}" if str(pair.image) in message else f"ocr: {pair.image}: {message}")
    return measured, failures


def _write_report(path: Path, measured: Sequence[Measured], pairs: Sequence[Pair], *, spaces: bool) -> None:
    from ocrcli.evaluation.report import evaluation_report

    names = {m.name for m in measured}
    failures = [str(pair.image) for pair in pairs if str(pair.image) not in names]
    write_file(evaluation_report(measured, _photo, failures, spaces=spaces).encode(), path)
    err(f"written: {path}")


def _photo(measured: Measured) -> Image.Image | None:
    """The photo of an image, turned like its page; None if it cannot be read any more."""
    import numpy as np
    from PIL import Image

    from ocrcli.sources import source_of

    try:
        picture = source_of(measured.name).colour(PHOTO)
    except OcrError:
        return None
    return Image.fromarray(np.rot90(picture, -(measured.page.turned if measured.page else 0) // 90))


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
