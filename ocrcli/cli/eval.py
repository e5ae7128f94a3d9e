"""`ocr eval`: measure readings against ground truth.

Whatever is computed is computed by `ocrcli.evaluation.measure` and `ocrcli.evaluation.scoring`; this module turns
figures into rows of text.
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

if TYPE_CHECKING:  # It takes 30 ms, which the other commands need not wait for: imported where it is used.
    from PIL import Image

    from ocrcli.evaluation.ground_truth import Pair
    from ocrcli.evaluation.measure import Measured
    from ocrcli.evaluation.scoring import LineDiff, Score


PHOTO = 3000
"""Long side in pixels of the photos that a report's crops are cut from."""

Confusion = tuple[tuple[str, str], int]
"""((written, read), how often); "" where there was nothing."""


ImagesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PATH]",
        help="Images, or folders of them. The truth about NAME.jpg is in NAME.gt.txt beside it.",
        show_default=False,
    ),
]
GroundTruthOption = Annotated[
    Path | None,
    typer.Option(
        "--ground-truth",
        metavar="FILE",
        help="What the one image says, as UTF-8 text; or a list, an image, a tab and its text on each line.",
    ),
]
WithoutSpacesOption = Annotated[
    bool, typer.Option("--without-spaces", help="Ignore spaces and line breaks; there is no WER then.")
]
MaxCerOption = Annotated[
    float | None,
    typer.Option("--max-cer", min=0, metavar="RATE", help="Exit 6 if the pooled CER is above: 0.05 is 5%."),
]
TopOption = Annotated[int, typer.Option("--top", min=0, metavar="N", help="How many confusions to list.")]
DiffOption = Annotated[bool, typer.Option("--diff/--no-diff", help="Show the lines that differ.")]
AsJsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]
ReportToOption = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE.html", help="Write charts and the worst lines to look at in a browser."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite a report that exists.")]


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
    """Measure how well images are read: letter accuracy, CER and WER against ground truth.

    Letter accuracy ignores case and all but A–Z and 0–9; CER and WER are exact, but for blank lines and
    repeated spaces. All are fractions. The pooled figures weigh each image by the length of its text.
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
        # Of the first failure's kind, so that the exit code tells a bad model from bad photos.
        raise type(failures[0])(f"none of the {len(pairs)} images could be scored; see above")

    from ocrcli.evaluation.scoring import pool

    pooled = pool(m.score for m in measured)
    confusions = commonest(measured, top)
    if as_json:
        # In ASCII, so that `out` finds nothing to neutralise in what was read.
        out(json.dumps(report(measured, pooled, confusions), indent=1))
    else:
        rows = score_rows(measured, pooled)
        for m in measured:
            if diff and m.diffs:
                rows += ["", m.name, *diff_rows(m.diffs)]
        if confusions:
            rows += ["", *confusion_rows(confusions)]
        for row in rows:
            out(printable(row))  # a newline in a name does not begin another row

    if report_to:
        _write_report(report_to, measured, pairs, spaces=not without_spaces)
    if failures:
        raise SomeFailedError(f"{len(failures)} of {len(pairs)} images are missing from the figures; see above")
    if max_cer is not None and not pooled.cer <= max_cer:  # Put so that NaN fails, too.
        raise BoundExceededError(f"the pooled CER is {pooled.cer:.6g}, but --max-cer allows {max_cer:g}")


def commonest(measured: Iterable[Measured], top: int) -> list[Confusion]:
    """The `top` most frequent confusions of all images; equally frequent ones in alphabetical order."""
    pooled: Counter[tuple[str, str]] = sum((m.confusions for m in measured), start=Counter())
    return sorted(pooled.items(), key=lambda item: (-item[1], item[0]))[:top]


def report(measured: Iterable[Measured], pooled: Score, confusions: Iterable[Confusion]) -> dict[str, Any]:
    """What ``--json`` prints; ``wer`` is null where there are no words."""
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
    """Rows of text with their columns aligned: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]


def score_rows(measured: Sequence[Measured], pooled: Score) -> list[str]:
    """A table of the figures: a row per image, and one for all of them together."""
    header = ["image", "letter accuracy", "CER", "WER", "characters", "words"]
    scores = [(m.name, m.score) for m in measured] + [("pooled", pooled)]
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


def _measure_all(reader: Reader, pairs: Sequence[Pair], *, spaces: bool) -> tuple[list[Measured], list[OcrError]]:
    """Measure what can be measured; of several images, those that fail are reported and passed over."""
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
            # Most messages name the file that they are about already.
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
    """The photo that was measured, turned as its page is; None if it cannot be read any more."""
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
