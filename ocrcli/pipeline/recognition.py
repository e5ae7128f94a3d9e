"""From a page of rows to what they say: letter by letter, as a whole, and the better of the two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.settings import Settings
from ocrcli.imaging.components import Marks
from ocrcli.language import charset
from ocrcli.language.model import Language
from ocrcli.language.priors import NOT_A_LETTER
from ocrcli.layout import baselines
from ocrcli.layout.baselines import Row
from ocrcli.letters import decode, hypotheses, over_segmentation, spaces
from ocrcli.letters.classifier import Classifier
from ocrcli.lines import recognize
from ocrcli.lines.line_model import LineReader
from ocrcli.pipeline import arbitration
from ocrcli.pipeline.segmentation import OnStage, Segmented

SAMPLE_MARKS = 40
"""Marks in the rows that are read both ways first, at least, if there are so many."""

LONG = 32
"""Marks of a row that is read both ways first, at most, if there are enough shorter ones."""

Read = decode.ReadGlyph | recognize.RowGlyph


def silent(_name: str, _result: object) -> None:
    """Is told of stages, and does nothing."""


def by_letters(
    page: Segmented,
    settings: Settings,
    classifier: Classifier,
    language: Language | None,
    tell: OnStage,
    line_reader: Callable[[], LineReader] | None,
) -> list[decode.RowReading | None]:
    """Read rows letter by letter; None for most of them where a few show that the hand is joined.

    Args:
        page: The page taken apart.
        settings: Of the reading: `recognizer` and `allow` matter.
        classifier: The letter model.
        language: What is known of the language; None for nothing.
        tell: Told of each stage and what it made.
        line_reader: Gives the line model; None to go without.
    """
    few = some(page.rows)
    many = len(page.rows) >= arbitration.MANY * len(few)
    if line_reader is None or not many or arbitration.stand_apart(page.rows, page.marks):
        return list(each_by_letters(page, settings, classifier, language, tell))
    # Quotes that stand alone are for the letter reader in any hand.
    quotes = [i for i, row in enumerate(page.rows) if baselines.are_ticks(row.marks, page.marks, row.cap_height)]
    first = [*few, *(i for i in quotes if i not in few)]
    told: list[tuple[str, object]] = []
    part = replace(page, rows=[page.rows[i] for i in first])
    found = each_by_letters(part, settings, classifier, language, lambda *stage: told.append(stage))
    if not _is_joined_hand(page, few, found[: len(few)], line_reader):
        return list(each_by_letters(page, settings, classifier, language, tell))
    for stage in told:
        tell(*stage)
    known = dict(zip(first, found, strict=True))
    return [known.get(i) for i in range(len(page.rows))]


def some(rows: list[Row]) -> list[int]:
    """Numbers of a few rows that together have `SAMPLE_MARKS` marks."""
    lengths = np.array([len(row.marks) for row in rows])
    order = np.lexsort([np.abs(LONG - lengths), lengths > LONG])
    return order[: int(np.searchsorted(np.cumsum(lengths[order]), SAMPLE_MARKS)) + 1].tolist()


def _is_joined_hand(
    page: Segmented, few: Sequence[int], found: Sequence[decode.RowReading], line_reader: Callable[[], LineReader]
) -> bool:
    """Whether a few rows, of which the reading letter by letter is known, are read better as a whole."""
    if not arbitration.may_be_joined([(row.glyphs, row.style) for row in found]):
        return False
    whole = _whole([page.rows[i] for i in few], page.marks, page.ink, line_reader())
    return arbitration.is_joined_hand([row.glyphs for row in found], [row.glyphs for row in whole])


def _whole(rows: list[Row], marks: Marks, ink: NDArray[np.uint8], reader: LineReader) -> list[recognize.WholeRow]:
    """Rows read as a whole by what is written alone."""
    return recognize.read_rows([recognize.row_picture(row, marks, ink) for row in rows], reader, None)


def each_by_letters(
    page: Segmented, settings: Settings, classifier: Classifier, language: Language | None, tell: OnStage
) -> list[decode.RowReading]:
    """Read every row letter by letter.

    Args:
        page: The page taken apart.
        settings: Of the reading: `recognizer` and `allow` matter.
        classifier: The letter model.
        language: What is known of the language; None for nothing.
        tell: Told of each stage and what it made.
    """
    rows, marks = page.rows, page.marks
    if NOT_A_LETTER in classifier.labels:  # else nothing would tell a wrong cut from a right one
        # What is joined is read as a whole, and not cut to pieces first.
        apart = [
            i for i, row in enumerate(rows) if settings.recognizer == "letters" or not arbitration.is_joined(row, marks)
        ]
        cut, marks = over_segmentation.cut_rows([rows[i] for i in apart], marks, page.stroke)
        rows = list(rows)
        for i, row in zip(apart, cut, strict=True):
            rows[i] = row
    tell("pieces", marks)
    tell("rows", rows)
    proposed = [hypotheses.propose(row, marks) for row in rows]
    crops = [hypotheses.crops(p, marks, page.ink) for p in proposed]
    tell("crops", np.concatenate(crops))
    log_p = classifier.log_probabilities(np.concatenate(crops), np.concatenate([p.sizes for p in proposed]))
    if settings.allow is not None:
        log_p = charset.only(charset.kept(settings.allow, classifier.labels), log_p)
    log_ps = np.split(log_p, np.cumsum([len(c) for c in crops])[:-1])
    odds = spaces.space_odds(proposed)
    scored = [decode.ScoredRow(*row, classifier.labels) for row in zip(proposed, log_ps, odds, strict=True)]
    tell("proposals", scored)
    readings = decode.read_rows(scored, language)
    tell("paths", readings)
    return readings


def seen_rows(
    page: Segmented,
    letters: Sequence[decode.RowReading | None],
    settings: Settings,
    line_reader: Callable[[], LineReader] | None,
    tell: OnStage,
) -> dict[int, recognize.SeenRow]:
    """Show the line model, where there is one, the rows that ask for it; by their numbers.

    Args:
        page: The page taken apart.
        letters: What its rows say letter by letter, None for rows that were not read so.
        settings: Of the reading: `recognizer` and `allow` matter.
        line_reader: Gives the line model; None to go without.
        tell: Told of each stage and what it made.
    """
    if line_reader is None:
        return {}
    asking = [
        i
        for i, row in enumerate(letters)
        if not row
        or _is_for_lines(page, i, settings)
        or arbitration.doubtful(row.glyphs, row.style, _unread(page, i, row))
    ]
    if not asking:
        return {}
    pictures = [recognize.row_picture(page.rows[i], page.marks, page.ink) for i in asking]
    tell("strips", [picture.straight.image for picture in pictures if picture.straight is not None])
    return dict(zip(asking, recognize.see(pictures, line_reader(), settings.allow), strict=True))


def _unread(page: Segmented, number: int, row: decode.RowReading) -> float:
    """Share of a row's ink that its reading letter by letter leaves out."""
    return arbitration.unread_share(page.rows[number], page.marks, row.glyphs)


