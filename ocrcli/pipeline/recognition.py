"""From the rows of a page to what they say: letter by letter, at once, and the better of the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from ocrcli.letters.row_reading import LETTERS, LINES, RowReading, ScoredRow
from ocrcli.lines import recognize
from ocrcli.lines.recognize import RowOutput
from ocrcli.pipeline import arbitration
from ocrcli.pipeline.models import Models
from ocrcli.pipeline.segmentation import OnStage, Segmented

SAMPLE_MARKS = 40
"""Marks in the rows that are read both ways first, at least, if there are so many."""

LONGEST_SAMPLE = 32
"""Marks of a row that is read both ways first, at most, if there are enough shorter ones."""


@dataclass(frozen=True)
class LetterStage:
    """Rows read letter by letter, stage by stage.

    Attributes:
        pieces: Marks of the page, cut where letters may touch.
        rows: The rows with these.
        crops: (n, 32, 32) uint8 of all hypotheses.
        scored: The hypotheses of each row and what the classifier says of them.
        readings: What each row says.
    """

    pieces: Marks
    rows: list[Row]
    crops: NDArray[np.uint8]
    scored: list[ScoredRow]
    readings: list[RowReading]

    def tell(self, on_stage: OnStage) -> None:
        """Tell of every stage."""
        stages = (self.pieces, self.rows, self.crops, self.scored, self.readings)
        for name, result in zip(("pieces", "rows", "crops", "proposals", "paths"), stages, strict=True):
            on_stage(name, result)


def by_letters(
    page: Segmented, settings: Settings, models: Models, language: Language | None, tell: OnStage
) -> list[RowReading | None]:
    """Read rows letter by letter; None for most of them where a few show that the hand is joined.

    Args:
        page: The page taken apart.
        settings: Of the reading: `recognizer` and `allow` matter.
        models: To read with.
        language: What is known of the language; None for nothing.
        tell: Told of each stage and what it made.
    """
    few = sample_rows(page.rows)
    # Quotes that stand alone are for the letter reader in any hand.
    quotes = [i for i, row in enumerate(page.rows) if baselines.are_ticks(row.marks, page.marks, row.cap_height)]
    first = [*few, *(i for i in quotes if i not in few)]
    if settings.recognizer == LETTERS or not _may_be_joined_hand(page, few):
        stage = letter_stage(page, settings, models, language)
    else:
        stage = letter_stage(replace(page, rows=[page.rows[i] for i in first]), settings, models, language)
        if _is_joined_hand(page, few, stage.readings[: len(few)], models):
            stage.tell(tell)
            known = dict(zip(first, stage.readings, strict=True))
            return [known.get(i) for i in range(len(page.rows))]
        stage = letter_stage(page, settings, models, language)
    stage.tell(tell)
    return list(stage.readings)


def sample_rows(rows: list[Row]) -> list[int]:
    """Numbers of a few rows that together have `SAMPLE_MARKS` marks."""
    lengths = np.array([len(row.marks) for row in rows])
    order = np.lexsort([np.abs(LONGEST_SAMPLE - lengths), lengths > LONGEST_SAMPLE])
    return order[: int(np.searchsorted(np.cumsum(lengths[order]), SAMPLE_MARKS)) + 1].tolist()


def _may_be_joined_hand(page: Segmented, few: Sequence[int]) -> bool:
    """Whether a page has rows enough to save the reading letter by letter, and letters that may be joined."""
    many = len(page.rows) >= arbitration.MANY_ROWS * len(few)
    return many and not arbitration.letters_stand_apart(page.rows, page.marks)


def _is_joined_hand(page: Segmented, few: Sequence[int], found: Sequence[RowReading], models: Models) -> bool:
    """Whether a few rows, of which the reading letter by letter is known, are read better at once."""
    if not arbitration.may_be_joined([(row.glyphs, row.style) for row in found]):
        return False
    pictures = [recognize.row_ink(page.rows[i], page.marks, page.ink) for i in few]
    at_once = recognize.read_rows(pictures, models.lines, None)
    return arbitration.is_joined_hand([row.glyphs for row in found], [row.glyphs for row in at_once])


def letter_stage(page: Segmented, settings: Settings, models: Models, language: Language | None) -> LetterStage:
    """Read every row letter by letter; arguments as of `by_letters`."""
    rows, marks, classifier = page.rows, page.marks, models.letters
    if NOT_A_LETTER in classifier.labels:  # else nothing would tell a wrong cut from a right one
        rows, marks = _cut(page, settings)
    proposed = [hypotheses.propose_hypotheses(row, marks) for row in rows]
    crops = [hypotheses.crops(p, marks, page.ink) for p in proposed]
    every = np.concatenate(crops)
    log_p = classifier.log_probabilities(every, np.concatenate([p.sizes for p in proposed]))
    if settings.allow is not None:
        log_p = charset.only(charset.kept(settings.allow, classifier.labels), log_p)
    log_ps = np.split(log_p, np.cumsum([len(c) for c in crops])[:-1])
    odds = spaces.space_odds(proposed)
    scored = [ScoredRow(*row, classifier.labels) for row in zip(proposed, log_ps, odds, strict=True)]
    return LetterStage(marks, rows, every, scored, decode.read_rows(scored, language))


def _cut(page: Segmented, settings: Settings) -> tuple[list[Row], Marks]:
    """The rows and marks of a page, cut where letters may touch; what is joined is read at once, and not cut first."""
    apart = [
        i
        for i, row in enumerate(page.rows)
        if settings.recognizer == LETTERS or not arbitration.is_joined(row, page.marks)
    ]
    cut, marks = over_segmentation.over_segment([page.rows[i] for i in apart], page.marks, page.stroke)
    rows = list(page.rows)
    for i, row in zip(apart, cut, strict=True):
        rows[i] = row
    return rows, marks


def line_outputs(
    page: Segmented, letters: Sequence[RowReading | None], settings: Settings, models: Models, tell: OnStage
) -> dict[int, RowOutput]:
    """Show the line model the rows that ask for it; by their numbers.

    Args:
        page: The page taken apart.
        letters: What its rows say letter by letter, None for rows that were not read so.
        settings: Of the reading: `recognizer` and `allow` matter.
        models: To read with.
        tell: Told of each stage and what it made.
    """
    if settings.recognizer == LETTERS:
        return {}
    asking = [
        i
        for i, row in enumerate(letters)
        if not row
        or _is_for_lines(page, i, settings)
        or arbitration.needs_second_reading(row.glyphs, row.style, _unread(page, i, row))
    ]
    if not asking:
        return {}
    pictures = [recognize.row_ink(page.rows[i], page.marks, page.ink) for i in asking]
    tell("strips", [picture.straight.image for picture in pictures if picture.straight is not None])
    return dict(zip(asking, recognize.run_model(pictures, models.lines, settings.allow), strict=True))


def _unread(page: Segmented, number: int, row: RowReading) -> float:
    """Share of a row's ink that its reading letter by letter leaves out."""
    return arbitration.unread_share(page.rows[number], page.marks, row.glyphs)


