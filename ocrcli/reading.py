"""The whole way of a photo, from pixels to a `Page`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ocrcli import allow, baselines, choose, cuts, decode, joined, proposals, resolution, spaces, turn
from ocrcli.baselines import Row
from ocrcli.classifier import Classifier, load_classifier
from ocrcli.components import Marks
from ocrcli.errors import NothingWrittenError, UsageError
from ocrcli.language import KNOWN, Language, likeliest, load_language, read_words
from ocrcli.line_reader import LineReader, load_line_reader
from ocrcli.page import Box, Glyph, Line, Page, Word
from ocrcli.segmentation import OnStage, Segmented, segment
from ocrcli.settings import Settings
from ocrcli.sources import Photo, Picture, source_of
from ocrcli.styles import NOT_A_LETTER

NO_WRITING = "nothing written was found: no mark on the picture has the shape of writing"

Read = decode.ReadGlyph | joined.RowGlyph


def read_page(
    photo: Photo,
    settings: Settings,
    classifier: Classifier,
    on_stage: OnStage | None = None,
    line_reader: Callable[[], LineReader] | None = None,
) -> Page:
    """Read one photo.

    Args:
        photo: The grey image, upright or turned by any multiple of 90 degrees.
        settings: How to read it.
        classifier: A loaded letter model.
        on_stage: Is told every stage's result: `grey` and `flat` (h, w) uint8, `mask` (h, w) bool,
            `marks` and `pieces` (`Marks`, before and after cutting), `rows` (list of `Row`), `crops`
            (n, 32, 32) uint8, `proposals` (list of `decode.ScoredRow`), `paths` (list of `decode.RowReading`),
            `strips` (list of (HEIGHT, w) uint8) and `wholes` (list of `joined.WholeRow`) of the rows that were read as
            a whole, and `language` (`Language` or None), the one that helped. From `pieces` on a page that turns out to
            be in another language comes twice.
        line_reader: Gives the line model, and is called only where rows ask for it; None to go without.

    Raises:
        NothingWrittenError: If nothing is written on it.
        UsageError: If a setting names no known method.
    """
    tell = on_stage or _silent
    language = known_by(settings)

    def read(page: Segmented, tell: OnStage) -> list[decode.RowReading]:
        return _by_letters(page, settings, classifier, language, tell)

    def whole(page: Segmented, letters: Sequence[decode.RowReading | None]) -> list[list[Read]]:
        return choose.without_noise(_by_lines(page, letters, settings, by_lines, language, tell))

    turned, page = 0, segment(photo, settings, tell)
    if turn.is_sideways(page.sample, classifier):
        turned, photo = 90, photo.turned(90)
        page = segment(photo, settings, tell)
    if not page.rows:
        raise NothingWrittenError(NO_WRITING)
    by_lines = line_reader if settings.recognizer != "letters" else None
    letters = _letters(page, read, tell, by_lines)
    if _is_upside_down(page, letters, classifier, read, by_lines):
        turned, photo = turned + 180, photo.turned(180)
        page = segment(photo, settings, tell)
        letters = _letters(page, read, tell, by_lines)
    rows = whole(page, letters)
    if settings.language == "auto" and (name := likeliest(_text(rows))) != KNOWN[0]:
        language = known_by(replace(settings, language=name))
        rows = whole(page, _letters(page, read, tell, by_lines))
    tell("language", language)
    if not any(rows):
        raise NothingWrittenError(NO_WRITING)
    written = [i for i, row in enumerate(rows) if row]
    paragraphs = np.unique([page.paragraphs[i] for i in written], return_inverse=True)[1].tolist()
    lines = tuple(_line(rows[i], paragraph, page.photo) for i, paragraph in zip(written, paragraphs, strict=True))
    return Page(lines, photo.width, photo.height, turned)


def _text(rows: Sequence[Sequence[Read]]) -> str:
    """What was read, a line for each row."""
    return "\n".join(" ".join("".join(read.text for read in word) for word in spaces.in_words(row)) for row in rows)


def _silent(_name: str, _result: object) -> None:
    """Is told of stages, and does nothing."""


def _letters(
    page: Segmented,
    read: Callable[[Segmented, OnStage], list[decode.RowReading]],
    tell: OnStage,
    line_reader: Callable[[], LineReader] | None,
) -> list[decode.RowReading | None]:
    """Read rows letter by letter; None for most of them where a few show that the hand is joined."""
    few = turn.some(page.rows)
    many = len(page.rows) >= choose.MANY * len(few)
    if line_reader is None or not many or choose.stand_apart(page.rows, page.marks):
        return list(read(page, tell))
    # Quotes that stand alone are for the letter reader in any hand.
    quotes = [i for i, row in enumerate(page.rows) if baselines.are_ticks(row.marks, page.marks, row.cap_height)]
    some = [*few, *(i for i in quotes if i not in few)]
    told: list[tuple[str, object]] = []
    found = read(replace(page, rows=[page.rows[i] for i in some]), lambda *stage: told.append(stage))
    if not _is_joined_hand(page, few, found[: len(few)], line_reader):
        return list(read(page, tell))
    for stage in told:
        tell(*stage)
    known = dict(zip(some, found, strict=True))
    return [known.get(i) for i in range(len(page.rows))]


def _is_joined_hand(
    page: Segmented, few: Sequence[int], found: Sequence[decode.RowReading], line_reader: Callable[[], LineReader]
) -> bool:
    """Whether a few rows, of which the reading letter by letter is known, are read better as a whole."""
    if not choose.may_be_joined([(row.glyphs, row.style) for row in found]):
        return False
    whole = _whole([page.rows[i] for i in few], page.marks, page.ink, line_reader())
    return choose.is_joined_hand([row.glyphs for row in found], [row.glyphs for row in whole])


def _is_upside_down(
    page: Segmented,
    letters: Sequence[decode.RowReading | None],
    classifier: Classifier,
    read: Callable[[Segmented, OnStage], list[decode.RowReading]],
    line_reader: Callable[[], LineReader] | None,
) -> bool:
    """Whether a page, read as it stands, would read better upside down."""
    sure = [glyph.confidence for row in letters if row for glyph in row.glyphs]
    if turn.is_surely_upright(page.sample, float(np.mean(sure)) if sure else 0.0, classifier):
        return False
    chosen = turn.some(page.rows)
    rows, marks, ink = turn.upside_down([page.rows[i] for i in chosen], page.marks, page.ink)
    if line_reader is not None:
        # Joined writing says little letter by letter, and as a whole a lot.
        here, over = (
            _surety(*way, line_reader())
            for way in (([page.rows[i] for i in chosen], page.marks, page.ink), (rows, marks, ink))
        )
        return over > here + turn.SURER
    over = sum(row.reading.score for row in read(replace(page, rows=rows, marks=marks, ink=ink), _silent))
    here = sum(row.reading.score for i in chosen if (row := letters[i]))
    return over - here > turn.BETTER * sum(len(row.marks) for row in rows)


def _surety(rows: list[Row], marks: Marks, ink: NDArray[np.uint8], reader: LineReader) -> float:
    """Mean confidence of rows that are read as a whole."""
    return choose.confidence([glyph for row in _whole(rows, marks, ink, reader) for glyph in row.glyphs])


def _whole(rows: list[Row], marks: Marks, ink: NDArray[np.uint8], reader: LineReader) -> list[joined.WholeRow]:
    """Rows read as a whole by what is written alone."""
    return joined.read_rows([joined.row_picture(row, marks, ink) for row in rows], reader, None)


def _by_letters(
    page: Segmented, settings: Settings, classifier: Classifier, language: Language | None, tell: OnStage
) -> list[decode.RowReading]:
    """Read every row letter by letter."""
    rows, marks = page.rows, page.marks
    if NOT_A_LETTER in classifier.labels:  # else nothing would tell a wrong cut from a right one
        # What is joined is read as a whole, and not cut to pieces first.
        apart = [
            i for i, row in enumerate(rows) if settings.recognizer == "letters" or not choose.is_joined(row, marks)
        ]
        cut, marks = cuts.cut_rows([rows[i] for i in apart], marks, page.stroke)
        rows = list(rows)
        for i, row in zip(apart, cut, strict=True):
            rows[i] = row
    tell("pieces", marks)
    tell("rows", rows)
    proposed = [proposals.propose(row, marks) for row in rows]
    crops = [proposals.crops(p, marks, page.ink) for p in proposed]
    tell("crops", np.concatenate(crops))
    log_p = classifier.log_probabilities(np.concatenate(crops), np.concatenate([p.sizes for p in proposed]))
    if settings.allow is not None:
        log_p = allow.only(allow.kept(settings.allow, classifier.labels), log_p)
    log_ps = np.split(log_p, np.cumsum([len(c) for c in crops])[:-1])
    odds = spaces.space_odds(proposed)
    scored = [decode.ScoredRow(*row, classifier.labels) for row in zip(proposed, log_ps, odds, strict=True)]
    tell("proposals", scored)
    readings = decode.read_rows(scored, language)
    tell("paths", readings)
    return readings


def _by_lines(
    page: Segmented,
    letters: Sequence[decode.RowReading | None],
    settings: Settings,
    line_reader: Callable[[], LineReader] | None,
    language: Language | None,
    tell: OnStage,
) -> list[list[Read]]:
    """Read as a whole the rows that ask for it, where there is a line reader, and keep the better reading of each."""
    chosen: list[list[Read]] = [list(row.glyphs) if row else [] for row in letters]
    if line_reader is None:
        return chosen
    always = [settings.recognizer == "lines" or choose.is_joined(row, page.marks) for row in page.rows]
    asking = [i for i, row in enumerate(letters) if not row or always[i] or choose.doubtful(row.glyphs, row.style)]
    if not asking:
        return chosen
    pictures = [joined.row_picture(page.rows[i], page.marks, page.ink) for i in asking]
    tell("strips", [picture.straight.image for picture in pictures if picture.straight is not None])
    read = joined.read_rows(pictures, line_reader(), language, settings.allow)
    tell("wholes", read)
    for i, whole in zip(asking, read, strict=True):
        row = letters[i]
        if row is None:
            chosen[i] = list(whole.glyphs)
        elif (always[i] and whole.glyphs) or choose.better(whole.glyphs, row.glyphs):
            style = "mixed" if settings.allow else row.style  # an allow list may leave no capitals
            chosen[i] = list(choose.in_style(whole.glyphs, style))
    return chosen


def known_by(settings: Settings) -> Language | None:
    """What is known beforehand of what is written.

    Raises:
        UsageError: If there is no such language.
        InputError: If the file of words cannot be read.
    """
    return load_language(settings.language, read_words(settings.words) if settings.words else ())


def _line(row: Sequence[Read], paragraph: int, photo: Photo) -> Line:
    words = [
        tuple(Glyph(read.text, read.confidence, Box(*photo.full_size(read.box)), read.alternatives) for read in word)
        for word in spaces.in_words(row)
    ]
    recognizer = joined.RECOGNIZER if isinstance(row[0], joined.RowGlyph) else decode.RECOGNIZER
    return Line(tuple(Word(word, recognizer) for word in words), paragraph)


class Reader:
    """A loaded model with settings; reads any number of photos.

    Args:
        settings: How to read.

    Raises:
        ModelError: If the model or the device cannot be used.
        UsageError: If a setting names nothing known.
        InputError: If the file of words cannot be read.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.classifier = load_classifier(self.settings.model, self.settings.device)
        if self.settings.recognizer not in choose.RECOGNIZERS:
            raise UsageError(
                f"no recognizer {self.settings.recognizer!r}; choose one of: {', '.join(choose.RECOGNIZERS)}"
            )
        known_by(self.settings)  # what is wrong with a setting is told before the first photo
        if self.settings.allow is not None:
            allow.kept(self.settings.allow, self.classifier.labels)

    @cached_property
    def line_reader(self) -> LineReader:
        """The model that reads whole rows; loaded when a row first asks for it."""
        return load_line_reader(device=self.settings.device)

    @property
    def device(self) -> str:
        """Name of the device that the model really runs on."""
        return self.classifier.device

    def read(self, image: Picture, name: str | None = None, on_stage: OnStage | None = None) -> Page:
        """Read one photo.

        May be called from several threads at once.

        Args:
            image: A path, the bytes of an image file, an array ((h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA), an
                image of Pillow's, a binary stream, or a `Source`. Of a file with several pages the first is read;
                `ocrcli.expand` makes a `Source` of each.
            name: What messages call it.
            on_stage: As in `read_page`.

        Raises:
            InputError: If it cannot be read.
            NothingWrittenError: If nothing is written on it.
        """
        source = source_of(image, name)
        photo = source.load(self.settings.long_side)
        try:
            fitted = resolution.fitted(photo, source)
            page = read_page(fitted, self.settings, self.classifier, on_stage, lambda: self.line_reader)
        except NothingWrittenError as error:
            raise NothingWrittenError(f"{photo.name}: {error}") from error
        return replace(page, source=source.kept(photo))