def _is_for_lines(page: Segmented, row: int, settings: Settings) -> bool:
    """Whether a row is read as a whole whatever it says letter by letter."""
    return settings.recognizer == "lines" or arbitration.is_joined(page.rows[row], page.marks)


def best_rows(
    page: Segmented,
    letters: Sequence[decode.RowReading | None],
    seen: dict[int, recognize.SeenRow],
    settings: Settings,
    language: Language | None,
    tell: OnStage,
) -> list[list[Read]]:
    """Read as a whole what the line model has seen, and keep the better reading of each row.

    Args:
        page: The page taken apart.
        letters: What its rows say letter by letter, None for rows that were not read so.
        seen: What the line model has seen, by the row's number.
        settings: Of the reading: `recognizer` and `allow` matter.
        language: What is known of the language; None for nothing.
        tell: Told of each stage and what it made.

    Returns:
        The glyphs of each row; none of a row that says nothing.
    """
    chosen: list[list[Read]] = [list(row.glyphs) if row else [] for row in letters]
    if seen:
        read = recognize.read(list(seen.values()), language)
        tell("wholes", read)
        for i, whole in zip(seen, read, strict=True):
            row = letters[i]
            if row is None:
                chosen[i] = list(whole.glyphs)
            elif (_is_for_lines(page, i, settings) and whole.glyphs) or arbitration.better(
                whole.glyphs, row.glyphs, _unread(page, i, row)
            ):
                style = "mixed" if settings.allow else row.style  # an allow list may leave no capitals
                chosen[i] = list(arbitration.in_style(whole.glyphs, style))
    return chosen if settings.allow else arbitration.numbered(chosen)  # an allow list may leave no 1


def rough_text(letters: Sequence[decode.RowReading | None], seen: dict[int, recognize.SeenRow]) -> str:
    """What a page says on a first look, a line for each row: enough to tell its language."""
    rows = [
        seen[i].likeliest
        if i in seen
        else " ".join("".join(glyph.text for glyph in word) for word in spaces.in_words(row.glyphs if row else []))
        for i, row in enumerate(letters)
    ]
    return "\n".join(rows)
