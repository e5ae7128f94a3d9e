"""`ocr learn`: learn a hand from photos with their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrcli.cli import options
from ocrcli.cli.support.console import err, out
from ocrcli.core.errors import InputError, OcrError, SomeFailedError, UsageError
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.hands.hand import NONE, Hand, path_of, save

if TYPE_CHECKING:
    from ocrcli.evaluation.ground_truth import Pair
    from ocrcli.learn.pages import KnownPage
    from ocrcli.pipeline.models import Models

DEFAULT = "me"
"""Name of a hand that is given none."""


@options.with_settings
def command(
    images: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]",
            help="Photos of one person's writing, or folders of them. The text of NAME.jpg is NAME.gt.txt beside it.",
            show_default=False,
        ),
    ] = None,
    *,
    ground_truth: Annotated[
        Path | None,
        typer.Option(
            "--ground-truth",
            metavar="FILE",
            help="Text of the one photo, as UTF-8; or a list with an image, a tab and its text on each line.",
        ),
    ] = None,
    settings: Settings,
) -> None:
    """Learn a hand from photos with their text, for `ocr read --hand NAME` to read the next ones better.

    The text is what `Save` in the report of `ocr read --format html` writes, or one that you type, a line for each
    written line. Every line is then read by what the other lines taught, and only what lowers the errors is kept. The
    hand, `me` unless --hand names it, is a small file in your data folder; nothing else leaves or enters the machine.
    """
    from ocrcli.evaluation.ground_truth import find_pairs
    from ocrcli.learn.learning import learn, learner
    from ocrcli.pipeline.models import digests, load_models

    name = settings.hand or DEFAULT
    if name == NONE:
        raise UsageError(f"{NONE!r} stands for no hand; give it another name, as in: --hand {DEFAULT}")
    path = path_of(name)
    pairs, passed_over = find_pairs(images or [], ground_truth)
    for image in passed_over:
        err(f"{image}: skipped, there is no {image.with_suffix('.gt.txt').name} beside it")
    settings = replace(settings, hand=None)
    models = load_models(settings)
    pages, failures = _open_all(pairs, settings, models)
    hand = learn(learner(pages, settings, models), name, digests(settings.model))
    if hand is None:
        kept = "; the hand that was learnt before stays" if path.exists() else ""
        out(f"{name}: nothing that could be learnt makes these lines read better, so no hand is written{kept}")
    else:
        save(hand, path)
        out(f"{name}: {told(hand)}")
        err(f"written: {path}")
        err(f'read with it: ocr read --hand {name} NAME.jpg, or put hand = "{name}" into ocr.toml')
    if failures:
        raise SomeFailedError(f"nothing was learnt from {len(failures)} of {len(pairs)} photos; see above")


def told(hand: Hand) -> str:
    """What a hand is worth, in words."""
    worth = hand.worth
    before, after = (f"{100 * wrong / max(worth.characters, 1):.1f} %" for wrong in (worth.before, worth.after))
    taught = f"{worth.lines} lines, each read by what the others taught"
    return f"characters wrong {before} → {after} ({taught})"


def _open_all(pairs: Sequence[Pair], settings: Settings, models: Models) -> tuple[list[KnownPage], list[OcrError]]:
    """Read the photos. If there are several, those that fail are reported and skipped.

    Raises:
        OcrError: If none can be read.
    """
    from ocrcli.evaluation.ground_truth import read_truth
    from ocrcli.learn.pages import open_page
    from ocrcli.sources import source_of

    pages: list[KnownPage] = []
    failures: list[OcrError] = []
    for pair in pairs:
        try:
            if not pair.image.exists():
                raise InputError(f"{printable(str(pair.image))}: no such file or folder; check the name")
            truth = read_truth(pair.ground_truth) if pair.text is None else pair.text
            page = open_page(source_of(pair.image), truth, settings, models)
        except OcrError as error:
            if len(pairs) == 1:
                raise
            failures.append(error)
            err(f"ocr: {error}" if str(pair.image) in str(error) else f"ocr: {pair.image}: {error}")
            continue
        pages.append(page)
        missed = f", {page.missed} of the text not found" if page.missed else ""
        err(f"{pair.image}: {len(page.lines)} lines{missed}")
    if not pages:
        raise type(failures[0])(f"none of the {len(pairs)} photos can be learnt from; see above")
    return pages, failures
