"""Recognize the rows of a page: letter by letter, by the line recognizer, and arbitration between the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.settings import Settings
from ocrcli.imaging.components import Marks
from ocrcli.language import charset, recall
from ocrcli.language.model import Language
from ocrcli.language.priors import NOT_A_LETTER
from ocrcli.layout import baselines
from ocrcli.layout.baselines import Row
from ocrcli.letters import decode, hypotheses, over_segmentation, spaces
from ocrcli.letters.row_reading import LETTERS, LINES, RowReading, ScoredRow
from ocrcli.lines import decoding, recognize
from ocrcli.lines.recognize import RowOutput
from ocrcli.pipeline import arbitration
from ocrcli.pipeline.models import Models
from ocrcli.pipeline.segmentation import OnStage, Segmented

SAMPLE_MARKS = 40
"""Minimum number of marks in the sample rows, which are read letter by letter first, if the page has so many."""

LONGEST_SAMPLE = 32
"""Maximum number of marks in a sample row, if there are enough shorter rows."""

MANY_ROWS = 2
"""Minimum number of rows, as a multiple of the sample rows; all rows of a page with fewer are read letter by letter."""


@dataclass(frozen=True)
class LetterStage:
    """Results of all stages of reading letter by letter.

    Attributes:
        pieces: Marks of the page after over-segmentation.
        rows: Rows of these marks.
        crops: (n, 32, 32) uint8, crops of all hypotheses.
        scored: Hypotheses of each row with their class probabilities.
        readings: Reading of each row.
    """

    pieces: Marks
    rows: list[Row]
    crops: NDArray[np.uint8]
    scored: list[ScoredRow]
    readings: list[RowReading]

    def tell(self, on_stage: OnStage) -> None:
        """Pass the result of each stage to a callback."""
        stages = (self.pieces, self.rows, self.crops, self.scored, self.readings)
        for name, result in zip(("pieces", "rows", "crops", "proposals", "paths"), stages, strict=True):
            on_stage(name, result)


def by_letters(
    page: Segmented, settings: Settings, models: Models, language: Language | None, tell: OnStage
) -> list[RowReading | None]:
    """Read rows letter by letter; if that tells little of the sample rows, the other rows are None.

    Args:
        page: The segmented page.
        settings: Settings; `recognizer` and `allow` are used.
        models: The models.
        language: The language model; None for none.
        tell: Callback for the result of each stage.
    """
    few = sample_rows(page.rows)
    if settings.recognizer != LETTERS and len(page.rows) >= MANY_ROWS * len(few):
        # Quotation marks that stand alone are always read letter by letter, also in joined writing.
        quotes = [i for i, row in enumerate(page.rows) if baselines.are_ticks(row.marks, page.marks, row.cap_height)]
        first = [*few, *(i for i in quotes if i not in few)]
        stage = letter_stage(replace(page, rows=[page.rows[i] for i in first]), settings, models, language)
        known = dict(zip(first, stage.readings, strict=True))
        if all(_is_for_lines_only(page, i, known[i], settings) for i in few):
            stage.tell(tell)
            return [known.get(i) for i in range(len(page.rows))]
    stage = letter_stage(page, settings, models, language)
    stage.tell(tell)
    return list(stage.readings)


def sample_rows(rows: list[Row]) -> list[int]:
    """Indices of the sample rows, which together have `SAMPLE_MARKS` marks."""
    lengths = np.array([len(row.marks) for row in rows])
    order = np.lexsort([np.abs(LONGEST_SAMPLE - lengths), lengths > LONGEST_SAMPLE])
    return order[: int(np.searchsorted(np.cumsum(lengths[order]), SAMPLE_MARKS)) + 1].tolist()


def letter_stage(page: Segmented, settings: Settings, models: Models, language: Language | None) -> LetterStage:
    """Read every row letter by letter; the arguments are those of `by_letters`."""
    rows, marks, classifier = page.rows, page.marks, models.letters
    if NOT_A_LETTER in classifier.labels:  # without this class, wrong cuts could not be rejected
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
    """Rows and marks of a page after over-segmentation; rows of joined writing are not cut."""
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
    """Run the line recognizer on the rows that need it; returns its outputs by row index.

    Args:
        page: The segmented page.
        letters: Reading of each row letter by letter; None for rows not read so.
        settings: Settings; `recognizer` and `allow` are used.
        models: The models.
        tell: Callback for the result of each stage.
    """
    if settings.recognizer == LETTERS:
        return {}
    asking = [i for i, row in enumerate(letters) if not row or _asks_for_lines(page, i, row, settings)]
    if not asking:
        return {}
    pictures = [recognize.row_ink(page.rows[i], page.marks, page.ink) for i in asking]
    tell("strips", [picture.straight.image for picture in pictures if picture.straight is not None])
    return dict(zip(asking, recognize.run_model(pictures, models.lines, settings.allow), strict=True))


def _asks_for_lines(page: Segmented, number: int, row: RowReading, settings: Settings) -> bool:
    """Whether the line recognizer reads a row that was read letter by letter."""
    unread = arbitration.unread_share(page.rows[number], page.marks, row.glyphs)
    unsure = arbitration.needs_second_reading(row.glyphs, row.style, unread)
    return unsure or _is_for_lines(page, number, settings)


def _is_for_lines_only(page: Segmented, number: int, row: RowReading, settings: Settings) -> bool:
    """Whether a row's reading letter by letter is of no use beside that of the line recognizer."""
    of_use = row.style == "capitals" or spaces.far_apart(row.glyphs)
    return not of_use and _asks_for_lines(page, number, row, settings)


