"""The whole way of a photo, from pixels to a `Page`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from ocrcli.binarize.page_model import PageModel, load_page_model
from ocrcli.core.errors import NothingWrittenError, check_name
from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.language import charset
from ocrcli.language.model import KNOWN, Language, likeliest, load_language, read_words
from ocrcli.layout.baselines import Row
from ocrcli.letters import decode, spaces
from ocrcli.letters.classifier import Classifier, load_classifier
from ocrcli.lines import recognize
from ocrcli.lines.line_model import LineReader, load_line_reader
from ocrcli.pipeline import arbitration, noise, recognition
from ocrcli.pipeline.segmentation import NO_WRITING, OnStage, Segmented, check, segment
from ocrcli.sources import Photo, Picture, source_of


def read_page(
    page: Segmented,
    settings: Settings,
    classifier: Classifier,
    on_stage: OnStage | None = None,
    line_reader: Callable[[], LineReader] | None = None,
) -> Page:
    """Read a page that was taken apart.

    Args:
        page: Its rows of marks.
        settings: How to read it.
        classifier: A loaded letter model.
        on_stage: Is told every stage's result: `pieces` (`Marks`, after cutting), `rows` (list of `Row`), `crops`
            (n, 32, 32) uint8, `proposals` (list of `decode.ScoredRow`), `paths` (list of `decode.RowReading`),
            `strips` (list of (HEIGHT, w) uint8) and `wholes` (list of `joined.WholeRow`) of the rows that were read as
            a whole, `language` (`Language` or None), the one that helped, and `judged` (glyphs of each row,
            and (n, 6) `noise.FEATURES` of it). Of a page that turns out to be in another language `paths` come twice.
        line_reader: Gives the line model, and is called only where rows ask for it; None to go without.

    Raises:
        NothingWrittenError: If nothing on it can be read.
        UsageError: If a setting names no known method.
    """
    tell = on_stage or recognition.silent
    name = None if settings.language == "none" else KNOWN[0] if settings.language == "auto" else settings.language
    language = known_by(settings)
    if not page.rows:
        raise NothingWrittenError(NO_WRITING)
    by_lines = line_reader if settings.recognizer != "letters" else None
    letters = recognition.by_letters(page, settings, classifier, language, tell, by_lines)
    seen = recognition.seen_rows(page, letters, settings, by_lines, tell)
    if settings.language == "auto" and (found := likeliest(recognition.rough_text(letters, seen))) != name:
        name, language = found, known_by(replace(settings, language=found))
        again = iter(decode.read_again([row for row in letters if row], language))
        letters = [row and next(again) for row in letters]
        tell("paths", [row for row in letters if row])
    rows = recognition.best_rows(page, letters, seen, settings, language, tell)
    tell("language", language)
    judged = noise.features(page.rows, rows, page.seen, page.marks)
    tell("judged", (rows, judged))
    probabilities = noise.load_noise_model().probabilities(judged)
    if not noise.is_writing(rows, probabilities):
        raise NothingWrittenError(NO_WRITING + ("" if settings.threshold == "auto" else "; try --threshold auto"))
    rows = noise.without_noise(rows, probabilities)
    lost = [_box_of(row, page) for row, glyphs in zip(page.rows, rows, strict=True) if not glyphs]
    unread = tuple(Box(*page.photo.full_size(box)) for box in [*lost, *page.empty])
    return Page(_lines(rows, page), page.photo.width, page.photo.height, page.turned, name, unread)


def _box_of(row: Row, page: Segmented) -> tuple[int, int, int, int]:
    boxes = page.marks.boxes[row.marks]
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return int(left), int(top), int(right), int(bottom)


def known_by(settings: Settings) -> Language | None:
    """What is known beforehand of what is written.

    Raises:
        UsageError: If there is no such language.
        InputError: If the file of words cannot be read.
    """
    return load_language(settings.language, read_words(settings.words) if settings.words else ())


def _lines(rows: Sequence[Sequence[recognition.Read]], page: Segmented) -> tuple[Line, ...]:
    """Text lines of what was read of each row; none that says nothing."""
    words: dict[int, list[Word]] = {}
    for row, number in zip(rows, page.line_of, strict=True):
        if row:
            words.setdefault(number, []).extend(_words(row, page.photo))
    paragraphs = np.unique([page.paragraphs[number] for number in words], return_inverse=True)[1].tolist()
    return tuple(Line(tuple(own), paragraph) for own, paragraph in zip(words.values(), paragraphs, strict=True))


def _words(row: Sequence[recognition.Read], photo: Photo) -> list[Word]:
    recognizer = recognize.RECOGNIZER if isinstance(row[0], recognize.RowGlyph) else decode.RECOGNIZER
    words = [
        tuple(Glyph(read.text, read.confidence, Box(*photo.full_size(read.box)), read.alternatives) for read in word)
        for word in spaces.in_words(row)
    ]
    return [Word(word, recognizer) for word in words]


class Reader:
    """A loaded model with settings; reads any number of photos.

    It can be pickled: what is sent are its settings, and the models are loaded where it arrives.

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
        check_name("recognizer", self.settings.recognizer, arbitration.RECOGNIZERS)
        check(self.settings)
        known_by(self.settings)  # what is wrong with a setting is told before the first photo
        self.page_model = self._page_model()
        if self.settings.allow is not None:
            charset.kept(self.settings.allow, self.classifier.labels)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.settings,)

    def _page_model(self) -> PageModel | None:
        wanted = self.settings.page_model
        if wanted is not None and str(wanted) == "none":
            return None
        return load_page_model(wanted, self.settings.device)

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
            MissingExtraError: If its format needs a package that is not installed.
            ModelError: If rows ask for the line model, and that cannot be used.
            TypeError: If it is nothing that can be a photo.
        """
        source = source_of(image, name)
        try:
            photo, found = segment(
                source, self.settings, self.page_model, lambda: self.line_reader, on_stage or recognition.silent
            )
            page = read_page(found, self.settings, self.classifier, on_stage, lambda: self.line_reader)
        except NothingWrittenError as error:
            raise NothingWrittenError(f"{printable(source.name)}: {error}") from error
        return replace(page, source=source.kept(photo))