def _is_for_lines(page: Segmented, row: int, settings: Settings) -> bool:
    """Whether a row is read at once whatever it says letter by letter."""
    return settings.recognizer == LINES or arbitration.is_joined(page.rows[row], page.marks)


def read_in_language(
    letters: Sequence[RowReading | None], language: Language | None, tell: OnStage
) -> list[RowReading | None]:
    """Read rows, of which some have been read letter by letter, again in another language.

    Args:
        letters: What they say, None for rows that were not read so.
        language: What is known of the language; None for nothing.
        tell: Told of each stage and what it made.
    """
    again = decode.read_again([row for row in letters if row], language)
    tell("paths", again)
    found = iter(again)
    return [row and next(found) for row in letters]


def arbitrate(
    page: Segmented,
    letters: Sequence[RowReading | None],
    seen: dict[int, RowOutput],
    settings: Settings,
    language: Language | None,
    tell: OnStage,
) -> list[RowReading]:
    """Read at once what the line model has seen, and keep the better reading of each row.

    Args:
        page: The page taken apart.
        letters: What its rows say letter by letter, None for rows that were not read so.
        seen: What the line model has seen, by the row's number.
        settings: Of the reading: `recognizer` and `allow` matter.
        language: What is known of the language; None for nothing.
        tell: Told of each stage and what it made.
    """
    chosen = [row or RowReading(LETTERS) for row in letters]
    if seen:
        read = recognize.decode_rows(list(seen.values()), language)
        tell("wholes", read)
        for i, at_once in zip(seen, read, strict=True):
            row = letters[i]
            if row is None:
                chosen[i] = at_once
            elif (_is_for_lines(page, i, settings) and at_once.glyphs) or arbitration.prefers_line_reading(
                at_once.glyphs, row.glyphs, _unread(page, i, row)
            ):
                style = "mixed" if settings.allow else row.style  # an allow list may leave no capitals
                chosen[i] = replace(at_once, glyphs=tuple(arbitration.in_style_of_row(at_once.glyphs, style)))
    if settings.allow:  # which may leave no 1
        return chosen
    numbered = arbitration.with_list_numbers([row.glyphs for row in chosen])
    return [replace(row, glyphs=tuple(glyphs)) for row, glyphs in zip(chosen, numbered, strict=True)]


def rough_text(letters: Sequence[RowReading | None], seen: dict[int, RowOutput]) -> str:
    """What a page says on a first look, a line for each row: enough to tell its language."""
    rows = [
        seen[i].likeliest
        if i in seen
        else " ".join("".join(glyph.text for glyph in word) for word in spaces.split_words(row.glyphs if row else []))
        for i, row in enumerate(letters)
    ]
    return "\n".join(rows)