def _is_for_lines(page: Segmented, row: int, settings: Settings) -> bool:
    """Whether the line recognizer reads a row, whatever its reading letter by letter is."""
    return settings.recognizer == LINES or arbitration.is_joined(page.rows[row], page.marks)


def read_in_language(
    letters: Sequence[RowReading | None], language: Language | None, tell: OnStage
) -> list[RowReading | None]:
    """Decode the rows that were read letter by letter again, with another language model.

    Args:
        letters: Reading of each row letter by letter; None for rows not read so.
        language: The language model; None for none.
        tell: Callback for the result of each stage.
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
    """Decode the outputs of the line recognizer, and keep the better reading of each row.

    Args:
        page: The segmented page.
        letters: Reading of each row letter by letter; None for rows not read so.
        seen: Outputs of the line recognizer, by row index.
        settings: Settings; `recognizer` and `allow` are used.
        language: The language model; None for none.
        tell: Callback for the result of each stage.
    """
    if not seen:
        return [row or RowReading(LETTERS) for row in letters]
    outputs = list(seen.values())
    read = recognize.decode_rows(outputs, language)
    chosen = _chosen(page, letters, seen, read, settings)
    readings = [row.readings or [(spaces.text_of(row.glyphs), 0.0)] for row in chosen]
    if language is not None and (known := recall.with_repeated(language, readings)) is not None:
        # Letters that were read one by one are not searched again: none changed on the development pages.
        read = recognize.decode_again(outputs, read, known)
        chosen = _chosen(page, letters, seen, read, settings)
    tell("wholes", read)
    return chosen


def _chosen(
    page: Segmented,
    letters: Sequence[RowReading | None],
    seen: dict[int, RowOutput],
    read: Sequence[RowReading],
    settings: Settings,
) -> list[RowReading]:
    """The better reading of each row; ``read`` are those of the line recognizer, the rest is as in `arbitrate`."""
    chosen = [row or RowReading(LETTERS) for row in letters]
    capitals = arbitration.first_capitals([row.readings[0][0] for row in read if row.readings])
    for i, at_once in zip(seen, read, strict=True):
        row = letters[i]
        if row is None:
            chosen[i] = at_once
        elif (_is_for_lines(page, i, settings) and at_once.glyphs) or arbitration.prefers_line_reading(
            at_once.glyphs, row.glyphs
        ):
            style = "mixed" if settings.allow else row.style  # an allow list may have no capitals
            cased = arbitration.in_likelier_case(at_once.glyphs, row.glyphs, capitals)
            chosen[i] = replace(at_once, glyphs=tuple(arbitration.in_style_of_row(cased, style)))
    return chosen


def fit(seen: dict[int, RowOutput], language: Language | None) -> float:
    """How well a language fits what the line recognizer saw, in nats of a language model.

    Args:
        seen: Outputs of the line recognizer, by row index.
        language: The language model.
    """
    return recognize.total_score(list(seen.values()), language) / decoding.LANGUAGE_WEIGHT


def rough_text(letters: Sequence[RowReading | None], seen: dict[int, RowOutput]) -> str:
    """Text of a page before arbitration, one line for each row, to detect its language."""
    rows = [
        seen[i].likeliest if i in seen else spaces.text_of(row.glyphs) if row else "" for i, row in enumerate(letters)
    ]
    return "\n".join(rows)
